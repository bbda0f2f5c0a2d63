/** The unspecified address `::` as engine key. */
export const ANY_ADDR: string = '\0'.repeat(16)
/** The loopback address `::1` as engine key. */
export const LOOPBACK_ADDR: string = `${'\0'.repeat(15)}\x01`
/** All nodes on the link, `ff02::1`. */
export const LINKLOCAL_ALLNODES: string = `\xff\x02${'\0'.repeat(13)}\x01`

/** Scopes of IPv6 addresses by the number multicast addresses carry. @rfc 4291 §2.7, @rfc 6724 §3.1 */
export const SCOPE = {
  /** This interface only. */
  INTERFACE: 1,
  /** This link. */
  LINK: 2,
  /** This site. */
  SITE: 5,
  /** Anywhere. */
  GLOBAL: 14,
} as const

/** Whether the address is in ff00::/8. */
export function isMulticast6(key: string): boolean {
  return key.charCodeAt(0) === 0xff
}

/** Whether the address is in fe80::/10. */
export function isLinkLocal6(key: string): boolean {
  return key.charCodeAt(0) === 0xfe && (key.charCodeAt(1) & 0xc0) === 0x80
}

/** Whether the address is a group of solicited nodes, ff02::1:ff00:0/104. */
export function isSolicitedNode(key: string): boolean {
  return key.startsWith('\xff\x02\0\0\0\0\0\0\0\0\0\x01\xff')
}

/** Scope of a multicast address. */
export function multicastScope(key: string): number {
  return key.charCodeAt(1) & 0xf
}

/** Whether the address means something only together with a link: link-local, or a group of interface or link scope. */
export function needsScopeId(key: string): boolean {
  if (!isMulticast6(key)) return isLinkLocal6(key)
  const scope = multicastScope(key)
  return scope === SCOPE.INTERFACE || scope === SCOPE.LINK
}

/** Whether a lookup for the address must stay on the device asked for. @linux net/ipv6/route.c rt6_need_strict */
export function needsStrict(key: string): boolean {
  return isMulticast6(key) || isLinkLocal6(key) || key === LOOPBACK_ADDR
}

/** The scope that source selection goes by. @linux include/net/ipv6.h __ipv6_addr_src_scope */
export function sourceScope(key: string): number {
  if (isMulticast6(key)) return multicastScope(key)
  if (isLinkLocal6(key) || key === LOOPBACK_ADDR) return SCOPE.LINK
  if (key.charCodeAt(0) === 0xfe && (key.charCodeAt(1) & 0xc0) === 0xc0) return SCOPE.SITE
  return key === ANY_ADDR ? -1 : SCOPE.GLOBAL
}

/** The default policy table: prefix, its length in bits, label; longest first. @rfc 6724 §2.1, @linux net/ipv6/addrlabel.c */
const LABELS: readonly (readonly [prefix: string, length: number, label: number])[] = [
  [LOOPBACK_ADDR, 128, 0],
  [`${'\0'.repeat(10)}\xff\xff\0\0\0\0`, 96, 4],
  [ANY_ADDR, 96, 3],
  [`\x20\x01${'\0'.repeat(14)}`, 32, 6],
  [`\x20\x01\0\x10${'\0'.repeat(12)}`, 28, 7],
  [`\x20\x02${'\0'.repeat(14)}`, 16, 2],
  [`\xfc${'\0'.repeat(15)}`, 7, 5],
]

/** The label of an address. */
export function addressLabel(key: string): number {
  for (const [prefix, length, label] of LABELS) if (commonBits(key, prefix) >= length) return label
  return 1
}

/** Number of leading bits two addresses share. */
export function commonBits(a: string, b: string): number {
  for (let i = 0; i < 16; i++) {
    const difference = a.charCodeAt(i) ^ b.charCodeAt(i)
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24
  }
  return 128
}

/** Whether an address lies in a prefix. */
export function inPrefix(key: string, prefix: string, length: number): boolean {
  return commonBits(key, prefix) >= length
}
