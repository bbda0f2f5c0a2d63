import { once } from '../../model/index.ts'
import type { Ip } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import type { Allocation, OpenBlock } from './block.ts'
import type { Ledger } from './ledger.ts'
import type { PodPlans } from './pod-plans.ts'

/** A pod with the addresses it has. */
export interface PodAddresses {
  /** The pod. */
  readonly pod: PodResource
  /** Its node. */
  readonly node: ClusterNode
  /** Its addresses, IPv4 first. */
  readonly allocations: readonly Allocation[]
}

/** Places of pods, node after node. */
interface PlacesByNode {
  /** The place of a node. */
  readonly placeOf: ReadonlyMap<string, number>
  /** Where the pods of each node end, and those of the next one begin. */
  readonly ends: Int32Array
  readonly order: Int32Array
}

/** Sorts by counting. @param found - the plans of the pods, by their places */
function placesByNode({ nodes, places }: PodPlans, found: ArrayLike<number>): PlacesByNode {
  const ends = new Int32Array(nodes.length)
  for (let i = 0; i < found.length; i++) ends[places[found[i]!]!]! += 1
  for (let node = 1; node < nodes.length; node++) ends[node]! += ends[node - 1]!
  const order = new Int32Array(found.length)
  const next = ends.slice()
  for (let i = found.length - 1; i >= 0; i--) order[--next[places[found[i]!]!]!] = i
  return { placeOf: new Map(nodes.map(({ name }, place) => [name, place])), ends, order }
}

/** The places where something begins before it ends. */
function placesOfSome(starts: Int32Array, ends: Int32Array): Int32Array {
  const places = new Int32Array(starts.length)
  let count = 0
  for (let i = 0; i < starts.length; i++) if (ends[i]! > starts[i]!) places[count++] = i
  return places.subarray(0, count)
}

/** Pods with an address, in order of creation: each by its place, which costs nothing until somebody asks for it. */
export class AssignedPods implements Iterable<Pick<PodAddresses, 'pod' | 'allocations'>> {
  private readonly plans: PodPlans
  private readonly ledger: Ledger
  /** The allocations of each plan are those from one id on, and before another. */
  private readonly starts: Int32Array
  private readonly ends: Int32Array
  private places: Int32Array | undefined
  private readonly byNode: () => PlacesByNode

  constructor(plans: PodPlans, ledger: Ledger) {
    this.plans = plans
    this.ledger = ledger
    this.starts = new Int32Array(plans.length)
    this.ends = new Int32Array(plans.length)
    this.byNode = once(() => placesByNode(plans, this.found))
  }

  /** What was allocated from an id on is this plan's. */
  take(plan: number, start: number): void {
    this.starts[plan] = start
    this.ends[plan] = this.ledger.length
  }

  /** Plans that have got an address; asked when all are through. */
  private get found(): Int32Array {
    this.places ??= placesOfSome(this.starts, this.ends)
    return this.places
  }

  /** How many there are. */
  get length(): number {
    return this.found.length
  }

  /** A pod. */
  pod(i: number): PodResource {
    return this.plans.pods[this.found[i]!]!
  }

  /** Its node. */
  node(i: number): ClusterNode {
    return this.plans.nodeOf(this.found[i]!)
  }

  /** Its addresses, IPv4 first. */
  addresses(i: number): Ip[] {
    return this.idsOf(i).map((id) => this.ledger.addressOf(id))
  }

  /** Its allocations. */
  allocations(i: number): Allocation[] {
    return this.idsOf(i).map((id) => this.ledger.at(id))
  }

  /** The ids of its allocations. */
  idsOf(i: number): number[] {
    return this.ofPlan(this.found[i]!)
  }

  /** The first id of what a plan has got. */
  startOf(plan: number): number {
    return this.starts[plan]!
  }

  /** The id behind the last one of a plan. */
  endOf(plan: number): number {
    return this.ends[plan]!
  }

  /** The ids of what a plan has got. */
  ofPlan(plan: number): number[] {
    const start = this.starts[plan]!
    return Array.from({ length: this.ends[plan]! - start }, (_, k) => start + k)
  }

  /** The places of pods that have an address, in order. @param block - the block it lies in */
  holding(address: Ip, block: OpenBlock | undefined): number[] {
    const plans = new Set([...this.ledger.holdersOf(address, block)].filter((holder) => holder >= 0))
    return [...plans].sort((a, b) => a - b).map((plan) => this.found.indexOf(plan))
  }

  /** Places of the pods of a node, in order. */
  ofNode(name: string): number[] {
    const { placeOf, ends, order } = this.byNode()
    const place = placeOf.get(name)
    return place === undefined ? [] : Array.from(order.subarray(ends[place - 1] ?? 0, ends[place]))
  }

  /** Places of pods with an address whose block, or the lack of one, is wanted. */
  within(isWanted: (block: OpenBlock | undefined) => boolean): readonly number[] {
    const places: number[] = []
    if (!this.ledger.mayHave(isWanted)) return places
    this.found.forEach((plan, i) => {
      for (let id = this.starts[plan]!; id < this.ends[plan]!; id++) {
        if (!isWanted(this.ledger.blockOf(id))) continue
        places.push(i)
        return
      }
    })
    return places
  }

  /** One after the other, each with allocations that are made when they are read. */
  *[Symbol.iterator](): Iterator<Pick<PodAddresses, 'pod' | 'allocations'>> {
    const assigned = this
    for (let i = 0; i < this.length; i++) {
      yield {
        pod: this.pod(i),
        get allocations(): readonly Allocation[] {
          return assigned.allocations(i)
        },
      }
    }
  }

  /** All of them as objects. */
  list(): readonly PodAddresses[] {
    const one = (_: unknown, i: number): PodAddresses => ({
      pod: this.pod(i),
      node: this.node(i),
      allocations: this.allocations(i),
    })
    return Array.from({ length: this.length }, one)
  }
}
