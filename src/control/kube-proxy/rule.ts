import type { IptRule, Match, Origin, RuleMeaning, Target } from '../../model/index.ts'
import { hostPrefix, type Ip, type Prefix } from '../../wire/index.ts'

/** What a rule tests; it becomes matches in the order in which `iptables-save` prints them. */
export interface RuleTests {
  /** Source. */
  readonly source?: Prefix
  /** Any other source. */
  readonly notSource?: Prefix
  /** Destination. */
  readonly destination?: Prefix
  /** Any other destination. */
  readonly notDestination?: Prefix
  /** Interface it came in by. */
  readonly input?: { readonly name: string; readonly invert?: boolean }
  /** Protocol number. */
  readonly protocol?: number
  /** Comment; '' = none. */
  readonly comment?: string
  /** Modules in the order they are asked in. */
  readonly modules?: readonly Match[]
}

/** What else a rule is. */
export interface RuleRest {
  /** What is done; absent: it only counts. */
  readonly target?: Target
  /** What made it. */
  readonly origin: Origin
  /** What it stands for. */
  readonly meaning?: RuleMeaning
}

/** A rule as kube-proxy or a CNI plugin writes it: the comment stands before all other modules. */
export function ruleOf(tests: RuleTests, rest: RuleRest): IptRule {
  const matches: Match[] = []
  const { source, notSource, destination, notDestination, input, protocol, comment = '', modules = [] } = tests
  if (source !== undefined) matches.push({ kind: 'source', prefix: source })
  if (notSource !== undefined) matches.push({ kind: 'source', prefix: notSource, invert: true })
  if (destination !== undefined) matches.push({ kind: 'destination', prefix: destination })
  if (notDestination !== undefined) matches.push({ kind: 'destination', prefix: notDestination, invert: true })
  if (input !== undefined) matches.push({ kind: 'in-interface', ...input })
  if (protocol !== undefined) matches.push({ kind: 'protocol', protocol })
  if (comment !== '') matches.push({ kind: 'comment', comment })
  matches.push(...modules)
  return { matches, ...rest }
}

/** A jump. */
export function jumpTo(chain: string): Target {
  return { kind: 'jump', chain }
}

/** One address. */
export function only(address: Ip): Prefix {
  return hostPrefix(address)
}

/** Numbers of the protocols of Services. */
export const PROTOCOLS = { tcp: 6, udp: 17, sctp: 132 } as const

/** A destination port. */
export function dport(protocol: keyof typeof PROTOCOLS, port: number): Match {
  return { kind: protocol, dport: { low: port, high: port } }
}

/** Connections that begin. */
export const NEW: Match = { kind: 'conntrack', state: { states: ['NEW'] } }

/** Packets to the machine itself. */
export const TO_LOCAL: Match = { kind: 'addrtype', dstType: { types: ['LOCAL'] } }

/** Packets of the machine itself. */
export const FROM_LOCAL: Match = { kind: 'addrtype', srcType: { types: ['LOCAL'] } }
