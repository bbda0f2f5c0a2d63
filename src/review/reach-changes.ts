import { keptIn } from '../model/index.ts'
import type { Reach, ReachEnd, ReachFlow, ReachOutcome, ReachPattern } from '../reach/index.ts'
import { containsPrefix, parsePrefix } from '../wire/index.ts'
import type { FlowChange, ReachChange, ReachSide } from './review.ts'

/** Ends that are of one class in the first cluster and of one in the second. */
interface Common {
  readonly a: number
  readonly b: number
  readonly kind: ReachEnd['kind']
  readonly members: readonly string[]
}

/** Pairs of ends that are there in both clusters, and of which something else becomes. */
export function reachChanges(a: Reach, b: Reach): readonly Omit<ReachChange, 'causes'>[] {
  const ends = commonEnds(a, b)
  const [cellsA, cellsB] = [cellsOf(a), cellsOf(b)]
  const compared = new Map<string, readonly FlowChange[]>()
  const groups = new Map<string, { from: readonly string[]; to: string[][]; flows: readonly FlowChange[] }>()
  for (const from of ends) {
    for (const to of ends) {
      if (from === to && from.members.length === 1) continue
      const [pa, pb] = [cellsA.get(`${from.a} ${to.a}`), cellsB.get(`${from.b} ${to.b}`)]
      if (pa === undefined || pb === undefined) continue
      const flows = keptIn(compared, `${pa} ${pb}`, () => flowChanges(a, a.patterns[pa]!, b, b.patterns[pb]!))
      if (flows.length === 0) continue
      const key = `${from.a} ${from.b} ${JSON.stringify(flows)}`
      keptIn(groups, key, () => ({ from: from.members, to: [] as string[][], flows })).to.push([...to.members])
    }
  }
  const all = [...groups.values()].map(({ from, to, flows }) => ({ from, to: to.flat().sort(), flows }))
  const orderOf = ({ from, to }: { from: readonly string[]; to: readonly string[] }): string =>
    JSON.stringify([from, to])
  return all.sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1))
}

function cellsOf({ cells }: Reach): ReadonlyMap<string, number> {
  return new Map(cells.map(({ from, to, pattern }) => [`${from} ${to}`, pattern]))
}

function commonEnds(a: Reach, b: Reach): readonly Common[] {
  const [classA, classB] = [classesOf(a), classesOf(b)]
  const names = [
    ...new Set(
      [...a.ends, ...b.ends]
        .flatMap(({ kind, members }) => members.map((name) => ({ kind, name })))
        .map((one) => JSON.stringify(one)),
    ),
  ]
  const groups = new Map<string, Common & { members: string[] }>()
  for (const text of names.sort()) {
    const { kind, name } = JSON.parse(text) as { kind: ReachEnd['kind']; name: string }
    const [inA, inB] = [classA(kind, name), classB(kind, name)]
    if (inA === undefined || inB === undefined) continue
    keptIn(groups, `${kind} ${inA} ${inB}`, () => ({ a: inA, b: inB, kind, members: [] as string[] })).members.push(
      name,
    )
  }
  return [...groups.values()]
}

/** Finds the class of an end; of a range outside that has none of its own, that of the narrowest around it. */
function classesOf({ ends }: Reach): (kind: ReachEnd['kind'], name: string) => number | undefined {
  const byName = new Map(ends.flatMap(({ kind, members }, i) => members.map((name) => [`${kind} ${name}`, i] as const)))
  const ranges = ends.flatMap(({ kind, members }, i) =>
    kind !== 'outside'
      ? []
      : members.flatMap((name) => {
          const prefix = parsePrefix(name)
          return prefix === undefined ? [] : [{ prefix, i, length: Number(name.slice(name.indexOf('/') + 1)) }]
        }),
  )
  return (kind, name) => {
    const own = byName.get(`${kind} ${name}`)
    const range = own === undefined && kind === 'outside' ? parsePrefix(name) : undefined
    if (range === undefined) return own
    const around = ranges.filter(({ prefix }) => containsPrefix(prefix, range)).sort((x, y) => y.length - x.length)
    return around[0]?.i
  }
}

/** A verdict with its reason, as it is compared: of two denials for other reasons reachability is the same. */
function sideOf({ verdict, why, by, certainty, notes, from }: ReachOutcome): ReachSide {
  const kind = certainty === 'certain' ? (from === 'dump' ? 'dump' : 'objects') : certainty
  return { verdict, why, ...(by === undefined ? {} : { by }), confidence: { kind, of: notes ?? [] } }
}

/** Headers of which something else becomes: intervals that neither pattern tells apart, those of one change in one. */
function flowChanges(a: Reach, was: ReachPattern, b: Reach, now: ReachPattern): readonly FlowChange[] {
  const found = new Map<string, { headers: string[]; was: ReachSide; now: ReachSide }>()
  const protocols = [...new Set([...was, ...now].map(({ headers }) => headers.protocol))].sort()
  const texts = new Map<string, Set<4 | 6>>()
  const changes = new Map<string, { was: ReachSide; now: ReachSide; header: string }>()
  for (const protocol of protocols) {
    for (const family of [4, 6] as const) {
      const [before, after] = [was, now].map((pattern) => flowsOf(pattern, protocol, family))
      for (const [low, high] of intervals([...before!, ...after!])) {
        const [from, to] = [outcomeAt(a, before!, low), outcomeAt(b, after!, low)]
        if (from === undefined || to === undefined || from.verdict === to.verdict) continue
        const header = headerText(protocol, low, high)
        const one = { was: sideOf(from), now: sideOf(to), header }
        const key = JSON.stringify(one)
        changes.set(key, one)
        keptIn(texts, key, () => new Set<4 | 6>()).add(family)
      }
    }
  }
  for (const [key, { was: from, now: to, header }] of changes) {
    const families = texts.get(key)!
    const text = families.size === 2 ? header : `${header} (IPv${[...families][0]})`
    keptIn(found, JSON.stringify([from, to]), () => ({ headers: [] as string[], was: from, now: to })).headers.push(
      text,
    )
  }
  return [...found.values()].sort((one, other) => (one.headers.join() < other.headers.join() ? -1 : 1))
}

/** What a pattern says of a protocol; of one that it does not name, what it says of all others. */
function flowsOf(pattern: ReachPattern, protocol: string, family: 4 | 6): ReachPattern {
  const isOf = ({ headers }: ReachFlow): boolean => headers.family === undefined || headers.family === family
  const own = pattern.filter((flow) => flow.headers.protocol === protocol && isOf(flow))
  if (own.length > 0) return own
  return pattern
    .filter((flow) => flow.headers.protocol === 'other' && isOf(flow))
    .map((flow) => ({ ...flow, headers: { ...flow.headers, protocol, low: 0, high: LAST } }))
}

const LAST = 65_535

function intervals(flows: ReachPattern): readonly (readonly [low: number, high: number])[] {
  const starts = [...new Set(flows.flatMap(({ headers: { low, high } }) => [low, high + 1]))].sort((x, y) => x - y)
  return starts.slice(0, -1).map((low, i) => [low, starts[i + 1]! - 1] as const)
}

function outcomeAt({ outcomes }: Reach, flows: ReachPattern, at: number): ReachOutcome | undefined {
  const flow = flows.find(({ headers: { low, high } }) => low <= at && at <= high)
  return flow === undefined ? undefined : outcomes[flow.outcome]
}

const PORTS: ReadonlySet<string> = new Set(['tcp', 'udp', 'sctp'])

function headerText(protocol: string, low: number, high: number): string {
  if (!PORTS.has(protocol)) return protocol === 'other' ? 'other protocols' : protocol
  if (low <= 1 && high === LAST) return `every ${protocol} port`
  return low === high ? `${protocol} ${low}` : `${protocol} ${low}-${high}`
}
