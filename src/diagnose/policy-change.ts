import { type Plain, type PolicyChange, type PolicyRef, yamlText } from '../model/index.ts'
import type { Decision } from '../trace/index.ts'
import { familyOf } from '../wire/index.ts'
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
  const rule = ruleOf(wanted)
  if (rule === undefined) return undefined
  return { policy, direction, before: denial.kind === 'policy' ? denial.rule : 0, yaml: yamlText([rule]) }
}

/** A policy of the namespace is changed before one of the whole cluster. */
function chosenOf(policies: readonly PolicyRef[]): PolicyRef | undefined {
  return policies.find(({ kind }) => kind === 'NetworkPolicy') ?? policies[0]
}

function peerOf(address: string, facts: Facts): Peer {
  const owner = facts.ownerOf(address)
  const pod =
    owner?.role === 'pod' ? facts.cluster?.workloadEndpoints.find(({ netns }) => netns === owner.netns) : undefined
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

function ruleOf(wanted: Wanted): Plain | undefined {
  const { kind, api } = wanted.policy
  switch (kind) {
    case 'NetworkPolicy':
      return api === 'kubernetes' ? kubernetesRule(wanted) : calicoRule(wanted)
    case 'GlobalNetworkPolicy':
      return calicoRule(wanted)
    case 'AdminNetworkPolicy':
    case 'BaselineAdminNetworkPolicy':
      return adminRule(wanted, 'Allow')
    case 'ClusterNetworkPolicy':
      return adminRule(wanted, 'Accept')
    case 'StagedNetworkPolicy':
    case 'StagedGlobalNetworkPolicy':
    case 'StagedKubernetesNetworkPolicy':
      return undefined
  }
}

const PROTOCOLS: Readonly<Record<string, string>> = {
  tcp: 'TCP',
  udp: 'UDP',
  sctp: 'SCTP',
  icmp: 'ICMP',
  icmpv6: 'ICMPv6',
}

/** Protocol and port, where the packet has one. */
function portOf({ protocol, port }: Wanted): { readonly protocol: string; readonly port: number } | undefined {
  const name = PROTOCOLS[protocol]
  return name === undefined || port === 0 ? undefined : { protocol: name, port }
}

const NAMESPACE_NAME = 'kubernetes.io/metadata.name'

/** Kubernetes knows no ICMP: what is no TCP, UDP or SCTP is let through by a rule without ports. */
function kubernetesRule(wanted: Wanted): Plain {
  const { policy, direction, peer } = wanted
  const port = portOf(wanted)
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
    ...(port === undefined ? {} : { ports: portsOf(port, direction) }),
  }
}

const DNS = 53

/** Names are asked for by UDP, and by TCP where the answer is long. */
function portsOf(port: { readonly protocol: string; readonly port: number }, direction: Wanted['direction']): Plain {
  if (direction === 'ingress' || port.port !== DNS) return [port]
  return ['UDP', 'TCP'].map((protocol) => ({ protocol, port: DNS }))
}

function selectorOf(labels: Readonly<Record<string, string>>): Plain {
  return Object.keys(labels).length === 0 ? {} : { matchLabels: labels }
}

function calicoRule(wanted: Wanted): Plain {
  const { direction, peer, policy, protocol } = wanted
  const port = portOf(wanted)
  const name = PROTOCOLS[protocol]
  const who: { [key: string]: Plain } =
    peer.kind === 'address'
      ? { nets: [peer.cidr] }
      : {
          selector: calicoSelector(peer.labels),
          ...(peer.namespace === policy.namespace
            ? {}
            : { namespaceSelector: calicoSelector({ 'projectcalico.org/name': peer.namespace }) }),
        }
  const ports = port === undefined ? {} : { ports: [port.port] }
  const isIn = direction === 'ingress'
  const sides: { [key: string]: Plain } = isIn
    ? { source: who, ...(port === undefined ? {} : { destination: ports }) }
    : { destination: { ...who, ...ports } }
  return { action: 'Allow', ...(name === undefined ? {} : { protocol: name }), ...sides }
}

function calicoSelector(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(([key, value]) => `${key} == '${value}'`)
  return parts.length === 0 ? 'all()' : parts.join(' && ')
}

/** Administrators' policies name pods, and ranges of addresses only where packets go out. */
function adminRule(wanted: Wanted, action: 'Allow' | 'Accept'): Plain | undefined {
  const { direction, peer } = wanted
  if (peer.kind === 'address' && direction === 'ingress') return undefined
  const port = portOf(wanted)
  const who: Plain =
    peer.kind === 'address'
      ? { networks: [peer.cidr] }
      : {
          pods: {
            namespaceSelector: { matchLabels: { [NAMESPACE_NAME]: peer.namespace } },
            podSelector: selectorOf(peer.labels),
          },
        }
  const sent =
    port === undefined ? {} : action === 'Allow' ? { ports: [{ portNumber: { ...port } }] } : clusterPorts(wanted)
  return { action, [direction === 'ingress' ? 'from' : 'to']: [who], ...sent }
}

function clusterPorts({ protocol, port }: Wanted): { [key: string]: Plain } {
  return { protocols: [{ [protocol]: { destinationPort: { number: port } } }] }
}
