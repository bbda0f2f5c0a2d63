import { type Course, factsOf, judged } from '../diagnose/index.ts'
import type { LoadedDump } from '../dumps/index.ts'
import type { Network, Note, NoteTopic } from '../model/index.ts'
import type { Process } from '../programs/index.ts'
import type { Trace } from '../trace/index.ts'
import type { Standing } from './standing.ts'
import { triedTcp } from './tried-tcp.ts'

/** In what something was asked. */
export interface Asked {
  /** The network then. */
  readonly network: Network
  /** What the objects made of it then. */
  readonly standing: Standing
  /** Dumps it was made from. */
  readonly dump: LoadedDump | null
  /** Topics that make no answer undecided. */
  readonly ignore: ReadonlySet<NoteTopic>
  /** What had happened then; undefined where time does not pass. */
  readonly course: Course | undefined
}

/** A trace with what it is worth and why it failed. */
export function judgedIn(asked: Asked, trace: Trace, assumed: readonly Note[], { tooLong }: Process): Trace {
  const { network, standing, dump, ignore, course } = asked
  const { said, cluster } = standing
  const notes = assumed.length === 0 ? said.notes : [...said.notes, ...assumed]
  const facts = { ...factsOf(network, notes, cluster, dump?.dumped), ...(course && { course }) }
  const all = { ...facts, triedTcp: triedTcp(network, facts), ...(tooLong === null ? {} : { tooLong }) }
  return judged(trace, all, ignore)
}
