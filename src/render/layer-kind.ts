import type { LayerKind } from './palette.ts'

const KINDS: Readonly<Record<string, LayerKind>> = {
  arp: 'link',
  data: 'payload',
  ethernet: 'link',
  icmp: 'transport',
  icmpv6: 'transport',
  ipv4: 'network',
  ipv6: 'network',
  sctp: 'transport',
  tcp: 'transport',
  udp: 'transport',
  vlan: 'link',
  vxlan: 'tunnel',
  wireguard: 'tunnel',
}

const NAMES: Readonly<Record<string, string>> = {
  arp: 'ARP',
  ethernet: 'Ethernet',
  icmp: 'ICMP',
  icmpv6: 'ICMPv6',
  ipv4: 'IPv4',
  ipv6: 'IPv6',
  sctp: 'SCTP',
  tcp: 'TCP',
  udp: 'UDP',
  vxlan: 'VXLAN',
  wireguard: 'WireGuard',
}

/** A protocol as people write it. */
export function protocolName(protocol: string): string {
  return NAMES[protocol] ?? protocol
}

/** The sort of header a layer is; the UDP that carries a tunnel is part of that. */
export function layerKindAt(layers: readonly { readonly protocol: string }[], at: number): LayerKind {
  const { protocol = '' } = layers[at] ?? {}
  const next = layers[at + 1]?.protocol
  if (protocol === 'udp' && (next === 'vxlan' || next === 'wireguard')) return 'tunnel'
  return KINDS[protocol] ?? (protocol.startsWith('ipv6-') ? 'network' : 'payload')
}
