import type { Address, Origin } from '../model/index.ts'
import { broadcastOf, type Cidr, eui64LinkLocal, familyOf, type Mac, prefixOf } from '../wire/index.ts'

const KERNEL: Origin = { component: 'kernel', note: 'the kernel gives every interface that speaks IPv6 one' }

/** An interface address as the kernel keeps it after `ip address add`. */
export function addressEntry(cidr: Cidr, label: string, origin: Origin): Address {
  const { address, length } = cidr
  if (familyOf(address) === 6) {
    return { family: 'inet6', local: address, prefixlen: length, scope: 'global', nodad: true, origin }
  }
  const broadcast = length < 31 ? { broadcast: broadcastOf(prefixOf(address, length)) } : {}
  return { family: 'inet', local: address, prefixlen: length, ...broadcast, scope: 'global', label, origin }
}

/** The link-local address an interface gets by itself when it comes up with IPv6 on. @rfc 4291 App. A */
export function linkLocalEntry(mac: Mac): Address {
  return { family: 'inet6', local: eui64LinkLocal(mac), prefixlen: 64, scope: 'link', origin: KERNEL }
}
