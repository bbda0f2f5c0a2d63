import {
  ICMP_CHECKSUM,
  ICMP_ID,
  IP_PROTOCOL,
  IPV4_CHECKSUM,
  IPV4_DESTINATION,
  IPV4_SOURCE,
  IPV6_DESTINATION,
  IPV6_SOURCE,
  readIp6Key,
  readU16,
  readU32,
  UDP_CHECKSUM,
  UDP_DESTINATION_PORT,
  updateChecksum16,
  updateChecksum32,
  writeIp6Key,
  writeU16,
  writeU32,
} from '../../wire/index.ts'
import type { Manip } from './nat-unique.ts'
import { type Addr, findTransport, hasPorts, type TransportPlace, type Tuple } from './tuple.ts'

/**
 * Makes source or destination of the IP packet at `at` that of `target`: address, port or ICMP identifier, and both checksums,
 * each changed by the difference. False when the packet cannot be read.
 * @linux net/netfilter/nf_nat_proto.c nf_nat_ipv4_manip_pkt
 */
export function manipulate(
  bytes: Uint8Array,
  at: number,
  end: number,
  target: Tuple,
  manip: Manip,
  place: TransportPlace,
): boolean {
  if (!findTransport(target.family, bytes, at, end, place)) return false
  const { protocol, transport, fragmentOffset } = place
  const address = manip === 'src' ? target.src : target.dst
  if (fragmentOffset === 0) manipulateTransport(bytes, at, transport, end, protocol, target, manip)
  if (target.family === 'inet') {
    const field = manip === 'src' ? at + IPV4_SOURCE : at + IPV4_DESTINATION
    writeU16(
      bytes,
      at + IPV4_CHECKSUM,
      updateChecksum32(readU16(bytes, at + IPV4_CHECKSUM), readU32(bytes, field), address as number),
    )
    writeU32(bytes, field, address as number)
  } else {
    writeIp6Key(bytes, manip === 'src' ? at + IPV6_SOURCE : at + IPV6_DESTINATION, address as never)
  }
  return true
}

function manipulateTransport(
  bytes: Uint8Array,
  at: number,
  transport: number,
  end: number,
  protocol: number,
  target: Tuple,
  manip: Manip,
): void {
  const address = manip === 'src' ? target.src : target.dst
  if (hasPorts(protocol)) {
    if (end - transport < 8) return
    const port = manip === 'src' ? target.sport : target.dport
    const portAt = manip === 'src' ? transport : transport + UDP_DESTINATION_PORT
    const old = readU16(bytes, portAt)
    writeU16(bytes, portAt, port)
    const sumAt = checksumField(bytes, transport, end, protocol)
    if (sumAt < 0) return
    fixAddress(bytes, sumAt, at, address, manip)
    writeU16(bytes, sumAt, updateChecksum16(readU16(bytes, sumAt), old, port))
    if (protocol !== IP_PROTOCOL.TCP && readU16(bytes, sumAt) === 0) writeU16(bytes, sumAt, 0xffff)
    return
  }
  if (end - transport < 8) return
  if (protocol === IP_PROTOCOL.ICMP && target.family === 'inet') {
    if (isIcmpQuery(bytes[transport]!)) writeIdentifier(bytes, transport, target.sport)
  } else if (protocol === IP_PROTOCOL.ICMPV6 && target.family === 'inet6') {
    fixAddress(bytes, transport + ICMP_CHECKSUM, at, address, manip)
    const type = bytes[transport]!
    if (type === 128 || type === 129) writeIdentifier(bytes, transport, target.sport)
  }
}

/** Where the checksum lies, -1 = there is none: a quoted TCP header may end before it, UDP may do without. */
function checksumField(bytes: Uint8Array, transport: number, end: number, protocol: number): number {
  switch (protocol) {
    case IP_PROTOCOL.TCP:
      return end - transport >= 20 ? transport + 16 : -1
    case IP_PROTOCOL.UDP:
    case IP_PROTOCOL.UDPLITE:
      return readU16(bytes, transport + UDP_CHECKSUM) === 0 ? -1 : transport + UDP_CHECKSUM
    case IP_PROTOCOL.DCCP:
      return end - transport >= 12 ? transport + UDP_CHECKSUM : -1
    default:
      return -1
  }
}

/** Changes a checksum over a pseudo header by the difference of an address that is still the old one in the IP header. */
function fixAddress(bytes: Uint8Array, sumAt: number, at: number, address: Addr, manip: Manip): void {
  let sum = readU16(bytes, sumAt)
  if (typeof address === 'number') {
    sum = updateChecksum32(sum, readU32(bytes, manip === 'src' ? at + IPV4_SOURCE : at + IPV4_DESTINATION), address)
  } else {
    const old = readIp6Key(bytes, manip === 'src' ? at + IPV6_SOURCE : at + IPV6_DESTINATION)
    for (let i = 0; i < 16; i += 2) sum = updateChecksum16(sum, pair(old, i), pair(address, i))
  }
  writeU16(bytes, sumAt, sum)
}

function pair(key: string, i: number): number {
  return (key.charCodeAt(i) << 8) | key.charCodeAt(i + 1)
}

function isIcmpQuery(type: number): boolean {
  return type === 8 || type === 0 || (type >= 13 && type <= 18)
}

function writeIdentifier(bytes: Uint8Array, transport: number, id: number): void {
  const old = readU16(bytes, transport + ICMP_ID)
  writeU16(bytes, transport + ICMP_CHECKSUM, updateChecksum16(readU16(bytes, transport + ICMP_CHECKSUM), old, id))
  writeU16(bytes, transport + ICMP_ID, id)
}
