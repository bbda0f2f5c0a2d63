import { isAt, pathOf } from './exchanges.ts'
import type { Opened } from './flows.ts'
import { endsOf } from './keys.ts'
import type { Disappeared, Place } from './report.ts'
import { directionOf, type SimulatedFlow } from './simulated.ts'

/** A capture, and where it was taken. */
interface Seen {
  readonly packets: readonly Opened[]
  readonly place: Place | undefined
  /** Its file, and whether packetwalk wrote it. */
  readonly file: string
  readonly isOurs: boolean
}

/** Where between two captures packets of a flow disappear: seen at one, not at the next on their way. */
export function disappearedIn(
  seen: readonly Seen[],
  flows: readonly SimulatedFlow[],
  flowOf: (one: Opened) => number | undefined,
): Disappeared[] {
  if (seen.length < 2) return []
  const marks = seen.map(({ packets }) => marksOf(packets, flows, flowOf))
  const once = onceEach(seen, marks)
  return flows.flatMap((flow, index) =>
    (['request', 'reply'] as const).flatMap((way) => {
      const path = pathOf(flow, way)
      const order = seen
        .map(({ place }, source) => ({
          source,
          at: place === undefined ? -1 : path.findIndex((one) => isAt(one, place)),
        }))
        .filter(({ at }) => at >= 0)
        .sort((a, b) => a.at - b.at)
      return order.slice(1).flatMap((there, i): Disappeared[] => {
        const here = order[i]!
        if (here.at === there.at) return []
        const { file } = seen[here.source]!
        if (file === seen[there.source]!.file && once.has(file)) return []
        const [before, after] = [here, there].map(
          ({ source }) => marks[source]!.get(`${index} ${way}`) ?? new Map<string, number>(),
        )
        const lost = [...before!].filter(([mark]) => !after!.has(mark)).map(([, number]) => number)
        if (lost.length === 0) return []
        const between = path.slice(here.at + 1, there.at)
        return [{ flow: index, way, from: here.source, to: there.source, packets: lost, between }]
      })
    }),
  )
}

/**
 * Files of our own in which no packet is on two devices: `trace -w` writes each once, where it crosses between machines, and that it is
 * on no other device says nothing.
 */
function onceEach(
  seen: readonly Seen[],
  marks: readonly ReadonlyMap<string, ReadonlyMap<string, number>>[],
): ReadonlySet<string> {
  const once = new Set(seen.filter(({ isOurs }) => isOurs).map(({ file }) => file))
  const known = new Set<string>()
  seen.forEach(({ file }, source) => {
    for (const [way, packets] of marks[source]!) {
      for (const mark of packets.keys()) {
        const key = JSON.stringify([file, way, mark])
        if (known.has(key)) once.delete(file)
        known.add(key)
      }
    }
  })
  return once
}

/** Packets of a capture by flow and way: what they are anywhere, whatever carries or translates them, and their numbers. */
function marksOf(
  packets: readonly Opened[],
  flows: readonly SimulatedFlow[],
  flowOf: (one: Opened) => number | undefined,
): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const found = new Map<string, Map<string, number>>()
  for (const one of packets) {
    const { packet, raw } = one
    const flow = packet.quote === undefined ? flowOf(one) : undefined
    const ends = endsOf(packet)
    const [last, upper] = [packet.layers.at(-1), packet.upper]
    if (flow === undefined || ends === undefined || last === undefined || upper === undefined) continue
    const way = flows[flow]!.ways.get(directionOf(ends)) ?? 'request'
    const own =
      upper.protocol === 'tcp' ? `${upper.sequence} ${upper.flags} ${upper.length}` : `${upper.sequence} ${last.id}`
    const list = found.get(`${flow} ${way}`) ?? new Map<string, number>()
    if (!list.has(own)) list.set(own, raw.number)
    found.set(`${flow} ${way}`, list)
  }
  return found
}
