import { isLateList, viewList } from '../../model/index.ts'
import { parseIp } from '../../wire/index.ts'
import type { WorkloadEndpoint } from '../cni.ts'
import { namespacedName } from '../resource.ts'
import { type ClusterWorkloads, type EndpointFinder, endpointsIn, foundBy } from '../workloads.ts'
import type { Roster, RosterPod } from './roster.ts'

/** The endpoints of a cluster whose pods were edited: those of pods that stay as they were are the very same. */
export class EditedWorkloads implements ClusterWorkloads {
  readonly list: readonly WorkloadEndpoint[]
  private readonly roster: Roster
  private readonly before: EndpointFinder

  /**
   * @param before - endpoints of the pods there were first
   * @param of - the endpoint of a pod that was edited
   */
  constructor(roster: Roster, before: readonly WorkloadEndpoint[], of: (pod: RosterPod) => WorkloadEndpoint) {
    this.roster = roster
    this.before = endpointsIn(before)
    const { length } = roster
    const at = (i: number): WorkloadEndpoint => {
      const one = roster.at(i)
      return typeof one === 'number' ? before[one]! : of(one)
    }
    this.list = isLateList(before) ? viewList(length, at) : Array.from({ length }, (_, i) => at(i))
    foundBy(this.list, this)
  }

  get length(): number {
    return this.roster.length
  }

  readonly placeOf = (netns: string): number => (netns.includes('/') ? this.roster.placeOf(netns) : -1)

  readonly placesOn = (node: string): readonly number[] => this.roster.ofNode(node)

  readonly at = (netns: string): WorkloadEndpoint | undefined => {
    const place = this.placeOf(netns)
    return place < 0 ? undefined : this.list[place]
  }

  readonly ofNode = (node: string): readonly WorkloadEndpoint[] =>
    this.roster.isEdited(node) ? this.placesOn(node).map((place) => this.list[place]!) : this.before.ofNode(node)

  readonly holding = (address: string): WorkloadEndpoint | undefined => this.holders(address)[0]

  readonly holders = (address: string): readonly WorkloadEndpoint[] => {
    const ip = parseIp(address)
    return ip === undefined ? [] : this.roster.holding(ip).map((place) => this.list[place]!)
  }

  readonly names = (): string[] =>
    Array.from({ length: this.length }, (_, i) => namespacedName(this.roster.pod(i).metadata))
}
