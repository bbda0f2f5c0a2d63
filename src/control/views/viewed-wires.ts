import { type Cable, type CablesOf, cablesIn, isLateList, lateCables, once } from '../../model/index.ts'
import type { Cluster } from '../cluster.ts'
import { isPodCable, podCable, type WorkloadEndpoint } from '../cni.ts'

/** What comes and goes. */
export interface Moved {
  /** Namespaces whose wires are gone. */
  readonly gone: ReadonlySet<string>
  /** Pods that have a veth now. */
  readonly come: readonly WorkloadEndpoint[]
}

/** The wires below without those of namespaces that are gone, and with those of pods that came. */
export function viewedWires(below: readonly Cable[], { gone, come }: Moved): readonly Cable[] {
  if (gone.size === 0 && come.length === 0) return below
  const find = cablesIn(below)
  const lost = new Set([...gone].flatMap((netns) => find(netns)))
  const fresh = come.map(podCable)
  const all = once(() => [...below.filter((cable) => !lost.has(cable)), ...fresh])
  if (!isLateList(below)) return all()
  const own = cablesIn(fresh)
  const left: CablesOf = (netns) => [...find(netns).filter((cable) => !lost.has(cable)), ...own(netns)]
  return lateCables(below.length - lost.size + fresh.length, (i) => all()[i]!, left)
}

/** The wires under one cluster with the veth pairs of another, without those of some pods. */
export function joinedWires(under: Cluster, pods: Cluster, without: readonly string[]): readonly Cable[] {
  return viewedWires(joined(under, pods), { gone: new Set(without), come: [] })
}

function joined(under: Cluster, pods: Cluster): readonly Cable[] {
  const [a, b] = [under.network.wires, pods.network.wires]
  if (!isLateList(a)) return [...a.filter((cable) => !isPodCable(cable)), ...b.filter(isPodCable)]
  const ofCards = a.length - under.workloadEndpoints.length
  const ofPods = pods.workloadEndpoints.length
  const find: CablesOf = (netns) => [
    ...cablesIn(a)(netns).filter((cable) => !isPodCable(cable)),
    ...cablesIn(b)(netns).filter(isPodCable),
  ]
  return lateCables(ofCards + ofPods, (i) => (i < ofCards ? a[i]! : b[b.length - ofPods + i - ofCards]!), find)
}
