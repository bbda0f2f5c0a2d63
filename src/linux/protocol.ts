/** Names of IP protocols as /etc/protocols and iptables spell them. */
const PROTOCOLS: Readonly<Record<string, number>> = {
  all: 0,
  ip: 0,
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  ipip: 4,
  tcp: 6,
  egp: 8,
  igp: 9,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  'ipv6-route': 43,
  'ipv6-frag': 44,
  rsvp: 46,
  gre: 47,
  esp: 50,
  'ipsec-esp': 50,
  ah: 51,
  'ipsec-ah': 51,
  'ipv6-icmp': 58,
  icmpv6: 58,
  icmp6: 58,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  eigrp: 88,
  ospf: 89,
  ospfigp: 89,
  pim: 103,
  ipcomp: 108,
  vrrp: 112,
  l2tp: 115,
  sctp: 132,
  mh: 135,
  'mobility-header': 135,
  udplite: 136,
}

const NAMES: ReadonlyMap<number, string> = new Map([
  ...Object.entries(PROTOCOLS)
    .filter(
      ([name]) =>
        !['all', 'ipip', 'ipv6-icmp', 'icmp6', 'ospf', 'ipsec-esp', 'ipsec-ah', 'mobility-header'].includes(name),
    )
    .map(([name, number]) => [number, name] as const),
  [58, 'ipv6-icmp'],
])

/** The number of an IP protocol, from a number or a name in any case. Undefined when it is neither. */
export function protocolNumber(text: string): number | undefined {
  if (/^[0-9]{1,3}$/.test(text)) return Number(text) <= 255 ? Number(text) : undefined
  const name = text.toLowerCase()
  return Object.hasOwn(PROTOCOLS, name) ? PROTOCOLS[name] : undefined
}

/** The name `iptables-save` and `ip rule` print for a protocol; the number itself where there is none. */
export function protocolText(protocol: number): string {
  return NAMES.get(protocol) ?? String(protocol)
}

/** Protocols whose connections the kernel tells apart. */
const TRACKED: ReadonlySet<string> = new Set(['icmp', 'tcp', 'udp', 'dccp', 'gre', 'icmpv6', 'sctp', 'udplite'])

/** The name `conntrack -L` prints for a protocol. */
export function conntrackProtocol(protocol: number): string {
  return [...TRACKED].find((name) => PROTOCOLS[name] === protocol) ?? 'unknown'
}
