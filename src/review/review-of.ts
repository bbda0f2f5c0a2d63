import { endpointsIn } from '../control/index.ts'
import { checkLab, type Lab, type LabOptions } from '../lab/index.ts'
import { checkArgument, checkCount, checkFunction, checkOptions, checkReport, isRecord } from '../model/index.ts'
import { reachOf } from '../reach/index.ts'
import { caused, causesOfAnswer } from './causes.ts'
import { comparedNames } from './compared-names.ts'
import { withHeldAddresses } from './held-addresses.ts'
import { changesIn, grouped } from './machine-changes.ts'
import { objectChanges } from './object-changes.ts'
import { reachChanges } from './reach-changes.ts'
import type { MachineChange, ObjectChange, ReachChange, Review, WayChange } from './review.ts'
import { REVIEW_FORM } from './review-form.ts'
import { wayChanges } from './way-changes.ts'

/** How two clusters are compared. */
export interface ReviewOptions {
  /** Nodes whose state is compared, at most; absent = 200. */
  readonly nodes?: number
  /** Whether it is asked who reaches whom, which way and how: by packets, which takes its time; absent = it is. */
  readonly reach?: boolean
  /** Told how far asking that is. */
  readonly progress?: (side: 'first' | 'second', done: number, all: number) => void
  /** How the labs were opened: causes are tried in labs that are opened in the same way. */
  readonly lab?: LabOptions
}

/** Nodes whose state is compared where nobody says how many. */
const MOST_NODES = 200

const OTHER_ORDER =
  'the objects are the same, and stand in another order: those without a time of creation are taken in it'

/** What differs between two clusters: objects, and what follows from them on machines. Both labs stay as they are. */
export function reviewOf(first: Lab, second: Lab, options: ReviewOptions = {}): Review {
  checkLab(first, 'a')
  checkLab(second, 'b')
  checkOptions(options)
  const { nodes: most = MOST_NODES, lab = {}, progress } = options
  checkCount('options.nodes', most)
  checkArgument(isRecord(lab), 'options.lab', 'options of a lab', lab)
  if (progress !== undefined) checkFunction('options.progress', progress, 'a function: (side, done, all) => void')
  const { a, b, notes: held } = withHeldAddresses(first, second, lab)
  const isOfObjects = a.objects !== null && b.objects !== null
  const objects = a.objects !== null && b.objects !== null ? objectChanges(a.objects, b.objects) : []
  const { names, nodes } = comparedNames(a, b, objects, most)
  const changes = names.flatMap((name) => changesIn(a, b, name))
  const state = grouped(caused(changes, { a, b, objects, names, options: lab }))
  const notes = [
    ...held,
    ...(nodes.compared < nodes.all ? [`the state of ${nodes.compared} of ${nodes.all} nodes was compared`] : []),
    ...(isOfObjects && objects.length === 0 && changes.length > 0 ? [OTHER_ORDER] : []),
    ...(isOfObjects ? [] : ['of dumps there are no objects that changes could follow from']),
  ]
  const differs = objects.length + state.length > 0
  const { reach, ways, said } = answersOf(
    a,
    b,
    { ...options, reach: differs && options.reach !== false },
    objects,
    state,
  )
  return { schema: 'packetwalk.review/1', objects, state, reach, ways, nodes, notes: [...notes, ...said] }
}

/** What packets meet otherwise; nothing where nobody asks. */
function answersOf(
  a: Lab,
  b: Lab,
  { reach: isAsked = true, progress }: ReviewOptions,
  objects: readonly ObjectChange[],
  state: readonly MachineChange[],
): Pick<Review, 'reach' | 'ways'> & { readonly said: readonly string[] } {
  if (!isAsked) return { reach: [], ways: [], said: [] }
  if (a.cluster === null || b.cluster === null)
    return { reach: [], ways: [], said: ['who reaches whom is asked of objects, not of dumps alone'] }
  const asked = (lab: Lab, side: 'first' | 'second') =>
    reachOf(lab, {
      progress: (done, all) => {
        progress?.(side, done, all)
        return true
      },
    })
  const reach = reachChanges(asked(a, 'first'), asked(b, 'second')).map((one): ReachChange => {
    const titles = one.flows.flatMap(({ was, now }) => [...(was.by ?? []), ...(now.by ?? [])])
    return { ...one, causes: causesOfAnswer(objects, state, titles, placesOf([...one.from, ...one.to])) }
  })
  const ways = wayChanges(a, b).map((one): WayChange => {
    const ends = one.pairs.flatMap((pair) => pair.split(' to '))
    return { ...one, causes: causesOfAnswer(objects, state, [], placesOf(ends, [a, b])) }
  })
  return { reach, ways, said: [] }
}

/** Namespaces that ends are, and nodes of pods among them. */
function placesOf(ends: readonly string[], labs: readonly Lab[] = []): readonly string[] {
  const names = ends.map((name) => name.replace(/^node\//, ''))
  const homes = labs.flatMap(({ cluster }) =>
    names.flatMap((name) => endpointsIn(cluster?.workloadEndpoints ?? []).at(name)?.node ?? []),
  )
  return [...names, ...homes]
}

/** Whether nothing differs. */
export function isEmptyReview(review: Review): boolean {
  checkReport('review', review, REVIEW_FORM)
  const { objects, state, reach, ways } = review
  return objects.length + state.length + reach.length + ways.length === 0
}
