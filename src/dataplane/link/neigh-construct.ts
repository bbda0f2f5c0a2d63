import { BROADCAST_MAC_KEY, ipv4MulticastMac } from '../../wire/index.ts'
import { NUD_NOARP } from '../kernel/nud.ts'
import type { Neigh } from './neigh.ts'

const IPV6_MULTICAST_MAC = 0x3333_0000_0000

/**
 * Gives a new entry the address that needs no resolution, where there is one: groups map to group addresses, broadcast to
 * broadcast, and devices without ARP to their own address.
 *
 * @linux net/ipv4/arp.c arp_constructor
 * @linux net/ipv6/ndisc.c ndisc_constructor
 */
export function constructNeigh(entry: Neigh): void {
  const { dev } = entry
  const group = groupMac(entry)
  if (dev.hardHeaderLen === 0) entry.state = NUD_NOARP
  else if (group !== null) {
    entry.state = NUD_NOARP
    entry.lladdr = group
  } else if (dev.noarp || dev.loopback) {
    entry.state = NUD_NOARP
    entry.lladdr = dev.mac
  } else if (dev.pointToPoint || isBroadcast(entry)) {
    entry.state = NUD_NOARP
    entry.lladdr = BROADCAST_MAC_KEY
  }
}

/** The group address of a multicast destination, or null. @rfc 1112 §6.4, @rfc 2464 §7 */
function groupMac(entry: Neigh): number | null {
  const { key } = entry
  if (typeof key === 'number') return key >>> 28 === 0xe ? ipv4MulticastMac(key) : null
  if (key.charCodeAt(0) !== 0xff) return null
  const low = (key.charCodeAt(12) << 24) | (key.charCodeAt(13) << 16) | (key.charCodeAt(14) << 8) | key.charCodeAt(15)
  return IPV6_MULTICAST_MAC + (low >>> 0)
}

function isBroadcast(entry: Neigh): boolean {
  const { key, dev } = entry
  return typeof key === 'number' && dev.ns.sim.stack.inetAddrType(dev.ns, key, dev) === 'BROADCAST'
}
