import { type Chain, type IptRule, keptIn, once } from '../../model/index.ts'
import { contains, type Family, familyOf, type Ip, isIpv4 } from '../../wire/index.ts'
import { addressOfNode, type ClusterNode } from '../cluster-node.ts'
import type { ServiceResource } from '../kubernetes-kinds.ts'
import type { ChainMakers, PartEdition, RulesetPart, TablePart } from '../ruleset-part.ts'
import { ChainIndex } from './chain-index.ts'
import type { ProxyConfig } from './config.ts'
import type { Endpoints, ServiceEndpoints } from './endpoints.ts'
import { CANARY, FILTER_JUMPS, filterChains, NAT_JUMPS, natChains } from './fixed-chains.ts'
import { localTestsOf } from './local-tests.ts'
import { indexedName, ProxiedService } from './proxied-service.ts'
import { jumpTo, LOCALHOST, only, ruleOf, TO_LOCAL } from './rule.ts'
import type { ChainSettings, LocalTests } from './service-chains.ts'
import { inOrder, portsOfService, type ServicePort } from './service-ports.ts'
import type { ServiceRules } from './service-rules.ts'

/** More endpoints than this have no comments. */
const MANY_ENDPOINTS = 1000

/** A node as kube-proxy knows it. */
export interface ProxyNode {
  /** The node. */
  readonly node: ClusterNode
  /** Its addresses, of devices that nodePortAddresses may choose. */
  readonly addresses: readonly Ip[]
}

/** Services that were edited. */
export interface ServicesAfter {
  /** As they were: those that are gone, or are others. */
  readonly gone: readonly ServiceResource[]
  /** As they are: those that are new, or are others, or have other endpoints. */
  readonly fresh: readonly ServiceResource[]
  /** Endpoints of all. */
  readonly endpoints: Endpoints
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

/** What holds whatever becomes of Services. */
interface FamilyFacts {
  readonly family: Family
  readonly config: ProxyConfig
  /** Whether chains of Services are not the same on all nodes, whatever the Service. */
  readonly isOfNode: boolean
  readonly index: ChainIndex
  /** Services by their endpoints. */
  readonly services: WeakMap<ServiceEndpoints, ProxiedService>
  readonly fixedNat: ReadonlyMap<string, () => Chain>
  readonly fixedFilter: ReadonlyMap<string, () => Chain>
  readonly localTests: (node: ClusterNode) => LocalTests | undefined
}

export function factsOf(config: ProxyConfig, family: Family): FamilyFacts {
  return {
    family,
    config,
    isOfNode: config.detector?.kind === 'node-cidr',
    index: new ChainIndex(),
    services: new WeakMap(),
    fixedNat: natChains(config),
    fixedFilter: filterChains(family, config),
    localTests: (node) => localTestsOf(config.detector, family, node),
  }
}

type Shared = keyof ServiceRules

/** Rules of all Services. */
type RulesOfAll = Readonly<Record<Shared, readonly IptRule[]>>

/** Chains that have rules of all Services. */
const OF_ALL: Readonly<Record<'nat' | 'filter', Readonly<Record<string, Shared>>>> = {
  nat: { 'KUBE-SERVICES': 'services', 'KUBE-NODEPORTS': 'nodePorts' },
  filter: {
    'KUBE-SERVICES': 'refusals',
    'KUBE-EXTERNAL-SERVICES': 'externalRefusals',
    'KUBE-PROXY-FIREWALL': 'firewall',
    'KUBE-NODEPORTS': 'healthChecks',
  },
}

const SHARED: readonly Shared[] = Object.values(OF_ALL).flatMap((table) => Object.values(table))

/** Its rules in one family. */
export class FamilyProxy {
  private readonly facts: FamilyFacts
  private readonly ports: () => readonly ServicePort[]
  private readonly endpoints: Endpoints
  private ofAllNodes: RulesOfAll | undefined
  private readonly parts = new Map<string, RulesetPart>()
  private readonly apart = new WeakMap<FamilyProxy, readonly ProxiedService[]>()
  private readonly apartOfAll = new WeakMap<FamilyProxy, ReadonlySet<Shared>>()

  constructor(facts: FamilyFacts, ports: () => readonly ServicePort[], endpoints: Endpoints) {
    this.facts = facts
    this.ports = ports
    this.endpoints = endpoints
  }

  edited({ gone, fresh, endpoints }: ServicesAfter): FamilyProxy {
    const { facts, ports } = this
    const isSame = gone.length === fresh.length && gone.every((service, i) => service === fresh[i])
    // Made now: what makes it later must not hold on to all that was before.
    const all = isSame ? undefined : portsAfter(ports(), gone, fresh, facts.family)
    return new FamilyProxy(facts, all === undefined ? ports : () => all, endpoints)
  }

  /** The tables of a node; the very same each time. */
  tables(proxied: ProxyNode): RulesetPart {
    const { node } = proxied
    return keptIn(this.parts, node.name, () => ({
      mangle: NOTHING,
      nat: this.nat(proxied),
      filter: this.filter(proxied),
    }))
  }

  private nat(proxied: ProxyNode): TablePart {
    const { node, addresses } = proxied
    const own = this.ofAll('nat', node, (name) =>
      name === 'KUBE-SERVICES' ? this.toNodePorts(node, addresses) : NO_RULES,
    )
    for (const [name, make] of this.facts.fixedNat) own.set(name, make)
    const edition = new NodeEdition('nat', this, proxied)
    return { first: NAT_JUMPS, last: {}, chains: both(own, this.chainsOf(node)), edition }
  }

  private filter(proxied: ProxyNode): TablePart {
    const { node } = proxied
    const own = this.ofAll('filter', node, () => NO_RULES)
    for (const [name, make] of this.facts.fixedFilter) own.set(name, make)
    return { first: FILTER_JUMPS, last: {}, chains: own, edition: new NodeEdition('filter', this, proxied) }
  }

  /** Chains with rules of all Services, and others behind these. */
  private ofAll(
    table: 'nat' | 'filter',
    node: ClusterNode,
    behind: (name: string) => readonly IptRule[],
  ): Map<string, () => Chain> {
    const chains = Object.entries(OF_ALL[table]).map(([name, pick]): [string, () => Chain] => {
      return [name, () => ({ rules: [...this.rulesOf(pick, node), ...behind(name)] })]
    })
    return new Map(chains)
  }

  private rulesOf(pick: Shared, node: ClusterNode): readonly IptRule[] {
    return this.areShared() ? this.shared(node)[pick] : this.rulesOn(node, [pick])[pick]
  }

  /** Rules that all nodes have, made for whichever asks first. */
  private shared(node: ClusterNode): RulesOfAll {
    this.ofAllNodes ??= this.rulesOn(node, SHARED)
    return this.ofAllNodes
  }

  private rulesOn(node: ClusterNode, picks: readonly Shared[]): RulesOfAll {
    const all = Object.fromEntries(SHARED.map((pick) => [pick, [] as IptRule[]])) as Record<Shared, IptRule[]>
    for (const port of this.ports()) {
      const own = this.serviceOf(port.resource).rulesOf(port, node)
      for (const pick of picks) for (const rule of own[pick]) all[pick].push(rule)
    }
    return all
  }

  private readonly areShared = once(() => this.ports().every((port) => this.serviceOf(port.resource).isShared()))

  private serviceOf(service: ServiceResource): ProxiedService {
    const { services, family, index } = this.facts
    const endpoints = this.endpoints.at(service)
    return keptIn(services, endpoints, () => new ProxiedService(endpoints, family, index))
  }

  private readonly hasComments = once(() => areFew(this.ports(), this.endpoints))

  private chainsOf(node: ClusterNode): ChainMakers {
    const { config, localTests, isOfNode } = this.facts
    const settings = once((): ChainSettings => {
      const local = localTests(node)
      const { masqueradeAll } = config
      return { masqueradeAll, hasComments: this.hasComments(), ...(local === undefined ? {} : { local }) }
    })
    const get = (name: string): (() => Chain) | undefined => this.named(name)?.chain(name, node, settings, isOfNode)
    return {
      keys: () => this.all().flatMap((service) => this.serviceOf(service).namesOn(node)),
      has: (name) => get(name) !== undefined,
      get,
    }
  }

  /** All Services that have ports. */
  private readonly all = once((): readonly ServiceResource[] => [
    ...new Set(this.ports().map(({ resource }) => resource)),
  ])

  /** The Service a chain is of, where it is of one. */
  private named(chain: string): ProxiedService | undefined {
    const name = indexedName(chain)
    if (name === undefined) return undefined
    const of = name === chain ? 'endpoints' : 'ports'
    const nameAll = (): void => {
      for (const service of this.all()) this.serviceOf(service).nameChains(of)
    }
    const service = this.facts.index.serviceOf(name, of, this, nameAll)
    const found = service === undefined ? undefined : this.endpoints.named(service)
    return found && this.serviceOf(found)
  }

  /** Services that are others in another edition, or none; undefined where all may be. */
  apartFrom(other: FamilyProxy): readonly ProxiedService[] | undefined {
    if (other.facts !== this.facts || other.hasComments() !== this.hasComments()) return undefined
    const isApart = (service: ServiceResource): boolean => this.endpoints.at(service) !== other.endpoints.at(service)
    return keptIn(this.apart, other, () =>
      this.all()
        .filter(isApart)
        .map((service) => this.serviceOf(service)),
    )
  }

  /** Chains with rules of all Services in which a node has others in another edition, or may have. */
  chainsApart(other: FamilyProxy, table: 'nat' | 'filter', node: ClusterNode): readonly string[] {
    const all = Object.keys(OF_ALL[table])
    if (!this.areShared() || !other.areShared()) return all
    const picks = keptIn(this.apartOfAll, other, () => {
      const [own, others] = [this.shared(node), other.shared(node)]
      return new Set(SHARED.filter((pick) => !areSameRules(own[pick], others[pick])))
    })
    return all.filter((name) => picks.has(OF_ALL[table][name]!))
  }

  /** The last rules of KUBE-SERVICES: packets to the node itself, or to those of its addresses that take node ports. */
  private toNodePorts(node: ClusterNode, addresses: readonly Ip[]): IptRule[] {
    const { family, config } = this.facts
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
    return !isLoopback || (this.facts.family === 4 && this.facts.config.localhostNodePorts)
  }
}

/** What it writes in a table of a node. */
class NodeEdition implements PartEdition {
  private readonly table: 'nat' | 'filter'
  private readonly proxy: FamilyProxy
  private readonly on: ProxyNode

  constructor(table: 'nat' | 'filter', proxy: FamilyProxy, on: ProxyNode) {
    this.table = table
    this.proxy = proxy
    this.on = on
  }

  apartFrom(other: PartEdition): readonly string[] | undefined {
    if (!(other instanceof NodeEdition) || other.table !== this.table) return undefined
    const services = this.proxy.apartFrom(other.proxy)
    if (services === undefined) return undefined
    const { node, addresses } = this.on
    const own = this.table === 'nat' ? services.flatMap((service) => service.namesOn(node)) : []
    const isSame = other.on.node === node && other.on.addresses.join() === addresses.join()
    return [
      ...(isSame ? this.proxy.chainsApart(other.proxy, this.table, node) : Object.keys(OF_ALL[this.table])),
      ...own,
    ]
  }
}

const NO_RULES: readonly IptRule[] = []

function areSameRules(a: readonly IptRule[], b: readonly IptRule[]): boolean {
  return a.length === b.length && a.every((rule, i) => rule === b[i])
}

/** Ports of a family after an edit, in the order of their names. */
function portsAfter(
  before: readonly ServicePort[],
  gone: readonly ServiceResource[],
  fresh: readonly ServiceResource[],
  family: Family,
): readonly ServicePort[] {
  const removed = new Set(gone)
  const left = before.filter(({ resource }) => !removed.has(resource))
  return left.length === before.length && fresh.every((one) => portsOfService(one, family).length === 0)
    ? before
    : inOrder([...left, ...fresh.flatMap((service) => portsOfService(service, family))])
}

/** Chains of both. */
function both(a: ChainMakers, b: ChainMakers): ChainMakers {
  return {
    keys: () => [...a.keys(), ...b.keys()],
    has: (name) => a.has(name) || b.has(name),
    get: (name) => a.get(name) ?? b.get(name),
  }
}
