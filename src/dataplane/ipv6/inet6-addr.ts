import { type Ip6Key, solicitedNode } from '../../wire/index.ts'
import type { In6Addr, NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { RTN } from '../kernel/rtn.ts'
import { ANY_ADDR, isLinkLocal6, isMulticast6, LINKLOCAL_ALLNODES, multicastScope, SCOPE } from './addr.ts'
import { scratch6Of } from './scratch.ts'
import { ipv6Of } from './slot.ts'

/** All nodes of the interface, `ff01::1`. */
const INTERFACE_ALLNODES = `\xff\x01${'\0'.repeat(13)}\x01`
/** All routers: `ff01::2`, `ff02::2`, `ff05::2`. */
const ALLROUTERS: readonly string[] = [1, 2, 5].map(
  (scope) => `\xff${String.fromCharCode(scope)}${'\0'.repeat(13)}\x02`,
)

/** The address of a device, or undefined (`ipv6_get_ifaddr`). */
export function findAddr6(dev: NetDevice, key: string): In6Addr | undefined {
  if (dev.conf6.disabled) return undefined
  for (const addr of dev.addrs6) if (addr.key === key) return addr
  return undefined
}

/**
 * Whether this host has an address, tentative ones aside (`ipv6_chk_addr`).
 *
 * @param dev - counts link-local addresses only here, and all addresses when `strict`; null = anywhere
 */
export function ipv6ChkAddr(ns: NetNs, key: string, dev: NetDevice | null, strict: boolean): boolean {
  const devs = ipv6Of(ns)?.addresses.get(key)
  if (devs === undefined) return false
  for (const one of devs) {
    const addr = findAddr6(one, key)
    if (addr === undefined || addr.tentative) continue
    if (dev === null || one === dev || !(strict || addr.scope === 'link' || addr.scope === 'host')) return true
  }
  return false
}

/** The first usable link-local address of a device, '' = none (`ipv6_get_lladdr`). */
export function linkLocalOf(dev: NetDevice): string {
  if (dev.conf6.disabled) return ''
  for (const addr of dev.addrs6) if (addr.scope === 'link' && !addr.tentative) return addr.key
  return ''
}

/** Whether a device listens to an anycast address; null = any device (`ipv6_chk_acast_addr`). */
export function ipv6ChkAcastAddr(ns: NetNs, dev: NetDevice | null, key: string): boolean {
  const anycast = ipv6Of(ns)?.anycast
  if (dev !== null) return anycast?.get(dev)?.has(key) === true
  for (const keys of anycast?.values() ?? []) if (keys.has(key)) return true
  return false
}

/**
 * Whether a device listens to a group: all nodes, all routers on a router, and the solicited-node groups of its unicast and
 * anycast addresses. Groups joined by sockets are not modelled.
 *
 * @linux net/ipv6/mcast.c ipv6_chk_mcast_addr
 */
export function ipv6ChkMcastAddr(dev: NetDevice, group: string): boolean {
  if (group === LINKLOCAL_ALLNODES || group === INTERFACE_ALLNODES) return true
  if (ALLROUTERS.includes(group)) return dev.conf6.forwarding
  for (const { key } of dev.addrs6) if (solicitedNode(key as Ip6Key) === group) return true
  for (const key of ipv6Of(dev.ns)?.anycast.get(dev) ?? []) if (solicitedNode(key as Ip6Key) === group) return true
  return false
}

/** Whether a multicast packet may leave the host at all. */
export function staysOnInterface(group: string): boolean {
  return isMulticast6(group) && multicastScope(group) <= SCOPE.INTERFACE
}

/**
 * The type of an address as `-m addrtype` spells it.
 *
 * @param dev - local addresses count only on this device
 * @linux net/netfilter/xt_addrtype.c match_lookup_rt6
 */
export function inet6AddrType(ns: NetNs, key: string, dev: NetDevice | null): string {
  if (key === ANY_ADDR) return 'UNSPEC'
  if (isMulticast6(key)) return 'MULTICAST'
  const ip6 = ipv6Of(ns)
  if (ip6 === null) return 'UNREACHABLE'
  if (ipv6ChkAddr(ns, key, dev, dev !== null)) return 'LOCAL'
  const { flow, result } = scratch6Of(ns.sim).address
  flow.daddr = key
  flow.oif = dev
  ip6.fib.lookup(flow, dev, dev !== null && isLinkLocal6(key), result)
  ip6.dueProbes.length = 0
  switch (result.type) {
    case RTN.LOCAL:
      return dev === null ? 'LOCAL' : 'UNICAST'
    case RTN.ANYCAST:
      return 'ANYCAST'
    case RTN.UNICAST:
      return 'UNICAST'
    default:
      return 'UNREACHABLE'
  }
}
