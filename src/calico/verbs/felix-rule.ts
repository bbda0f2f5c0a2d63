import * as v from 'valibot'
import { type PolicyRule, type ProtocolMatch, parsePort, protocolMatch, type SideMatch } from '../../control/index.ts'
import type { PortRange } from '../../model/index.ts'
import type { Prefix } from '../../wire/index.ts'
import { familyShape, netOf, netShape } from './felix-request.ts'

/** Type of an ICMP message, and its code. */
export interface FelixIcmp {
  /** Type. */
  readonly type: number
  /** Code; absent: any. */
  readonly code?: number
}

/** A port, or a range of them as text `low:high`. */
export type FelixPort = number | string

/** A rule as Felix' calculation hands it to its renderer: selectors are sets by now. Lists that are absent ask nothing. */
export interface FelixRuleFields {
  /** What it does; absent: allow. */
  readonly action?: 'allow' | 'deny' | 'pass' | 'next-tier' | 'log'
  /** Only for packets of this IP version. */
  readonly ipVersion?: 4 | 6
  /** Protocol. */
  readonly protocol?: number | string
  /** Any other protocol. */
  readonly notProtocol?: number | string
  /** One of these has the source. */
  readonly srcNets?: readonly string[]
  /** None of these has it. */
  readonly notSrcNets?: readonly string[]
  /** One of these has the destination. */
  readonly dstNets?: readonly string[]
  /** None of these has it. */
  readonly notDstNets?: readonly string[]
  /** The source port is one of these, or source and port are in `srcNamedPortIpSets`. */
  readonly srcPorts?: readonly FelixPort[]
  /** The source port is none of these. */
  readonly notSrcPorts?: readonly FelixPort[]
  /** The destination port is one of these, or destination and port are in `dstNamedPortIpSets`. */
  readonly dstPorts?: readonly FelixPort[]
  /** The destination port is none of these. */
  readonly notDstPorts?: readonly FelixPort[]
  /** All of these sets have the source. */
  readonly srcIpSets?: readonly string[]
  /** None of these sets has it. */
  readonly notSrcIpSets?: readonly string[]
  /** All of these sets have the destination. */
  readonly dstIpSets?: readonly string[]
  /** None of these sets has it. */
  readonly notDstIpSets?: readonly string[]
  /** Sets of address and port, from names of ports, of the source. */
  readonly srcNamedPortIpSets?: readonly string[]
  /** None of these has source and port. */
  readonly notSrcNamedPortIpSets?: readonly string[]
  /** The same of the destination. */
  readonly dstNamedPortIpSets?: readonly string[]
  /** None of these has destination and port. */
  readonly notDstNamedPortIpSets?: readonly string[]
  /** Sets of address and port, from Services. */
  readonly dstIpPortSets?: readonly string[]
  /** An ICMP message. */
  readonly icmp?: FelixIcmp
  /** Any other ICMP message. */
  readonly notIcmp?: FelixIcmp
  /** What people wrote beside it. */
  readonly annotations?: Readonly<Record<string, string>>
}

const PROTOCOL = 'tcp, udp, icmp, icmpv6, sctp, udplite or a number up to 255'
const PORT = 'a port, or a range low:high'

const protocolShape = v.pipe(
  v.union([v.number(), v.string()], PROTOCOL),
  v.check((given) => protocolOf(given) !== undefined, PROTOCOL),
)
const portsShape = v.array(
  v.pipe(
    v.union([v.number(), v.string()], PORT),
    v.check((given) => rangeOf(given) !== undefined, PORT),
  ),
)
const netsShape = v.array(netShape)
const setsShape = v.array(v.string('the id of a set'))
const byteShape = v.pipe(v.number('a number up to 255'), v.integer(), v.minValue(0), v.maxValue(255))
const icmpShape = v.strictObject({ type: byteShape, code: v.exactOptional(byteShape) })

/** A rule. */
export const ruleShape: v.GenericSchema<FelixRuleFields> = v.strictObject({
  action: v.exactOptional(
    v.picklist(['allow', 'deny', 'pass', 'next-tier', 'log'] as const, 'allow, deny, pass or log'),
  ),
  ipVersion: v.exactOptional(familyShape),
  protocol: v.exactOptional(protocolShape),
  notProtocol: v.exactOptional(protocolShape),
  srcNets: v.exactOptional(netsShape),
  notSrcNets: v.exactOptional(netsShape),
  dstNets: v.exactOptional(netsShape),
  notDstNets: v.exactOptional(netsShape),
  srcPorts: v.exactOptional(portsShape),
  notSrcPorts: v.exactOptional(portsShape),
  dstPorts: v.exactOptional(portsShape),
  notDstPorts: v.exactOptional(portsShape),
  srcIpSets: v.exactOptional(setsShape),
  notSrcIpSets: v.exactOptional(setsShape),
  dstIpSets: v.exactOptional(setsShape),
  notDstIpSets: v.exactOptional(setsShape),
  srcNamedPortIpSets: v.exactOptional(setsShape),
  notSrcNamedPortIpSets: v.exactOptional(setsShape),
  dstNamedPortIpSets: v.exactOptional(setsShape),
  notDstNamedPortIpSets: v.exactOptional(setsShape),
  dstIpPortSets: v.exactOptional(setsShape),
  icmp: v.exactOptional(icmpShape),
  notIcmp: v.exactOptional(icmpShape),
  annotations: v.exactOptional(v.record(v.string(), v.string('text'))),
})

const ACTIONS = { allow: 'Allow', deny: 'Deny', pass: 'Pass', 'next-tier': 'Pass', log: 'Log' } as const

/** A protocol by name or number. Unlike the API, Felix itself has nothing against 0. */
function protocolOf(given: number | string): ProtocolMatch | undefined {
  return String(given) === '0' ? { number: 0 } : protocolMatch(given)
}

function rangeOf(given: FelixPort): PortRange | undefined {
  const parsed = parsePort(given)
  return typeof parsed === 'object' && 'range' in parsed ? parsed.range : undefined
}

const portsOf = (ports: readonly FelixPort[] = []): PortRange[] => ports.flatMap((port) => rangeOf(port) ?? [])
const netsOf = (nets: readonly string[] = []): Prefix[] => nets.flatMap((net) => netOf(net) ?? [])

function sourceOf(rule: FelixRuleFields): SideMatch {
  return {
    nets: netsOf(rule.srcNets),
    notNets: netsOf(rule.notSrcNets),
    sets: rule.srcIpSets ?? [],
    notSets: rule.notSrcIpSets ?? [],
    ports: portsOf(rule.srcPorts),
    namedPorts: rule.srcNamedPortIpSets ?? [],
    notPorts: portsOf(rule.notSrcPorts),
    notNamedPorts: rule.notSrcNamedPortIpSets ?? [],
    ipPortSets: [],
  }
}

function destinationOf(rule: FelixRuleFields): SideMatch {
  return {
    nets: netsOf(rule.dstNets),
    notNets: netsOf(rule.notDstNets),
    sets: rule.dstIpSets ?? [],
    notSets: rule.notDstIpSets ?? [],
    ports: portsOf(rule.dstPorts),
    namedPorts: rule.dstNamedPortIpSets ?? [],
    notPorts: portsOf(rule.notDstPorts),
    notNamedPorts: rule.notDstNamedPortIpSets ?? [],
    ipPortSets: rule.dstIpPortSets ?? [],
  }
}

/** A rule of a request as the renderer takes it. */
export function policyRuleOf(rule: FelixRuleFields): PolicyRule {
  const { action = 'allow', ipVersion, protocol, notProtocol, icmp, notIcmp, annotations = {} } = rule
  const comments = Object.entries(annotations).map(([name, value]) => `${name}=${value}`)
  return {
    action: ACTIONS[action],
    ...(ipVersion === undefined ? {} : { ipVersion }),
    ...(protocol === undefined ? {} : { protocol: protocolOf(protocol)! }),
    ...(notProtocol === undefined ? {} : { notProtocol: protocolOf(notProtocol)! }),
    ...(icmp === undefined ? {} : { icmp }),
    ...(notIcmp === undefined ? {} : { notIcmp }),
    source: sourceOf(rule),
    destination: destinationOf(rule),
    ...(comments.length === 0 ? {} : { comments }),
    index: 0,
    origin: { component: 'felix' },
  }
}
