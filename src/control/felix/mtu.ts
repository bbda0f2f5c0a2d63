import { type Encapsulation, tunnelMtu } from '../../encap/index.ts'
import { goRegexp } from '../../model/index.ts'
import type { Family } from '../../wire/index.ts'
import { type ClusterNode, parentInterface } from '../cluster-node.ts'
import type { TunnelKind } from '../ipam/block.ts'
import type { Pool } from '../ipam/pool.ts'
import { MTU_PATTERN, type Settings } from '../settings/settings.ts'
import { encapsulationOf } from './calc/encapsulation.ts'

/** MTU Felix assumes when no interface matches its pattern, in bytes. */
const NO_MATCH_MTU = 1460

/** The greatest MTU `tunl0` takes, and the one it keeps when it is asked for more, in bytes. @linux net/ipv4/ip_tunnel.c __ip_tunnel_change_mtu */
const MOST_IPIP = 65515
const DEFAULT_IPIP = 1480

/** The tunnel devices Felix may make. */
export type TunnelDevice = 'tunl0' | 'vxlan.calico' | 'vxlan-v6.calico' | 'wireguard.cali' | 'wg-v6.cali'

/** The encapsulation of a tunnel device and the family of its outer header. */
const TUNNEL_OF_DEVICE: Readonly<Record<TunnelDevice, readonly [Encapsulation, Family]>> = {
  tunl0: ['ipip', 4],
  'vxlan.calico': ['vxlan', 4],
  'vxlan-v6.calico': ['vxlan', 6],
  'wireguard.cali': ['wireguard', 4],
  'wg-v6.cali': ['wireguard', 6],
}

/** What the address of a tunnel device is kept under. */
export const KIND_OF_DEVICE: Readonly<Record<TunnelDevice, TunnelKind>> = {
  tunl0: 'ipip',
  'vxlan.calico': 'vxlan',
  'vxlan-v6.calico': 'vxlan-v6',
  'wireguard.cali': 'wireguard',
  'wg-v6.cali': 'wireguard-v6',
}

/** Which tunnel devices the pools and Felix settings of a node call for. CrossSubnet counts as enabled. */
export function enabledDevices(node: ClusterNode, pools: readonly Pool[], settings: Settings): TunnelDevice[] {
  const devices: TunnelDevice[] = []
  const { ipip, vxlan, vxlan6 } = encapsulationOf(pools, node.felix)
  if (ipip) devices.push('tunl0')
  if (vxlan) devices.push('vxlan.calico')
  if (settings.traits.vxlanIpv6 && node.felix.ipv6 && vxlan6) devices.push('vxlan-v6.calico')
  if (node.felix.wireguard) devices.push('wireguard.cali')
  if (node.felix.wireguardV6) devices.push('wg-v6.cali')
  return devices
}

/** Felix's own pattern needs no engine for foreign ones. */
const DEFAULT_UPLINKS = new RegExp(MTU_PATTERN)

/** The interfaces a pattern takes for uplinks; one that is no pattern, which is an issue elsewhere, takes those of the default. */
function uplinks(pattern: string): Pick<RegExp, 'test'> {
  const own = pattern === MTU_PATTERN ? '' : goRegexp(pattern)
  return typeof own === 'string' ? DEFAULT_UPLINKS : own
}

/** The smallest MTU of a node's interfaces that Felix's pattern takes for uplinks, in bytes. */
function hostMtu(node: ClusterNode): number {
  const pattern = uplinks(node.felix.mtuIfacePattern)
  const found = (node.machine?.interfaces ?? []).filter((dev) => pattern.test(dev.name)).map((dev) => dev.mtu)
  return found.length > 0 ? Math.min(...found) : NO_MATCH_MTU
}

/** What somebody set for a device; 0 = automatic. The manifest hands `veth_mtu` to Felix for every tunnel. */
function wantedMtu(device: TunnelDevice, node: ClusterNode, settings: Settings): number {
  const { felix } = node
  const byDevice: Readonly<Record<TunnelDevice, number>> = {
    tunl0: felix.ipipMtu,
    'vxlan.calico': felix.vxlanMtu,
    'vxlan-v6.calico': felix.vxlanMtuV6,
    'wireguard.cali': felix.wireguardMtu,
    'wg-v6.cali': felix.wireguardMtuV6,
  }
  return byDevice[device] || settings.vethMtu
}

/**
 * The MTU of a tunnel device on a node, in bytes. A VXLAN device above a card takes what the card carries and no more,
 * whatever Felix asks for.
 *
 * @linux drivers/net/vxlan/vxlan_core.c vxlan_config_apply, vxlan_change_mtu
 */
export function deviceMtu(device: TunnelDevice, node: ClusterNode, settings: Settings): number {
  const [encapsulation, outer] = TUNNEL_OF_DEVICE[device]
  const mtu = wantedMtu(device, node, settings) || tunnelMtu(encapsulation, outer, hostMtu(node))!
  if (encapsulation === 'ipip') return mtu > MOST_IPIP ? DEFAULT_IPIP : mtu
  return encapsulation === 'vxlan'
    ? Math.min(mtu, tunnelMtu('vxlan', outer, parentInterface(node, outer)?.mtu ?? Number.POSITIVE_INFINITY)!)
    : mtu
}

/** What a tunnel device can carry at most over a card, in bytes. */
export function carriedMtu(device: TunnelDevice, card: number): number {
  const [encapsulation, outer] = TUNNEL_OF_DEVICE[device]
  return tunnelMtu(encapsulation, outer, card)!
}

/**
 * The MTU of a node's pods, in bytes: `veth_mtu` when it is set, else what the smallest enabled tunnel carries, else the
 * host's.
 *
 * @calico felix/dataplane/linux/int_dataplane.go determinePodMTU
 */
export function podMtu(node: ClusterNode, pools: readonly Pool[], settings: Settings): number {
  if (settings.vethMtu > 0) return settings.vethMtu
  const devices = enabledDevices(node, pools, settings)
  return Math.min(hostMtu(node), ...devices.map((device) => deviceMtu(device, node, settings)))
}
