import type { ArpVerdict } from '../../model/index.ts'
import type { InAddr, NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { RT_SCOPE } from '../kernel/rtn.ts'
import { NO_PACKET } from '../kernel/stack.ts'
import { neighOf } from './slot.ts'

/**
 * Whether `arp_ignore` keeps quiet about an own address.
 *
 * @param sender - who asks; 0 = a duplicate address probe
 * @linux net/ipv4/arp.c arp_ignore
 */
export function isIgnored(dev: NetDevice, sender: number, target: number): boolean {
  switch (dev.conf4.arpIgnore) {
    case 1:
      return !confirms([dev], 0, target, RT_SCOPE.HOST)
    case 2:
      return !confirms([dev], sender, target, RT_SCOPE.HOST)
    case 3:
      return !confirms(dev.ns.devices, 0, target, RT_SCOPE.LINK)
    case 8:
      return true
    default:
      return false
  }
}

/** Whether one of the devices has `local` with that scope, in a subnet with `peer` (`inet_confirm_addr`). */
function confirms(devs: readonly NetDevice[], peer: number, local: number, scope: number): boolean {
  return devs.some((dev) => confirmsOn(dev, peer, local, scope))
}

function confirmsOn(dev: NetDevice, peer: number, local: number, scope: number): boolean {
  // Under route_localnet addresses of scope host count as link scope.
  const widest = dev.conf4.routeLocalnet ? RT_SCOPE.LINK : RT_SCOPE.HOST
  let found = false
  let same = false
  for (const addr of dev.addrs4) {
    if (!found && addr.local === local && Math.min(addr.scope, widest) <= scope) {
      found = true
      if (same) break
    }
    if (!same) {
      same = covers(addr, local) && (peer === 0 || covers(addr, peer))
      if (same && found) break
    }
  }
  return same && found
}

function covers(addr: InAddr, address: number): boolean {
  return ((address ^ addr.address) & addr.mask) === 0
}

/** Whether `arp_filter` keeps quiet: the way back to the asker is another device. @linux net/ipv4/arp.c arp_filter */
export function isFiltered(ns: NetNs, dev: NetDevice, sender: number, target: number): boolean {
  const rest = { oif: null, iif: null, proto: 0, sport: 0, dport: 0, anySource: false, packet: NO_PACKET }
  const route = ns.sim.stack.ipRouteOutput(ns, { daddr: sender, saddr: target, tos: 0, mark: 0, ...rest })
  return typeof route === 'string' || route.dev !== dev
}

/**
 * Why this host answers for an address it would forward to, or null.
 *
 * @param out - device the way to the target leaves by
 * @linux net/ipv4/arp.c arp_fwd_proxy, arp_fwd_pvlan, arp_process
 */
export function proxies(dev: NetDevice, out: NetDevice, sender: number, target: number): ArpVerdict | null {
  if (out === dev) return dev.conf4.proxyArpPvlan && sender !== target ? 'proxy-arp-pvlan' : null
  if (dev.conf4.proxyArp && differsInMedium(dev, out)) return 'proxy-arp'
  return neighOf(dev.ns).isProxied(dev, 'inet', target) ? 'proxy-entry' : null
}

/** `medium_id`: 0 = every device is a medium of its own, -1 = never proxy, equal ids = one medium. */
function differsInMedium(dev: NetDevice, out: NetDevice): boolean {
  const incoming = dev.conf4.mediumId
  if (incoming === 0) return true
  if (incoming === -1) return false
  const outgoing = out.conf4.mediumId
  return outgoing !== incoming && outgoing !== -1
}
