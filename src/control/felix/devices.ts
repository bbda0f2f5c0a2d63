import { type Address, type Interface, type Origin, pushTo, type Rule, type WireguardPeer } from '../../model/index.ts'
import { type Family, familyOf, hostPrefix, IPV6_MIN_MTU, type Ip, type Mac } from '../../wire/index.ts'
import { addressOfNode, type ClusterNode, parentInterface } from '../cluster-node.ts'
import { hostAddress } from '../cni.ts'
import { linkLocalEntry } from '../machine-address.ts'
import type { Destination } from '../prefixes-of-nodes.ts'
import type { Settings } from '../settings/settings.ts'
import { deviceMtu, type TunnelDevice } from './mtu.ts'

/** The device every namespace gets when the ipip module is loaded: any to any, TTL inherited. */
const FALLBACK = {
  name: 'tunl0',
  kind: 'ipip',
  carrier: true,
  noarp: true,
  txqlen: 1000,
  ipip: { ttl: 0, tos: 'inherit', pmtudisc: false },
} as const

const MODULE: Origin = {
  component: 'kernel',
  note: 'the ipip module gives every network namespace a fallback device',
}

/** `tunl0` as the kernel makes it in a namespace nobody configures: present and down. */
export const TUNL0_DOWN: Interface = {
  ...FALLBACK,
  ifindex: 2,
  mtu: 1480,
  up: false,
  carrier: false,
  addresses: [],
  origin: MODULE,
}

/** `tunl0` of a node: up, with the tunnel address. @calico felix/dataplane/linux/ipip_mgr.go */
export function tunl0(
  node: ClusterNode,
  address: Ip | undefined,
  ifindex: number,
  settings: Settings,
  origin: Origin,
): Interface {
  const { hostBroadcast } = settings.traits
  return {
    ...FALLBACK,
    ifindex,
    mtu: deviceMtu('tunl0', node, settings),
    up: true,
    addresses: address === undefined ? [] : [hostAddress(address, 'tunl0', hostBroadcast, origin)],
    origin,
  }
}

/** A VXLAN device of a node. @calico felix/dataplane/linux/vxlan_mgr.go */
export function vxlanDevice(
  node: ClusterNode,
  family: Family,
  address: Ip,
  mac: Mac,
  ifindex: number,
  settings: Settings,
  origin: Origin,
): Interface {
  const name: TunnelDevice = family === 4 ? 'vxlan.calico' : 'vxlan-v6.calico'
  const link = parentInterface(node, family)?.name
  const addresses: Address[] = [hostAddress(address, name, settings.traits.hostBroadcast, origin)]
  // A device too small for IPv6 has none of it. @linux net/ipv6/addrconf.c ipv6_add_dev
  if (deviceMtu(name, node, settings) >= IPV6_MIN_MTU) addresses.push(linkLocalEntry(mac))
  return {
    name,
    ifindex,
    kind: 'vxlan',
    mac,
    mtu: deviceMtu(name, node, settings),
    up: true,
    carrier: true,
    txqlen: 0,
    addresses,
    vxlan: {
      id: node.felix.vxlanVni,
      local: addressOfNode(node, family)!.address,
      ...(link === undefined ? {} : { link }),
      dstport: node.felix.vxlanPort,
      learning: false,
      ttl: 0,
      tos: 0,
      df: 'unset',
      udpcsum: true,
      udp6zerocsumtx: false,
      udp6zerocsumrx: false,
      ageing: 300,
    },
    origin,
  }
}

/** A WireGuard device of a node. @calico felix/wireguard/wireguard.go */
export function wireguardDevice(
  node: ClusterNode,
  family: Family,
  address: Ip | undefined,
  publicKey: string,
  peers: readonly WireguardPeer[],
  ifindex: number,
  settings: Settings,
  origin: Origin,
): Interface {
  const name: TunnelDevice = family === 4 ? 'wireguard.cali' : 'wg-v6.cali'
  return {
    name,
    ifindex,
    kind: 'wireguard',
    mtu: deviceMtu(name, node, settings),
    up: true,
    carrier: true,
    noarp: true,
    txqlen: 1000,
    addresses: address === undefined ? [] : [hostAddress(address, name, settings.traits.hostBroadcast, origin)],
    wireguard: {
      publicKey,
      listenPort: family === 4 ? node.felix.wireguardPort : node.felix.wireguardPortV6,
      fwmark: node.felix.marks.wireguard ?? 0,
      peers,
    },
    origin,
  }
}

/**
 * What each key holder's peers list for it: its blocks and borrowed addresses, from v3.30 its tunnel addresses, too.
 *
 * @param hosts - and its own address, where packets of nodes are encrypted
 */
export function wireguardPeers(
  family: Family,
  nodes: readonly ClusterNode[],
  keys: ReadonlyMap<string, string>,
  destinations: readonly Destination[],
  tunnelAddresses: (node: string) => readonly Ip[],
  settings: Settings,
  hosts: boolean,
): ReadonlyMap<string, WireguardPeer> {
  const prefixes = new Map<string, string[]>()
  for (const { owner, dst, pool, felix } of destinations) {
    if (pool.family !== family || !felix) continue
    pushTo(prefixes, owner, dst)
  }
  const peers = new Map<string, WireguardPeer>()
  for (const node of nodes) {
    const publicKey = keys.get(node.name)
    const address = addressOfNode(node, family)?.address
    if (publicKey === undefined || address === undefined) continue
    const own = settings.traits.wireguardTunnelIps
      ? tunnelAddresses(node.name).filter((ip) => familyOf(ip) === family)
      : []
    const port = family === 4 ? node.felix.wireguardPort : node.felix.wireguardPortV6
    const host = hosts ? [hostPrefix(address)] : []
    const allowedIps = [...new Set([...host, ...own.map(hostPrefix), ...(prefixes.get(node.name) ?? [])])]
    peers.set(node.name, { publicKey, endpoint: { address, port }, allowedIps })
  }
  return peers
}

/** The rules of a node with WireGuard besides the usual ones: everything without WireGuard's own mark looks into table 1 first. */
export function wireguardRules(node: ClusterNode, families: readonly Family[]): Rule[] {
  const mark = node.felix.marks.wireguard ?? 0
  return families.map((family) => ({
    family: family === 4 ? 'inet' : 'inet6',
    priority: node.felix.wireguardRulePriority,
    not: true,
    fwmark: mark,
    fwmask: mark,
    action: 'lookup',
    table: '1',
    origin: { component: 'felix', note: 'WireGuard’s own packets carry the mark and skip this rule' },
  }))
}
