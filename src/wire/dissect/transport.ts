// internal to the room

import type { HeaderFault } from '../header-fault.ts'
import { hexNumber } from '../hex.ts'
import { IP_PROTOCOL } from '../protocols.ts'
import {
  TCP_ACKNOWLEDGMENT,
  TCP_CHECKSUM,
  TCP_DATA_OFFSET,
  TCP_DESTINATION_PORT,
  TCP_FLAGS,
  TCP_HEADER_LENGTH,
  TCP_SEQUENCE,
  TCP_SOURCE_PORT,
  TCP_URGENT_POINTER,
  TCP_WINDOW,
  TcpView,
  tcpFault,
  tcpFlagLetters,
} from '../tcp.ts'
import { placeTcpOptions, type TcpOptionPlace } from '../tcp-options.ts'
import {
  UDP_CHECKSUM,
  UDP_DESTINATION_PORT,
  UDP_HEADER_LENGTH,
  UDP_LENGTH,
  UDP_SOURCE_PORT,
  UdpView,
  udpFault,
} from '../udp.ts'
import { VXLAN_FLAG_VNI, VXLAN_HEADER_LENGTH, VXLAN_PORT, VXLAN_VNI } from '../vxlan.ts'
import {
  WIREGUARD_PORT,
  WIREGUARD_RECEIVER,
  WIREGUARD_SENDER,
  WIREGUARD_TYPE,
  wireguardIndex,
  wireguardType,
} from '../wireguard.ts'
import {
  bits,
  checksumText,
  dataLayer,
  type FieldSpec,
  field,
  type Layer,
  type LayerField,
  perVerdict,
  readFields,
} from './field-tree.ts'
import type { Dissectors } from './frame.ts'

/** The IP packet around an upper layer. */
export interface Envelope {
  /** Whether all bytes of an unfragmented packet are there, so that a checksum can be judged. */
  readonly whole: boolean
  /** The partial sum of its pseudo header. */
  readonly pseudo: (protocol: number, length: number) => number
}

function cutLayer(
  protocol: string,
  bytes: Uint8Array,
  at: number,
  end: number,
  specs: readonly FieldSpec[],
  fault: HeaderFault,
): Layer[] {
  const length = Math.max(0, end - at)
  return [{ protocol, start: at, length, fields: readFields(bytes, at, end, specs), fault }]
}

const udpFields = perVerdict((right) => {
  const show = checksumText(right)
  return [
    field('sourcePort', UDP_SOURCE_PORT, 2),
    field('destinationPort', UDP_DESTINATION_PORT, 2),
    field('length', UDP_LENGTH, 2),
    field('checksum', UDP_CHECKSUM, 2, (value) => (value === 0 ? '0x0000 (none)' : show(value))),
  ]
})

/** A UDP datagram and, by its port, the VXLAN frame or WireGuard message inside. */
export function dissectUdp(
  dissectors: Dissectors,
  bytes: Uint8Array,
  at: number,
  end: number,
  envelope: Envelope,
): Layer[] {
  if (end - at < UDP_HEADER_LENGTH) return cutLayer('udp', bytes, at, end, udpFields(undefined), 'truncated')
  const view = new UdpView(bytes, at)
  const found = udpFault(bytes, at, end)
  const judge = envelope.whole && found === undefined
  const right = judge ? view.checksumHolds(envelope.pseudo(IP_PROTOCOL.UDP, view.length)) : undefined
  const fault = right === false ? 'bad_checksum' : envelope.whole || found === 'bad_length' ? found : undefined
  const layer: Layer = {
    protocol: 'udp',
    start: at,
    length: UDP_HEADER_LENGTH,
    fields: readFields(bytes, at, end, udpFields(right)),
    ...(fault === undefined ? {} : { fault }),
  }
  const stop = found === 'bad_length' ? end : Math.min(end, at + view.length)
  const ports = [view.sourcePort, view.destinationPort]
  if (view.destinationPort === VXLAN_PORT) return [layer, ...dissectVxlan(dissectors, bytes, view.payloadAt, stop)]
  if (ports.includes(WIREGUARD_PORT)) return [layer, ...dissectWireguard(bytes, view.payloadAt, stop)]
  return [layer, ...dataLayer(bytes, view.payloadAt, stop)]
}

const VXLAN_FIELDS: readonly FieldSpec[] = [
  field(
    'flags',
    0,
    1,
    (flags) => `0x${hexNumber(flags, 2)}${(flags & VXLAN_FLAG_VNI) === 0 ? ' (VNI not valid)' : ' (I)'}`,
  ),
  field('vni', VXLAN_VNI, 3),
]

function dissectVxlan(dissectors: Dissectors, bytes: Uint8Array, at: number, end: number): Layer[] {
  if (end - at < VXLAN_HEADER_LENGTH) return cutLayer('vxlan', bytes, at, end, VXLAN_FIELDS, 'truncated')
  const fields = readFields(bytes, at, end, VXLAN_FIELDS)
  const inner = dissectors.ethernet(bytes, at + VXLAN_HEADER_LENGTH, end)
  const fault = (bytes[at]! & VXLAN_FLAG_VNI) === 0 ? { fault: 'bad_type' as const } : {}
  return [{ protocol: 'vxlan', start: at, length: VXLAN_HEADER_LENGTH, fields, inner, ...fault }]
}

const WIREGUARD_NAMES = ['', 'handshake initiation', 'handshake response', 'cookie reply', 'transport data'] as const

/** A WireGuard message: its type, and the index its receiver knows it by; the rest is opaque. */
function dissectWireguard(bytes: Uint8Array, at: number, end: number): Layer[] {
  const type = wireguardType(bytes, at, end)
  if (type === undefined) return dataLayer(bytes, at, end)
  const text = `${type} (${WIREGUARD_NAMES[type] ?? ''})`
  const indexAt = at + (type <= WIREGUARD_TYPE.HANDSHAKE_RESPONSE ? WIREGUARD_SENDER : WIREGUARD_RECEIVER)
  const index = wireguardIndex(bytes, indexAt)
  const fields: LayerField[] = [
    { name: 'type', value: type, text, start: at, length: 1 },
    {
      name: type <= WIREGUARD_TYPE.HANDSHAKE_RESPONSE ? 'sender' : 'receiver',
      value: index,
      text: `0x${hexNumber(index, 8)}`,
      start: indexAt,
      length: 4,
    },
  ]
  return [{ protocol: 'wireguard', start: at, length: 8, fields }, ...dataLayer(bytes, at + 8, end)]
}

const tcpFields = perVerdict((right) => [
  field('sourcePort', TCP_SOURCE_PORT, 2),
  field('destinationPort', TCP_DESTINATION_PORT, 2),
  field('sequence', TCP_SEQUENCE, 4),
  field('acknowledgment', TCP_ACKNOWLEDGMENT, 4),
  bits('dataOffset', TCP_DATA_OFFSET, 1, 4, 0xf, (words) => `${words} (${words * 4} bytes)`),
  field('flags', TCP_FLAGS, 1, (flags) => `0x${hexNumber(flags, 2)} [${tcpFlagLetters(flags)}]`),
  field('window', TCP_WINDOW, 2),
  field('checksum', TCP_CHECKSUM, 2, checksumText(right)),
  field('urgentPointer', TCP_URGENT_POINTER, 2),
])

/** A TCP segment. */
export function dissectTcp(bytes: Uint8Array, at: number, end: number, envelope: Envelope): Layer[] {
  const found = tcpFault(bytes, at, end)
  if (found !== undefined)
    return cutLayer('tcp', bytes, at, Math.min(end, at + TCP_HEADER_LENGTH), tcpFields(undefined), found)
  const view = new TcpView(bytes, at)
  const right = envelope.whole ? view.checksumHolds(end, envelope.pseudo(IP_PROTOCOL.TCP, end - at)) : undefined
  const options = placeTcpOptions(bytes, view.optionsAt, view.payloadAt).map(optionField)
  const layer: Layer = {
    protocol: 'tcp',
    start: at,
    length: view.headerLength,
    fields: [...readFields(bytes, at, end, tcpFields(right)), ...options],
    ...(right === false ? { fault: 'bad_checksum' as const } : {}),
  }
  return [layer, ...dataLayer(bytes, view.payloadAt, end)]
}

function optionField(place: TcpOptionPlace): LayerField {
  const { option, start, length } = place
  return { name: 'option', value: option.kind, text: optionText(place), start, length }
}

function optionText({ option }: TcpOptionPlace): string {
  switch (option.kind) {
    case 'mss':
      return `maximum segment size ${option.value}`
    case 'wscale':
      return `window scale ${option.shift} (multiply by ${2 ** option.shift})`
    case 'sackOk':
      return 'SACK permitted'
    case 'sack':
      return `SACK ${option.blocks.map(([left, right]) => `${left}-${right}`).join(', ')}`
    case 'timestamps':
      return `timestamps: value ${option.value}, echo ${option.echo}`
    case 'unknown':
      return `option ${option.number}`
    case 'nop':
      return 'no operation'
    default:
      return 'end of options'
  }
}
