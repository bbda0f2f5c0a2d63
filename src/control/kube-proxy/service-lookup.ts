import type { Chain } from '../../model/index.ts'
import { addressOfNode, type ClusterNode } from '../cluster-node.ts'
import type { ChainMakers } from '../ruleset-part.ts'
import type { Endpoint } from './endpoints.ts'
import { chainOf, type PortView, type PortViews } from './port-view.ts'
import { backendChain, type ChainSettings, choiceChain, externalChain, firewallChain } from './service-chains.ts'
import type { ServicePort } from './service-ports.ts'

const ENDPOINT = 'KUBE-SEP-'
const SERVICE = /^KUBE-(SVC|SVL|EXT|FW)-/

/** An endpoint of a port. */
interface PortEndpoint {
  readonly port: ServicePort
  readonly endpoint: Endpoint
}

/**
 * The chains of ports and their endpoints, found by name. Names of endpoints' chains are hashes, and there may be hundreds of
 * thousands: a chain that chooses among endpoints makes theirs known, and all of them are named only when somebody lists them.
 */
export class ServiceChains {
  private readonly ports: () => readonly ServicePort[]
  private readonly views: PortViews
  private readonly settings: (node: ClusterNode) => ChainSettings
  private readonly isOfNode: boolean
  private areNamed = false
  private readonly byEndpoint = new Map<string, PortEndpoint>()
  private readonly shared = new Map<string, Chain>()
  private readonly known = new Set<ServicePort>()

  /** @param isOfNode - whether the settings are not the same on all nodes */
  constructor(
    ports: () => readonly ServicePort[],
    views: PortViews,
    settings: (node: ClusterNode) => ChainSettings,
    isOfNode: boolean,
  ) {
    this.ports = ports
    this.views = views
    this.settings = settings
    this.isOfNode = isOfNode
  }

  /** The chains of a node. */
  of(node: ClusterNode): ChainMakers {
    return {
      keys: () => this.names(node),
      has: (name) => this.maker(name, node) !== undefined,
      get: (name) => this.get(name, node),
    }
  }

  private names(node: ClusterNode): string[] {
    return this.ports().flatMap((port) => {
      const view = this.views.of(port, node)
      return [...namesOf(view), ...view.ends().reachable.map((endpoint) => this.named(port, endpoint))]
    })
  }

  private get(name: string, node: ClusterNode): (() => Chain) | undefined {
    const found = this.maker(name, node)
    if (found === undefined) return undefined
    if (!found.isShared || this.isOfNode) return found.make
    return () => {
      const chain = this.shared.get(name) ?? found.make()
      this.shared.set(name, chain)
      return chain
    }
  }

  /** What makes a chain, and whether it is the same on all nodes. */
  private maker(
    name: string,
    node: ClusterNode,
  ): { readonly isShared: boolean; readonly make: () => Chain } | undefined {
    if (name.startsWith(ENDPOINT)) {
      const found = this.endpointOf(name, node)
      if (found === undefined) return undefined
      const { port, endpoint } = found
      const { ends, isShared } = this.views.of(port, node)
      if (!ends().reachable.includes(endpoint)) return undefined
      return { isShared, make: () => backendChain(port, endpoint, this.settings(node)) }
    }
    const port = SERVICE.test(name) ? this.portOf(name) : undefined
    return port === undefined ? undefined : this.ofPort(name, this.views.of(port, node), node)
  }

  private ofPort(
    name: string,
    view: PortView,
    node: ClusterNode,
  ): { readonly isShared: boolean; readonly make: () => Chain } | undefined {
    const { names, isShared, port } = view
    if (!namesOf(view).includes(name)) return undefined
    switch (name) {
      case names.cluster:
        return { isShared, make: () => this.choice(view, 'cluster', node) }
      case names.local:
        return { isShared, make: () => this.choice(view, 'local', node) }
      case names.external:
        return { isShared, make: () => externalChain(view, this.settings(node)) }
      default:
        return { isShared: false, make: () => firewallChain(view, addressOfNode(node, port.family)?.address) }
    }
  }

  private choice(view: PortView, which: 'cluster' | 'local', node: ClusterNode): Chain {
    this.learn(view)
    return choiceChain(view, which, this.settings(node))
  }

  /** Makes the names of the endpoints' chains known. */
  private learn({ port, ends, isShared }: PortView): void {
    if (this.known.has(port)) return
    if (isShared) this.known.add(port)
    for (const endpoint of ends().reachable) this.named(port, endpoint)
  }

  private named(port: ServicePort, endpoint: Endpoint): string {
    const name = chainOf(port, endpoint)
    if (!this.byEndpoint.has(name)) this.byEndpoint.set(name, { port, endpoint })
    return name
  }

  private endpointOf(name: string, node: ClusterNode): PortEndpoint | undefined {
    const known = this.byEndpoint.get(name)
    if (known !== undefined) return known
    this.names(node)
    return this.byEndpoint.get(name)
  }

  private portOf(name: string): ServicePort | undefined {
    const hash = hashOf(name)
    const known = this.views.named(hash)
    if (known !== undefined || this.areNamed) return known
    // Nobody read that name in a rule: all are made.
    for (const port of this.ports()) void this.views.namesOf(port).cluster
    this.areNamed = true
    return this.views.named(hash)
  }
}

/** What is behind the last `-`. */
function hashOf(name: string): string {
  return name.slice(name.lastIndexOf('-') + 1)
}

/** The chains a port has on a node, without those of its endpoints. */
function namesOf({ names, hasCluster, hasLocal, hasExternalChain, hasFirewallChain }: PortView): string[] {
  return [
    ...(hasCluster ? [names.cluster] : []),
    ...(hasLocal ? [names.local] : []),
    ...(hasExternalChain ? [names.external] : []),
    ...(hasFirewallChain ? [names.firewall] : []),
  ]
}
