const UNREACHABLE: readonly string[] = [
  'network unreachable',
  'host unreachable',
  'protocol unreachable',
  'port unreachable',
  'fragmentation needed and DF set',
  'source route failed',
  'destination network unknown',
  'destination host unknown',
  'source host isolated',
  'network administratively prohibited',
  'host administratively prohibited',
  'network unreachable for this type of service',
  'host unreachable for this type of service',
  'communication administratively prohibited',
  'host precedence violation',
  'precedence cutoff in effect',
]

const UNREACHABLE6: readonly string[] = [
  'no route',
  'administratively prohibited',
  'beyond scope of source address',
  'address unreachable',
  'port unreachable',
  'source address failed policy',
  'reject route',
]

/** What an ICMP message says, in words. @rfc 792, @rfc 1812 §5.2.7, @rfc 4443 §3 */
export function icmpMessage(family: 'inet' | 'inet6', type: number, code: number): string {
  return (family === 'inet' ? icmp4(type, code) : icmp6(type, code)) ?? `ICMP type ${type} code ${code}`
}

function icmp4(type: number, code: number): string | undefined {
  if (type === 0) return 'echo reply'
  if (type === 3) return UNREACHABLE[code]
  if (type === 5) return code === 0 ? 'redirect for the network' : 'redirect for the host'
  if (type === 8) return 'echo request'
  if (type === 11) return code === 0 ? 'time to live exceeded in transit' : 'fragment reassembly time exceeded'
  return type === 12 ? 'parameter problem' : undefined
}

function icmp6(type: number, code: number): string | undefined {
  if (type === 1) return UNREACHABLE6[code]
  if (type === 2) return 'packet too big'
  if (type === 3) return code === 0 ? 'hop limit exceeded in transit' : 'fragment reassembly time exceeded'
  if (type === 4) return 'parameter problem'
  if (type === 128) return 'echo request'
  return type === 129 ? 'echo reply' : undefined
}
