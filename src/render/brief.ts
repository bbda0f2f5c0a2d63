import type { Layer } from '../wire/index.ts'

/** Headers in a few words for pictures: `IPIP 172.17.0.32 > 172.17.0.40 [ICMP echo request, ttl 63]`; '' for what is none of IP or ARP. */
export function briefLayers(layers: readonly Layer[]): string {
  const arp = layers.find((layer) => layer.protocol === 'arp')
  if (arp !== undefined) return briefArp(arp)
  const ip = layers.find((layer) => layer.protocol === 'ipv4' || layer.protocol === 'ipv6')
  if (ip === undefined) return ''
  const ends = `${text(ip, 'source')} > ${text(ip, 'destination')}`
  if (ip.inner !== undefined) return `IPIP ${ends} [${briefLayers(ip.inner)}]`
  const vxlan = layers.find((layer) => layer.protocol === 'vxlan')
  if (vxlan !== undefined) return `VXLAN ${ends} [${briefLayers(vxlan.inner ?? [])}]`
  if (layers.some((layer) => layer.protocol === 'wireguard')) return `WireGuard ${ends}`
  const ttl = ip.protocol === 'ipv4' ? `ttl ${text(ip, 'ttl')}` : `hop limit ${text(ip, 'hopLimit')}`
  return `${briefUpper(layers, ip)}, ${ttl}`
}

function briefArp(arp: Layer): string {
  const isReply = text(arp, 'operation').startsWith('2')
  if (isReply) return `ARP ${text(arp, 'senderProtocol')} is at ${text(arp, 'senderHardware')}`
  return `ARP who has ${text(arp, 'targetProtocol')}?`
}

function briefUpper(layers: readonly Layer[], ip: Layer): string {
  const upper = layers[layers.indexOf(ip) + 1]
  switch (upper?.protocol) {
    case 'icmp':
    case 'icmpv6':
      return `${upper.protocol === 'icmp' ? 'ICMP' : 'ICMPv6'} ${words(text(upper, 'type'))}`
    case 'udp':
    case 'tcp': {
      const flags = /\[.*\]/.exec(text(upper, 'flags'))?.[0] ?? ''
      return `${upper.protocol.toUpperCase()} ${text(upper, 'sourcePort')} > ${text(upper, 'destinationPort')} ${flags}`.trimEnd()
    }
    default:
      return text(ip, 'fragmentOffset').startsWith('0') ? `protocol ${text(ip, 'protocol')}` : 'IP fragment'
  }
}

/** The name in `8 (echo request)`. */
function words(named: string): string {
  return /\((.*)\)/.exec(named)?.[1] ?? `type ${named}`
}

function text(layer: Layer, name: string): string {
  return layer.fields.find((field) => field.name === name)?.text ?? ''
}
