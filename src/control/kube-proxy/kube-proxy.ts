import { type Chain, type IptRule, once } from '../../model/index.ts'
import { contains, type Family, familyOf, type Ip, isIpv4 } from '../../wire/index.ts'
import { addressOfNode, type ClusterNode } from '../cluster-node.ts'
import type { ServiceResource } from '../kubernetes-kinds.ts'
import type { ChainMakers, RulesetPart, TablePart } from '../ruleset-part.ts'
import type { ProxyConfig } from './config.ts'
import type { Endpoints } from './endpoints.ts'
import { CANARY, FILTER_JUMPS, filterChains, NAT_JUMPS, natChains } from './fixed-chains.ts'
import { localTestsOf } from './local-tests.ts'
import { PortViews } from './port-view.ts'
import { jumpTo, LOCALHOST, only, ruleOf, TO_LOCAL } from './rule.ts'
import type { ChainSettings } from './service-chains.ts'
import { ServiceChains } from './service-lookup.ts'
import { type ServicePort, servicePorts } from './service-ports.ts'
import { type ServiceRules, serviceRules } from './service-rules.ts'

/** More endpoints than this have no comments. */
const MANY_ENDPOINTS = 1000

/** A node as kube-proxy knows it. */
export interface ProxyNode {
  /** The node. */
  readonly node: ClusterNode
  /** Its addresses, of devices that nodePortAddresses may choose. */
  readonly addresses: readonly Ip[]
}

/** What kube-proxy writes on the nodes of a cluster, in the mode iptables. Equal parts of nodes are one object. */
export class KubeProxy {
  private readonly families: Readonly<Record<Family, FamilyProxy>>

  /** @param like - another of the same Services, and of which of them the endpoints are others */
  constructor(
    services: readonly ServiceResource[],
    config: ProxyConfig,
    endpoints: Endpoints,
    like?: { readonly proxy: KubeProxy; readonly isOther: (service: ServiceResource) => boolean },
  ) {
    const make = (family: Family): FamilyProxy => {
      const before = like && { proxy: like.proxy.families[family], isOther: like.isOther }
      return new FamilyProxy(services, config, endpoints, family, before)
    }
    this.families = { 4: make(4), 6: make(6) }
  }

  /** The tables of a node. */
  tables(family: Family, node: ProxyNode): RulesetPart {
    return this.families[family].tables(node)
  }
}

/** Whether ports have so few endpoints that each has a comment; counts no further than it must. */
function areFew(ports: readonly ServicePort[], endpoints: Endpoints): boolean {
  let left = MANY_ENDPOINTS
  return ports.every((port) => {
    left -= endpoints.of(port).length
    return left >= 0
  })
}

const NOTHING: TablePart = { first: {}, last: {}, chains: new Map([CANARY]) }

/** The rules before endpoints of some Services were others. */
interface Like {
  readonly proxy: FamilyProxy
  readonly isOther: (service: ServiceResource) => boolean
}

/** Its rules in one family. */
class FamilyProxy {
  private readonly family: Family
  private readonly config: ProxyConfig
  private readonly ports: () => readonly ServicePort[]
  private readonly views: PortViews
  private readonly settings: (node: ClusterNode) => ChainSettings
  private readonly rules = new Map<ServicePort, ServiceRules>()
  private readonly chains: ServiceChains
  private readonly fixedNat: ReadonlyMap<string, () => Chain>
  private readonly fixedFilter: ReadonlyMap<string, () => Chain>
  private readonly like: Like | undefined

  constructor(
    services: readonly ServiceResource[],
    config: ProxyConfig,
    endpoints: Endpoints,
    family: Family,
    like: Like | undefined,
  ) {
    this.family = family
    this.config = config
    this.like = like
    this.ports = like?.proxy.ports ?? once(() => servicePorts(services, family))
    this.views = new PortViews(endpoints)
    this.fixedNat = natChains(config)
    this.fixedFilter = filterChains(family, config)
    const hasComments = once(() => areFew(this.ports(), endpoints))
    const { masqueradeAll } = config
    this.settings = (node) => {
      const local = localTestsOf(config.detector, family, node)
      return { masqueradeAll, hasComments: hasComments(), ...(local === undefined ? {} : { local }) }
    }
    this.chains = new ServiceChains(this.ports, this.views, this.settings, config.detector?.kind === 'node-cidr')
  }

  tables(proxied: ProxyNode): RulesetPart {
    return { mangle: NOTHING, nat: this.nat(proxied), filter: this.filter(proxied.node) }
  }

  private nat({ node, addresses }: ProxyNode): TablePart {
    const own = new Map(this.fixedNat)
    const rules = (pick: (rules: ServiceRules) => readonly IptRule[]): IptRule[] =>
      this.ports().flatMap((port) => pick(this.rulesOf(port, node)))
    own.set('KUBE-SERVICES', () => ({ rules: [...rules((one) => one.services), ...this.toNodePorts(node, addresses)] }))
    own.set('KUBE-NODEPORTS', () => ({ rules: rules((one) => one.nodePorts) }))
    return { first: NAT_JUMPS, last: {}, chains: both(own, this.chains.of(node)) }
  }

  private filter(node: ClusterNode): TablePart {
    const own = new Map(this.fixedFilter)
    const add = (name: string, pick: (rules: ServiceRules) => readonly IptRule[]): void => {
      own.set(name, () => ({ rules: this.ports().flatMap((port) => pick(this.rulesOf(port, node))) }))
    }
    add('KUBE-SERVICES', (rules) => rules.refusals)
    add('KUBE-EXTERNAL-SERVICES', (rules) => rules.externalRefusals)
    add('KUBE-PROXY-FIREWALL', (rules) => rules.firewall)
    add('KUBE-NODEPORTS', (rules) => rules.healthChecks)
    return { first: FILTER_JUMPS, last: {}, chains: own }
  }

  private rulesOf(port: ServicePort, node: ClusterNode): ServiceRules {
    const known = this.rules.get(port) ?? this.knownBefore(port)
    if (known !== undefined) return known
    const view = this.views.of(port, node)
    const made = serviceRules(view)
    if (view.isShared) this.rules.set(port, made)
    return made
  }

  private knownBefore(port: ServicePort): ServiceRules | undefined {
    const { like } = this
    return like === undefined || like.isOther(port.resource) ? undefined : like.proxy.rules.get(port)
  }

  /** The last rules of KUBE-SERVICES: packets to the node itself, or to those of its addresses that take node ports. */
  private toNodePorts(node: ClusterNode, addresses: readonly Ip[]): IptRule[] {
    const { family, config } = this
    const rest = { target: jumpTo('KUBE-NODEPORTS'), origin: { component: 'kube-proxy' } as const }
    const comment = 'kubernetes service nodeports; NOTE: this must be the last rule in this chain'
    const { nodePortAddresses: ranges, primaryOnly, localhostNodePorts } = config
    const all = family === 4 ? '0.0.0.0/0' : '::/0'
    const ofFamily = ranges.filter((range) => familyOf(range) === family)
    if (!primaryOnly && (ofFamily.length === 0 || ofFamily.some((range) => range === all))) {
      const loopback = family === 6 ? only('::1' as Ip) : localhostNodePorts ? undefined : LOCALHOST
      const not = loopback === undefined ? {} : { notDestination: loopback }
      return [ruleOf({ ...not, comment, modules: [TO_LOCAL] }, rest)]
    }
    const primary = addressOfNode(node, family)?.address
    const isMeant = (ip: Ip): boolean =>
      primaryOnly ? ip === primary : ofFamily.some((range) => contains(range, ip)) && this.mayTake(ip)
    const meant = [...new Set(addresses)].filter((ip) => isIpv4(ip) === (family === 4) && isMeant(ip))
    return meant.map((ip) => ruleOf({ destination: only(ip), comment }, rest))
  }

  /** Node ports at a loopback address: with IPv6 never, else when asked for. */
  private mayTake(ip: Ip): boolean {
    const isLoopback = isIpv4(ip) ? contains(LOCALHOST, ip) : ip === '::1'
    return !isLoopback || (this.family === 4 && this.config.localhostNodePorts)
  }
}

/** Chains of both. */
function both(a: ChainMakers, b: ChainMakers): ChainMakers {
  return {
    keys: () => [...a.keys(), ...b.keys()],
    has: (name) => a.has(name) || b.has(name),
    get: (name) => a.get(name) ?? b.get(name),
  }
}
