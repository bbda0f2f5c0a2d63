import type { FlowChange, Review } from './review.ts'

/** What a change of reachability is to who looks after a cluster. */
export type ReachEvent = 'added' | 'removed' | 'broken'

/** Flows that get there now, that policy forbids now, that are broken now; undefined for what is only less certain. */
export function eventOf({ was, now }: Pick<FlowChange, 'was' | 'now'>): ReachEvent | undefined {
  switch (now.verdict) {
    case 'allowed':
      return 'added'
    case 'denied':
      return was.verdict === 'allowed' || was.verdict === 'partly' ? 'removed' : undefined
    case 'broken':
      return 'broken'
    case 'partly':
      return was.verdict === 'allowed' ? 'broken' : 'added'
    case 'undecided':
      return undefined
  }
}

/** Which sorts of changes of reachability there are in a review. */
export function reachEvents({ reach }: Review): ReadonlySet<ReachEvent> {
  return new Set(reach.flatMap(({ flows }) => flows.flatMap((flow) => eventOf(flow) ?? [])))
}
