import { indexInPieces, keptIn, once } from '../model/index.ts'
import type { PodResource } from './kubernetes-kinds.ts'
import type { Resources } from './resources.ts'
import { withLists } from './with-lists.ts'

/** After so many edits the list is written out: what each of them costs grows with those before it. */
const MANY = 64

type Pods = readonly PodResource[]

/** What an edit makes of a list. */
export interface ListEdit {
  /** What is in the place of pods of the list; null = nothing. */
  readonly instead: ReadonlyMap<PodResource, PodResource | null>
  /** New ones, behind all others. */
  readonly added: Pods
}

/** The list of pods before an edit, and with it: who stores objects has made it already. */
export interface PodListEdit {
  /** As it was. */
  readonly from: readonly PodResource[]
  /** As it is. */
  readonly to: readonly PodResource[]
}

const byResources = new WeakMap<Resources, ListedPods>()
const byArray = new WeakMap<Pods, ListedPods>()

/**
 * The pods of a cluster in their order: the list that was written out last, and what was edited since. There are a hundred thousand, and
 * to copy them is most of what an edit of one of them would cost. It stands for the list wherever that tells clusters apart.
 */
export class ListedPods {
  private readonly base: Pods
  /** By places of the base, and of the tail behind it. */
  private readonly instead: ReadonlyMap<number, PodResource | null>
  private readonly tail: Pods

  private constructor(base: Pods, instead: ReadonlyMap<number, PodResource | null> = new Map(), tail: Pods = []) {
    this.base = base
    this.instead = instead
    this.tail = tail
  }

  /** The pods of some objects: of the very same list it is the very same. */
  static of(resources: Resources): ListedPods {
    return byResources.get(resources) ?? ListedPods.ofArray(resources.pods)
  }

  /** A list that is written out. */
  static ofArray(pods: Pods): ListedPods {
    return keptIn(byArray, pods, () => new ListedPods(pods))
  }

  /** The list, written out. */
  readonly array: () => Pods = once((): Pods => {
    const { base, instead, tail } = this
    if (instead.size === 0 && tail.length === 0) return base
    // Copied once: a list that grows is copied a second time.
    const all = base.concat(tail)
    let isLess = false
    for (const [place, pod] of instead) {
      if (pod === null) isLess = true
      else all[place] = pod
    }
    const made = isLess ? all.filter((_, place) => instead.get(place) !== null) : all
    byArray.set(made, this)
    return made
  })

  /** How many there are. */
  get length(): number {
    let gone = 0
    for (const pod of this.instead.values()) if (pod === null) gone++
    return this.base.length + this.tail.length - gone
  }

  /** Whether a list has in each place that was edited what this has there, and as many pods. */
  isSame(given: Pods): boolean {
    const { base, instead, tail } = this
    const gone = [...instead].flatMap(([place, pod]) => (pod === null ? [place] : []))
    const now = (place: number): number => place - gone.filter((one) => one < place).length
    return (
      given.length === this.length &&
      [...instead].every(([place, pod]) => pod === null || given[now(place)] === pod) &&
      tail.every((pod, i) => instead.has(base.length + i) || given[now(base.length + i)] === pod)
    )
  }

  /** The pods, the last first. */
  *backwards(): Iterable<PodResource> {
    const { base, instead, tail } = this
    for (let place = base.length + tail.length - 1; place >= 0; place--) {
      const other = instead.get(place)
      if (other === undefined) yield (place < base.length ? base[place] : tail[place - base.length])!
      else if (other !== null) yield other
    }
  }

  /** The list after an edit; undefined where it takes the place of a pod that is not there. */
  edited({ instead, added }: ListEdit): ListedPods | undefined {
    const all = new Map(this.instead)
    for (const [was, now] of instead) {
      const place = this.placeOf(was)
      if (place < 0) return undefined
      all.set(place, now)
    }
    const tail = added.length === 0 ? this.tail : [...this.tail, ...added]
    const made = new ListedPods(this.base, all, tail)
    return all.size + tail.length > MANY ? ListedPods.ofArray(made.array()) : made
  }

  private placeOf(pod: PodResource): number {
    const { base, instead, tail } = this
    for (const [place, now] of instead) if (now === pod) return place
    const inBase = indexInPieces(base, pod)
    const inTail = inBase < 0 ? tail.indexOf(pod) : -1
    const place = inTail < 0 ? inBase : base.length + inTail
    return instead.has(place) ? -1 : place
  }
}

/** Objects with other pods, which are listed when somebody reads them. Of the rest none is read. */
export function withListedPods(resources: Resources, pods: ListedPods): Resources {
  const made = withLists(resources, { pods: pods.array })
  byResources.set(made, pods)
  return made
}
