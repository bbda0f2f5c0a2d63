import {
  contains,
  type Family,
  familyOf,
  type Ip,
  type Mac,
  type Prefix,
  prefixLength,
  prefixOf,
} from '../../wire/index.ts'
import { addressOfNode, type ClusterNode, parentInterface, subnetOfNode } from '../cluster-node.ts'
import { deviceMtu } from '../felix/mtu.ts'
import type { Destination, Transport } from '../prefixes-of-nodes.ts'
import type { FelixSettings, Settings } from '../settings/settings.ts'
import { defaultGateway } from '../underlay/machine.ts'

/** A VXLAN tunnel endpoint. */
export interface Vtep {
  /** Tunnel address. */
  readonly address: Ip
  /** MAC of the device. */
  readonly mac: Mac
  /** Node address outer packets go to. */
  readonly remote: Ip
}

/** Everything the routes between nodes depend on. */
export interface ClusterRouteFacts {
  /** Settings. */
  readonly settings: Settings
  /** Nodes in order of creation. */
  readonly nodes: readonly ClusterNode[]
  /** What lives where. */
  readonly destinations: readonly Destination[]
  /** Tunnel endpoints by family and node. */
  readonly vteps: Readonly<Record<Family, ReadonlyMap<string, Vtep>>>
  /** Owners a node does not learn over BGP, by family and node. */
  readonly unlearned: Readonly<Record<Family, ReadonlyMap<string, readonly string[]>>>
  /** Key holders, by family. */
  readonly wireguard: Readonly<Record<Family, ReadonlyMap<string, string>>>
}

/** Who programs routes of a transport on a node. */
export type Owner = 'felix' | 'bird'

/** A tunnel device that routes between nodes lead to. */
type RouteDevice = 'tunl0' | 'vxlan.calico' | 'vxlan-v6.calico'

/** A range that a machine reaches: on a link of its own, or by a gateway. */
export interface Way {
  /** Range. */
  readonly net: Prefix
  /** Next hops; of a subnet of its own one without gateway. */
  readonly hops: readonly { readonly via?: Ip; readonly dev: string }[]
}

/** A node's place among the others, for one address family. */
export interface FamilySituation {
  /** Subnet of its Calico address; absent: it has none of this family. */
  readonly subnet?: Prefix
  /** Interface that carries the address. */
  readonly parent?: string
  /** Default route of its machine. */
  readonly gateway?: { readonly via: Ip; readonly dev: string }
  /** Where its machine leads without the default route: its subnets, and its own routes; most specific first. */
  readonly ways: readonly Way[]
  /** Whether its own address lies in one of those ranges. */
  readonly onLink: boolean
  /** It has a VXLAN tunnel endpoint. */
  readonly vtep: boolean
  /** It has a WireGuard key. */
  readonly wireguard: boolean
  /** Owners whose routes it does not learn over BGP. */
  readonly unlearned: readonly string[]
}

/**
 * All that decides how a node sees the others. Plain data: nodes whose situations are equal as JSON share one view, and a
 * view is made from the situation alone, so it cannot depend on anything else of a node.
 */
export interface Situation {
  /** Who programs the routes of a transport; null: nobody does. */
  readonly owners: Readonly<Record<Transport, Owner | null>>
  /** Felix's `deviceRouteProtocol`. */
  readonly routeProtocol: number
  /** Felix's `deviceRouteSourceAddress`, by family. */
  readonly deviceRouteSource: FelixSettings['deviceRouteSource']
  /** Packets between nodes go by WireGuard, too. */
  readonly wireguardHosts: boolean
  /** MTUs of tunnel devices, in bytes. */
  readonly mtus: Readonly<Record<RouteDevice, number>>
  /** What differs by family. */
  readonly families: Readonly<Record<Family, FamilySituation>>
}

/** Who programs a transport's routes on a node with these Felix settings; undefined when nobody does. */
export function routeOwner(felix: FelixSettings, transport: Transport, settings: Settings): Owner | undefined {
  if (transport === 'vxlan') return 'felix'
  if (transport === 'ipip' ? felix.ownsIpip : felix.ownsNoEncap) return 'felix'
  const bird = transport === 'ipip' ? settings.birdProgramsIpip : settings.birdProgramsNoEncap
  return settings.backend === 'bird' && bird ? 'bird' : undefined
}

/** Subnets a machine is on, and the routes of its main table; a default route only where it has several next hops. */
function waysOf({ machine }: ClusterNode, family: Family): readonly Way[] {
  const nets = (machine?.interfaces ?? []).flatMap((dev) =>
    dev.segment === undefined
      ? []
      : dev.addresses
          .filter((cidr) => familyOf(cidr.address) === family)
          .map((cidr): Way => ({ net: prefixOf(cidr.address, cidr.length), hops: [{ dev: dev.name }] })),
  )
  const routes = (machine?.routes ?? []).flatMap((route): Way[] => {
    const { dst, type, table } = route
    if (type !== 'unicast' || table !== 'main' || familyOf(dst) !== family) return []
    if (prefixLength(dst) === 0 && route.nexthops === undefined) return []
    const hops = (route.nexthops ?? [route]).flatMap(({ via, dev }) =>
      dev === undefined ? [] : [via === undefined ? { dev } : { via, dev }],
    )
    return [{ net: dst, hops }]
  })
  return [...nets, ...routes].sort((a, b) => prefixLength(b.net) - prefixLength(a.net))
}

function familySituation(node: ClusterNode, family: Family, facts: ClusterRouteFacts): FamilySituation {
  const subnet = subnetOfNode(node, family)
  const parent = parentInterface(node, family)?.name
  const gateway = node.machine && defaultGateway(node.machine, family)
  const ways = waysOf(node, family)
  const address = addressOfNode(node, family)?.address
  return {
    ...(subnet === undefined ? {} : { subnet }),
    ...(parent === undefined ? {} : { parent }),
    ...(gateway === undefined ? {} : { gateway }),
    ways,
    onLink: address !== undefined && ways.some(({ net }) => contains(net, address)),
    vtep: facts.vteps[family].has(node.name),
    wireguard: facts.wireguard[family].has(node.name),
    unlearned: facts.unlearned[family].get(node.name) ?? [],
  }
}

/** The situation of a node. */
export function situationOf(node: ClusterNode, facts: ClusterRouteFacts): Situation {
  const { settings } = facts
  const owner = (transport: Transport): Owner | null => routeOwner(node.felix, transport, settings) ?? null
  const mtu = (device: RouteDevice): number => deviceMtu(device, node, settings)
  return {
    owners: { vxlan: owner('vxlan'), ipip: owner('ipip'), none: owner('none') },
    routeProtocol: node.felix.deviceRouteProtocol,
    deviceRouteSource: node.felix.deviceRouteSource,
    wireguardHosts: node.felix.wireguardHostEncryption,
    mtus: { tunl0: mtu('tunl0'), 'vxlan.calico': mtu('vxlan.calico'), 'vxlan-v6.calico': mtu('vxlan-v6.calico') },
    families: { 4: familySituation(node, 4, facts), 6: familySituation(node, 6, facts) },
  }
}
