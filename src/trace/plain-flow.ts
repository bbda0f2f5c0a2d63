import {
  ETHERNET_HEADER_LENGTH,
  ETHERNET_TYPE,
  ETHERTYPE,
  ICMP_CODE,
  ICMP_HEADER_LENGTH,
  ICMP_ID,
  ICMP_SEQUENCE,
  ICMP_TYPE,
  IP_PROTOCOL,
  IPV4_DESTINATION,
  IPV4_HEADER_LENGTH,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOTAL_LENGTH,
  isIpv4Fragment,
  LINK_TYPE,
  numberToIpv4,
  readU16,
  readU32,
} from '../wire/index.ts'
import type { Flow } from './flow.ts'

const IP = ETHERNET_HEADER_LENGTH
const UPPER = IP + IPV4_HEADER_LENGTH
/** First byte of an IPv4 header without options. */
const PLAIN_HEADER = 0x45

/**
 * The flow of a plain frame: Ethernet with IPv4, without options and whole, with an echo of ICMP. Undefined for all others, of which their
 * headers tell: a trace asks every packet for its flow, and most are such.
 */
export function plainFlowOf(bytes: Uint8Array, linkType: number): Flow | undefined {
  if (linkType !== LINK_TYPE.ETHERNET || bytes.length < UPPER + ICMP_HEADER_LENGTH) return undefined
  if (readU16(bytes, ETHERNET_TYPE) !== ETHERTYPE.IPV4 || bytes[IP] !== PLAIN_HEADER || isIpv4Fragment(bytes, IP)) {
    return undefined
  }
  const length = readU16(bytes, IP + IPV4_TOTAL_LENGTH)
  if (length < IPV4_HEADER_LENGTH + ICMP_HEADER_LENGTH || IP + length > bytes.length) return undefined
  const type = bytes[UPPER]!
  const isEcho = type === ICMP_TYPE.ECHO || type === ICMP_TYPE.ECHO_REPLY
  if (bytes[IP + IPV4_PROTOCOL] !== IP_PROTOCOL.ICMP || !isEcho) return undefined
  const key = `${readU16(bytes, UPPER + ICMP_ID)}/${readU16(bytes, UPPER + ICMP_SEQUENCE)}`
  return {
    protocol: 'icmp',
    source: numberToIpv4(readU32(bytes, IP + IPV4_SOURCE)),
    destination: numberToIpv4(readU32(bytes, IP + IPV4_DESTINATION)),
    from: key,
    to: key,
    type,
    code: bytes[UPPER + ICMP_CODE]!,
  }
}
