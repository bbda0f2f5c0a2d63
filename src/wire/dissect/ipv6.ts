// internal to the room

import { pseudoHeaderSum6 } from '../checksum.ts'
import { hexNumber } from '../hex.ts'
import {
  ICMPV6_CHECKSUM,
  ICMPV6_CODE,
  ICMPV6_HEADER_LENGTH,
  ICMPV6_ID,
  ICMPV6_REST,
  ICMPV6_SEQUENCE,
  ICMPV6_TYPE,
  icmpv6Fault,
  isIcmpv6Error,
} from '../icmpv6.ts'
import {
  IPV6_DESTINATION,
  IPV6_HEADER_LENGTH,
  IPV6_HOP_LIMIT,
  IPV6_NEXT_HEADER,
  IPV6_PAYLOAD_LENGTH,
  IPV6_SOURCE,
  Ipv6View,
  ipv6Fault,
  ipv6HeaderFault,
} from '../ipv6.ts'
import {
  IPV6_EXTENSION_LENGTH,
  IPV6_FRAGMENT_ID,
  IPV6_FRAGMENT_OFFSET,
  type Ipv6Extension,
  walkIpv6,
} from '../ipv6-extension.ts'
import { bytesToMac } from '../mac.ts'
import { MLD2_REPORT_RECORDS } from '../mld.ts'
import {
  ND_OPTION,
  ND_OPTION_DATA,
  ND_RA,
  ND_REDIRECT_DESTINATION,
  ND_TARGET,
  ndOptionsOffset,
  readNdOptions,
} from '../nd.ts'
import { IP_PROTOCOL } from '../protocols.ts'
import {
  bits,
  checksumText,
  dataLayer,
  type FieldSpec,
  field,
  type Layer,
  type LayerField,
  named,
  protocolText,
  readFields,
} from './field-tree.ts'
import type { Dissectors } from './frame.ts'
import { dissectTcp, dissectUdp, type Envelope } from './transport.ts'

const IPV6_FIELDS: readonly FieldSpec[] = [
  bits('version', 0, 1, 4, 0xf),
  bits('trafficClass', 0, 2, 4, 0xff, (value) => `0x${hexNumber(value, 2)}`),
  bits('flowLabel', 0, 4, 0, 0xf_ffff, (value) => `0x${hexNumber(value, 5)}`),
  field('payloadLength', IPV6_PAYLOAD_LENGTH, 2),
  field('nextHeader', IPV6_NEXT_HEADER, 1, protocolText),
  field('hopLimit', IPV6_HOP_LIMIT, 1),
  field('source', IPV6_SOURCE, 16, 'ipv6'),
  field('destination', IPV6_DESTINATION, 16, 'ipv6'),
]

const EXTENSION_NAMES: Readonly<Record<number, string>> = {
  [IP_PROTOCOL.HOP_BY_HOP]: 'hop-by-hop',
  [IP_PROTOCOL.ROUTING]: 'routing',
  [IP_PROTOCOL.FRAGMENT]: 'fragment',
  [IP_PROTOCOL.DESTINATION_OPTIONS]: 'destination-options',
}

const FRAGMENT_FIELDS: readonly FieldSpec[] = [
  field('nextHeader', 0, 1, protocolText),
  bits('fragmentOffset', IPV6_FRAGMENT_OFFSET, 2, 3, 0x1fff, (units) => `${units} (${units * 8} bytes)`),
  bits('m', IPV6_FRAGMENT_OFFSET, 2, 0, 1),
  field('identification', IPV6_FRAGMENT_ID, 4, 'hex'),
]

const EXTENSION_FIELDS: readonly FieldSpec[] = [
  field('nextHeader', 0, 1, protocolText),
  field('headerLength', IPV6_EXTENSION_LENGTH, 1, (units) => `${units} (${units * 8 + 8} bytes)`),
]

/** The IPv6 packet in `bytes[at..end)` and what it carries. */
export function dissectIpv6(dissectors: Dissectors, bytes: Uint8Array, at: number, end: number): Layer[] {
  const fields = readFields(bytes, at, end, IPV6_FIELDS)
  const broken = ipv6HeaderFault(bytes, at, end)
  const length = Math.max(0, Math.min(end - at, IPV6_HEADER_LENGTH))
  if (broken !== undefined) return [{ protocol: 'ipv6', start: at, length, fields, fault: broken }]
  const view = new Ipv6View(bytes, at)
  const fault = ipv6Fault(bytes, at, end)
  const stop = Math.min(end, view.end)
  const chain = walkIpv6(bytes, at, stop)
  const layers: Layer[] = [
    { protocol: 'ipv6', start: at, length, fields, ...(fault === undefined ? {} : { fault }) },
    ...chain.extensions.map((extension) => extensionLayer(bytes, extension, stop)),
  ]
  if (chain.fault !== undefined || chain.fragmentOffset > 0)
    return [...layers, ...dataLayer(bytes, chain.payloadAt, stop)]
  const fragment = chain.extensions.some((extension) => extension.type === IP_PROTOCOL.FRAGMENT)
  const envelope: Envelope = {
    whole: !fragment && view.end <= end,
    pseudo: (protocol, size) => pseudoHeaderSum6(bytes, at, protocol, size),
  }
  return dissectUpper(dissectors, bytes, layers, chain.protocol, chain.payloadAt, stop, envelope)
}

function extensionLayer(bytes: Uint8Array, extension: Ipv6Extension, end: number): Layer {
  const specs = extension.type === IP_PROTOCOL.FRAGMENT ? FRAGMENT_FIELDS : EXTENSION_FIELDS
  const fields = readFields(bytes, extension.start, end, specs)
  return {
    protocol: `ipv6-${EXTENSION_NAMES[extension.type] ?? ''}`,
    start: extension.start,
    length: extension.length,
    fields,
  }
}

function dissectUpper(
  dissectors: Dissectors,
  bytes: Uint8Array,
  layers: readonly Layer[],
  protocol: number,
  at: number,
  end: number,
  envelope: Envelope,
): Layer[] {
  switch (protocol) {
    case IP_PROTOCOL.ICMPV6:
      return [...layers, ...dissectIcmpv6(dissectors, bytes, at, end, envelope)]
    case IP_PROTOCOL.UDP:
      return [...layers, ...dissectUdp(dissectors, bytes, at, end, envelope)]
    case IP_PROTOCOL.TCP:
      return [...layers, ...dissectTcp(bytes, at, end, envelope)]
    case IP_PROTOCOL.IPIP:
    case IP_PROTOCOL.IPV6: {
      const inner = dissectors.ip(bytes, at, end)
      return [...layers.slice(0, -1), { ...layers.at(-1)!, inner }]
    }
    default:
      return [...layers, ...dataLayer(bytes, at, end)]
  }
}

const TYPE_NAMES = named({
  [ICMPV6_TYPE.DEST_UNREACH]: 'destination unreachable',
  [ICMPV6_TYPE.PACKET_TOO_BIG]: 'packet too big',
  [ICMPV6_TYPE.TIME_EXCEEDED]: 'time exceeded',
  [ICMPV6_TYPE.PARAMETER_PROBLEM]: 'parameter problem',
  [ICMPV6_TYPE.ECHO_REQUEST]: 'echo request',
  [ICMPV6_TYPE.ECHO_REPLY]: 'echo reply',
  [ICMPV6_TYPE.MLD_QUERY]: 'multicast listener query',
  [ICMPV6_TYPE.MLD_REPORT]: 'multicast listener report',
  [ICMPV6_TYPE.MLD_DONE]: 'multicast listener done',
  [ICMPV6_TYPE.ROUTER_SOLICITATION]: 'router solicitation',
  [ICMPV6_TYPE.ROUTER_ADVERTISEMENT]: 'router advertisement',
  [ICMPV6_TYPE.NEIGHBOR_SOLICITATION]: 'neighbor solicitation',
  [ICMPV6_TYPE.NEIGHBOR_ADVERTISEMENT]: 'neighbor advertisement',
  [ICMPV6_TYPE.REDIRECT]: 'redirect',
  [ICMPV6_TYPE.MLD2_REPORT]: 'multicast listener report v2',
})

/** What follows the checksum, by type. */
function messageFields(type: number): readonly FieldSpec[] {
  switch (type) {
    case ICMPV6_TYPE.ECHO_REQUEST:
    case ICMPV6_TYPE.ECHO_REPLY:
      return [field('identifier', ICMPV6_ID, 2), field('sequence', ICMPV6_SEQUENCE, 2)]
    case ICMPV6_TYPE.PACKET_TOO_BIG:
      return [field('mtu', ICMPV6_REST, 4)]
    case ICMPV6_TYPE.PARAMETER_PROBLEM:
      return [field('pointer', ICMPV6_REST, 4)]
    case ICMPV6_TYPE.NEIGHBOR_ADVERTISEMENT:
      return [
        bits('router', ICMPV6_REST, 1, 7, 1),
        bits('solicited', ICMPV6_REST, 1, 6, 1),
        bits('override', ICMPV6_REST, 1, 5, 1),
        field('target', ND_TARGET, 16, 'ipv6'),
      ]
    case ICMPV6_TYPE.NEIGHBOR_SOLICITATION:
      return [field('target', ND_TARGET, 16, 'ipv6')]
    case ICMPV6_TYPE.REDIRECT:
      return [field('target', ND_TARGET, 16, 'ipv6'), field('destination', ND_REDIRECT_DESTINATION, 16, 'ipv6')]
    case ICMPV6_TYPE.ROUTER_ADVERTISEMENT:
      return [
        field('hopLimit', ND_RA.HOP_LIMIT, 1),
        field('lifetime', ND_RA.LIFETIME, 2),
        field('reachableTime', ND_RA.REACHABLE, 4),
        field('retransTimer', ND_RA.RETRANS, 4),
      ]
    case ICMPV6_TYPE.MLD2_REPORT:
      return [field('records', MLD2_REPORT_RECORDS, 2)]
    default:
      return []
  }
}

function dissectIcmpv6(
  dissectors: Dissectors,
  bytes: Uint8Array,
  at: number,
  end: number,
  envelope: Envelope,
): Layer[] {
  const fault = icmpv6Fault(bytes, at, end, envelope.pseudo(IP_PROTOCOL.ICMPV6, end - at))
  const type = at < end ? bytes[at]! : 0
  const right = envelope.whole && fault !== 'truncated' ? fault === undefined : undefined
  const specs = [
    field('type', 0, 1, TYPE_NAMES),
    field('code', ICMPV6_CODE, 1),
    field('checksum', ICMPV6_CHECKSUM, 2, checksumText(right)),
  ]
  const optionsOffset = ndOptionsOffset(type)
  const quotes = isIcmpv6Error(type)
  const echoes = type === ICMPV6_TYPE.ECHO_REQUEST || type === ICMPV6_TYPE.ECHO_REPLY
  const wanted = quotes || echoes ? ICMPV6_HEADER_LENGTH : end - at
  const layer: Layer = {
    protocol: 'icmpv6',
    start: at,
    length: Math.max(0, Math.min(wanted, end - at)),
    fields: [
      ...readFields(bytes, at, end, [...specs, ...messageFields(type)]),
      ...(optionsOffset === undefined ? [] : optionFields(bytes, at + optionsOffset, end)),
    ],
    ...(fault === undefined || (fault === 'bad_checksum' && !envelope.whole) ? {} : { fault }),
  }
  const payload = at + ICMPV6_HEADER_LENGTH
  if (payload >= end) return [layer]
  if (quotes) return [{ ...layer, inner: dissectors.ip(bytes, payload, end) }]
  return echoes ? [layer, ...dataLayer(bytes, payload, end)] : [layer]
}

const OPTION_NAMES: Readonly<Record<number, string>> = {
  [ND_OPTION.SOURCE_LINK_LAYER]: 'source link-layer address',
  [ND_OPTION.TARGET_LINK_LAYER]: 'target link-layer address',
  [ND_OPTION.PREFIX_INFORMATION]: 'prefix information',
  [ND_OPTION.REDIRECTED_HEADER]: 'redirected header',
  [ND_OPTION.MTU]: 'MTU',
}

function optionFields(bytes: Uint8Array, start: number, end: number): LayerField[] {
  return readNdOptions(bytes, start, end).map((option) => {
    const name = OPTION_NAMES[option.type] ?? `option ${option.type}`
    const linkLayer = option.type === ND_OPTION.SOURCE_LINK_LAYER || option.type === ND_OPTION.TARGET_LINK_LAYER
    const text = linkLayer ? `${name} ${bytesToMac(bytes, option.start + ND_OPTION_DATA)}` : name
    return { name: 'option', value: option.type, text, start: option.start, length: option.length }
  })
}
