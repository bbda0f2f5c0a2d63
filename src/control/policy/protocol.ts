import type { ProtocolMatch } from './model.ts'

const NUMBERS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132, udplite: 136 }

/** Names of protocols, as Calico spells them. */
export const PROTOCOL_NAMES = ['TCP', 'UDP', 'ICMP', 'ICMPv6', 'SCTP', 'UDPLite'] as const

/** Protocols that have ports, as far as rules may ask for them. */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 132])

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
