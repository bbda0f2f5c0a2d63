import { type Prefix, parsePrefix } from '../../wire/index.ts'
import { originOf } from '../origin.ts'
import type { OtherResource } from '../resource.ts'
import type { CalicoRule, EntityRule, IcmpFields } from './kinds.ts'
import type { IcmpMatch, PolicyRule, ProtocolMatch, SetId, SideMatch } from './model.ts'
import { namesOf, rangesOf } from './ports.ts'
import { portWord, protocolMatch } from './protocol.ts'
import { ruleScope } from './scope.ts'
import { type EndpointSelector, endpointSelector } from './selector-text.ts'
import type { PortProtocol, SetSpec } from './set-spec.ts'
import type { RuleSpec } from './spec.ts'

/** Where the rules of an object stand, and who keeps the sets they ask. */
export interface RuleHome {
  /** The object. */
  readonly resource: OtherResource
  /** Its namespace, which its rules do not leave. */
  readonly namespace: string | undefined
  /** Takes note of a set and gives its id. */
  readonly setOf: (spec: SetSpec) => SetId
}

const ALL = endpointSelector('')

/** A rule without a protocol takes ports of any; one with another protocol than these takes those of TCP. */
function portProtocol(protocol: ProtocolMatch | undefined): PortProtocol {
  return protocol === undefined ? 'any' : portWord(protocol)
}

function netsOf(nets: readonly string[] | undefined): Prefix[] {
  return (nets ?? []).flatMap((net) => parsePrefix(net) ?? [])
}

/** The endpoints of a side: what it asks for without what it excludes, or what it excludes alone. */
function selectorsOf(
  side: EntityRule,
  namespace: string | undefined,
): { readonly wanted?: EndpointSelector; readonly excluded?: EndpointSelector } {
  const scope = ruleScope(side, namespace)
  const { notSelector = '' } = side
  if (scope === '') return notSelector === '' ? {} : { excluded: endpointSelector(notSelector) }
  return { wanted: endpointSelector(notSelector === '' ? scope : `(${scope}) && (!(${notSelector}))`) }
}

function servicesOf(side: EntityRule, namespace: string | undefined): string | undefined {
  const { name, namespace: within } = side.services ?? {}
  if (name === undefined) return undefined
  return `${within === undefined || within === '' ? (namespace ?? '') : within}/${name}`
}

/**
 * One side of a rule. Where all its ports have names the set of those ports stands for its selector, too.
 *
 * @calico felix/calc/rule_scanner.go
 */
function sideMatch(
  side: EntityRule,
  protocol: ProtocolMatch | undefined,
  isSource: boolean,
  { namespace, setOf }: RuleHome,
): SideMatch {
  const { ports = [], notPorts = [] } = side
  const { wanted, excluded } = selectorsOf(side, namespace)
  const ranges = rangesOf(ports)
  const names = namesOf(ports)
  const named = (port: string): SetId =>
    setOf({ kind: 'named-port', selector: wanted ?? ALL, protocol: portProtocol(protocol), port })
  const sets: SetId[] = []
  if (wanted !== undefined && (ranges.length > 0 || names.length === 0)) {
    sets.push(setOf({ kind: 'selector', selector: wanted }))
  }
  const service = servicesOf(side, namespace)
  if (service !== undefined && isSource) sets.push(setOf({ kind: 'service', service, withPorts: false }))
  return {
    nets: netsOf(side.nets),
    notNets: netsOf(side.notNets),
    sets,
    notSets: excluded === undefined ? [] : [setOf({ kind: 'selector', selector: excluded })],
    ports: ranges,
    namedPorts: names.map(named),
    notPorts: rangesOf(notPorts),
    notNamedPorts: namesOf(notPorts).map(named),
    ipPortSets: service !== undefined && !isSource ? [setOf({ kind: 'service', service, withPorts: true })] : [],
  }
}

function icmpMatch(icmp: IcmpFields | undefined): IcmpMatch | undefined {
  if (icmp?.type === undefined) return undefined
  return { type: icmp.type, ...(icmp.code === undefined ? {} : { code: icmp.code }) }
}

/** The IP version a rule is for: as given, else as its protocol's name says. @calico felix/calc/rule_convert.go */
function versionOf(ipVersion: number | undefined, protocol: ProtocolMatch | undefined): 4 | 6 | undefined {
  if (ipVersion === 4 || ipVersion === 6) return ipVersion
  return protocol?.name === 'icmp' ? 4 : protocol?.name === 'icmpv6' ? 6 : undefined
}

/** Annotations of a rule in order of their names: Felix draws the order by lot. @calico felix/rules/policy.go */
function commentsOf({ metadata }: CalicoRule): string[] {
  const annotations = Object.entries(metadata?.annotations ?? {})
  return annotations.map(([name, value]) => `${name}=${value}`).sort()
}

/** A rule as it is handed to those who write chains. */
export function policyRule({ rule, index, path }: RuleSpec, home: RuleHome): PolicyRule {
  const protocol = rule.protocol === undefined ? undefined : protocolMatch(rule.protocol)
  const notProtocol = rule.notProtocol === undefined ? undefined : protocolMatch(rule.notProtocol)
  const ipVersion = versionOf(rule.ipVersion, protocol)
  const icmp = icmpMatch(rule.icmp)
  const notIcmp = icmpMatch(rule.notICMP)
  const comments = commentsOf(rule)
  return {
    action: rule.action,
    ...(ipVersion === undefined ? {} : { ipVersion }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(notProtocol === undefined ? {} : { notProtocol }),
    ...(icmp === undefined ? {} : { icmp }),
    ...(notIcmp === undefined ? {} : { notIcmp }),
    source: sideMatch(rule.source ?? {}, protocol, true, home),
    destination: sideMatch(rule.destination ?? {}, protocol, false, home),
    ...(comments.length === 0 ? {} : { comments }),
    index,
    origin: originOf('felix', home.resource, path),
  }
}
