import type { WorkloadEndpoint } from '../control/index.ts'

/** So many pods are searched for one by one: an index of a large cluster costs more than they do. */
const SEARCHED = 16

/** Finds pods by their network namespace; one for all answers of a lab. */
export class PodIndex {
  private readonly pods: readonly WorkloadEndpoint[]
  private readonly known = new Map<string, WorkloadEndpoint | undefined>()
  private all: ReadonlyMap<string, WorkloadEndpoint> | undefined

  constructor(pods: readonly WorkloadEndpoint[] = []) {
    this.pods = pods
  }

  /** The pod with this namespace; undefined for what is no pod of the cluster. */
  at(netns: string): WorkloadEndpoint | undefined {
    if (this.all !== undefined) return this.all.get(netns)
    if (this.known.has(netns)) return this.known.get(netns)
    if (this.known.size >= SEARCHED) {
      this.all = new Map(this.pods.map((pod) => [pod.netns, pod]))
      return this.all.get(netns)
    }
    const found = this.pods.find((pod) => pod.netns === netns)
    this.known.set(netns, found)
    return found
  }
}
