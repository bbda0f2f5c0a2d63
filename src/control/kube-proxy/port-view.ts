import { keptIn, once } from '../../model/index.ts'
import { categorize, type EndpointNode, isLeaving, type NodeEndpoints } from './categorize.ts'
import type { Endpoint, ServiceEndpoints } from './endpoints.ts'
import { endpointChain, portHash } from './names.ts'
import { isExternal, type ServicePort, usesCluster, usesLocal } from './service-ports.ts'

/**
 * A port of a Service as the rules of a node see it. What rules of all Services ask is whether there is an endpoint; which ones
 * there are is found out when a packet enters a chain of the port.
 */
export interface PortView {
  /** The port. */
  readonly port: ServicePort
  /** Endpoints. */
  readonly ends: () => NodeEndpoints
  /** Whether any node could answer. */
  readonly hasAny: boolean
  /** Whether there is an endpoint for the policy Cluster. */
  readonly hasCluster: boolean
  /** Whether there is one for the policy Local. */
  readonly hasLocal: boolean
  /** Whether packets to its virtual address find one. */
  readonly hasInternal: boolean
  /** Whether packets from outside find one. */
  readonly hasExternal: boolean
  /** Whether there is a chain for packets from outside. */
  readonly hasExternalChain: boolean
  /** Whether there is one for the sources of load balancers. */
  readonly hasFirewallChain: boolean
  /** Names of all chains it could have. */
  readonly names: ChainNames
  /** Whether it is the same on every node. */
  readonly isShared: boolean
}

/** Chains of a port. Their names are hashes: each is made when somebody reads it. */
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

class LateNames implements ChainNames {
  private readonly hash: () => string

  constructor({ name, protocol }: ServicePort, made: (hash: string) => void) {
    this.hash = once(() => {
      const hash = portHash(name, protocol)
      made(hash)
      return hash
    })
  }

  get cluster(): string {
    return `KUBE-SVC-${this.hash()}`
  }

  get local(): string {
    return `KUBE-SVL-${this.hash()}`
  }

  get external(): string {
    return `KUBE-EXT-${this.hash()}`
  }

  get firewall(): string {
    return `KUBE-FW-${this.hash()}`
  }
}

/** The chain of an endpoint. */
export function chainOf({ name, protocol }: ServicePort, { text }: Endpoint): string {
  return endpointChain(name, protocol, text)
}

const isUsable = (one: Endpoint): boolean => one.ready || isLeaving(one)

/** What is asked of endpoints. */
type KnownEndpoints = Pick<ServiceEndpoints, 'of' | 'some' | 'haveHints'>

/** How nodes see ports of a Service: what is the same on all of them is made once. */
export class PortViews {
  private readonly endpoints: KnownEndpoints
  private readonly named: (hash: string) => void
  private readonly shared = new Map<ServicePort, PortView>()
  private readonly names = new Map<ServicePort, ChainNames>()

  /** @param named - told of the hash that is in names of a port's chains, when somebody has read one of these */
  constructor(endpoints: KnownEndpoints, named: (hash: string) => void) {
    this.endpoints = endpoints
    this.named = named
  }

  /** The names of a port's chains. */
  namesOf(port: ServicePort): ChainNames {
    return keptIn(this.names, port, () => new LateNames(port, this.named))
  }

  /** Whether all nodes see a port alike. */
  isShared(port: ServicePort): boolean {
    return !usesLocal(port) && !(port.heedsHints && this.endpoints.haveHints())
  }

  /** How a node sees a port. */
  of(port: ServicePort, node: EndpointNode): PortView {
    const known = this.shared.get(port)
    if (known !== undefined) return known
    const view = this.viewOf(port, node)
    if (view.isShared) this.shared.set(port, view)
    return view
  }

  private viewOf(port: ServicePort, node: EndpointNode): PortView {
    const { endpoints } = this
    const names = (): ChainNames => this.namesOf(port)
    const hasAny = endpoints.some(port, isUsable)
    const hasCluster = hasAny && usesCluster(port)
    const hasLocal = hasAny && usesLocal(port) && endpoints.some(port, (one) => one.node === node.name && isUsable(one))
    return {
      port,
      ends: once(() => categorize(port, endpoints.of(port), node)),
      hasAny,
      hasCluster,
      hasLocal,
      hasInternal: hasAny && (!port.internalLocal || hasLocal),
      hasExternal: hasAny && (!port.externalLocal || hasLocal),
      hasExternalChain: hasAny && isExternal(port),
      hasFirewallChain: hasAny && port.balancerIps.length > 0 && port.sourceRanges.length > 0,
      get names() {
        return names()
      },
      isShared: this.isShared(port),
    }
  }
}
