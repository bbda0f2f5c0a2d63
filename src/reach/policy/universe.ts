import type { PolicyRule } from '../../control/index.ts'
import { protocolText } from '../../linux/index.ts'
import { type Family, IP_PROTOCOL } from '../../wire/index.ts'
import { sourcePortsOf, type Universe } from './gates.ts'
import { OTHER } from './spans.ts'

const { TCP, UDP, SCTP, ICMP, ICMPV6, IPIP } = IP_PROTOCOL

/** What tells headers of a family apart, by the rules there are. */
export function universeOf(family: Family, rules: readonly PolicyRule[]): Universe {
  const always: number[] = [TCP, UDP, SCTP, family === 4 ? ICMP : ICMPV6, IPIP]
  const named = rules.flatMap(({ protocol, notProtocol }) => [protocol?.number, notProtocol?.number])
  const foreign = family === 4 ? ICMPV6 : ICMP
  const numbers = new Set([...always, ...named.flatMap((one) => (one === undefined || one === foreign ? [] : [one]))])
  // 253 and 254 are for experiments: nobody names them, as a rule. @rfc 3692
  let other = 253
  while (numbers.has(other)) other -= 1
  return { family, protocols: [...numbers, OTHER], other, sourcePorts: sourcePortsOf(rules) }
}

/** A protocol as people write it. */
export function protocolWord(protocol: number): string {
  return protocol === OTHER ? 'other' : protocolText(protocol)
}
