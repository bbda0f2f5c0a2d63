import { INADDR_BROADCAST, isIpv4Multicast } from '../../wire/index.ts'
import type { InAddr, NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { FIB_OK, RT_SCOPE, RTN, routeTypeName } from '../kernel/rtn.ts'
import { ipv4Of } from './slot.ts'

/** Whether two addresses lie in the subnet of an interface address (`inet_ifa_match`). */
function inSubnet(address: number, ifa: InAddr): boolean {
  return ((address ^ ifa.address) & ifa.mask) === 0
}

/** The device that has an address, or undefined (`inet_lookup_ifaddr_rcu`). */
export function inetLookupIfaddr(ns: NetNs, address: number): NetDevice | undefined {
  return ipv4Of(ns).fib.addresses.get(address)
}

/** The device whose address this is, by its addresses or by the local table (`__ip_dev_find`). */
export function ipDevFind(ns: NetNs, address: number): NetDevice | undefined {
  const own = inetLookupIfaddr(ns, address)
  if (own !== undefined) return own
  const { fib, scratch } = ipv4Of(ns)
  const { flow, result } = scratch.address
  flow.daddr = address
  if (fib.lookupLocal(flow, result) !== FIB_OK || result.type !== RTN.LOCAL) return undefined
  return result.nexthop?.dev ?? undefined
}

/** Whether both addresses lie in one subnet of the device; b = 0 asks for a only (`inet_addr_onlink`). */
export function inetAddrOnlink(dev: NetDevice, a: number, b: number): boolean {
  return dev.addrs4.some((ifa) => !ifa.secondary && inSubnet(a, ifa) && (b === 0 || inSubnet(b, ifa)))
}

/**
 * The source address for a destination on a device: its first primary address of a scope that reaches, the one of the
 * destination's subnet before others; without one, the first of any device in the order they registered.
 *
 * @linux net/ipv4/devinet.c inet_select_addr
 * @param dst - destination or gateway, 0 = any
 * @param scope - RT_SCOPE number the address must not exceed
 * @returns uint32, 0 = none
 */
export function inetSelectAddr(dev: NetDevice, dst: number, scope: number): number {
  const localnet = dev.conf4.routeLocalnet ? RT_SCOPE.LINK : RT_SCOPE.HOST
  let address = 0
  for (const ifa of dev.addrs4) {
    if (ifa.secondary || Math.min(ifa.scope, localnet) > scope) continue
    if (dst === 0 || inSubnet(dst, ifa)) return ifa.local
    if (address === 0) address = ifa.local
  }
  if (address !== 0) return address
  for (const other of dev.ns.devices) {
    for (const ifa of other.addrs4) {
      if (!ifa.secondary && ifa.scope !== RT_SCOPE.LINK && ifa.scope <= scope) return ifa.local
    }
  }
  return 0
}

/** RTN number of an address; `dev` makes local and broadcast count only on that device (`inet_dev_addr_type`). */
export function inetAddrTypeNumber(ns: NetNs, address: number, dev: NetDevice | null): number {
  if (address === 0 || address === INADDR_BROADCAST) return RTN.BROADCAST
  if (isIpv4Multicast(address)) return RTN.MULTICAST
  const { fib, scratch } = ipv4Of(ns)
  const { flow, result } = scratch.address
  flow.daddr = address
  if (fib.lookupLocal(flow, result) !== FIB_OK) return RTN.UNICAST
  return dev === null || result.nexthop?.dev === dev ? result.type : RTN.UNICAST
}

/** The type of an address as `-m addrtype` spells it. */
export function inetAddrType(ns: NetNs, address: number, dev: NetDevice | null): string {
  return routeTypeName(inetAddrTypeNumber(ns, address, dev)).toUpperCase()
}
