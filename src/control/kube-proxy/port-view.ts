import { keptIn } from '../../model/index.ts'
import { categorize, type EndpointNode, isSameEverywhere, type NodeEndpoints } from './categorize.ts'
import type { Endpoint, Endpoints } from './endpoints.ts'
import { endpointChain, portHash } from './names.ts'
import { isExternal, type ServicePort, usesCluster, usesLocal } from './service-ports.ts'

/** A port of a Service as the rules of a node see it. */
export interface PortView {
  /** The port. */
  readonly port: ServicePort
  /** Endpoints. */
  readonly ends: NodeEndpoints
  /** Whether packets to its virtual address find one. */
  readonly hasInternal: boolean
  /** Whether packets from outside find one. */
  readonly hasExternal: boolean
  /** Whether there is a chain for packets from outside. */
  readonly hasExternalChain: boolean
  /** Whether there is one for the sources of load balancers. */
  readonly hasFirewallChain: boolean
  /** Chain of the endpoints of the policy Cluster; absent = none. */
  readonly clusterChain?: string
  /** Chain of the endpoints of the policy Local; absent = none. */
  readonly localChain?: string
  /** Names of all chains it could have. */
  readonly names: ChainNames
  /** Whether it is the same on every node. */
  readonly isShared: boolean
}

/** Chains of a port. */
export interface ChainNames {
  /** Endpoints anywhere. */
  readonly cluster: string
  /** Endpoints of the node. */
  readonly local: string
  /** From outside. */
  readonly external: string
  /** Sources of load balancers. */
  readonly firewall: string
}

function namesOf({ name, protocol }: ServicePort): ChainNames {
  const hash = portHash(name, protocol)
  return {
    cluster: `KUBE-SVC-${hash}`,
    local: `KUBE-SVL-${hash}`,
    external: `KUBE-EXT-${hash}`,
    firewall: `KUBE-FW-${hash}`,
  }
}

/** The chain of an endpoint. */
export function chainOf({ name, protocol }: ServicePort, { text }: Endpoint): string {
  return endpointChain(name, protocol, text)
}

/** How a node sees a port. */
function viewOf(port: ServicePort, names: ChainNames, all: readonly Endpoint[], node: EndpointNode): PortView {
  const ends = categorize(port, all, node)
  const { cluster, local, hasAny } = ends
  return {
    port,
    ends,
    hasInternal: hasAny && (!port.internalLocal || local.length > 0),
    hasExternal: hasAny && (!port.externalLocal || local.length > 0),
    hasExternalChain: hasAny && isExternal(port),
    hasFirewallChain: hasAny && port.balancerIps.length > 0 && port.sourceRanges.length > 0,
    ...(usesCluster(port) && cluster.length > 0 ? { clusterChain: names.cluster } : {}),
    ...(usesLocal(port) && local.length > 0 ? { localChain: names.local } : {}),
    names,
    isShared: isSameEverywhere(port, all),
  }
}

/** How nodes see ports: what is the same on all of them is made once. */
export class PortViews {
  private readonly endpoints: Endpoints
  private readonly shared = new Map<ServicePort, PortView>()
  private readonly names = new Map<ServicePort, ChainNames>()

  constructor(endpoints: Endpoints) {
    this.endpoints = endpoints
  }

  /** The names of a port's chains. */
  namesOf(port: ServicePort): ChainNames {
    return keptIn(this.names, port, namesOf)
  }

  /** How a node sees a port. */
  of(port: ServicePort, node: EndpointNode): PortView {
    const known = this.shared.get(port)
    if (known !== undefined) return known
    const view = viewOf(port, this.namesOf(port), this.endpoints.of(port), node)
    if (view.isShared) this.shared.set(port, view)
    return view
  }
}
