import type { Lab, LabOptions } from '../lab/index.ts'
import { caused } from './causes.ts'
import { comparedNames } from './compared-names.ts'
import { changesIn, grouped } from './machine-changes.ts'
import { objectChanges } from './object-changes.ts'
import type { Review } from './review.ts'

/** How two clusters are compared. */
export interface ReviewOptions {
  /** Nodes whose state is compared, at most; absent = {@link MOST_NODES}. */
  readonly nodes?: number
  /** How the labs were opened: causes are tried in labs that are opened in the same way. */
  readonly lab?: LabOptions
}

/** Nodes whose state is compared where nobody says how many. */
export const MOST_NODES = 200

const OTHER_ORDER =
  'the objects are the same, and stand in another order: those without a time of creation are taken in it'

/** What differs between two clusters: objects, and what follows from them on machines. Both labs stay as they are. */
export function reviewOf(a: Lab, b: Lab, options: ReviewOptions = {}): Review {
  const { nodes: most = MOST_NODES, lab = {} } = options
  const isOfObjects = a.objects !== null && b.objects !== null
  const objects = a.objects !== null && b.objects !== null ? objectChanges(a.objects, b.objects) : []
  const { names, nodes } = comparedNames(a, b, objects, most)
  const changes = names.flatMap((name) => changesIn(a, b, name))
  const state = grouped(caused(changes, { a, b, objects, names, options: lab }))
  const notes = [
    ...(nodes.compared < nodes.all ? [`the state of ${nodes.compared} of ${nodes.all} nodes was compared`] : []),
    ...(isOfObjects && objects.length === 0 && changes.length > 0 ? [OTHER_ORDER] : []),
    ...(isOfObjects ? [] : ['of dumps there are no objects that changes could follow from']),
  ]
  return { schema: 'packetwalk.review/1', objects, state, nodes, notes }
}

/** Whether nothing differs. */
export function isEmptyReview({ objects, state }: Review): boolean {
  return objects.length + state.length === 0
}
