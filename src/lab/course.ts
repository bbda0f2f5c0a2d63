import type { Course } from '../diagnose/index.ts'
import type { LogEntry, Witness } from '../timeline/index.ts'

/** What a diagnosis may ask of what happened. */
export function courseOf({ log, behindAt }: Witness): Course {
  return {
    delayOf: behindAt,
    removalOf: (netns, line) => {
      const all = log()
      const last = all.filter((one) => one.netns === netns && isRoute(one, line)).at(-1)
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
