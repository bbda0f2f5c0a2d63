import { endpointsIn } from '../control/index.ts'
import { largestWhole, type Observation, observed } from '../expect/index.ts'
import type { Lab } from '../lab/index.ts'
import { type Confidence, keptIn, weakest } from '../model/index.ts'
import { endsAlike } from '../reach/index.ts'
import type { WayChange } from './review.ts'

/** Nodes of which a pod stands for all of theirs. */
const MOST_NODES = 6
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

/**
 * The first pod of each of some nodes, and another of the first of them: pods that both clusters have on the same node. Nodes of as many
 * kinds as there is room for, then others of the same kinds: ways between two of a kind, and between kinds, are among them.
 */
function standIns(first: Lab, second: Lab): readonly string[] {
  const [a, b] = [first.cluster, second.cluster]
  if (a === null || b === null) return []
  const [pods, other] = [endpointsIn(a.workloadEndpoints), endpointsIn(b.workloadEndpoints)]
  const podsOf = (node: string): string[] =>
    pods
      .ofNode(node)
      .filter(({ netns }) => other.at(netns)?.node === node)
      .map(({ netns }) => netns)
      .sort()
  const homes = a.nodes
    .map(({ name }) => ({ name, pods: podsOf(name) }))
    .filter((home) => home.pods.length > 0)
    .sort((one, two) => (one.name < two.name ? -1 : 1))
  const chosen = ofAllKinds(homes, kindOfNodes(first, second)).slice(0, MOST_NODES)
  return chosen.flatMap((home, i) => home.pods.slice(0, i === 0 ? 2 : 1)).sort()
}

/** What tells nodes apart in both clusters. */
function kindOfNodes(a: Lab, b: Lab): (home: { readonly name: string }) => string {
  const [inA, inB] = [endsAlike(a), endsAlike(b)]
  return ({ name }) => {
    const kinds = [inA, inB].map((numberOf) => numberOf(`node/${name}`) ?? '')
    return kinds.join(' ')
  }
}

/** The first of each kind, then the second of each, and so on: in order, as numbers of kinds are not the same the other way round. */
function ofAllKinds<T>(all: readonly T[], kindOf: (one: T) => string): readonly T[] {
  const seen = new Map<string, number>()
  const ranks = all.map((one) => {
    const kind = kindOf(one)
    const rank = seen.get(kind) ?? 0
    seen.set(kind, rank + 1)
    return { one, rank }
  })
  return ranks.sort((x, y) => x.rank - y.rank).map(({ one }) => one)
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
