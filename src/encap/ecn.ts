import { IPV4_CHECKSUM, IPV4_TOS, IPV6_CLASS_LOW, readU16, updateChecksum16, writeU16 } from '../wire/index.ts'

/** Mask of the ECN bits in a TOS byte or traffic class (RFC 3168 §5). */
export const ECN_MASK = 3
/** Not ECN-capable. */
export const ECN_NOT_ECT = 0
/** ECN-capable, codepoint 1. */
export const ECN_ECT_1 = 1
/** ECN-capable, codepoint 0. */
export const ECN_ECT_0 = 2
/** Congestion experienced. */
export const ECN_CE = 3

/**
 * TOS of an outer header: the configured DSCP with the ECN bits of the inner header; congestion experienced inside becomes
 * ECT(0) outside.
 * @rfc 6040 §4.1 compatibility mode
 * @linux include/net/inet_ecn.h INET_ECN_encapsulate
 */
export function ecnEncapsulate(outerTos: number, innerTos: number): number {
  const inner = innerTos & ECN_MASK
  return (outerTos & ~ECN_MASK) | (inner === ECN_CE ? ECN_ECT_0 : inner)
}

/**
 * What the ECN bits of an arriving outer header mean for the inner one: `drop` when congestion was marked on a packet that
 * cannot tell its receiver, `log` for a pair that should not occur but passes, else the inner bits to set.
 * @rfc 6040 §4.2
 * @linux include/net/inet_ecn.h INET_ECN_decapsulate
 */
export function ecnDecapsulate(outerTos: number, innerTos: number): number | 'drop' {
  const outer = outerTos & ECN_MASK
  const inner = innerTos & ECN_MASK
  if (inner === ECN_NOT_ECT) return outer === ECN_CE ? 'drop' : inner
  if (outer === ECN_CE) return ECN_CE
  if (outer === ECN_ECT_1 && inner === ECN_ECT_0) return ECN_ECT_1
  return inner
}

/** Writes the ECN bits of the IPv4 header at `at`, keeping its checksum right. */
export function setEcn4(bytes: Uint8Array, at: number, ecn: number): void {
  const old = readU16(bytes, at)
  const now = (old & ~ECN_MASK) | ecn
  if (now === old) return
  writeU16(bytes, at, now)
  const sumAt = at + IPV4_CHECKSUM
  writeU16(bytes, sumAt, updateChecksum16(readU16(bytes, sumAt), old, now))
}

/** Writes the ECN bits of the IPv6 header at `at` (low two bits of the traffic class). */
export function setEcn6(bytes: Uint8Array, at: number, ecn: number): void {
  const low = at + IPV6_CLASS_LOW
  bytes[low] = ((bytes[low] as number) & 0xcf) | (ecn << 4)
}

/** TOS byte or traffic class of the IP header at `at`; 0 when it is neither IPv4 nor IPv6. */
export function innerTos(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  if (first >> 4 === 4) return bytes[at + IPV4_TOS] as number
  if (first >> 4 === 6) return (readU16(bytes, at) >> 4) & 0xff
  return 0
}
