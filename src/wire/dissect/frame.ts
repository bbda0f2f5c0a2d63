import {
  ARP_HARDWARE_LENGTH,
  ARP_HARDWARE_TYPE,
  ARP_LENGTH,
  ARP_OPERATION_AT,
  ARP_PROTOCOL_LENGTH,
  ARP_PROTOCOL_TYPE,
  ARP_SENDER_HARDWARE,
  ARP_SENDER_PROTOCOL,
  ARP_TARGET_HARDWARE,
  ARP_TARGET_PROTOCOL,
  arpFault,
} from '../arp.ts'
import { readU16 } from '../bytes.ts'
import {
  ETHERNET_DESTINATION,
  ETHERNET_HEADER_LENGTH,
  ETHERNET_SOURCE,
  ETHERNET_TYPE,
  VLAN_TAG_LENGTH,
  VLAN_TYPE,
} from '../ethernet.ts'
import { hexNumber } from '../hex.ts'
import { LINK_TYPE } from '../link-type.ts'
import { ETHERTYPE } from '../protocols.ts'
import { MAX_DEPTH } from '../tcpdump/printer.ts'
import { bits, dataLayer, type FieldSpec, field, type Layer, readFields } from './field-tree.ts'
import { dissectIpv4 } from './ipv4.ts'
import { dissectIpv6 } from './ipv6.ts'

/**
 * A frame as a list of its headers with all their fields, outermost first. What a tunnel carries (IPIP, 6in4, VXLAN) and what an
 * ICMP error quotes is nested in `inner`. Cut and broken frames are dissected as far as they make sense; nothing is thrown.
 */
export function dissectFrame(bytes: Uint8Array, linkType: number): Layer[] {
  if (linkType === LINK_TYPE.ETHERNET) return dissectEthernet(bytes, 0, bytes.length, 0)
  if (linkType === LINK_TYPE.RAW) return dissectIp(bytes, 0, bytes.length, 0)
  return dataLayer(bytes, 0, bytes.length)
}

/** Room-internal: what dissectors of protocols that carry packets call back. */
export interface Dissectors {
  readonly ethernet: (bytes: Uint8Array, at: number, end: number) => Layer[]
  readonly ip: (bytes: Uint8Array, at: number, end: number) => Layer[]
}

/** Dissectors of what lies in a packet that lies in `depth` others. */
function dissectorsIn(depth: number): Dissectors {
  const inner = depth + 1
  if (inner > MAX_DEPTH) return { ethernet: dataLayer, ip: dataLayer }
  return {
    ethernet: (bytes, at, end) => dissectEthernet(bytes, at, end, inner),
    ip: (bytes, at, end) => dissectIp(bytes, at, end, inner),
  }
}

/** An IP packet of the version its first byte tells. */
function dissectIp(bytes: Uint8Array, at: number, end: number, depth: number): Layer[] {
  const version = at < end ? bytes[at]! >>> 4 : 0
  if (version === 4) return dissectIpv4(dissectorsIn(depth), bytes, at, end)
  if (version === 6) return dissectIpv6(dissectorsIn(depth), bytes, at, end)
  return dataLayer(bytes, at, end)
}

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [ETHERTYPE.IPV4]: 'IPv4',
  [ETHERTYPE.ARP]: 'ARP',
  [ETHERTYPE.VLAN]: '802.1Q',
  [ETHERTYPE.IPV6]: 'IPv6',
}

function typeText(type: number): string {
  if (type < 0x600) return `${type} bytes of 802.3`
  const name = TYPE_NAMES[type]
  return `0x${hexNumber(type, 4)}${name === undefined ? '' : ` (${name})`}`
}

const ETHERNET_FIELDS: readonly FieldSpec[] = [
  field('destination', ETHERNET_DESTINATION, 6, 'mac'),
  field('source', ETHERNET_SOURCE, 6, 'mac'),
  field('type', ETHERNET_TYPE, 2, typeText),
]

const VLAN_FIELDS: readonly FieldSpec[] = [
  bits('priority', 0, 2, 13, 7),
  bits('dei', 0, 2, 12, 1),
  bits('vlan', 0, 2, 0, 0xfff),
  field('type', VLAN_TYPE, 2, typeText),
]

function dissectEthernet(bytes: Uint8Array, at: number, end: number, depth: number): Layer[] {
  const fields = readFields(bytes, at, end, ETHERNET_FIELDS)
  if (end - at < ETHERNET_HEADER_LENGTH) {
    return [{ protocol: 'ethernet', start: at, length: Math.max(0, end - at), fields, fault: 'truncated' }]
  }
  const layers: Layer[] = [{ protocol: 'ethernet', start: at, length: ETHERNET_HEADER_LENGTH, fields }]
  let type = readU16(bytes, at + ETHERNET_TYPE)
  let to = at + ETHERNET_HEADER_LENGTH
  while (type === ETHERTYPE.VLAN && end - to >= VLAN_TAG_LENGTH) {
    layers.push({
      protocol: 'vlan',
      start: to,
      length: VLAN_TAG_LENGTH,
      fields: readFields(bytes, to, end, VLAN_FIELDS),
    })
    type = readU16(bytes, to + VLAN_TYPE)
    to += VLAN_TAG_LENGTH
  }
  return [...layers, ...dissectPayload(bytes, type, to, end, depth)]
}

function dissectPayload(bytes: Uint8Array, type: number, at: number, end: number, depth: number): Layer[] {
  if (type === ETHERTYPE.IPV4) return dissectIpv4(dissectorsIn(depth), bytes, at, end)
  if (type === ETHERTYPE.IPV6) return dissectIpv6(dissectorsIn(depth), bytes, at, end)
  if (type === ETHERTYPE.ARP) return dissectArp(bytes, at, end)
  return dataLayer(bytes, at, end)
}

const ARP_HEAD: readonly FieldSpec[] = [
  field('hardwareType', ARP_HARDWARE_TYPE, 2, (type) => (type === 1 ? '1 (Ethernet)' : String(type))),
  field('protocolType', ARP_PROTOCOL_TYPE, 2, typeText),
  field('hardwareLength', ARP_HARDWARE_LENGTH, 1),
  field('protocolLength', ARP_PROTOCOL_LENGTH, 1),
  field('operation', ARP_OPERATION_AT, 2, (operation) => `${operation}${ARP_WORDS[operation] ?? ''}`),
]

const ARP_WORDS: Readonly<Record<number, string>> = { 1: ' (request)', 2: ' (reply)' }

const ARP_ADDRESSES: readonly FieldSpec[] = [
  field('senderHardware', ARP_SENDER_HARDWARE, 6, 'mac'),
  field('senderProtocol', ARP_SENDER_PROTOCOL, 4, 'ipv4'),
  field('targetHardware', ARP_TARGET_HARDWARE, 6, 'mac'),
  field('targetProtocol', ARP_TARGET_PROTOCOL, 4, 'ipv4'),
]

function dissectArp(bytes: Uint8Array, at: number, end: number): Layer[] {
  const fault = arpFault(bytes, at, end)
  const known = fault === undefined || fault === 'truncated'
  const fields = readFields(bytes, at, end, known ? [...ARP_HEAD, ...ARP_ADDRESSES] : ARP_HEAD)
  const length = Math.min(ARP_LENGTH, Math.max(0, end - at))
  const layer: Layer = { protocol: 'arp', start: at, length, fields }
  return fault === undefined ? [layer, ...dataLayer(bytes, at + length, end)] : [{ ...layer, fault }]
}
