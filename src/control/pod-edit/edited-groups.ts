import { keptIn } from '../../model/index.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import type { PodGroups } from '../pod-lists.ts'
import { namespacedName } from '../resource.ts'
import type { Roster, RosterPod } from './roster.ts'

type OfPod = { readonly pod: PodResource }

/** The groups of the pods there were first as edits of pods have left them: each in the order of the list of now. */
export class EditedGroups<T extends OfPod> implements PodGroups<T> {
  private readonly before: PodGroups<T>
  private readonly roster: Roster
  private readonly of: (pod: RosterPod) => T
  private spaces: readonly string[] | undefined

  /** @param of - what a pod that was edited is here */
  constructor(before: PodGroups<T>, roster: Roster, of: (pod: RosterPod) => T) {
    this.before = before
    this.roster = roster
    this.of = of
  }

  namespaces(): Iterable<string> {
    this.spaces ??= this.inOrder()
    return this.spaces
  }

  /** In the order of the first pod of each. */
  private inOrder(): string[] {
    const { told, added } = this.roster.state
    const names = new Set(this.before.namespaces())
    for (const { pod } of [...told.values(), ...added]) names.add(spaceOf(pod))
    const first = new Map<string, number>()
    for (const name of names) {
      for (const { pod } of this.ofNamespace(name)) {
        // Those that share their node's network have no place, and come last in the order they had.
        const place = pod.spec.hostNetwork === true ? -1 : this.roster.placeOf(namespacedName(pod.metadata))
        first.set(name, place < 0 ? Number.MAX_SAFE_INTEGER : place)
        break
      }
    }
    return [...first.keys()].sort((a, b) => first.get(a)! - first.get(b)!)
  }

  ofNamespace(namespace: string): Iterable<T> {
    return this.edited(this.before.ofNamespace(namespace), (pod) => spaceOf(pod) === namespace)
  }

  withLabel(namespace: string, label: string, value: string): Iterable<T> {
    const { before } = this
    const has = ({ metadata }: PodResource): boolean =>
      metadata.labels !== undefined && Object.hasOwn(metadata.labels, label) && metadata.labels[label] === value
    return this.edited(before.withLabel(namespace, label, value), (pod) => spaceOf(pod) === namespace && has(pod))
  }

  private *edited(group: Iterable<T>, isIn: (pod: PodResource) => boolean): Iterable<T> {
    const { state, base, placeBefore } = this.roster
    const { told, added, out } = state
    const isLeft = (one: RosterPod): boolean => isIn(one.pod)
    // Those that were not in this group come where their places are.
    const joined = [...told.values()].filter((one) => isLeft(one) && !isIn(base.pods.pod(one.place)))
    joined.push(...added.filter(isLeft))
    joined.sort((a, b) => rank(a) - rank(b))
    const isInside = joined.some((one) => rank(one) < base.pods.length - 1)
    let next = 0
    for (const one of group) {
      const { pod } = one
      const isOwn = pod.spec.hostNetwork !== true
      const place =
        next === joined.length || (isOwn && !isInside)
          ? -1
          : isOwn
            ? placeBefore(namespacedName(pod.metadata))
            : Number.MAX_SAFE_INTEGER
      while (next < joined.length && rank(joined[next]!) < place) yield this.of(joined[next++]!)
      const now = out.get(pod)
      if (now === undefined) yield one
      else if (now !== null && isLeft(now)) yield this.of(now)
    }
    while (next < joined.length) yield this.of(joined[next++]!)
  }
}

/** Where a pod comes among those there were first. */
function rank({ place, anchor }: RosterPod): number {
  return place < 0 ? anchor - 0.5 : place
}

function spaceOf({ metadata }: PodResource): string {
  return metadata.namespace ?? 'default'
}

/** Keeps what a pod that was edited is in a list. */
export function keptOf<T extends object>(make: (pod: RosterPod) => T): (pod: RosterPod) => T {
  const known = new WeakMap<RosterPod, T>()
  return (pod) => keptIn(known, pod, make)
}
