import { endpointsIn } from '../control/index.ts'
import { type Plain, type PolicyChange, type PolicyRef, yamlText } from '../model/index.ts'
import type { Decision } from '../trace/index.ts'
import { DNS_PORT, familyOf } from '../wire/index.ts'
import type { Facts } from './facts.ts'

/** Decisions of policies that one more rule would turn. */
export type PolicyDenial = Extract<Decision, { readonly kind: 'policy' | 'tier-end' }>

/** Whom a rule is to let in or out: pods of a namespace by their labels, or an address. */
type Peer =
  | { readonly kind: 'pods'; readonly namespace: string; readonly labels: Readonly<Record<string, string>> }
  | { readonly kind: 'address'; readonly cidr: string }

/** What a rule is made from. */
interface Wanted {
  readonly policy: PolicyRef
  readonly direction: 'ingress' | 'egress'
  readonly peer: Peer
  /** Protocol; '' when nobody saw it. */
  readonly protocol: string
  readonly port: number
}

/**
 * The smallest change that would let the packet through at this endpoint: one more rule, before the one that denies it, or in one
 * of the policies none of whose rules matched. Undefined where the policy's kind cannot say it.
 */
export function changeFor(denial: PolicyDenial, facts: Facts): PolicyChange | undefined {
  const policy = denial.kind === 'policy' ? denial.policy : chosenOf(denial.policies)
  if (policy === undefined || (denial.kind === 'policy' && denial.rule === 0)) return undefined
  const { direction, seen } = denial
  const peer = peerOf(direction === 'ingress' ? seen.source.address : seen.destination.address, facts)
  const wanted: Wanted = { policy, direction, peer, protocol: seen.protocol, port: seen.destination.port }
  const rules = rulesOf(wanted)
  if (rules.length === 0) return undefined
  return { policy, direction, before: denial.kind === 'policy' ? denial.rule : 0, yaml: yamlText(rules) }
}

/** A policy of the namespace is changed before one of the whole cluster. */
function chosenOf(policies: readonly PolicyRef[]): PolicyRef | undefined {
  return policies.find(({ kind }) => kind === 'NetworkPolicy') ?? policies[0]
}

function peerOf(address: string, facts: Facts): Peer {
  const owner = facts.ownerOf(address)
  const pod = owner?.role === 'pod' ? endpointsIn(facts.cluster?.workloadEndpoints ?? []).at(owner.netns) : undefined
  if (pod === undefined) return { kind: 'address', cidr: `${address}/${familyOf(address) === 6 ? 128 : 32}` }
  return { kind: 'pods', namespace: pod.namespace, labels: lasting(pod.pod.metadata.labels ?? {}) }
}

/** Labels that a controller draws anew for each rollout select nothing tomorrow. */
const DRAWN: ReadonlySet<string> = new Set([
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
])

function lasting(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !DRAWN.has(key)))
}

/** The rules, in the words of the policy's kind; none where it cannot say it. */
function rulesOf(wanted: Wanted): readonly Plain[] {
  const { kind, api } = wanted.policy
  switch (kind) {
    case 'NetworkPolicy':
      return api === 'kubernetes' ? [kubernetesRule(wanted)] : calicoRules(wanted)
    case 'GlobalNetworkPolicy':
      return calicoRules(wanted)
    case 'AdminNetworkPolicy':
    case 'BaselineAdminNetworkPolicy':
      return adminRule(wanted, 'Allow')
    case 'ClusterNetworkPolicy':
      return adminRule(wanted, 'Accept')
    case 'StagedNetworkPolicy':
    case 'StagedGlobalNetworkPolicy':
    case 'StagedKubernetesNetworkPolicy':
      return []
  }
}

const PROTOCOLS: Readonly<Record<string, string>> = {
  tcp: 'TCP',
  udp: 'UDP',
  sctp: 'SCTP',
  icmp: 'ICMP',
  icmpv6: 'ICMPv6',
}

/** A port of a protocol. */
interface Port {
  readonly protocol: string
  readonly port: number
}

/**
 * Protocol and port, where the packet has one. Names are asked for by UDP, and by TCP where the answer is long: whoever may ask may
 * do both.
 */
function portsOf({ protocol, port, direction }: Wanted): readonly Port[] {
  if (direction === 'egress' && port === DNS_PORT) return ['UDP', 'TCP'].map((one) => ({ protocol: one, port }))
  const name = PROTOCOLS[protocol]
  return name === undefined || port === 0 ? [] : [{ protocol: name, port }]
}

const NAMESPACE_NAME = 'kubernetes.io/metadata.name'

/** Kubernetes knows no ICMP: what is no TCP, UDP or SCTP is let through by a rule without ports. */
function kubernetesRule(wanted: Wanted): Plain {
  const { policy, direction, peer } = wanted
  const ports = portsOf(wanted)
  const who: Plain =
    peer.kind === 'address'
      ? { ipBlock: { cidr: peer.cidr } }
      : {
          ...(peer.namespace === policy.namespace
            ? {}
            : { namespaceSelector: { matchLabels: { [NAMESPACE_NAME]: peer.namespace } } }),
          podSelector: selectorOf(peer.labels),
        }
  return {
    [direction === 'ingress' ? 'from' : 'to']: [who],
    ...(ports.length === 0 ? {} : { ports: ports.map((one) => ({ ...one })) }),
  }
}

function selectorOf(labels: Readonly<Record<string, string>>): Plain {
  return Object.keys(labels).length === 0 ? {} : { matchLabels: labels }
}

/** A rule of Calico names one protocol. */
function calicoRules(wanted: Wanted): readonly Plain[] {
  const ports = portsOf(wanted)
  return ports.length === 0
    ? [calicoRule(wanted, PROTOCOLS[wanted.protocol], undefined)]
    : ports.map(({ protocol, port }) => calicoRule(wanted, protocol, port))
}

function calicoRule(
  { direction, peer, policy }: Wanted,
  protocol: string | undefined,
  port: number | undefined,
): Plain {
  const who: { [key: string]: Plain } =
    peer.kind === 'address'
      ? { nets: [peer.cidr] }
      : {
          selector: calicoSelector(peer.labels),
          ...(peer.namespace === policy.namespace
            ? {}
            : { namespaceSelector: calicoSelector({ 'projectcalico.org/name': peer.namespace }) }),
        }
  const ports = port === undefined ? {} : { ports: [port] }
  const isIn = direction === 'ingress'
  const sides: { [key: string]: Plain } = isIn
    ? { source: who, ...(port === undefined ? {} : { destination: ports }) }
    : { destination: { ...who, ...ports } }
  return { action: 'Allow', ...(protocol === undefined ? {} : { protocol }), ...sides }
}

function calicoSelector(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(([key, value]) => `${key} == '${value}'`)
  return parts.length === 0 ? 'all()' : parts.join(' && ')
}

/** Administrators' policies name pods, and ranges of addresses only where packets go out. */
function adminRule(wanted: Wanted, action: 'Allow' | 'Accept'): readonly Plain[] {
  const { direction, peer } = wanted
  if (peer.kind === 'address' && direction === 'ingress') return []
  const who: Plain =
    peer.kind === 'address'
      ? { networks: [peer.cidr] }
      : {
          pods: {
            namespaceSelector: { matchLabels: { [NAMESPACE_NAME]: peer.namespace } },
            podSelector: selectorOf(peer.labels),
          },
        }
  return [{ action, [direction === 'ingress' ? 'from' : 'to']: [who], ...adminPorts(portsOf(wanted), action) }]
}

function adminPorts(ports: readonly Port[], action: 'Allow' | 'Accept'): { [key: string]: Plain } {
  if (ports.length === 0) return {}
  if (action === 'Allow') return { ports: ports.map((one) => ({ portNumber: { ...one } })) }
  const protocols = ports.map(({ protocol, port }) => ({
    [protocol.toLowerCase()]: { destinationPort: { number: port } },
  }))
  return { protocols }
}
