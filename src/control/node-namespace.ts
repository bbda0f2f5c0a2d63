import {
  dictionary,
  type FirewallMembers,
  type Interface,
  type IpSet,
  inKernelOrder,
  keptIn,
  kernelRoutes,
  lateRecord,
  type Origin,
  type Route,
  type Ruleset,
  type Sysctls,
  type WireguardPeer,
} from '../model/index.ts'
import { type Family, hostPrefix, type Ip, prefixLength } from '../wire/index.ts'
import { addressOfNode, type ClusterNode } from './cluster-node.ts'
import { tunl0, vxlanDevice, wireguardDevice } from './felix/devices.ts'
import type { FelixFirewall } from './felix/firewall.ts'
import { KIND_OF_DEVICE, type TunnelDevice } from './felix/mtu.ts'
import { preferredSource, protocolWord } from './felix/route-protocol.ts'
import type { SetMakers } from './felix/rules/pool-sets.ts'
import type { FixedRules } from './fixed-rules.ts'
import { TUNNEL_ANNOTATION, type TunnelKind } from './ipam/block.ts'
import type { Pool } from './ipam/pool.ts'
import type { OtherParts } from './node-firewall.ts'
import { originOf } from './origin.ts'
import type { Destination } from './prefixes-of-nodes.ts'
import { routeOwner, type Vtep } from './routes/situation.ts'
import type { ClusterRoutes } from './routes/views.ts'
import { mergedRuleset } from './ruleset-part.ts'
import type { Settings } from './settings/settings.ts'
import { FORWARDING, loopbackOf, loopbackRoutes, machineRoutes } from './underlay/machine.ts'

/** What all nodes of a cluster have in common. */
export interface NodeFacts {
  /** Settings. */
  readonly settings: Settings
  /** Pools. */
  readonly pools: readonly Pool[]
  /** Tunnel addresses by node. */
  readonly tunnels: ReadonlyMap<string, Readonly<Partial<Record<TunnelKind, Ip>>>>
  /** VXLAN tunnel endpoints. */
  readonly vteps: Readonly<Record<Family, ReadonlyMap<string, Vtep>>>
  /** WireGuard keys. */
  readonly keys: Readonly<Record<Family, ReadonlyMap<string, string>>>
  /** Nodes in order of creation. */
  readonly nodes: readonly ClusterNode[]
  /** WireGuard peers by node. */
  readonly peers: Readonly<Record<Family, () => ReadonlyMap<string, WireguardPeer>>>
  /** The same for nodes whose own packets are encrypted, too. */
  readonly peersWithHosts: Readonly<Record<Family, () => ReadonlyMap<string, WireguardPeer>>>
  /** Destinations by owner. */
  readonly owned: ReadonlyMap<string, readonly Destination[]>
  /** Routes between nodes. */
  readonly routes: ClusterRoutes
  /** Felix' rules and sets. */
  readonly felix: FelixFirewall
  /** Rules of others. */
  readonly others: OtherParts
  /** Sysctls that others than Felix set on every node. */
  readonly sysctls: Sysctls
  /** Sysctls of nodes, by what decides them; see {@link sharedSysctls}. */
  readonly sharedSysctls: Map<number, Sysctls>
  /** What of the rules no policy changes. */
  readonly fixed: FixedRules
  /** Whether the cluster uses IPv6 at all. */
  readonly ipv6: boolean
}

/** Makes a tunnel device; undefined when the node lacks what it needs (address, VTEP, key). */
export function tunnelDevice(
  facts: NodeFacts,
  node: ClusterNode,
  device: TunnelDevice,
  ifindex: number,
): Interface | undefined {
  const { settings } = facts
  const kind = KIND_OF_DEVICE[device]
  const address = facts.tunnels.get(node.name)?.[kind]
  const origin = tunnelOrigin(facts, node, device)
  const family: Family = device === 'vxlan-v6.calico' || device === 'wg-v6.cali' ? 6 : 4
  switch (device) {
    case 'tunl0':
      return tunl0(node, address, ifindex, settings, origin)
    case 'vxlan.calico':
    case 'vxlan-v6.calico': {
      const vtep = facts.vteps[family].get(node.name)
      return vtep && vxlanDevice(node, family, vtep.address, vtep.mac, ifindex, settings, origin)
    }
    case 'wireguard.cali':
    case 'wg-v6.cali': {
      const key = facts.keys[family].get(node.name)
      const own = addressOfNode(node, family)?.address
      if (key === undefined || own === undefined) return undefined
      const withHosts = node.felix.wireguardHostEncryption
      const all = (withHosts ? facts.peersWithHosts : facts.peers)[family]()
      const peers = [...all].flatMap(([name, peer]) => (name === node.name ? [] : [peer]))
      return wireguardDevice(
        node,
        family,
        // A node whose packets are encrypted needs an address there, whatever pools say.
        address ?? (withHosts ? own : undefined),
        key,
        peers,
        ifindex,
        settings,
        origin,
      )
    }
  }
}

function tunnelOrigin(facts: NodeFacts, node: ClusterNode, device: TunnelDevice): Origin {
  const annotation = `projectcalico.org/${TUNNEL_ANNOTATION[KIND_OF_DEVICE[device]]}`
  if (node.resource.metadata.annotations?.[annotation] !== undefined) {
    return originOf('felix', node.resource, ['metadata', 'annotations', annotation])
  }
  const uses = (pool: Pool): boolean =>
    device === 'tunl0'
      ? pool.ipip !== 'Never'
      : pool.vxlan !== 'Never' && (pool.family === 4) === (device === 'vxlan.calico')
  const pool = device.startsWith('w') ? undefined : facts.pools.find(uses)
  const note = 'its address is the first that IPAM gave this node, before any pod'
  return originOf('felix', pool?.resource, pool ? ['spec', device === 'tunl0' ? 'ipipMode' : 'vxlanMode'] : [], note)
}

/** Blackholes for a node's own blocks: unused addresses of the block go nowhere. */
export function blackholes(facts: NodeFacts, node: ClusterNode): Route[] {
  const { settings } = facts
  return (facts.owned.get(node.name) ?? []).flatMap(({ borrowed, dst, pool, transport, felix, bird }): Route[] => {
    const bits = pool.family === 4 ? 32 : 128
    const owner = routeOwner(node.felix, transport, settings)
    if (borrowed || prefixLength(dst) === bits || owner === undefined) return []
    if (transport === 'vxlan' && !settings.traits.vxlanBlackhole) return []
    if (!(owner === 'bird' ? bird : felix)) return []
    const field = transport === 'vxlan' ? 'vxlanMode' : 'ipipMode'
    const note =
      owner === 'bird' ? 'BIRD exports the block from this route' : 'unused addresses of the own block go nowhere'
    const common = {
      dst,
      type: 'blackhole',
      table: 'main',
      protocol: owner === 'bird' ? 'bird' : protocolWord('own', node.felix),
      scope: 'global',
      ...(owner === 'bird' ? {} : preferredSource(pool.family, node.felix)),
      origin: originOf(owner, pool.resource, ['spec', field], note),
    } as const
    return [
      pool.family === 4
        ? { family: 'inet', ...common }
        : { family: 'inet6', ...common, dev: 'lo', metric: 1024, pref: 'medium' },
    ]
  })
}

/** Table 1: own blocks, and those of peers without a key, fall through to the main table. */
export function throws(facts: NodeFacts, node: ClusterNode): Route[] {
  const routes: Route[] = []
  for (const family of [4, 6] as const) {
    const keys = facts.keys[family]
    if (!keys.has(node.name)) continue
    if (node.felix.wireguardHostEncryption) routes.push(...hostThrows(facts, node, family))
    for (const [owner, list] of facts.owned) {
      if (owner !== node.name && keys.has(owner)) continue
      for (const { dst, pool, felix } of list) {
        if (pool.family !== family || !felix) continue
        const origin = originOf('felix', pool.resource, ['spec', 'cidr'], 'not for WireGuard: ask the main table')
        const protocol = protocolWord('device', node.felix)
        const common = { dst, type: 'throw', table: '1', protocol, scope: 'global', origin } as const
        routes.push(
          family === 4
            ? { family: 'inet', ...common }
            : { family: 'inet6', ...common, dev: 'lo', metric: 1024, pref: 'medium' },
        )
      }
    }
  }
  return routes
}

/** The same for nodes without a key themselves, where packets between nodes are encrypted. */
function hostThrows(facts: NodeFacts, node: ClusterNode, family: Family): Route[] {
  const protocol = protocolWord('device', node.felix)
  return facts.nodes.flatMap((peer): Route[] => {
    const address = addressOfNode(peer, family)?.address
    if (address === undefined || peer.name === node.name || facts.keys[family].has(peer.name)) return []
    const origin = originOf('felix', peer.resource, [], 'has no key: ask the main table')
    const dst = hostPrefix(address)
    const common = { dst, type: 'throw', table: '1', protocol, scope: 'global', origin } as const
    return [
      family === 4
        ? { family: 'inet', ...common }
        : { family: 'inet6', ...common, dev: 'lo', metric: 1024, pref: 'medium' },
    ]
  })
}

/** Devices of a node besides the ends of its pods. */
export interface NodeDevices {
  /** In index order. */
  readonly devices: readonly Interface[]
  /** Tunnels with an address. */
  readonly tunnels: readonly TunnelDevice[]
}

/** Sets the sysctls that Felix sets on its machine. @calico felix/dataplane/linux/int_dataplane.go */
export function setFelixSysctls(sysctls: Record<string, string>, { felix }: ClusterNode): void {
  if (felix.ipForwarding) Object.assign(sysctls, FORWARDING)
  if (felix.wireguardHostEncryption) sysctls['net.ipv4.conf.all.src_valid_mark'] = '1'
}

/** The sysctls a node starts with; those of its host ends are added to them. */
export function nodeSysctls({ sysctls: common }: NodeFacts, node: ClusterNode): Record<string, string> {
  const sysctls = dictionary<string>()
  Object.assign(sysctls, common)
  setFelixSysctls(sysctls, node)
  Object.assign(sysctls, node.machine?.sysctls)
  return sysctls
}

/** The same, one object for all nodes with the same settings. */
export function sharedSysctls(facts: NodeFacts, node: ClusterNode): Sysctls {
  const { ipForwarding, wireguardHostEncryption } = node.felix
  if (node.machine?.sysctls !== undefined) return nodeSysctls(facts, node)
  const key = Number(ipForwarding) + 2 * Number(wireguardHostEncryption)
  return keptIn(facts.sharedSysctls, key, () => Object.freeze(nodeSysctls(facts, node)))
}

/** What a node's own routes are, of all tables. */
export function nodeRoutes(
  facts: NodeFacts,
  node: ClusterNode,
  devices: readonly Interface[],
  ofPods: readonly Route[],
): readonly Route[] {
  const cards = node.machine?.interfaces.length ?? 0
  return inKernelOrder([
    ...routesOfMachine(node, devices.slice(0, cards)),
    ...devices.slice(cards).flatMap(routesOfTunnel),
    ...blackholes(facts, node),
    ...throws(facts, node),
    ...ownRoutesOfBird(facts, node),
    ...ofPods,
  ])
}

/** Routes of a node without pods and tunnels: the kernel's for its cards, and those its machine was given. */
export function routesOfMachine({ machine }: ClusterNode, cards: readonly Interface[]): readonly Route[] {
  return [...loopbackRoutes(loopbackOf(machine)), ...(machine ? machineRoutes(machine, cards, true) : [])]
}

/** The kernel's routes for a tunnel device. */
export function routesOfTunnel(dev: Interface): readonly Route[] {
  return kernelRoutes(dev, { forwarding6: true })
}

/** BIRD's routes that fit no list shared with other nodes. */
export function ownRoutesOfBird(facts: NodeFacts, node: ClusterNode): readonly Route[] {
  const all = facts.routes.viewOf(node).writtenOut
  return all.filter(({ owners }) => !owners.includes(node.name)).map(({ route }) => route)
}

/** The tables of a node with what every program has in them, Felix first. */
export function nodeRuleset(facts: NodeFacts, family: Family, node: ClusterNode, { tunnels }: NodeDevices): Ruleset {
  const { felix, fixed } = facts
  const others = fixed.others(family, node, {
    portmap: () => facts.others.portmap(family, node),
    proxy: () => facts.others.proxy(family, node),
  })
  const made = mergedRuleset([felix.part(family, node, tunnels), ...others])
  return fixed.settle(family, node, made, felix.withoutPolicies(node))
}

/** The sets of a node. */
export function nodeSets(facts: NodeFacts, node: ClusterNode, devices: NodeDevices): Readonly<Record<string, IpSet>> {
  return lateRecord(setsOf(facts, node, devices))
}

/** What makes the sets of a node. */
export function setsOf(facts: NodeFacts, node: ClusterNode, { devices }: NodeDevices): SetMakers {
  const own = [loopbackOf(node.machine), ...devices]
  const families: readonly Family[] = facts.ipv6 ? [4, 6] : [4]
  return families.flatMap((family) => facts.felix.sets(family, node, own))
}

/** The firewall of a node: what policies decide, and what they do not. */
export function nodeFirewall(facts: NodeFacts, node: ClusterNode, made: () => NodeDevices): FirewallMembers {
  return {
    iptables: () => nodeRuleset(facts, 4, node, made()),
    ...(facts.ipv6 ? { ip6tables: () => nodeRuleset(facts, 6, node, made()) } : {}),
    ipsets: () => nodeSets(facts, node, made()),
  }
}
