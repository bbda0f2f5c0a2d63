import { parseIp, parsePrefix } from '../../wire/index.ts'
import type { FieldPath } from '../origin.ts'
import { isSelectorFault, parseSelector } from '../selector.ts'
import type { CalicoRule, EntityRule, IcmpFields, PortText } from './kinds.ts'
import { parsePort } from './ports.ts'
import { hasPorts, PROTOCOL_NAMES, protocolMatch } from './protocol.ts'
import type { Problem } from './spec.ts'

/** What is asked about a rule besides itself. */
export interface RuleContext {
  /** The list it stands in. */
  readonly direction: 'ingress' | 'egress'
  /** Whether the policy has a namespace that Services may be in. */
  readonly isNamespaced: boolean
}

/** Faults of an object: each field once. */
export type Report = (path: FieldPath, expected: string, received: string) => void

const SIDES = ['source', 'destination'] as const

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value)
}

/** A selector that cannot be read; `global()` has a meaning for namespaces of a rule only. */
export function selectorFaults(text: string | undefined, path: FieldPath, report: Report, mayBeGlobal = false): void {
  if (text === undefined) return
  const parsed = parseSelector(text)
  if (isSelectorFault(parsed)) {
    report(path, `a selector: at character ${parsed.position + 1} ${parsed.expected}`, shown(text))
  } else if (text.includes('global(') && !mayBeGlobal) {
    report(path, 'no global(): only the namespaceSelector of a rule may have it', shown(text))
  }
}

function protocolFaults(protocol: number | string | undefined, path: FieldPath, report: Report): void {
  if (protocol === undefined || protocolMatch(protocol) !== undefined) return
  report(path, `one of ${PROTOCOL_NAMES.join(', ')}, or a number from 1 to 255`, shown(protocol))
}

function portFaults(ports: readonly PortText[], rule: CalicoRule, path: FieldPath, report: Report): void {
  const parsed = ports.map(parsePort)
  for (const [i, port] of parsed.entries()) if (typeof port === 'string') report([...path, i], port, shown(ports[i]))
  const protocol = rule.protocol === undefined ? undefined : protocolMatch(rule.protocol)
  const withNumbers = parsed.some((port) => typeof port === 'object' && 'range' in port)
  const expected = 'protocol TCP, UDP or SCTP beside ports'
  if (protocol === undefined && rule.protocol === undefined && withNumbers) {
    report(path, `${expected} that are numbers or ranges`, 'no protocol')
  } else if (protocol !== undefined && ports.length > 0 && !hasPorts(protocol)) {
    report(path, expected, `protocol ${rule.protocol}`)
  }
}

/** Ranges of one list: each strict, none that would never match, all of one family with those read before. */
class Families {
  private readonly report: Report
  private readonly ipVersion: number | undefined
  private seen: 4 | 6 | undefined

  constructor(ipVersion: number | undefined, report: Report) {
    this.ipVersion = ipVersion
    this.report = report
  }

  scan(nets: readonly string[], path: FieldPath, isNegated: boolean): void {
    for (const [i, net] of nets.entries()) this.check(net, [...path, i], isNegated)
  }

  private check(net: string, path: FieldPath, isNegated: boolean): void {
    const prefix = net.includes('/') ? parsePrefix(net) : undefined
    if (prefix === undefined) {
      const hint = parseIp(net) === undefined ? '' : `, here ${net}/${net.includes(':') ? 128 : 32}`
      this.report(path, `a CIDR whose host bits are zero${hint}`, shown(net))
      return
    }
    const family = prefix.includes(':') ? 6 : 4
    if (isNegated && prefix.endsWith('/0')) {
      this.report(path, 'a range that leaves something: not in all addresses matches no packet', shown(net))
    } else if (this.ipVersion !== undefined && this.ipVersion !== family) {
      this.report(path, `an IPv${this.ipVersion} range, as ipVersion says`, shown(net))
    } else if (this.seen !== undefined && this.seen !== family) {
      this.report(path, `an IPv${this.seen} range as the others of the rule`, shown(net))
    }
    this.seen ??= family
  }
}

function icmpFaults(icmp: IcmpFields | undefined, path: FieldPath, report: Report): void {
  if (icmp === undefined) return
  if (icmp.code !== undefined && icmp.type === undefined) report(path, 'a type beside the code', 'a code alone')
  const within = (value: number | undefined, most: number): boolean =>
    value === undefined || (Number.isInteger(value) && value >= 0 && value <= most)
  if (!within(icmp.type, 254)) report([...path, 'type'], 'a number from 0 to 254', shown(icmp.type))
  if (!within(icmp.code, 255)) report([...path, 'code'], 'a number from 0 to 255', shown(icmp.code))
}

/** ICMP belongs to IPv4 and ICMPv6 to IPv6, and only they have messages. */
function versionFaults(rule: CalicoRule, path: FieldPath, report: Report): void {
  const { ipVersion, icmp } = rule
  for (const field of ['protocol', 'notProtocol'] as const) {
    const number = rule[field] === undefined ? undefined : protocolMatch(rule[field])?.number
    if (number === 1 && ipVersion === 6) report([...path, 'ipVersion'], `4 beside ${field} ICMP`, '6')
    if (number === 58 && ipVersion === 4) report([...path, 'ipVersion'], `6 beside ${field} ICMPv6`, '4')
  }
  if (icmp === undefined) return
  const number = rule.protocol === undefined ? undefined : protocolMatch(rule.protocol)?.number
  if (number !== 1 && number !== 58) {
    report([...path, 'icmp'], 'protocol ICMP or ICMPv6 beside icmp', `protocol ${rule.protocol ?? 'none'}`)
  }
}

/** A Service stands for addresses and ports of its own. */
function serviceFaults(
  side: EntityRule,
  name: 'source' | 'destination',
  path: FieldPath,
  context: RuleContext,
  report: Report,
): void {
  const { services } = side
  if (services === undefined) return
  const at = [...path, 'services']
  if ((context.direction === 'egress') === (name === 'source')) {
    report(
      at,
      `services of the ${context.direction === 'egress' ? 'destination' : 'source'}`,
      `services of the ${name}`,
    )
  }
  if ((services.name ?? '') === '') report([...at, 'name'], 'the name of a Service', 'none')
  if (!context.isNamespaced && (services.namespace ?? '') === '') {
    report([...at, 'namespace'], 'the namespace of the Service: the policy has none', 'none')
  }
  const others = ['selector', 'notSelector', 'namespaceSelector', 'nets', 'notNets', 'serviceAccounts'] as const
  const withPorts = name === 'destination' ? [...others, 'ports' as const, 'notPorts' as const] : others
  for (const other of withPorts) {
    const value = side[other]
    if (value === undefined || (Array.isArray(value) || typeof value === 'string' ? value.length === 0 : false))
      continue
    report([...path, other], 'nothing else beside services', other)
  }
}

function sideFaults(rule: CalicoRule, name: (typeof SIDES)[number], path: FieldPath, report: Report): void {
  const side = rule[name] ?? {}
  selectorFaults(side.selector, [...path, 'selector'], report)
  selectorFaults(side.notSelector, [...path, 'notSelector'], report, true)
  selectorFaults(side.namespaceSelector, [...path, 'namespaceSelector'], report, true)
  selectorFaults(side.serviceAccounts?.selector, [...path, 'serviceAccounts', 'selector'], report, true)
  portFaults(side.ports ?? [], rule, [...path, 'ports'], report)
  portFaults(side.notPorts ?? [], rule, [...path, 'notPorts'], report)
}

function httpFaults(rule: CalicoRule, path: FieldPath, { direction }: RuleContext, report: Report): void {
  if (rule.http === undefined) return
  const at = [...path, 'http']
  if (direction === 'egress') report(at, 'http in ingress rules only', 'an egress rule')
  if (rule.action !== 'Allow') report(at, 'action Allow beside http', rule.action)
  const number = rule.protocol === undefined ? 6 : protocolMatch(rule.protocol)?.number
  if (number !== 6) report(at, 'protocol TCP, or none, beside http', `protocol ${rule.protocol}`)
}

/** Why Calico refuses a rule. @calico libcalico-go/lib/validator/v3/validator.go */
export function ruleFaults(rule: CalicoRule, path: FieldPath, context: RuleContext, report: Report): void {
  protocolFaults(rule.protocol, [...path, 'protocol'], report)
  protocolFaults(rule.notProtocol, [...path, 'notProtocol'], report)
  icmpFaults(rule.icmp, [...path, 'icmp'], report)
  icmpFaults(rule.notICMP, [...path, 'notICMP'], report)
  versionFaults(rule, path, report)
  httpFaults(rule, path, context, report)
  const families = new Families(rule.ipVersion, report)
  for (const name of SIDES) {
    const side = rule[name]
    if (side === undefined) continue
    sideFaults(rule, name, [...path, name], report)
    serviceFaults(side, name, [...path, name], context, report)
    families.scan(side.nets ?? [], [...path, name, 'nets'], false)
    families.scan(side.notNets ?? [], [...path, name, 'notNets'], true)
  }
}

/** Collects faults. */
export function reporter(found: Problem[]): Report {
  return (path, expected, received) => void found.push({ path, expected, received })
}
