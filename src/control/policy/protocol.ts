import { IP_PROTOCOL } from '../../wire/index.ts'
import type { ProtocolMatch } from './model.ts'

const { ICMP, ICMPV6, SCTP, TCP, UDP, UDPLITE } = IP_PROTOCOL
const NUMBERS: Readonly<Record<string, number>> = {
  icmp: ICMP,
  tcp: TCP,
  udp: UDP,
  icmpv6: ICMPV6,
  sctp: SCTP,
  udplite: UDPLITE,
}

/** Names of protocols, as Calico spells them. */
export const PROTOCOL_NAMES = ['TCP', 'UDP', 'ICMP', 'ICMPv6', 'SCTP', 'UDPLite'] as const

/** A protocol's name as Calico spells it, whatever its case; other words stay. @calico api/pkg/lib/numorstring/protocol.go */
export function protocolName(word: string): string {
  return PROTOCOL_NAMES.find((name) => name.toLowerCase() === word.toLowerCase()) ?? word
}

/** Protocols that have ports, as far as rules may ask for them. */
const WITH_PORTS: ReadonlySet<number> = new Set([TCP, UDP, SCTP])

/** A protocol as a rule names it; undefined for no protocol. Felix writes it as it was given: by number or by name. */
export function protocolMatch(protocol: number | string): ProtocolMatch | undefined {
  const text = String(protocol)
  if (/^\d+$/.test(text)) {
    const number = Number(text)
    return number >= 1 && number <= 255 ? { number } : undefined
  }
  const name = text.toLowerCase()
  return Object.hasOwn(NUMBERS, name) ? { number: NUMBERS[name]!, name } : undefined
}

/** Whether a rule that names a protocol may ask for ports. */
export function hasPorts({ number }: ProtocolMatch): boolean {
  return WITH_PORTS.has(number)
}

/** The word for a protocol in sets of addresses and ports; what has none counts as TCP. */
export function portWord(protocol: ProtocolMatch | undefined): 'tcp' | 'udp' | 'sctp' {
  return protocol?.number === UDP ? 'udp' : protocol?.number === SCTP ? 'sctp' : 'tcp'
}
