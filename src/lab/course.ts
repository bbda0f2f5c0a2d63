import type { Course } from '../diagnose/index.ts'
import type { LogEntry, Witness } from '../timeline/index.ts'
import type { Trace } from '../trace/index.ts'

/** When the first packet of a trace was lost, in nanoseconds; undefined when none was. */
export function whenLost({ hops }: Trace): number | undefined {
  return hops.find(({ kind }) => kind === 'drop')?.time
}

/**
 * What a diagnosis may ask of what happened before a packet was lost.
 *
 * @param before - what had happened when the program began
 * @param after - when it ended
 * @param until - when the packet was lost, in nanoseconds; absent = the end
 */
export function courseOf(before: Witness, after: Witness, until: number = Number.POSITIVE_INFINITY): Course {
  return {
    delayOf: (program, node) => before.behindAt(program, node) ?? after.behindAt(program, node),
    removalOf: (netns, line) => {
      const all = after.log()
      const last = all.filter((one) => one.at <= until && one.netns === netns && isRoute(one, line)).at(-1)
      if (last?.op !== 'delete' || last.actor === 'user') return undefined
      const { actor, at, event } = last
      const first = all.find((one) => one.event === event)
      return { actor, at, event, ...(first === undefined || first === last ? {} : { began: beginning(first) }) }
    },
  }
}

function isRoute({ thing, what }: LogEntry, line: string): boolean {
  return thing === 'route' && what === line
}

/** What an event began with. */
function beginning({ what, netns, thing }: LogEntry): { what: string; netns?: string; stopped?: string } {
  const [agent, state] = thing === 'agent' ? what.split(' ') : []
  const stopped = state === 'stopped' || state === 'killed' ? agent : undefined
  return { what, ...(netns === undefined ? {} : { netns }), ...(stopped === undefined ? {} : { stopped }) }
}
