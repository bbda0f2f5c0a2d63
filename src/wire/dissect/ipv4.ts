// internal to the room
import { pseudoHeaderSum } from '../checksum.ts'
import { hexNumber } from '../hex.ts'
import {
  ICMP_CHECKSUM,
  ICMP_CODE,
  ICMP_HEADER_LENGTH,
  ICMP_ID,
  ICMP_REST,
  ICMP_SEQUENCE,
  ICMP_TYPE,
  ICMP_UNREACH,
  icmpFault,
  isIcmpError,
} from '../icmp.ts'
import {
  IPV4_CHECKSUM,
  IPV4_DESTINATION,
  IPV4_FLAG,
  IPV4_FRAG_OFF,
  IPV4_HEADER_LENGTH,
  IPV4_ID,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOS,
  IPV4_TOTAL_LENGTH,
  IPV4_TTL,
  Ipv4View,
  ipv4Fault,
  ipv4HeaderFault,
} from '../ipv4.ts'
import { IPV4_OPTION, readIpv4Options } from '../ipv4-options.ts'
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
  perVerdict,
  protocolText,
  readFields,
} from './field-tree.ts'
import type { Dissectors } from './frame.ts'
import { dissectTcp, dissectUdp, type Envelope } from './transport.ts'

const ECN = named({ 0: 'Not-ECT', 1: 'ECT(1)', 2: 'ECT(0)', 3: 'CE' })

const fields = perVerdict((right) => [
  bits('version', 0, 1, 4, 0xf),
  bits('ihl', 0, 1, 0, 0xf, (words) => `${words} (${words * 4} bytes)`),
  bits('dscp', IPV4_TOS, 1, 2, 0x3f),
  bits('ecn', IPV4_TOS, 1, 0, 3, ECN),
  field('totalLength', IPV4_TOTAL_LENGTH, 2),
  field('identification', IPV4_ID, 2),
  bits('df', IPV4_FRAG_OFF, 2, 14, 1),
  bits('mf', IPV4_FRAG_OFF, 2, 13, 1),
  bits('fragmentOffset', IPV4_FRAG_OFF, 2, 0, IPV4_FLAG.OFFSET, (units) => `${units} (${units * 8} bytes)`),
  field('ttl', IPV4_TTL, 1),
  field('protocol', IPV4_PROTOCOL, 1, protocolText),
  field('headerChecksum', IPV4_CHECKSUM, 2, checksumText(right)),
  field('source', IPV4_SOURCE, 4, 'ipv4'),
  field('destination', IPV4_DESTINATION, 4, 'ipv4'),
])

/** The IPv4 packet in `bytes[at..end)` and what it carries. */
export function dissectIpv4(dissectors: Dissectors, bytes: Uint8Array, at: number, end: number): Layer[] {
  const broken = ipv4HeaderFault(bytes, at, end)
  if (broken !== undefined) {
    const length = Math.max(0, Math.min(end - at, IPV4_HEADER_LENGTH))
    return [
      { protocol: 'ipv4', start: at, length, fields: readFields(bytes, at, end, fields(undefined)), fault: broken },
    ]
  }
  const view = new Ipv4View(bytes, at)
  const fault = ipv4Fault(bytes, at, end)
  const layer: Layer = {
    protocol: 'ipv4',
    start: at,
    length: view.headerLength,
    fields: [...readFields(bytes, at, end, fields(view.checksumHolds())), ...optionFields(view)],
    ...(fault === undefined ? {} : { fault }),
  }
  const stop = Math.max(view.payloadAt, Math.min(end, view.end))
  if (view.fragmentOffset > 0) return [layer, ...dataLayer(bytes, view.payloadAt, stop)]
  const envelope: Envelope = {
    whole: !view.mf && view.end <= end,
    pseudo: (protocol, length) => pseudoHeaderSum(view.source, view.destination, protocol, length),
  }
  return dissectUpper(dissectors, bytes, layer, view, stop, envelope)
}

function dissectUpper(
  dissectors: Dissectors,
  bytes: Uint8Array,
  layer: Layer,
  view: Ipv4View,
  end: number,
  envelope: Envelope,
): Layer[] {
  const at = view.payloadAt
  switch (view.protocol) {
    case IP_PROTOCOL.ICMP:
      return [layer, ...dissectIcmp(dissectors, bytes, at, end, envelope)]
    case IP_PROTOCOL.UDP:
      return [layer, ...dissectUdp(dissectors, bytes, at, end, envelope)]
    case IP_PROTOCOL.TCP:
      return [layer, ...dissectTcp(bytes, at, end, envelope)]
    case IP_PROTOCOL.IPIP:
    case IP_PROTOCOL.IPV6:
      return [{ ...layer, inner: dissectors.ip(bytes, at, end) }]
    default:
      return [layer, ...dataLayer(bytes, at, end)]
  }
}

const OPTION_NAMES: Readonly<Record<number, string>> = {
  [IPV4_OPTION.END]: 'end of options',
  [IPV4_OPTION.NOP]: 'no operation',
  [IPV4_OPTION.RECORD_ROUTE]: 'record route',
  [IPV4_OPTION.TIMESTAMP]: 'timestamp',
  [IPV4_OPTION.SECURITY]: 'security',
  [IPV4_OPTION.LOOSE_SOURCE_ROUTE]: 'loose source route',
  [IPV4_OPTION.STRICT_SOURCE_ROUTE]: 'strict source route',
  [IPV4_OPTION.ROUTER_ALERT]: 'router alert',
}

function optionFields(view: Ipv4View): LayerField[] {
  return readIpv4Options(view.bytes, view.at + IPV4_HEADER_LENGTH, view.payloadAt).map((option) => ({
    name: 'option',
    value: option.type,
    text: OPTION_NAMES[option.type] ?? `option ${option.type}`,
    start: option.start,
    length: option.length,
  }))
}

const ICMP_NAMES = named({
  [ICMP_TYPE.ECHO_REPLY]: 'echo reply',
  [ICMP_TYPE.DEST_UNREACH]: 'destination unreachable',
  [ICMP_TYPE.SOURCE_QUENCH]: 'source quench',
  [ICMP_TYPE.REDIRECT]: 'redirect',
  [ICMP_TYPE.ECHO]: 'echo request',
  [ICMP_TYPE.TIME_EXCEEDED]: 'time exceeded',
  [ICMP_TYPE.PARAMETER_PROBLEM]: 'parameter problem',
  [ICMP_TYPE.TIMESTAMP]: 'timestamp request',
  [ICMP_TYPE.TIMESTAMP_REPLY]: 'timestamp reply',
})

/** What the second word of an ICMP message holds. */
function icmpWord(type: number, code: number): readonly FieldSpec[] {
  switch (type) {
    case ICMP_TYPE.ECHO:
    case ICMP_TYPE.ECHO_REPLY:
    case ICMP_TYPE.TIMESTAMP:
    case ICMP_TYPE.TIMESTAMP_REPLY:
      return [field('identifier', ICMP_ID, 2), field('sequence', ICMP_SEQUENCE, 2)]
    case ICMP_TYPE.DEST_UNREACH:
      return code === ICMP_UNREACH.FRAG_NEEDED ? [field('mtu', ICMP_SEQUENCE, 2)] : []
    case ICMP_TYPE.REDIRECT:
      return [field('gateway', ICMP_REST, 4, 'ipv4')]
    case ICMP_TYPE.PARAMETER_PROBLEM:
      return [field('pointer', ICMP_REST, 1)]
    default:
      return [field('restOfHeader', ICMP_REST, 4, (word) => `0x${hexNumber(word, 8)}`)]
  }
}

function dissectIcmp(dissectors: Dissectors, bytes: Uint8Array, at: number, end: number, envelope: Envelope): Layer[] {
  const fault = icmpFault(bytes, at, end)
  const type = at < end ? bytes[at]! : 0
  const right = envelope.whole && fault !== 'truncated' ? fault === undefined : undefined
  const specs = [
    field('type', 0, 1, ICMP_NAMES),
    field('code', ICMP_CODE, 1),
    field('checksum', ICMP_CHECKSUM, 2, checksumText(right)),
    ...icmpWord(type, at + ICMP_CODE < end ? bytes[at + ICMP_CODE]! : 0),
  ]
  const length = Math.max(0, Math.min(ICMP_HEADER_LENGTH, end - at))
  const layer: Layer = {
    protocol: 'icmp',
    start: at,
    length,
    fields: readFields(bytes, at, end, specs),
    ...(fault === undefined || (fault === 'bad_checksum' && !envelope.whole) ? {} : { fault }),
  }
  const payload = at + ICMP_HEADER_LENGTH
  if (payload >= end) return [layer]
  return isIcmpError(type)
    ? [{ ...layer, inner: dissectors.ip(bytes, payload, end) }]
    : [layer, ...dataLayer(bytes, payload, end)]
}
