import { dictionary, type Interface, keptIn, kernelRoutes, type Neighbour, type Route } from '../../model/index.ts'
import type { WorkloadEndpoint } from '../cni.ts'
import { cniRoutes, felixNeighbours, felixRoutes, hostEnd, setHostSysctls } from '../host-side.ts'
import { endpointOn, isSameVeth, type NodePart } from './node-part.ts'
import type { NodeViews } from './node-views.ts'

/** The pods that are attached to a node, in order of creation as the plugin's cluster has it. */
export function attachedPods(name: string, views: NodeViews, cni: NodePart | undefined): readonly WorkloadEndpoint[] {
  const own = cni?.maker.workloads.ofNode(name) ?? []
  const { attached } = views
  if (attached === undefined || attached.size === 0) return own
  const left = own.filter(({ netns }) => !attached.has(netns))
  const others = [...attached].flatMap(([netns, cluster]) => {
    const endpoint = cluster === null ? undefined : endpointOn(name, netns, cluster)
    return endpoint ?? []
  })
  return [...left, ...others]
}

/** What the pods of a node add to it, where the CNI plugin and Felix have not seen the same. */
export class ViewedPods {
  /** Those that are attached. */
  readonly endpoints: readonly WorkloadEndpoint[]
  private readonly felix: NodePart | undefined
  private readonly ends = new Map<number, readonly Interface[]>()

  private readonly unrouted: ReadonlySet<string> | undefined

  /**
   * @param felix - whose routes there are
   * @param unrouted - those whose routes it has taken away
   */
  constructor(
    endpoints: readonly WorkloadEndpoint[],
    felix: NodePart | undefined,
    unrouted: ReadonlySet<string> | undefined,
  ) {
    this.endpoints = endpoints
    this.felix = felix
    this.unrouted = unrouted
  }

  /** Their ends on the node, from an index on. */
  interfaces(first: number): readonly Interface[] {
    return keptIn(this.ends, first, () => this.endpoints.map((endpoint, i) => hostEnd(endpoint, first + i)))
  }

  /** A pod as Felix knows it: one that was made anew since has a veth that Felix knows nothing of. */
  private knownOf(endpoint: WorkloadEndpoint): WorkloadEndpoint | undefined {
    const { felix } = this
    const known = felix && endpointOn(felix.source.name, endpoint.netns, felix.cluster)
    return known !== undefined && isSameVeth(known, endpoint) ? known : undefined
  }

  /** Routes to them: Felix', where it knows the pod, else those of the plugin. */
  routes(): readonly Route[] {
    return this.endpoints.flatMap((endpoint, i) => {
      const known = this.knownOf(endpoint)
      const { facts, node } = this.felix?.source ?? {}
      const to = this.unrouted?.has(endpoint.netns)
        ? []
        : known === undefined || facts === undefined || node === undefined
          ? cniRoutes(endpoint)
          : felixRoutes(known, facts.settings, node)
      return [...to, ...kernelRoutes(hostEnd(endpoint, i), { forwarding6: true })]
    })
  }

  /** Permanent neighbours of those that Felix knows. */
  neighbours(): readonly Neighbour[] {
    return this.endpoints.flatMap((endpoint) => {
      const known = this.knownOf(endpoint)
      return known === undefined ? [] : felixNeighbours(known)
    })
  }

  /** Sysctls of their ends. */
  sysctls(): Readonly<Record<string, string>> {
    const sysctls = dictionary<string>()
    for (const endpoint of this.endpoints) setHostSysctls(sysctls, endpoint)
    return sysctls
  }
}
