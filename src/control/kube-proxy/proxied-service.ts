import { type Chain, keptIn, once } from '../../model/index.ts'
import type { Family } from '../../wire/index.ts'
import { addressOfNode, type ClusterNode } from '../cluster-node.ts'
import { namespacedName } from '../resource.ts'
import type { ChainIndex } from './chain-index.ts'
import type { Endpoint, ServiceEndpoints } from './endpoints.ts'
import { chainOf, type PortView, PortViews } from './port-view.ts'
import { backendChain, type ChainSettings, choiceChain, externalChain, firewallChain } from './service-chains.ts'
import { portsOfService, type ServicePort } from './service-ports.ts'
import { type ServiceRules, serviceRules } from './service-rules.ts'

const ENDPOINT = 'KUBE-SEP-'
const SERVICE = /^KUBE-(?:SVC|SVL|EXT|FW)-(.+)$/

/** What tells in the index whose chain one is: of a port's chains the hash that is in all of their names; undefined for what is of no Service. */
export function indexedName(chain: string): string | undefined {
  return chain.startsWith(ENDPOINT) ? chain : SERVICE.exec(chain)?.[1]
}

/** An endpoint of a port. */
interface PortEndpoint {
  readonly port: ServicePort
  readonly endpoint: Endpoint
}

/** What makes a chain, and whether it is the same on all nodes. */
interface ChainMaker {
  readonly isShared: boolean
  readonly make: () => Chain
}

/**
 * A Service with its endpoints as the rules of nodes have it, in one family. What is the same on several nodes is made once, and is the
 * very same as long as nobody edits the Service or its endpoints. Names of endpoints' chains are hashes, and there may be hundreds of
 * thousands: a chain that chooses among endpoints makes theirs known, and all of them are named only when somebody lists them.
 */
export class ProxiedService {
  readonly endpoints: ServiceEndpoints
  private readonly ports: readonly ServicePort[]
  private readonly index: ChainIndex
  private readonly name: () => string
  private readonly views: PortViews
  private readonly rules = new Map<ServicePort, ServiceRules>()
  private readonly byEndpoint = new Map<string, PortEndpoint>()
  private readonly named = new Set<ServicePort>()
  private readonly chains = { plain: new Map<string, Chain>(), commented: new Map<string, Chain>() }

  constructor(endpoints: ServiceEndpoints, family: Family, index: ChainIndex) {
    const { service } = endpoints
    this.endpoints = endpoints
    this.ports = portsOfService(service, family)
    this.index = index
    this.name = once(() => namespacedName(service.metadata))
    this.views = new PortViews(endpoints, (hash) => index.add(hash, this.name()))
  }

  /** Whether all nodes have the same rules of it. */
  readonly isShared: () => boolean = once(() => this.ports.every((port) => this.views.isShared(port)))

  /** The rules of a port in chains that all Services share. */
  rulesOf(port: ServicePort, node: ClusterNode): ServiceRules {
    const known = this.rules.get(port)
    if (known !== undefined) return known
    const view = this.views.of(port, node)
    const made = serviceRules(view)
    if (view.isShared) this.rules.set(port, made)
    return made
  }

  /** The names of all of its chains on a node. */
  namesOn(node: ClusterNode): string[] {
    return this.ports.flatMap((port) => {
      const view = this.views.of(port, node)
      return [...namesOf(view), ...view.ends().reachable.map((endpoint) => this.nameOf(port, endpoint))]
    })
  }

  /** Adds the names of its chains to the index, on whatever node they are. */
  nameChains(of: 'endpoints' | 'ports'): void {
    for (const port of this.ports) {
      if (of === 'ports') void this.views.namesOf(port).cluster
      else for (const endpoint of this.endpoints.of(port)) this.nameOf(port, endpoint)
    }
  }

  /** What makes a chain of a node; undefined where it is none of them. @param isOfNode - chains are not the same on all nodes, whatever the Service */
  chain(name: string, node: ClusterNode, settings: () => ChainSettings, isOfNode: boolean): (() => Chain) | undefined {
    const found = name.startsWith(ENDPOINT) ? this.ofEndpoint(name, node, settings) : this.ofPort(name, node, settings)
    if (found === undefined) return undefined
    if (!found.isShared || isOfNode) return found.make
    return () => keptIn(settings().hasComments ? this.chains.commented : this.chains.plain, name, found.make)
  }

  private ofEndpoint(name: string, node: ClusterNode, settings: () => ChainSettings): ChainMaker | undefined {
    const found = this.byEndpoint.get(name) ?? this.foundEndpoint(name, node)
    if (found === undefined) return undefined
    const { port, endpoint } = found
    const { ends, isShared } = this.views.of(port, node)
    if (!ends().reachable.includes(endpoint)) return undefined
    return { isShared, make: () => backendChain(port, endpoint, settings()) }
  }

  private foundEndpoint(name: string, node: ClusterNode): PortEndpoint | undefined {
    for (const port of this.ports) this.learn(this.views.of(port, node))
    return this.byEndpoint.get(name)
  }

  private ofPort(name: string, node: ClusterNode, settings: () => ChainSettings): ChainMaker | undefined {
    for (const port of this.ports) {
      const view = this.views.of(port, node)
      if (namesOf(view).includes(name)) return this.ofView(name, view, node, settings)
    }
    return undefined
  }

  private ofView(name: string, view: PortView, node: ClusterNode, settings: () => ChainSettings): ChainMaker {
    const { names, isShared, port } = view
    switch (name) {
      case names.cluster:
        return { isShared, make: () => this.choice(view, 'cluster', settings()) }
      case names.local:
        return { isShared, make: () => this.choice(view, 'local', settings()) }
      case names.external:
        return { isShared, make: () => externalChain(view, settings()) }
      default:
        return { isShared: false, make: () => firewallChain(view, addressOfNode(node, port.family)?.address) }
    }
  }

  private choice(view: PortView, which: 'cluster' | 'local', settings: ChainSettings): Chain {
    this.learn(view)
    return choiceChain(view, which, settings)
  }

  /** Makes the names of the endpoints' chains known. */
  private learn({ port, ends, isShared }: PortView): void {
    if (this.named.has(port)) return
    if (isShared) this.named.add(port)
    for (const endpoint of ends().reachable) this.nameOf(port, endpoint)
  }

  private nameOf(port: ServicePort, endpoint: Endpoint): string {
    const name = chainOf(port, endpoint)
    if (!this.byEndpoint.has(name)) {
      this.byEndpoint.set(name, { port, endpoint })
      this.index.add(name, this.name())
    }
    return name
  }
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
