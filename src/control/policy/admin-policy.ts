import type { PolicyDirection } from '../../model/index.ts'
import { parseCidr } from '../../wire/index.ts'
import type { FieldPath } from '../origin.ts'
import type {
  AdminPeer,
  AdminPolicyResource,
  AdminPort,
  AdminRule,
  AdminSubject,
  ClusterPorts,
  ClusterProtocol,
} from './admin-kinds.ts'
import type { CalicoRule, EntityRule, PortText } from './kinds.ts'
import { strictCidr } from './kubernetes-policy.ts'
import { type PortsByProtocol, parsePort, withPorts } from './ports.ts'
import { rulesByProtocol } from './rules-by-protocol.ts'
import { policyScope } from './scope.ts'
import { namespaceSelectorText, podSelectorText } from './selector-text.ts'
import type { PolicySpec, Problem, ReadPolicy, RuleSpec } from './spec.ts'

/** Tiers administrators' policies are in, by kind. */
export const ADMIN_TIERS = {
  AdminNetworkPolicy: 'adminnetworkpolicy',
  BaselineAdminNetworkPolicy: 'baselineadminnetworkpolicy',
} as const

/** The one baseline of v1alpha1 has no priority. */
const BASELINE_ORDER = 1000

/** Why a rule cannot be converted: what would be right. */
class Unconvertible extends Error {
  readonly problem: Problem
  constructor(path: FieldPath, expected: string, received: string) {
    super(expected)
    this.problem = { path, expected, received }
  }
}

function tierOf({ kind, spec }: AdminPolicyResource): string | undefined {
  if (kind !== 'ClusterNetworkPolicy') return ADMIN_TIERS[kind]
  if (spec.tier === 'Admin') return 'kube-admin'
  return spec.tier === 'Baseline' ? 'kube-baseline' : undefined
}

/** Nothing comes after a baseline of v1alpha1: it cannot pass a packet on. */
function mayPass({ kind }: AdminPolicyResource): boolean {
  return kind !== 'BaselineAdminNetworkPolicy'
}

function actionOf(resource: AdminPolicyResource, { action }: AdminRule, path: FieldPath): CalicoRule['action'] {
  const allow = resource.kind === 'ClusterNetworkPolicy' ? 'Accept' : 'Allow'
  if (action === allow) return 'Allow'
  if (action === 'Deny' || (action === 'Pass' && mayPass(resource))) return action
  const known = mayPass(resource) ? `${allow}, Deny or Pass` : `${allow} or Deny`
  throw new Unconvertible([...path, 'action'], known, String(action))
}

/** Whom namespaces, or pods of namespaces, are. */
function subjectScope({ namespaces, pods }: AdminSubject): EntityRule | undefined {
  if (pods !== undefined)
    return {
      selector: podSelectorText(pods.podSelector),
      namespaceSelector: namespaceSelectorText(pods.namespaceSelector ?? {}),
    }
  return namespaces === undefined ? undefined : { namespaceSelector: namespaceSelectorText(namespaces) }
}

function sideOf(peer: AdminPeer, direction: PolicyDirection, path: FieldPath): EntityRule {
  const networks = direction === 'egress' ? (peer.networks ?? []) : []
  for (const [i, network] of networks.entries())
    if (parseCidr(network) === undefined) throw new Unconvertible([...path, 'networks', i], 'a CIDR', network)
  const scope = subjectScope(peer)
  if (scope === undefined && networks.length === 0) {
    const known = direction === 'egress' ? 'namespaces, pods or networks' : 'namespaces or pods'
    throw new Unconvertible(path, `${known}: Calico knows no other peers`, Object.keys(peer).join(', ') || 'none')
  }
  return { ...scope, ...(networks.length === 0 ? {} : { nets: networks.map(strictCidr) }) }
}

function checkedPort(port: PortText, path: FieldPath): PortText {
  const parsed = parsePort(port)
  if (typeof parsed === 'string') throw new Unconvertible(path, parsed, String(port))
  return port
}

function clusterPort({ destinationPort }: ClusterPorts, path: FieldPath): PortText | undefined {
  if (destinationPort?.number !== undefined) return checkedPort(destinationPort.number, path)
  const { start, end } = destinationPort?.range ?? {}
  return start === undefined ? undefined : checkedPort(`${start}:${end ?? start}`, path)
}

/** A protocol of a ClusterNetworkPolicy, with its port; '' for any protocol. */
function clusterProtocol(one: ClusterProtocol, path: FieldPath): [protocol: string, port: PortText | undefined] {
  for (const protocol of ['tcp', 'udp', 'sctp'] as const) {
    const ports = one[protocol]
    if (ports !== undefined) return [protocol.toUpperCase(), clusterPort(ports, [...path, protocol])]
  }
  const name = one.destinationNamedPort
  return ['', name === undefined || name === '' ? undefined : checkedPort(name, [...path, 'destinationNamedPort'])]
}

/** A port of an AdminNetworkPolicy, with its protocol; '' for any protocol. */
function adminPort(one: AdminPort, path: FieldPath): [protocol: string, port: PortText | undefined] {
  const { portNumber, portRange, namedPort } = one
  if (portNumber !== undefined)
    return [portNumber.protocol ?? 'TCP', checkedPort(portNumber.port ?? 0, [...path, 'portNumber'])]
  if (portRange !== undefined) {
    const { protocol = 'TCP', start = 0, end = 0 } = portRange
    return [protocol, checkedPort(`${start}:${end}`, [...path, 'portRange'])]
  }
  return ['', namedPort === undefined ? undefined : checkedPort(namedPort, [...path, 'namedPort'])]
}

function portsOf({ protocols = [], ports = [] }: AdminRule, path: FieldPath): PortsByProtocol {
  const pairs = [
    ...protocols.map((one, i) => clusterProtocol(one, [...path, 'protocols', i])),
    ...ports.map((one, i) => adminPort(one, [...path, 'ports', i])),
  ]
  const any = new Map([['', undefined]])
  if (pairs.length === 0) return any
  const found = new Map<string, PortText[] | undefined>()
  for (const [protocol, port] of pairs) {
    if (protocol === '' && port === undefined) return any
    withPorts(found, protocol, port)
  }
  return found
}

function rulesOf(
  resource: AdminPolicyResource,
  rule: AdminRule,
  direction: PolicyDirection,
  path: FieldPath,
): CalicoRule[] {
  const action = actionOf(resource, rule, path)
  const field = direction === 'ingress' ? 'from' : 'to'
  const sides = (rule[field] ?? []).map((peer, i) => sideOf(peer, direction, [...path, field, i]))
  const { name = '' } = rule
  const metadata = name === '' ? {} : { metadata: { annotations: { name } } }
  return rulesByProtocol({ action, ...metadata }, portsOf(rule, path), sides, direction)
}

/** Rules of a direction. What cannot be converted is left out where it would allow, and denies everything otherwise. */
function rulesIn(resource: AdminPolicyResource, direction: PolicyDirection, warnings: Problem[]): RuleSpec[] {
  return (resource.spec[direction] ?? []).flatMap((rule, i) => {
    const path = ['spec', direction, i]
    try {
      return rulesOf(resource, rule, direction, path).map((one) => ({ rule: one, index: i + 1, path }))
    } catch (error) {
      if (!(error instanceof Unconvertible)) throw error
      warnings.push(error.problem)
      const isClosed = rule.action === 'Deny' || (rule.action === 'Pass' && mayPass(resource))
      return isClosed ? [{ rule: { action: 'Deny' as const }, index: i + 1, path }] : []
    }
  })
}

/**
 * What an administrator's policy says, in Calico's terms. Directions without rules are open: the end of its tier passes.
 *
 * @calico libcalico-go/lib/backend/k8s/conversion/clusternetworkpolicy.go
 */
export function adminPolicy(resource: AdminPolicyResource): ReadPolicy {
  const warnings: Problem[] = []
  const { kind, spec } = resource
  const tier = tierOf(resource)
  if (tier === undefined) {
    const problem = { path: ['spec', 'tier'], expected: 'Admin or Baseline', received: String(spec.tier) }
    return { faults: [], warnings: [problem] }
  }
  const subject = subjectScope(spec.subject ?? {})
  if (subject === undefined) {
    const expected = 'namespaces or pods, without which the policy does nothing'
    return { faults: [], warnings: [{ path: ['spec', 'subject'], expected, received: 'neither' }] }
  }
  const ingress = rulesIn(resource, 'ingress', warnings)
  const egress = rulesIn(resource, 'egress', warnings)
  const directions: PolicyDirection[] = []
  if (ingress.length > 0) directions.push('ingress')
  if (egress.length > 0) directions.push('egress')
  const read: PolicySpec = {
    resource,
    kind,
    api: 'kubernetes',
    tier,
    order: kind === 'BaselineAdminNetworkPolicy' ? BASELINE_ORDER : (spec.priority ?? 0),
    scope: policyScope({ ...subject, selector: subject.selector ?? podSelectorText(undefined) }, undefined),
    directions,
    staged: false,
    applyOnForward: false,
    preDNAT: false,
    doNotTrack: false,
    ingress,
    egress,
  }
  return { spec: read, faults: [], warnings }
}
