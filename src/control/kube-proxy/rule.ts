import { type IptRule, lateMember, type Match, type Origin, type RuleMeaning, type Target } from '../../model/index.ts'
import { hostPrefix, IP_PROTOCOL, type Ip, type Prefix } from '../../wire/index.ts'

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
  /** What made it; a function is asked when somebody wants to know. */
  readonly origin: Origin | (() => Origin)
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
  const { origin, ...others } = rest
  const rule = { matches, ...others }
  if (typeof origin === 'function') lateMember(rule, 'origin', origin)
  else Object.assign(rule, { origin })
  // Of what is frozen already nobody asks each member: the origins stay unasked.
  return Object.freeze(rule)
}

/** A jump. */
export function jumpTo(chain: string): Target {
  return { kind: 'jump', chain }
}

/** A jump to a chain whose name is made when somebody reads it. */
export function lateJump(chain: () => string): Target {
  return {
    kind: 'jump',
    get chain() {
      return chain()
    },
  }
}

/** One address. */
export function only(address: Ip): Prefix {
  return hostPrefix(address)
}

/** Numbers of the protocols of Services. */
export const PROTOCOLS: Readonly<Record<'tcp' | 'udp' | 'sctp', number>> = {
  tcp: IP_PROTOCOL.TCP,
  udp: IP_PROTOCOL.UDP,
  sctp: IP_PROTOCOL.SCTP,
}

/** A destination port. */
export function dport(protocol: keyof typeof PROTOCOLS, port: number): Match {
  return { kind: protocol, dport: { low: port, high: port } }
}

/** Connections that begin. */
export const NEW: Match = { kind: 'conntrack', state: { states: ['NEW'] } }

/** What leads nowhere but to the machine itself. */
export const LOCALHOST = '127.0.0.0/8' as Prefix

/** Packets to the machine itself. */
export const TO_LOCAL: Match = { kind: 'addrtype', dstType: { types: ['LOCAL'] } }

/** Packets of the machine itself. */
export const FROM_LOCAL: Match = { kind: 'addrtype', srcType: { types: ['LOCAL'] } }
