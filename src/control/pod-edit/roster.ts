import type { Ip } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { OpenBlock, SlotAttribute } from '../ipam/block.ts'
import type { Ipam } from '../ipam/cluster-ipam.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import { byCreation } from '../objects-by-kind.ts'
import { namespacedName } from '../resource.ts'

/** A slot of a block. */
export interface Slot {
  readonly block: OpenBlock
  readonly slot: number
}

/** A pod that was edited, or is new. */
export interface RosterPod {
  readonly pod: PodResource
  readonly node: ClusterNode
  /** Its addresses, IPv4 first. */
  readonly addresses: readonly Ip[]
  /** Its place among the pods there were first; -1: it is new. */
  readonly place: number
  /** Of a new one: the place before which it comes. */
  readonly anchor: number
  /** What it was given, where it is new. */
  readonly slots: readonly Slot[]
}

/** What edits have made of the pods there were first. */
export interface RosterState {
  /** Places of those that are gone, in order. */
  readonly gone: readonly number[]
  /** Those that are told otherwise, by their places. */
  readonly told: ReadonlyMap<number, RosterPod>
  /** New ones, in the order of the list. */
  readonly added: readonly RosterPod[]
  /** Free slots of blocks that were edited, in the order in which they are handed out. */
  readonly free: ReadonlyMap<OpenBlock, readonly number[]>
  /** Slots of pods that are gone and for which nobody runs CNI DEL: what the block says of them. */
  readonly leaked: ReadonlyMap<OpenBlock, ReadonlyMap<number, SlotAttribute>>
  /** Objects that are no longer there, with what is in their place; null = nothing. */
  readonly out: ReadonlyMap<PodResource, RosterPod | null>
}

/** The lowest number below a length that passes a test, which all above it pass; the length where none does. */
function lowest(length: number, passes: (i: number) => boolean): number {
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (passes(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/** Nothing was edited. */
const UNEDITED: RosterState = {
  gone: [],
  told: new Map(),
  added: [],
  free: new Map(),
  leaked: new Map(),
  out: new Map(),
}

/**
 * Pods with a network of their own as edits have left them, over what IPAM gave when all objects were looked at last: what it costs is
 * what was edited since. Places there were first stay; those of the list of now are counted from them.
 */
export class Roster {
  /** As IPAM gave it when all was looked at. */
  readonly base: Ipam
  readonly state: RosterState
  /** Finds a pod there was first by `namespace/name`; -1 where there was none. */
  readonly placeBefore: (netns: string) => number
  private readonly byName = new Map<string, RosterPod>()
  private editedNodes: ReadonlySet<string> | undefined

  constructor(base: Ipam, placeBefore: (netns: string) => number, state: RosterState = UNEDITED) {
    this.base = base
    this.placeBefore = placeBefore
    this.state = state
    for (const one of state.told.values()) this.byName.set(namespacedName(one.pod.metadata), one)
    for (const one of state.added) this.byName.set(namespacedName(one.pod.metadata), one)
  }

  /** How many edits it carries, about. */
  get weight(): number {
    const { gone, told, added } = this.state
    return gone.length + told.size + added.length
  }

  /** How many pods there are. */
  get length(): number {
    return this.left + this.state.added.length
  }

  /** How many are left of those there were first. */
  private get left(): number {
    return this.base.pods.length - this.state.gone.length
  }

  /** How many of those there were first are gone before a place. */
  private goneBefore(place: number): number {
    const { gone } = this.state
    return lowest(gone.length, (i) => gone[i]! >= place)
  }

  /** The place in the list of now of one that is left. */
  private nowAt(place: number): number {
    const { added } = this.state
    return place - this.goneBefore(place) + lowest(added.length, (i) => added[i]!.anchor > place)
  }

  /** The place in the list of now of a new one, by its place among these. */
  private nowOfAdded(i: number): number {
    const { anchor } = this.state.added[i]!
    return anchor - this.goneBefore(anchor) + i
  }

  /** Whether one there was first is gone. */
  isGone(place: number): boolean {
    return this.state.gone[this.goneBefore(place)] === place
  }

  /** What was edited at a place in the list of now; a number: the place of one that is as it was first. */
  at(i: number): RosterPod | number {
    const { gone, added, told } = this.state
    const before = lowest(added.length, (j) => this.nowOfAdded(j) > i)
    if (before > 0 && this.nowOfAdded(before - 1) === i) return added[before - 1]!
    const left = i - before
    const place = left + lowest(gone.length, (j) => gone[j]! - j > left)
    return told.get(place) ?? place
  }

  /** The place before which a pod comes that is new, and behind all of now that were made before it. */
  anchorOf(pod: PodResource): number {
    const { pods } = this.base
    return lowest(pods.length, (place) => byCreation(pods.pod(place), pod) > 0)
  }

  /** A pod. */
  pod(i: number): PodResource {
    const one = this.at(i)
    return typeof one === 'number' ? this.base.pods.pod(one) : one.pod
  }

  /** A pod that was edited, by `namespace/name`. */
  edited(netns: string): RosterPod | undefined {
    return this.byName.get(netns)
  }

  /** The place in the list of now by `namespace/name`; -1 where there is none. */
  placeOf(netns: string): number {
    const own = this.byName.get(netns)
    if (own !== undefined) return own.place < 0 ? this.nowOfAdded(this.state.added.indexOf(own)) : this.nowAt(own.place)
    const place = this.placeBefore(netns)
    return place < 0 || this.isGone(place) ? -1 : this.nowAt(place)
  }

  /** The addresses of a pod, by `namespace/name`. */
  addresses(netns: string): readonly Ip[] {
    return this.byName.get(netns)?.addresses ?? this.base.pods.addresses(this.placeBefore(netns))
  }

  /** Whether pods of a node are others than they were first. */
  isEdited(node: string): boolean {
    this.editedNodes ??= this.nodesOfEdits()
    return this.editedNodes.has(node)
  }

  private nodesOfEdits(): ReadonlySet<string> {
    const { gone, told, added } = this.state
    const { pods } = this.base
    return new Set([
      ...gone.map((place) => pods.node(place).name),
      ...[...told.values(), ...added].map(({ node }) => node.name),
    ])
  }

  /** Places in the list of now of the pods of a node, in order. */
  ofNode(name: string): number[] {
    const places: number[] = []
    for (const place of this.base.pods.ofNode(name)) if (!this.isGone(place)) places.push(this.nowAt(place))
    this.state.added.forEach(({ node }, i) => {
      if (node.name === name) places.push(this.nowOfAdded(i))
    })
    return places.sort((a, b) => a - b)
  }

  /** The places in the list of now of those that have an address, in order. */
  holding(address: Ip): number[] {
    const left = this.base.pods.holding(address, this.base.blockOf(address)).filter((place) => !this.isGone(place))
    const places = left.map((place) => this.nowAt(place))
    this.state.added.forEach(({ addresses }, i) => {
      if (addresses.includes(address)) places.push(this.nowOfAdded(i))
    })
    return places.sort((a, b) => a - b)
  }
}
