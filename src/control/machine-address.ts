import type { Address, Origin } from '../model/index.ts'
import { type Cidr, eui64LinkLocal, familyOf, ipv4ToNumber, type Mac, maskOf, numberToIpv4 } from '../wire/index.ts'

const KERNEL: Origin = { component: 'kernel', note: 'the kernel gives every interface that speaks IPv6 one' }

/** An interface address as the kernel keeps it after `ip address add`. */
export function addressEntry(cidr: Cidr, label: string, origin: Origin): Address {
  const { address, length } = cidr
  if (familyOf(address) === 6) {
    return { family: 'inet6', local: address, prefixlen: length, scope: 'global', nodad: true, origin }
  }
  const common = { scope: 'global', label, origin } as const
  if (length >= 31) return { family: 'inet', local: address, prefixlen: length, ...common }
  const broadcast = numberToIpv4(ipv4ToNumber(address) | ~maskOf(length))
  return { family: 'inet', local: address, prefixlen: length, broadcast, ...common }
}

/** The link-local address an interface gets by itself when it comes up with IPv6 on. @rfc 4291 App. A */
export function linkLocalEntry(mac: Mac): Address {
  return { family: 'inet6', local: eui64LinkLocal(mac), prefixlen: 64, scope: 'link', origin: KERNEL }
}
