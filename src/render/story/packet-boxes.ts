import { fieldNumber, fieldText } from '../../trace/index.ts'
import type { Layer } from '../../wire/index.ts'
import { briefLayers } from '../brief.ts'
import type { LayerKind } from '../palette.ts'
import type { StoryField, StoryHeader, StoryPacket } from './story.ts'

/** Protocols by layer; a UDP header that carries a tunnel belongs to it. */
const LAYERS: Readonly<Record<string, LayerKind>> = {
  ethernet: 'link',
  vlan: 'link',
  arp: 'link',
  ipv4: 'network',
  ipv6: 'network',
  vxlan: 'tunnel',
  wireguard: 'tunnel',
  udp: 'transport',
  tcp: 'transport',
  icmp: 'transport',
  icmpv6: 'transport',
  sctp: 'transport',
}

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
    ['flags', ''],
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
  const boxes = headers.map((layer, i) => boxOf(headers, layer, i, pairs))
  const last = headers.at(-1)
  return {
    headers: boxes,
    removed: before === undefined ? [] : removedFrom(before, pairs ?? new Map()),
    length: last === undefined ? 0 : Math.max(...headers.map((layer) => layer.start + layer.length)),
  }
}

/** Which header was which before: matched from the innermost outwards, then from the outermost inwards. */
function pairsOf(before: readonly Layer[], after: readonly Layer[]): ReadonlyMap<Layer, Layer> {
  const pairs = new Map<Layer, Layer>()
  let [b, a] = [before.length, after.length]
  while (b > 0 && a > 0 && before[b - 1]?.protocol === after[a - 1]?.protocol) {
    b -= 1
    a -= 1
    pairs.set(after[a] as Layer, before[b] as Layer)
  }
  for (let i = 0; i < b && i < a && before[i]?.protocol === after[i]?.protocol; i++) {
    pairs.set(after[i] as Layer, before[i] as Layer)
  }
  return pairs
}

function removedFrom(before: readonly Layer[], pairs: ReadonlyMap<Layer, Layer>): readonly string[] {
  const kept = new Set(pairs.values())
  return before.flatMap((layer, i) => (kept.has(layer) ? [] : [nameOf(before, layer, i)]))
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
    layer: layerOf(headers, layer, i),
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

function layerOf(headers: readonly Layer[], { protocol }: Layer, i: number): LayerKind {
  const next = headers[i + 1]?.protocol
  if (protocol === 'udp' && (next === 'vxlan' || next === 'wireguard')) return 'tunnel'
  return LAYERS[protocol] ?? (protocol.startsWith('ipv6-') ? 'network' : 'payload')
}

function nameOf(headers: readonly Layer[], layer: Layer, i: number): string {
  const { protocol } = layer
  if (protocol === 'icmp' || protocol === 'icmpv6') return briefIcmp(layer)
  if (protocol === 'arp') return `ARP ${wordIn(fieldText(layer, 'operation'))}`.trimEnd()
  if (protocol === 'data') return headers[i - 1]?.protocol === 'wireguard' ? 'encrypted' : 'data'
  const name = NAMES[protocol] ?? protocol
  if (protocol === 'ethernet') return i === 0 ? name : `inner ${name}`
  const isFragment = protocol === 'ipv4' && (fieldNumber(layer, 'mf') === 1 || fieldNumber(layer, 'fragmentOffset') > 0)
  const outer = isIp(protocol) && isOuter(headers, i) ? 'outer ' : ''
  return `${outer}${name}${isFragment ? ' fragment' : ''}`
}

/** `ICMP echo request`. */
function briefIcmp(layer: Layer): string {
  const name = NAMES[layer.protocol] ?? layer.protocol
  return `${name} ${wordIn(fieldText(layer, 'type')) || `type ${fieldText(layer, 'type')}`}`
}

/** The name in `8 (echo request)`. */
function wordIn(named: string): string {
  return /\((.*)\)/.exec(named)?.[1] ?? ''
}

function fieldsOf(layer: Layer, before: Layer | undefined): readonly StoryField[] {
  const known = (FIELDS[layer.protocol] ?? []).flatMap(([name, label]) => {
    const text = shownValue(layer, name)
    if (text === '') return []
    const was = before === undefined ? text : shownValue(before, name)
    return [{ name, label, text, ...(was === text || was === '' ? {} : { was }) }]
  })
  return [...known, ...fragmentFields(layer), ...quoteFields(layer), ...sizeFields(layer)]
}

function shownValue(layer: Layer, name: string): string {
  const text = fieldText(layer, name)
  return name === 'flags' ? (/\[.*\]/.exec(text)?.[0] ?? text) : text
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

/** A packet in few words: `ICMP echo request`, `TCP 43210 > 80 [S]`. */
export function packetTitle(headers: readonly Layer[]): string {
  return briefLayers(headers).replace(/, (ttl|hop limit) \S+$/, '')
}
