import {
  dictionary,
  fdbOf,
  type Interface,
  type IpSet,
  inKernelOrder,
  lateRecord,
  type Namespace,
  type NamespaceMember,
  type NamespaceSource,
  neighboursOf,
  type Outline,
  once,
  type Route,
  type Ruleset,
  routesOf,
  type SharedTable,
  type SharedView,
  type Sysctls,
} from '../../model/index.ts'
import type { Family } from '../../wire/index.ts'
import { wireguardRules } from '../felix/devices.ts'
import {
  blackholes,
  ownRoutesOfBird,
  routesOfMachine,
  routesOfTunnel,
  setFelixSysctls,
  setsOf,
  throws,
} from '../node-namespace.ts'
import { workshopOf } from '../policy-edit.ts'
import { mergedRuleset } from '../ruleset-part.ts'
import { loopbackOf, withUsualRules } from '../underlay/machine.ts'
import type { KeptMembers } from './kept-members.ts'
import { isSameNode } from './node-edition.ts'
import type { NodePart } from './node-part.ts'
import type { NodeViews } from './node-views.ts'
import { routeKey } from './route-key.ts'
import { FIREWALL, type PartsOfNode, partsOf, seenBy, type Writer } from './same-share.ts'
import { viewedTunnels } from './viewed-devices.ts'
import { attachedPods, ViewedPods } from './viewed-pods.ts'
import { leadsTo, numbered, type Seen, viewedShared } from './viewed-shared.ts'

/** Gives shared tables names that are theirs in a network; undefined where what nodes share is written out. */
export type TableNames = ((name: string, table: SharedTable) => string) | undefined

/** A node as each program has it that writes there; its machine is there. */
type Parts = PartsOfNode & { readonly machine: NodePart }

/** Who writes each member: where all of these have seen the same, it is as their cluster has it. */
const WRITERS: Readonly<Partial<Record<NamespaceMember, readonly Writer[]>>> = {
  interfaces: ['machine', 'cni', 'devices'],
  routes: ['machine', 'cni', 'devices', 'routes', 'bird'],
  rules: ['machine', 'routes'],
  neighbours: ['machine', 'cni', 'devices', 'routes', 'bird'],
  proxyNeighbours: ['machine'],
  fdb: ['machine', 'cni', 'devices', 'routes', 'bird'],
  sysctls: ['machine', 'cni', 'devices', 'proxy'],
  iptables: ['cni', 'rules', 'proxy'],
  ip6tables: ['cni', 'rules', 'proxy'],
  ipsets: ['sets', 'rules'],
  shared: ['machine', 'cni', 'devices', 'routes', 'bird'],
  origin: ['machine'],
}

/** How each member is put together where they have not. */
const MEMBERS: Readonly<Partial<Record<NamespaceMember, (node: ViewedNode) => unknown>>> = {
  interfaces: (node) => node.devices(),
  routes: (node) => node.routes(),
  rules: (node) => node.rules(),
  neighbours: (node) => node.neighbours(),
  fdb: (node) => node.fdb(),
  sysctls: (node) => node.allSysctls(),
  iptables: (node) => node.ruleset(4),
  ip6tables: (node) => node.ruleset(6),
  ipsets: (node) => node.ipsets(),
  shared: (node) => node.shared(),
}

/** Members that namespaces of nodes may have, those first that are most likely others. */
export const MEMBERS_OF_NODES = Object.keys(WRITERS).reverse() as readonly NamespaceMember[]

const OPTIONAL: ReadonlySet<NamespaceMember> = new Set(['ip6tables', 'shared'])

/** Makes the namespace of a node of the parts that programs have written which have not seen the same. */
export class ViewedNode implements NamespaceSource, Outline {
  readonly name: string
  readonly role = 'node'
  private readonly views: NodeViews
  private readonly parts: Parts
  private readonly names: TableNames
  private readonly kept: KeptMembers | undefined
  private readonly pods: () => ViewedPods

  /** @param kept - what was made of it before */
  constructor(name: string, machine: NodePart, views: NodeViews, names: TableNames, kept?: KeptMembers) {
    this.name = name
    this.views = views
    this.names = names
    this.kept = kept
    this.parts = { ...partsOf(name, views), machine }
    const { cni, routes } = this.parts
    this.pods = once(() => new ViewedPods(attachedPods(name, views, cni), routes, views.unrouted))
  }

  get members(): readonly NamespaceMember[] {
    return this.own()
  }

  private readonly own = once((): readonly NamespaceMember[] => {
    const { rules, proxy, cni } = this.parts
    const ipv6 = [rules, proxy, cni].some((part) => part?.source.facts.ipv6 === true)
    return (Object.keys(WRITERS) as NamespaceMember[]).filter(
      (member) => !OPTIONAL.has(member) || (member === 'ip6tables' ? ipv6 : this.sharesAny()),
    )
  })

  make(member: NamespaceMember): unknown {
    const { kept, views, parts } = this
    if (kept === undefined) return this.made(member)
    const seen = (WRITERS[member] ?? []).flatMap((writer) => seenBy(writer, parts[writer], member))
    return kept.of(member, [...seen, views.attached, views.tunl0Stays], () => this.made(member))
  }

  private made(member: NamespaceMember): unknown {
    const agreed = member === 'shared' ? undefined : this.agreed(member)
    if (agreed !== undefined) return agreed[member]
    return MEMBERS[member]?.(this)
  }

  /** The namespace as the one cluster has it that all writers of a member have seen. */
  private agreed(member: NamespaceMember): Namespace | undefined {
    const { attached, tunl0Stays } = this.views
    const writers = WRITERS[member] ?? []
    if (attached !== undefined && attached.size > 0 && writers.includes('cni')) return undefined
    const parts = writers.map((writer) => this.parts[writer])
    const [first] = parts
    if (first === undefined) return undefined
    if (FIREWALL.has(member)) return this.firewallOf(parts)
    if (parts.some((part) => !isSameNode(part, first))) return undefined
    const hasDevices = tunl0Stays === true && writers.includes('devices')
    if (hasDevices && this.leftBehind().some((part) => !isSameNode(part, first))) return undefined
    return workshopOf(first.cluster).network.namespaces[this.name]
  }

  /** Policies are in Felix' parts alone. */
  private firewallOf(parts: readonly (NodePart | undefined)[]): Namespace | undefined {
    const { sets, rules, proxy } = this.parts
    if (rules === undefined || parts.some((part) => !isSameNode(part, rules))) return undefined
    const of = (part: NodePart | undefined): Namespace | undefined => part?.cluster.network.namespaces[this.name]
    if (parts.includes(sets) && of(sets) !== of(rules)) return undefined
    if (parts.includes(proxy) && proxy?.source.facts.others !== rules.source.facts.others) return undefined
    return of(rules)
  }

  /** Loopback and the cards of the machine. */
  private cards(): readonly Interface[] {
    const { source } = this.parts.machine
    return [loopbackOf(source.node.machine), ...source.machineCards]
  }

  /** Those whose routes may lead into a `tunl0` of an earlier time. */
  private leftBehind(): readonly (NodePart | undefined)[] {
    const { bird, routes } = this.parts
    return this.views.tunl0Stays === true ? [routes, bird] : []
  }

  private readonly tunnels = once((): readonly Interface[] =>
    viewedTunnels(this.parts.devices, this.leftBehind(), this.cards().length + 1),
  )

  readonly devices: () => Readonly<Record<string, Interface>> = once(() => {
    const agreed = this.agreed('interfaces')
    if (agreed !== undefined) return agreed.interfaces
    const own = this.interfaces()
    const all = dictionary<Interface>()
    for (const dev of [...own, ...this.pods().interfaces(own.length + 1)]) all[dev.name] = dev
    return all
  })

  /** Routes that no other node has in this form. */
  private readonly ownRoutes = once((): readonly Route[] => {
    const { machine, routes, bird } = this.parts
    const byMachine = routesOfMachine(machine.source.node, machine.source.machineCards)
    const tunnels = this.tunnels().flatMap(routesOfTunnel)
    const pods = this.pods().routes()
    const felix = routes === undefined ? [] : this.ofFelix(routes)
    const taken = new Set([...pods, ...felix].map(routeKey))
    const byBird = bird === undefined ? [] : this.ofBird(bird).filter((route) => !taken.has(routeKey(route)))
    return inKernelOrder([...byMachine, ...tunnels, ...felix, ...byBird, ...pods])
  })

  private ofFelix(part: NodePart): readonly Route[] {
    const { facts, node } = part.source
    const own = blackholes(facts, node).filter(({ origin }) => origin?.component === 'felix')
    return [...own, ...throws(facts, node)]
  }

  private ofBird(part: NodePart): readonly Route[] {
    const { facts, node } = part.source
    const own = blackholes(facts, node).filter(({ origin }) => origin?.component === 'bird')
    const isThere = ({ dev, nexthops = [] }: Route): boolean =>
      [dev, ...nexthops.map((hop) => hop.dev)].every((one) => one === undefined || leadsTo(part, one, this.devices()))
    return [...own, ...ownRoutesOfBird(facts, node).filter(isThere)]
  }

  private readonly seen = once((): readonly Seen[] =>
    viewedShared(this.name, this.parts, this.devices(), this.ownRoutes),
  )

  private sharesAny(): boolean {
    const { devices, routes, bird } = this.parts
    if (this.agreed('shared') === undefined && this.names === undefined) return false
    return [devices, routes, bird].some(
      (part) => part !== undefined && part.source.facts.routes.viewOf(part.source.node).uses.length > 0,
    )
  }

  /** What the node shares, where it is written out. */
  private readonly expanded = once(() => {
    const own = { routes: this.ownRoutes(), neighbours: this.pods().neighbours(), fdb: [] }
    const all = this.names === undefined ? this.seen() : this.seen().filter(({ isOwn }) => isOwn)
    if (all.length === 0) return own
    const { shared, views } = numbered(all)
    const ns = { name: this.name, shared: views, ...own } as unknown as Namespace
    const network = { shared }
    return { routes: routesOf(network, ns), neighbours: neighboursOf(network, ns), fdb: fdbOf(network, ns) }
  })

  routes(): readonly Route[] {
    return this.expanded().routes
  }

  neighbours(): Namespace['neighbours'] {
    return this.expanded().neighbours
  }

  fdb(): Namespace['fdb'] {
    return this.expanded().fdb
  }

  shared(): Namespace['shared'] {
    const { names } = this
    const named = this.seen().flatMap(({ view, table, isOwn }): SharedView[] => {
      if (isOwn === true) return []
      const name = names?.(view.table, table) ?? view.table
      return [name === view.table ? view : { ...view, table: name }]
    })
    const agreed = this.agreed('shared')?.shared
    return agreed?.every((view, i) => view === named[i]) === true ? agreed : named
  }

  rules(): Namespace['rules'] {
    const { machine, routes } = this.parts
    const families = ([4, 6] as const).filter((family) => routes?.source.facts.keys[family].has(this.name))
    const felix = routes === undefined ? [] : wireguardRules(routes.source.node, families)
    return withUsualRules([...felix, ...(machine.source.node.machine?.rules ?? [])])
  }

  ruleset(family: Family): Ruleset {
    const { rules, cni, proxy } = this.parts
    const felix = rules?.source
    const pods = this.pods().endpoints
    return mergedRuleset([
      ...(felix === undefined ? [] : [felix.facts.felix.part(family, felix.node, felix.devices.tunnels)]),
      ...(cni === undefined ? [] : cni.source.facts.others.portmap(family, cni.source.node, pods)),
      ...(proxy === undefined ? [] : proxy.source.facts.others.proxy(family, proxy.source.node)),
    ])
  }

  ipsets(): Readonly<Record<string, IpSet>> {
    const { sets, rules } = this.parts
    const makers = (part: NodePart | undefined) =>
      part === undefined ? [] : setsOf(part.source.facts, part.source.node, part.source.devices)
    const fresh = makers(sets)
    const names = new Set(fresh.map(([name]) => name))
    return lateRecord([...fresh, ...makers(rules).filter(([name]) => !names.has(name))])
  }

  allSysctls(): Sysctls {
    return Object.assign(dictionary<string>(), this.sysctls, this.pods().sysctls())
  }

  interface(name: string): Interface | undefined {
    return this.interfaces().find((dev) => dev.name === name)
  }

  readonly interfaces: () => readonly Interface[] = once(() => [...this.cards(), ...this.tunnels()])

  mayHave(address: string): boolean {
    if (address.startsWith('127.')) return true
    return this.interfaces().some((dev) => dev.addresses.some(({ local }) => local === address))
  }

  get sysctls(): Sysctls {
    const { machine, devices, proxy } = this.parts
    const sysctls = dictionary<string>()
    Object.assign(sysctls, proxy?.source.facts.sysctls)
    if (devices !== undefined) setFelixSysctls(sysctls, devices.source.node)
    return Object.assign(sysctls, machine.source.node.machine?.sysctls)
  }
}
