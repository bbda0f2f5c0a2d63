import { fieldNumber, fieldText } from '../../trace/index.ts'
import type { Layer } from '../../wire/index.ts'
import { briefLayers } from '../brief.ts'
import { layerKindAt } from '../layer-kind.ts'
import type { StoryField, StoryHeader, StoryPacket } from './story.ts'

const NAMES: Readonly<Record<string, string>> = {
  ethernet: 'Ethernet',
  vlan: 'VLAN tag',
  arp: 'ARP',
  ipv4: 'IPv4',
  ipv6: 'IPv6',
  vxlan: 'VXLAN',
  wireguard: 'WireGuard',
  udp: 'UDP',
  tcp: 'TCP',
  icmp: 'ICMP',
  icmpv6: 'ICMPv6',
  sctp: 'SCTP',
  data: 'data',
}

/** Fields a reader looks at, by protocol: name and what is written before the value. */
const FIELDS: Readonly<Record<string, readonly (readonly [name: string, label: string])[]>> = {
  ethernet: [
    ['source', 'from'],
    ['destination', 'to'],
  ],
  vlan: [['vlan', 'id']],
  arp: [
    ['targetProtocol', 'for'],
    ['senderProtocol', 'by'],
  ],
  ipv4: [
    ['source', 'from'],
    ['destination', 'to'],
    ['ttl', 'TTL'],
  ],
  ipv6: [
    ['source', 'from'],
    ['destination', 'to'],
    ['hopLimit', 'hop limit'],
  ],
  'ipv6-fragment': [['fragmentOffset', 'offset']],
  udp: [
    ['sourcePort', 'from'],
    ['destinationPort', 'to'],
  ],
  tcp: [
    ['sourcePort', 'from'],
    ['destinationPort', 'to'],
  ],
  icmp: [
    ['identifier', 'id'],
    ['sequence', 'seq'],
    ['mtu', 'MTU'],
  ],
  icmpv6: [
    ['identifier', 'id'],
    ['sequence', 'seq'],
    ['mtu', 'MTU'],
    ['target', 'for'],
  ],
  vxlan: [['vni', 'VNI']],
  wireguard: [['counter', 'counter']],
}

/** Headers in one list, outermost first, as `headersOf` gives them. @param before - the packet when it was last drawn */
export function packetBoxes(headers: readonly Layer[], before: readonly Layer[] | undefined): StoryPacket {
  const pairs = before === undefined ? undefined : pairsOf(before, headers)
  // What is decrypted, and a piece or the whole of a packet, was there before: it is not new.
  const isKnown =
    before !== undefined && ((isEncrypted(before) && !isEncrypted(headers)) || isPiece(before) !== isPiece(headers))
  const boxes = headers.map((layer, i) => {
    const box = boxOf(headers, layer, i, pairs)
    return isKnown ? { ...box, added: false } : box
  })
  const last = headers.at(-1)
  return {
    headers: boxes,
    removed: before === undefined ? [] : removedFrom(before, headers, pairs ?? new Map()),
    length: last === undefined ? 0 : Math.max(...headers.map((layer) => layer.start + layer.length)),
  }
}

/** Which header was which before: matched from the innermost outwards, then from the outermost inwards. */
function pairsOf(before: readonly Layer[], after: readonly Layer[]): ReadonlyMap<Layer, Layer> {
  const pairs = new Map<Layer, Layer>()
  const isSame = (i: number, j: number): boolean => partOf(before, i) === partOf(after, j)
  let [b, a] = [before.length, after.length]
  while (b > 0 && a > 0 && isSame(b - 1, a - 1)) {
    b -= 1
    a -= 1
    pairs.set(after[a] as Layer, before[b] as Layer)
  }
  for (let i = 0; i < b && i < a && isSame(i, i); i++) {
    pairs.set(after[i] as Layer, before[i] as Layer)
  }
  return pairs
}

/** What a header is matched by. What is encrypted, or one piece of a packet, matches nothing of a packet that is whole and can be read. */
function partOf(headers: readonly Layer[], i: number): string {
  const { protocol } = headers[i] as Layer
  if (protocol === 'ethernet') return protocol
  return `${protocol}${isEncrypted(headers) ? ' encrypted' : isPiece(headers) ? ' in pieces' : ''}`
}

function isPiece(headers: readonly Layer[]): boolean {
  return headers.some(isFragment)
}

function isFragment(layer: Layer): boolean {
  if (layer.protocol === 'ipv6-fragment') return true
  return layer.protocol === 'ipv4' && (fieldNumber(layer, 'mf') === 1 || fieldNumber(layer, 'fragmentOffset') > 0)
}

function isEncrypted(headers: readonly Layer[]): boolean {
  return headers.some(({ protocol }) => protocol === 'wireguard')
}

/** What came off. What has been encrypted is still there. */
function removedFrom(
  before: readonly Layer[],
  after: readonly Layer[],
  pairs: ReadonlyMap<Layer, Layer>,
): readonly string[] {
  if (isEncrypted(after) !== isEncrypted(before) ? isEncrypted(after) : isPiece(after) !== isPiece(before)) return []
  const kept = new Set(pairs.values())
  return before.flatMap((layer, i) => (kept.has(layer) || layer.protocol === 'data' ? [] : [nameOf(before, layer, i)]))
}

function boxOf(
  headers: readonly Layer[],
  layer: Layer,
  i: number,
  pairs: ReadonlyMap<Layer, Layer> | undefined,
): StoryHeader {
  const before = pairs?.get(layer)
  return {
    protocol: layer.protocol,
    layer: layerKindAt(headers, i),
    name: nameOf(headers, layer, i),
    outer: isOuter(headers, i),
    added: pairs !== undefined && before === undefined,
    fields: fieldsOf(layer, before),
    start: layer.start,
    length: layer.length,
  }
}

/** It belongs to a tunnel: it stands before the innermost IP header, or before what WireGuard has encrypted. */
function isOuter(headers: readonly Layer[], i: number): boolean {
  if (headers[i]?.protocol === 'ethernet') return false
  const encrypting = headers.findIndex(({ protocol }) => protocol === 'wireguard')
  return i <= encrypting || headers.slice(i + 1).some(({ protocol }) => isIp(protocol))
}

function isIp(protocol: string): boolean {
  return protocol === 'ipv4' || protocol === 'ipv6'
}

function nameOf(headers: readonly Layer[], layer: Layer, i: number): string {
  const { protocol } = layer
  if (protocol === 'icmp' || protocol === 'icmpv6') return briefIcmp(layer)
  if (protocol === 'tcp') return `TCP ${flagWords(fieldNumber(layer, 'flags'))}`.trimEnd()
  if (protocol === 'arp') return `ARP ${wordIn(fieldText(layer, 'operation'))}`.trimEnd()
  if (protocol === 'data') return headers[i - 1]?.protocol === 'wireguard' ? 'encrypted' : 'data'
  const name = NAMES[protocol] ?? protocol
  if (protocol === 'ethernet') return i === 0 ? name : `inner ${name}`
  const outer = isIp(protocol) && isOuter(headers, i) ? 'outer ' : ''
  return `${outer}${name}${protocol === 'ipv4' && isFragment(layer) ? ' fragment' : ''}`
}

/** `ICMP echo request`. */
function briefIcmp(layer: Layer): string {
  const name = NAMES[layer.protocol] ?? layer.protocol
  return `${name} ${wordIn(fieldText(layer, 'type')) || `type ${fieldText(layer, 'type')}`}`
}

const FLAGS = [
  [0x02, 'SYN'],
  [0x04, 'RST'],
  [0x01, 'FIN'],
  [0x10, 'ACK'],
] as const

/** `SYN-ACK`. */
function flagWords(flags: number): string {
  return FLAGS.flatMap(([bit, name]) => ((flags & bit) === 0 ? [] : [name])).join('-')
}

/** The name in `8 (echo request)`. */
function wordIn(named: string): string {
  return /\((.*)\)/.exec(named)?.[1] ?? ''
}

function fieldsOf(layer: Layer, before: Layer | undefined): readonly StoryField[] {
  const known = (FIELDS[layer.protocol] ?? []).flatMap(([name, label]) => {
    const text = fieldText(layer, name)
    if (text === '') return []
    const was = before === undefined ? text : fieldText(before, name)
    return [{ name, label, text, ...(was === text || was === '' ? {} : { was }) }]
  })
  return [...known, ...fragmentFields(layer), ...quoteFields(layer), ...sizeFields(layer)]
}

function fragmentFields(layer: Layer): readonly StoryField[] {
  if (layer.protocol !== 'ipv4') return []
  const [offset, more] = [fieldNumber(layer, 'fragmentOffset'), fieldNumber(layer, 'mf') === 1]
  if (offset <= 0 && !more) return []
  return [
    { name: 'fragmentOffset', label: 'bytes from', text: `${offset * 8}${more ? ', more follow' : ', the last'}` },
  ]
}

/** What an ICMP error is about. */
function quoteFields(layer: Layer): readonly StoryField[] {
  if (layer.inner === undefined || (layer.protocol !== 'icmp' && layer.protocol !== 'icmpv6')) return []
  const ip = layer.inner.find(({ protocol }) => isIp(protocol))
  if (ip === undefined) return []
  const about = `${fieldText(ip, 'source')} > ${fieldText(ip, 'destination')}`
  return [{ name: 'quote', label: 'about', text: about }]
}

function sizeFields(layer: Layer): readonly StoryField[] {
  if (layer.protocol !== 'data') return []
  return [{ name: 'length', label: '', text: `${layer.length} ${layer.length === 1 ? 'byte' : 'bytes'}` }]
}

/** A packet in few words: `ICMP echo request`, `TCP SYN 43210 > 80`. */
export function packetTitle(headers: readonly Layer[]): string {
  const tcp = headers.findIndex(({ protocol }) => protocol === 'tcp')
  const layer = headers[tcp]
  if (layer !== undefined)
    return `${nameOf(headers, layer, tcp)} ${fieldText(layer, 'sourcePort')} > ${fieldText(layer, 'destinationPort')}`
  return briefLayers(headers).replace(/, (ttl|hop limit) \S+$/, '')
}
