import { endpointsIn } from '../control/index.ts'
import { type Confidence, largestWhole, type Observation, observed, weakest } from '../expect/index.ts'
import type { Lab } from '../lab/index.ts'
import { keptIn } from '../model/index.ts'
import type { WayChange } from './review.ts'

/** Nodes of which a pod stands for all of theirs. */
const MOST_NODES = 4
/** An address that stands for the internet. */
const OUTSIDE = '8.8.8.8'

/** What was found of one pair in one cluster, as it is compared. */
interface Way {
  readonly facts: Readonly<Record<WayChange['field'], string>>
  readonly confidence: Confidence
}

/**
 * Which way pings go, under which address and how large they may be, between the first pods of some nodes and from there to the
 * internet: what is otherwise. Pairs that get nothing through in one of the clusters are left to reachability.
 */
export function wayChanges(a: Lab, b: Lab): readonly Omit<WayChange, 'causes'>[] {
  const ends = standIns(a, b)
  const pairs = ends.flatMap((from) => [...ends, OUTSIDE].flatMap((to) => (from === to ? [] : [{ from, to }])))
  const groups = new Map<
    string,
    { field: WayChange['field']; was: string; now: string; pairs: string[]; all: Confidence[] }
  >()
  for (const { from, to } of pairs) {
    const [was, now] = [wayOf(a, from, to), wayOf(b, from, to)]
    if (was === undefined || now === undefined) continue
    for (const field of ['path', 'snat', 'mtu'] as const) {
      if (was.facts[field] === now.facts[field]) continue
      const key = JSON.stringify([field, was.facts[field], now.facts[field]])
      const made = {
        field,
        was: was.facts[field],
        now: now.facts[field],
        pairs: [] as string[],
        all: [] as Confidence[],
      }
      const group = keptIn(groups, key, () => made)
      group.pairs.push(`${from} to ${to}`)
      group.all.push(was.confidence, now.confidence)
    }
  }
  return [...groups.values()].map(({ all, ...one }) => {
    const { kind, of } = weakest(all)
    return { ...one, confidence: { kind, of: [...of].sort() } }
  })
}

/** The first pod of each of some nodes, and another of the first of them: pods that both clusters have on the same node. */
function standIns({ cluster: a }: Lab, { cluster: b }: Lab): readonly string[] {
  if (a === null || b === null) return []
  const other = endpointsIn(b.workloadEndpoints)
  const found: string[] = []
  for (const name of a.nodes.map((node) => node.name).sort()) {
    const both = endpointsIn(a.workloadEndpoints)
      .ofNode(name)
      .filter(({ netns, node }) => other.at(netns)?.node === node)
      .map(({ netns }) => netns)
      .sort()
    if (both.length > 0) found.push(...both.slice(0, found.length === 0 ? 2 : 1))
    if (found.length > MOST_NODES) break
  }
  return found.sort()
}

function wayOf(lab: Lab, from: string, to: string): Way | undefined {
  const moment = lab.snapshot()
  try {
    const seen = observed(lab, from, to, {})
    if (seen.verdict !== 'allow') return undefined
    lab.restore(moment)
    const mtu = String(largestWhole(lab, from, to, {}))
    return { facts: { path: pathText(seen), snat: snatText(seen), mtu }, confidence: seen.confidence }
  } finally {
    lab.restore(moment)
  }
}

function pathText({ path, nodes }: Observation): string {
  return `${path ?? 'none'}${nodes.length > 0 ? ` by ${nodes.join(', ')}` : ''}`
}

function snatText({ source }: Observation): string {
  return source === undefined || source.kind === 'none' ? 'none' : `${source.kind} (${source.address})`
}
