import {
  buildIcmp,
  echoWord,
  ICMP_TYPE,
  ICMPV6_CHECKSUM,
  ICMPV6_CODE,
  ICMPV6_REST,
  ICMPV6_TYPE,
  writeU16,
  writeU32,
} from '../wire/index.ts'

/** Writes the header of an echo request in front of its data, as a raw socket takes it: over IPv6 the kernel fills the checksum in. */
export function writeEchoRequest(message: Uint8Array, v4: boolean, ident: number, sequence: number): void {
  const restOfHeader = echoWord(ident, sequence)
  if (v4) {
    buildIcmp(message, 0, message.length, { type: ICMP_TYPE.ECHO, code: 0, restOfHeader })
    return
  }
  message[0] = ICMPV6_TYPE.ECHO_REQUEST
  message[ICMPV6_CODE] = 0
  writeU16(message, ICMPV6_CHECKSUM, 0)
  writeU32(message, ICMPV6_REST, restOfHeader)
}
