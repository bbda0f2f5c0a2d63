import type { PolicyDirection } from '../../model/index.ts'
import type { FieldPath } from '../origin.ts'
import type {
  AdminPeer,
  AdminPolicyResource,
  AdminPort,
  AdminRange,
  AdminRule,
  AdminSubject,
  ClusterPorts,
  ClusterProtocol,
} from './admin-kinds.ts'
import { type ConvertedRules, convertedPort, convertedRules, Unconvertible } from './converted-rules.ts'
import type { CalicoRule, EntityRule, PortText } from './kinds.ts'
import { networkOf } from './kubernetes-policy.ts'
import { type PortsByProtocol, withPorts } from './ports.ts'
import { protocolName } from './protocol.ts'
import { rulesByProtocol } from './rules-by-protocol.ts'
import { policyScope } from './scope.ts'
import { namespaceSelectorText, podSelectorText } from './selector-text.ts'
import type { PolicySpec, Problem, ReadPolicy } from './spec.ts'

/** Tiers administrators' policies are in, by kind. */
export const ADMIN_TIERS = {
  AdminNetworkPolicy: 'adminnetworkpolicy',
  BaselineAdminNetworkPolicy: 'baselineadminnetworkpolicy',
} as const

/** The one baseline of v1alpha1 has no priority. */
const BASELINE_ORDER = 1000

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
  const kind = resource.kind === 'ClusterNetworkPolicy' ? 'cluster' : 'admin'
  throw new Unconvertible(
    { path: [...path, 'action'], expected: known, received: String(action) },
    `unsupported ${kind} network policy action ${action}`,
  )
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

function networksOf(peer: AdminPeer, direction: PolicyDirection, path: FieldPath): string[] {
  const networks = direction === 'egress' ? (peer.networks ?? []) : []
  return networks.map((text, i) => {
    const net = networkOf(text)
    if (net !== undefined) return net
    const problem = { path: [...path, 'networks', i], expected: 'a CIDR', received: text }
    throw new Unconvertible(problem, `invalid CIDR in ANP rule: invalid CIDR address: ${text}`)
  })
}

function sideOf(peer: AdminPeer, direction: PolicyDirection, path: FieldPath): EntityRule {
  const nets = networksOf(peer, direction, path)
  const scope = subjectScope(peer)
  if (scope === undefined && nets.length === 0) {
    const known = direction === 'egress' ? 'namespaces, pods or networks' : 'namespaces or pods'
    const received = Object.keys(peer).join(', ') || 'none'
    const field = direction === 'egress' ? 'To' : 'From'
    throw new Unconvertible(
      { path, expected: `${known}: Calico knows no other peers`, received },
      `none of supported fields in '${field}' is set.`,
    )
  }
  return { ...scope, ...(nets.length === 0 ? {} : { nets }) }
}

/** A number as Calico keeps it, in 16 bits: what the API server refuses it does not look at again. */
function portNumber(number: number): number {
  return number & 0xffff
}

function rangeOf({ start = 0, end = 0 }: AdminRange, path: FieldPath, what: string): PortText {
  const text = `${portNumber(start)}:${portNumber(end)}`
  return convertedPort(text, path, (refusal) => `failed to parse k8s ${what}: ${refusal}`)
}

function clusterPort({ destinationPort }: ClusterPorts, path: FieldPath): PortText | undefined {
  const { number = 0, range } = destinationPort ?? {}
  if (number !== 0) return portNumber(number)
  return range === undefined ? undefined : rangeOf(range, path, 'protocol')
}

/** A protocol with a port; '' for any protocol. */
type ProtocolPort = readonly [protocol: string, port: PortText | undefined]

/** A protocol of a ClusterNetworkPolicy, with its port. */
function clusterProtocol(one: ClusterProtocol, path: FieldPath): ProtocolPort {
  for (const protocol of ['tcp', 'udp', 'sctp'] as const) {
    const ports = one[protocol]
    if (ports !== undefined) return [protocol.toUpperCase(), clusterPort(ports, [...path, protocol])]
  }
  return ['', portName(one.destinationNamedPort, [...path, 'destinationNamedPort'], 'protocol')]
}

/** The name of a port; one of digits only is a name, too. */
function portName(name: string | undefined, path: FieldPath, what: string): PortText | undefined {
  if (name === undefined || name === '') return undefined
  if (/^[A-Za-z0-9_.-]{1,128}$/.test(name)) return name
  throw new Unconvertible(
    { path, expected: 'the name of a port', received: name },
    `failed to parse k8s ${what}: invalid name for named port (${name})`,
  )
}

/** A port of an AdminNetworkPolicy, with its protocol. */
function adminPort({ portNumber: single, portRange, namedPort }: AdminPort, path: FieldPath): ProtocolPort {
  if (single !== undefined) return [protocolName(single.protocol || 'TCP'), portNumber(single.port ?? 0)]
  if (portRange === undefined) return ['', portName(namedPort, [...path, 'namedPort'], 'port')]
  return [protocolName(portRange.protocol || 'TCP'), rangeOf(portRange, [...path, 'portRange'], 'port')]
}

/** The first entry that asks for nothing takes in everything, and what comes after it is not looked at. */
function portsOf({ protocols = [], ports = [] }: AdminRule, path: FieldPath): PortsByProtocol {
  const found = new Map<string, PortText[] | undefined>()
  const readers = [
    ...protocols.map((one, i) => () => clusterProtocol(one, [...path, 'protocols', i])),
    ...ports.map((one, i) => () => adminPort(one, [...path, 'ports', i])),
  ]
  for (const read of readers) {
    const [protocol, port] = read()
    if (protocol === '' && port === undefined) return new Map([['', undefined]])
    withPorts(found, protocol, port)
  }
  return found.size === 0 ? new Map([['', undefined]]) : found
}

function rulesOf(
  resource: AdminPolicyResource,
  rule: AdminRule,
  direction: PolicyDirection,
  path: FieldPath,
): CalicoRule[] {
  const action = actionOf(resource, rule, path)
  const ports = portsOf(rule, path)
  const field = direction === 'ingress' ? 'from' : 'to'
  const sides = (rule[field] ?? []).map((peer, i) => sideOf(peer, direction, [...path, field, i]))
  const { name = '' } = rule
  const metadata = name === '' ? {} : { metadata: { annotations: { name } } }
  return rulesByProtocol({ action, ...metadata }, ports, sides, direction)
}

/** Rules of a direction. What cannot be converted is left out where it would allow, and denies everything otherwise. */
function rulesIn(resource: AdminPolicyResource, direction: PolicyDirection): ConvertedRules {
  return convertedRules(
    direction,
    resource.spec[direction] ?? [],
    (rule, path) => rulesOf(resource, rule, direction, path),
    ({ action }) => (action === 'Deny' || (action === 'Pass' && mayPass(resource)) ? [{ action: 'Deny' }] : []),
  )
}

/** An administrator's policy in Calico's terms. */
export interface AdminConversion {
  /** Tier. */
  readonly tier: string
  /** Order in the tier. */
  readonly order: number
  /** Pods it is for. */
  readonly subject: { readonly selector: string; readonly namespaceSelector: string }
  /** Rules for what comes in. */
  readonly ingress: ConvertedRules
  /** Rules for what goes out. */
  readonly egress: ConvertedRules
  /** Directions with rules: in the others the end of its tier passes. */
  readonly directions: readonly PolicyDirection[]
}

/**
 * Converts an administrator's policy; the problem where Calico takes the object for no policy.
 *
 * @calico libcalico-go/lib/backend/k8s/conversion/clusternetworkpolicy.go
 */
export function adminConversion(resource: AdminPolicyResource): AdminConversion | Problem {
  const { kind, spec } = resource
  const tier = tierOf(resource)
  if (tier === undefined) return { path: ['spec', 'tier'], expected: 'Admin or Baseline', received: String(spec.tier) }
  const { namespaces, pods } = spec.subject ?? {}
  const scope = subjectScope(namespaces === undefined ? { ...(pods && { pods }) } : { namespaces })
  const { selector = podSelectorText(undefined), namespaceSelector } = scope ?? {}
  if (namespaceSelector === undefined) {
    const expected = 'namespaces or pods, without which the policy does nothing'
    return { path: ['spec', 'subject'], expected, received: 'neither' }
  }
  const ingress = rulesIn(resource, 'ingress')
  const egress = rulesIn(resource, 'egress')
  const directions: PolicyDirection[] = []
  if (ingress.rules.length > 0) directions.push('ingress')
  if (egress.rules.length > 0) directions.push('egress')
  const order = kind === 'BaselineAdminNetworkPolicy' ? BASELINE_ORDER : (spec.priority ?? 0)
  return { tier, order, subject: { selector, namespaceSelector }, ingress, egress, directions }
}

/** What an administrator's policy says, in Calico's terms. */
export function adminPolicy(resource: AdminPolicyResource): ReadPolicy {
  const found = adminConversion(resource)
  if ('path' in found) return { faults: [], warnings: [found] }
  const { tier, order, subject, ingress, egress, directions } = found
  const read: PolicySpec = {
    resource,
    kind: resource.kind,
    api: 'kubernetes',
    tier,
    order,
    scope: policyScope(subject, undefined),
    directions,
    staged: false,
    applyOnForward: false,
    preDNAT: false,
    doNotTrack: false,
    ingress: ingress.rules,
    egress: egress.rules,
  }
  return { spec: read, faults: [], warnings: [...ingress.failures, ...egress.failures] }
}
