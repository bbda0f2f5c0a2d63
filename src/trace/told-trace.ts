import { type Carried, carried, lateMembers } from '../model/index.ts'
import type { Growing } from './reader.ts'
import { spelledOut } from './step.ts'
import type { Trace } from './trace.ts'

/** What a trace tells another of. */
interface Retold {
  readonly read: Trace
  readonly judged: () => Pick<Trace, 'certainty' | 'notes' | 'findings' | 'summary'>
  /** The same with its hops as they were read. */
  asRead?: Trace
}

const giveJudgement = lateMembers<Retold>({
  certainty: ({ judged }) => judged().certainty,
  notes: ({ judged }) => judged().notes,
  findings: ({ judged }) => judged().findings,
  summary: ({ judged }) => judged().summary,
})
const giveReadParts = lateMembers<Retold>({ nodes: ({ read }) => read.nodes, packets: ({ read }) => read.packets })
const giveHops = lateMembers<Retold>({ hops: ({ read }) => read.hops.map(spelledOut) })
const giveReadFaults = lateMembers<Retold>({ faults: ({ read }) => read.faults })

/** The trace of what was read: its hops are spelled out, and it is judged, when somebody asks. */
export function toldTrace(read: Trace, judged: Retold['judged']): Trace {
  const source: Retold = { read, judged }
  const trace = retold(source, giveHops)
  sources.give(trace, source)
  return trace
}

const sources: Carried<Retold> = carried()

/** Whether it is a trace that {@link toldTrace} told. */
export function isTold(trace: object): boolean {
  return sources.of(trace) !== undefined
}

/** A trace that was told with its hops as they were read, for those who only look at them; others are as they are. */
export function asRead(trace: Trace): Trace {
  const source = sources.of(trace)
  if (source === undefined) return trace
  source.asRead ??= retold(source, (told, { read }) => Object.assign(told, { hops: read.hops }))
  return source.asRead
}

function retold(source: Retold, give: (trace: object, source: Retold) => void): Trace {
  const { schema, title, ends, disposition, ok, exchanges } = source.read
  const trace: Growing<Trace> = ends === undefined ? { schema, title } : { schema, title, ends }
  trace.disposition = disposition
  trace.ok = ok
  giveJudgement(trace, source)
  trace.exchanges = exchanges
  giveReadParts(trace, source)
  give(trace, source)
  giveReadFaults(trace, source)
  return trace as Trace
}
