import {
  dictionary,
  type Interface,
  type NamespaceMember,
  type NamespaceSource,
  type Outline,
  type Route,
  type Sysctls,
} from '../model/index.ts'
import type { Cidr } from '../wire/index.ts'
import type { ClusterNode } from './cluster-node.ts'
import { wireguardRules } from './felix/devices.ts'
import { enabledDevices, type TunnelDevice } from './felix/mtu.ts'
import type { HostSide } from './host-side.ts'
import type { TunnelKind } from './ipam/block.ts'
import {
  type NodeDevices,
  type NodeFacts,
  nodeRoutes,
  nodeRuleset,
  nodeSets,
  sharedSysctls,
  tunnelDevice,
} from './node-namespace.ts'
import { originOf } from './origin.ts'
import { loopbackOf, machineInterface, withUsualRules } from './underlay/machine.ts'

const NONE: readonly never[] = []

/** How each member of a node's namespace is made. */
const MEMBERS: Readonly<Partial<Record<NamespaceMember, (node: NodeSource) => unknown>>> = {
  interfaces: (node) => {
    const interfaces = dictionary<Interface>()
    for (const dev of [...node.interfaces(), ...node.pods.interfaces]) interfaces[dev.name] = dev
    return interfaces
  },
  routes: ({ facts, node, devices, pods }) => nodeRoutes(facts, node, devices.devices, pods.routes),
  rules: ({ facts, node }) => {
    const wireguard = ([4, 6] as const).filter((family) => facts.keys[family].has(node.name))
    return withUsualRules([...wireguardRules(node, wireguard), ...(node.machine?.rules ?? [])])
  },
  neighbours: ({ pods }) => pods.neighbours,
  proxyNeighbours: () => NONE,
  fdb: () => NONE,
  sysctls: ({ pods }) => pods.sysctls,
  iptables: ({ facts, node, devices }) => nodeRuleset(facts, 4, node, devices),
  ip6tables: ({ facts, node, devices }) => nodeRuleset(facts, 6, node, devices),
  ipsets: ({ facts, node, devices }) => nodeSets(facts, node, devices),
  shared: ({ facts, node }) => facts.routes.viewOf(node).uses,
  origin: ({ node }) => originOf('underlay', node.resource),
}

const ALL = Object.keys(MEMBERS) as readonly NamespaceMember[]

/** The members of the namespaces of nodes, by what they have. */
const LISTS = [false, true].map((ipv6) =>
  [false, true].map((shares) =>
    ALL.filter((member) => (member !== 'ip6tables' || ipv6) && (member !== 'shared' || shares)),
  ),
)

function hasAddress(addresses: readonly Cidr[], address: string): boolean {
  for (const cidr of addresses) if (cidr.address === address) return true
  return false
}

/**
 * Makes the network namespace of a node, with everything Calico and the kernel put into it, member by member. What is asked of it in
 * a flood costs no more than a node's own cards.
 */
export class NodeSource implements NamespaceSource, Outline {
  readonly role = 'node'
  readonly facts: NodeFacts
  readonly node: ClusterNode
  private readonly cards: (Interface | undefined)[] = []
  private readonly hostSide: (source: NodeSource) => HostSide
  private ends: HostSide | undefined
  private own: NodeDevices | undefined

  /** @param hostSide - makes the host ends of its pods */
  constructor(facts: NodeFacts, node: ClusterNode, hostSide: (source: NodeSource) => HostSide) {
    this.facts = facts
    this.node = node
    this.hostSide = hostSide
  }

  get name(): string {
    return this.node.name
  }

  get members(): readonly NamespaceMember[] {
    const { facts, node } = this
    return LISTS[Number(facts.ipv6)]![Number(facts.routes.viewOf(node).uses.length > 0)]!
  }

  make(member: NamespaceMember): unknown {
    return MEMBERS[member]?.(this)
  }

  /** What its pods add to it. */
  get pods(): HostSide {
    this.ends ??= this.hostSide(this)
    return this.ends
  }

  /** Machine interfaces and tunnel devices, in index order. */
  get devices(): NodeDevices {
    this.own ??= this.makeDevices()
    return this.own
  }

  private makeDevices(): NodeDevices {
    const { facts, node } = this
    const devices = [...this.machineCards]
    const tunnels: TunnelDevice[] = []
    for (const device of enabledDevices(node, facts.pools, facts.settings)) {
      const dev = tunnelDevice(facts, node, device, devices.length + 2)
      if (!dev) continue
      devices.push(dev)
      if (dev.addresses.some((address) => address.scope === 'global')) tunnels.push(device)
    }
    return { devices, tunnels }
  }

  /** The interfaces of its machine, without loopback. */
  get machineCards(): readonly Interface[] {
    return (this.node.machine?.interfaces ?? []).map((_, i) => this.card(i))
  }

  /** One of the interfaces of its machine. */
  private card(i: number): Interface {
    const dev = this.cards[i] ?? machineInterface(this.node.machine!.interfaces[i]!, i + 2)
    this.cards[i] = dev
    return dev
  }

  interface(name: string): Interface | undefined {
    const card = this.node.machine?.interfaces.findIndex((dev) => dev.name === name) ?? -1
    if (card >= 0) return this.card(card)
    return name === 'lo' ? loopbackOf(this.node.machine) : this.devices.devices.find((dev) => dev.name === name)
  }

  interfaces(): readonly Interface[] {
    return [loopbackOf(this.node.machine), ...this.devices.devices]
  }

  mayHave(address: string): boolean {
    const { facts, node } = this
    const { machine } = node
    if (address.startsWith('127.') || node.ipv4?.address === address) return true
    // Thousands are asked for one answer: nothing is made for it.
    for (const { addresses } of machine?.interfaces ?? NONE) if (hasAddress(addresses, address)) return true
    if (machine?.loopback !== undefined && hasAddress(machine.loopback.addresses, address)) return true
    const tunnels = facts.tunnels.get(node.name) ?? {}
    for (const kind in tunnels) if (tunnels[kind as TunnelKind] === address) return true
    return false
  }

  knownRoutes(): readonly Route[] {
    return nodeRoutes(this.facts, this.node, this.devices.devices, NONE)
  }

  get sysctls(): Sysctls {
    return sharedSysctls(this.facts, this.node)
  }
}
