import { fieldNumber, fieldText, headersBefore } from '../../trace/index.ts'
import type { Layer } from '../../wire/index.ts'
import { briefLayers } from '../brief.ts'
import { layerKindAt, protocolName } from '../layer-kind.ts'
import type { StoryField, StoryHeader, StoryPacket } from './story.ts'

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
  const same = before === undefined ? undefined : headersBefore(before, headers, partOf)
  // What is decrypted, and a piece or the whole of a packet, was there before: it is not new.
  const isKnown =
    before !== undefined && ((isEncrypted(before) && !isEncrypted(headers)) || isPiece(before) !== isPiece(headers))
  const boxes = headers.map((layer, i) => {
    const box = boxOf(headers, layer, i, same)
    return isKnown ? { ...box, added: false } : box
  })
  const last = headers.at(-1)
  return {
    headers: boxes,
    removed: before === undefined ? [] : removedFrom(before, headers, same ?? []),
    length: last === undefined ? 0 : Math.max(...headers.map((layer) => layer.start + layer.length)),
  }
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
  same: readonly (Layer | undefined)[],
): readonly string[] {
  if (isEncrypted(after) !== isEncrypted(before) ? isEncrypted(after) : isPiece(after) !== isPiece(before)) return []
  const kept = new Set(same)
  return before.flatMap((layer, i) => (kept.has(layer) || layer.protocol === 'data' ? [] : [nameOf(before, layer, i)]))
}

function boxOf(
  headers: readonly Layer[],
  layer: Layer,
  i: number,
  same: readonly (Layer | undefined)[] | undefined,
): StoryHeader {
  const before = same?.[i]
  return {
    protocol: layer.protocol,
    layer: layerKindAt(headers, i),
    name: nameOf(headers, layer, i),
    outer: isOuter(headers, i),
    added: same !== undefined && before === undefined,
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
  const name = protocol === 'vlan' ? 'VLAN tag' : protocolName(protocol)
  if (protocol === 'ethernet') return i === 0 ? name : `inner ${name}`
  const outer = isIp(protocol) && isOuter(headers, i) ? 'outer ' : ''
  return `${outer}${name}${protocol === 'ipv4' && isFragment(layer) ? ' fragment' : ''}`
}

/** `ICMP echo request`. */
function briefIcmp(layer: Layer): string {
  const name = protocolName(layer.protocol)
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
