import type { IpSet } from '../../model/index.ts'
import type { WorkloadEndpoint } from '../cni.ts'

/** An edit of pods after another. */
export interface PodStep {
  /** The one before; absent where all pods were looked at then, or nobody remembers. */
  before?: PodStep
  /** Pods that are others, gone or new: `namespace/name`. */
  readonly pods: readonly string[]
}

/** What the members of a set come from. */
export interface MemberSource {
  /** The edit of pods it was made after. */
  readonly step: PodStep
  /** What a pod of then puts in. */
  readonly ofPod: (netns: string) => readonly string[]
  /** Pods of then that have the address of a member. */
  readonly holders: (member: string) => readonly WorkloadEndpoint[]
  /** Whether something else than pods puts it in. */
  readonly hasBesides: (member: string) => boolean
}

/** Members that came, and that are gone; none of those that were there before and are. */
export interface MovedMembers {
  readonly come: ReadonlySet<string>
  readonly gone: ReadonlySet<string>
}

/** So many edits are remembered one after the other. */
const MOST_STEPS = 64

/** The edit of these pods after another. */
export function stepAfter(before: PodStep, pods: readonly string[]): PodStep {
  const step: PodStep = { before, pods }
  let last: PodStep | undefined = step
  for (let i = 0; i < MOST_STEPS; i++) last = last?.before
  // Edit after edit, nothing must hold on to all that were before.
  if (last !== undefined) delete last.before
  return step
}

/** The pods of all edits that lie between two; undefined where neither is known to come after the other. */
function podsBetween(a: PodStep, b: PodStep): ReadonlySet<string> | undefined {
  return podsSince(a, b) ?? podsSince(b, a)
}

function podsSince(first: PodStep, last: PodStep): ReadonlySet<string> | undefined {
  const pods = new Set<string>()
  for (let step: PodStep | undefined = last; step !== undefined; step = step.before) {
    if (step === first) return pods
    for (const netns of step.pods) pods.add(netns)
  }
  return undefined
}

const sources = new WeakMap<IpSet, MemberSource>()

/** Says what the members of a set come from. */
export function comesFrom(set: IpSet, source: MemberSource): void {
  sources.set(set, source)
}

/**
 * In which members two sets of one selector differ, where nothing but pods was edited between them and it is known which: no other pod
 * is looked at. Undefined where only a comparison of all members can tell.
 */
export function movedByPods(was: IpSet, now: IpSet): MovedMembers | undefined {
  const [before, after] = [sources.get(was), sources.get(now)]
  if (before === undefined || after === undefined) return undefined
  const pods = podsBetween(before.step, after.step)
  if (pods === undefined) return undefined
  const put = ({ ofPod }: MemberSource): ReadonlySet<string> => new Set([...pods].flatMap((netns) => ofPod(netns)))
  const [old, fresh] = [put(before), put(after)]
  const isOnlyOf = (source: MemberSource, member: string): boolean =>
    !source.hasBesides(member) &&
    source.holders(member).every(({ netns }) => pods.has(netns) || !source.ofPod(netns).includes(member))
  const moved = (mine: ReadonlySet<string>, others: ReadonlySet<string>, source: MemberSource): ReadonlySet<string> =>
    new Set([...mine].filter((member) => !others.has(member) && isOnlyOf(source, member)))
  return { come: moved(fresh, old, after), gone: moved(old, fresh, before) }
}
