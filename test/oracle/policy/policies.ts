// Policies of every kind as one shape: whom they select, in which tier and order, with which rules.
import { isIn, type Member, type PolicyWorld, protocolNumber } from './cluster.ts'
import { type LabelSelector, type RawObject, selects } from './objects.ts'
import { type CalicoRule, calicoRule, isMember, NAMESPACES, type Packet, type Rule } from './rule.ts'
import { readSelector } from './selector.ts'

export type Direction = 'ingress' | 'egress'

/** When a policy of a host endpoint is asked. */
export type Stage = 'normal' | 'preDNAT' | 'doNotTrack'

/** A policy. */
export interface Policy {
  readonly tier: string
  readonly order: number
  /** Decides between policies of the same order. */
  readonly tie: string
  readonly selects: (one: Member) => boolean
  /** Rules of the directions it applies to. */
  readonly rules: Readonly<Partial<Record<Direction, readonly Rule[]>>>
  readonly stage: Stage
  readonly applyOnForward: boolean
}

/** A tier and its policies, in order. */
export interface Tier {
  readonly name: string
  readonly order: number
  readonly defaultAction: 'Deny' | 'Pass'
  readonly policies: readonly Policy[]
}

const DIRECTIONS: readonly Direction[] = ['ingress', 'egress']
const capital = (direction: Direction): string => (direction === 'ingress' ? 'Ingress' : 'Egress')
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function calicoPolicy(world: PolicyWorld, { kind, metadata, spec = {} }: RawObject): Policy {
  const isGlobal = kind === 'GlobalNetworkPolicy'
  const namespace = isGlobal ? undefined : (metadata.namespace ?? 'default')
  const { namespaceSelector, serviceAccountSelector } = spec
  // A selector of namespaces makes every `all()` of the policy one of pods.
  const isOfNamespaces = namespaceSelector !== undefined && namespaceSelector !== ''
  const own = readSelector(spec.selector, isOfNamespaces ? { all: NAMESPACES.all!, global: NAMESPACES.global! } : {})
  const spaces = isOfNamespaces ? readSelector(namespaceSelector, NAMESPACES) : () => true
  const accounts = serviceAccountSelector ? readSelector(serviceAccountSelector, { prefix: 'pcsa.' }) : () => true
  const given: readonly string[] = spec.types ?? []
  const has = (direction: Direction): boolean => (spec[direction] ?? []).length > 0
  const types =
    given.length > 0 ? given : !has('egress') ? ['Ingress'] : has('ingress') ? ['Ingress', 'Egress'] : ['Egress']
  const rules = DIRECTIONS.filter((one) => types.includes(capital(one))).map((one) => [
    one,
    ((spec[one] ?? []) as CalicoRule[]).map((rule) => calicoRule(world, rule, namespace)),
  ])
  return {
    tier: spec.tier ?? 'default',
    order: spec.order ?? Number.POSITIVE_INFINITY,
    tie: `${metadata.name}/${namespace ?? ''}/${kind}`,
    selects: (one) =>
      one.kind !== 'set' &&
      (namespace === undefined || (one.kind === 'pod' && one.namespace === namespace)) &&
      own(one.labels) &&
      spaces(one.labels) &&
      accounts(one.labels),
    rules: Object.fromEntries(rules),
    stage: spec.doNotTrack === true ? 'doNotTrack' : spec.preDNAT === true ? 'preDNAT' : 'normal',
    applyOnForward: spec.applyOnForward === true,
  }
}

interface KubernetesPeer {
  readonly podSelector?: LabelSelector
  readonly namespaceSelector?: LabelSelector
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] }
}

interface KubernetesPort {
  readonly protocol?: string
  readonly port?: number | string
  readonly endPort?: number
}

type Own = (one: Member) => boolean

/** Pods by labels; those of their namespaces by those of the object. */
function podsBy(world: PolicyWorld, spaces: (name: string) => boolean, pods: LabelSelector | undefined): Own {
  return (one) => one.kind === 'pod' && spaces(one.namespace) && selects(pods, podLabels(world, one))
}

/** Own labels of a pod, and what every pod has. */
function podLabels(world: PolicyWorld, pod: Member): Readonly<Record<string, string>> {
  const found = world
    .of('Pod')
    .find(({ metadata }) => `${metadata.namespace ?? 'default'}/${metadata.name}` === pod.name)
  return found?.metadata.labels ?? {}
}

function kubernetesPeer(world: PolicyWorld, peer: KubernetesPeer, namespace: string): (address: string) => boolean {
  const { podSelector, namespaceSelector, ipBlock } = peer
  if (ipBlock !== undefined)
    return (address) => isIn(ipBlock.cidr, address) && !(ipBlock.except ?? []).some((net) => isIn(net, address))
  const isSpace = (name: string): boolean =>
    namespaceSelector === undefined ? name === namespace : selects(namespaceSelector, world.namespaceLabels(name))
  const own = podsBy(world, isSpace, podSelector)
  return (address) => isMember(world, address, (_, one) => own(one))
}

/** A port of a pod by its name. */
function isNamedPort(world: PolicyWorld, name: string, { dst, dport, protocol }: Packet): boolean {
  return isMember(world, dst, (_, one) =>
    one.ports.some((own) => own.name === name && own.port === dport && own.protocol === protocol),
  )
}

function kubernetesPort(world: PolicyWorld, given: KubernetesPort, packet: Packet): boolean {
  const { port, endPort, protocol = 'TCP' } = given
  if (packet.protocol !== protocolNumber(protocol)) return false
  if (port === undefined) return true
  if (typeof port === 'string' && Number.isNaN(Number(port))) return isNamedPort(world, port, packet)
  return packet.dport! >= Number(port) && packet.dport! <= (endPort ?? Number(port))
}

function kubernetesPolicy(world: PolicyWorld, { metadata, spec = {} }: RawObject): Policy {
  const namespace = metadata.namespace ?? 'default'
  const given: readonly string[] = spec.policyTypes ?? []
  const types = given.length > 0 ? given : ['Ingress', ...(spec.egress?.length > 0 ? ['Egress'] : [])]
  const rules = DIRECTIONS.filter((one) => types.includes(capital(one))).map((direction) => {
    type Item = { from?: KubernetesPeer[]; to?: KubernetesPeer[]; ports?: KubernetesPort[] }
    const made = ((spec[direction] ?? []) as Item[]).map((item): Rule => {
      const peers = ((direction === 'ingress' ? item.from : item.to) ?? []).map((peer) =>
        kubernetesPeer(world, peer, namespace),
      )
      const ports = item.ports ?? []
      return {
        action: 'Allow',
        matches: (packet) =>
          (peers.length === 0 || peers.some((holds) => holds(direction === 'ingress' ? packet.src : packet.dst))) &&
          (ports.length === 0 || ports.some((port) => kubernetesPort(world, port, packet))),
      }
    })
    return [direction, made]
  })
  return {
    tier: 'default',
    order: 1000,
    tie: `${metadata.name}/${namespace}/KubernetesNetworkPolicy`,
    selects: podsBy(world, (name) => name === namespace, spec.podSelector),
    rules: Object.fromEntries(rules),
    stage: 'normal',
    applyOnForward: false,
  }
}

interface AdminPeer {
  readonly namespaces?: LabelSelector
  readonly pods?: { readonly namespaceSelector?: LabelSelector; readonly podSelector?: LabelSelector }
  readonly networks?: readonly string[]
}

function adminPods(world: PolicyWorld, peer: AdminPeer): Own {
  const { namespaces, pods } = peer
  return podsBy(
    world,
    (name) => selects(namespaces ?? pods?.namespaceSelector, world.namespaceLabels(name)),
    pods?.podSelector,
  )
}

type PortRange = { readonly number?: number; readonly range?: { readonly start: number; readonly end: number } }

/** A port of an admin policy, v1alpha1 or v1alpha2; undefined when it cannot be read. */
// biome-ignore lint/suspicious/noExplicitAny: two shapes of two versions
function adminPort(world: PolicyWorld, port: any): ((packet: Packet) => boolean) | undefined {
  const name: string | undefined = port.namedPort ?? port.destinationNamedPort
  if (name !== undefined) return (packet) => isNamedPort(world, name, packet)
  const within = (protocol: string, low: number, high: number) => (packet: Packet) =>
    packet.protocol === protocolNumber(protocol) && packet.dport! >= low && packet.dport! <= high
  if (port.portNumber !== undefined)
    return within(port.portNumber.protocol ?? 'TCP', port.portNumber.port, port.portNumber.port)
  if (port.portRange !== undefined)
    return within(port.portRange.protocol ?? 'TCP', port.portRange.start, port.portRange.end)
  const protocol = ['tcp', 'udp', 'sctp'].find((one) => port[one] !== undefined)
  if (protocol === undefined) return undefined
  const { number, range } = (port[protocol].destinationPort ?? {}) as PortRange
  return within(protocol, number ?? range?.start ?? 0, number ?? range?.end ?? 65535)
}

function adminPolicy(world: PolicyWorld, { kind, metadata, spec = {} }: RawObject): Policy[] {
  const { namespaces, pods } = spec.subject ?? {}
  if (namespaces === undefined && pods === undefined) return []
  const tier = {
    AdminNetworkPolicy: 'adminnetworkpolicy',
    BaselineAdminNetworkPolicy: 'baselineadminnetworkpolicy',
    Admin: 'kube-admin',
    Baseline: 'kube-baseline',
  }[(kind === 'ClusterNetworkPolicy' ? spec.tier : kind) as string]
  if (tier === undefined) return []
  const rules = DIRECTIONS.filter((one) => (spec[one] ?? []).length > 0).map((direction) => [
    direction,
    // biome-ignore lint/suspicious/noExplicitAny: rules of two versions
    (spec[direction] as any[]).flatMap((rule) => adminRule(world, rule, direction)),
  ])
  return [
    {
      tier,
      order: spec.priority ?? 0,
      tie: `${metadata.name}//${kind}`,
      selects: adminPods(world, { namespaces, pods }),
      rules: Object.fromEntries(rules),
      stage: 'normal',
      applyOnForward: false,
    },
  ]
}

// biome-ignore lint/suspicious/noExplicitAny: rules of two versions
function adminRule(world: PolicyWorld, rule: any, direction: Direction): Rule[] {
  const action = rule.action === 'Accept' ? 'Allow' : rule.action
  const peers = ((direction === 'ingress' ? rule.from : rule.to) ?? []).map((peer: AdminPeer) => adminPeer(world, peer))
  // biome-ignore lint/suspicious/noExplicitAny: ports of two versions
  const ports = (rule.ports ?? rule.protocols ?? []).map((port: any) => adminPort(world, port))
  // What cannot be read fails closed: no Allow, and a Deny of everything in the place of Deny and Pass.
  if ([...peers, ...ports].includes(undefined))
    return action === 'Allow' ? [] : [{ action: 'Deny', matches: () => true }]
  type Holds<T> = (one: T) => boolean
  return [
    {
      action,
      matches: (packet) =>
        peers.some((holds: Holds<string>) => holds(direction === 'ingress' ? packet.src : packet.dst)) &&
        (ports.length === 0 || ports.some((holds: Holds<Packet>) => holds(packet))),
    },
  ]
}

function adminPeer(world: PolicyWorld, peer: AdminPeer): ((address: string) => boolean) | undefined {
  const { networks } = peer
  if (networks !== undefined) return (address) => networks.some((net) => isIn(net, address))
  if (peer.namespaces === undefined && peer.pods === undefined) return undefined
  const own = peer.namespaces === undefined ? adminPods(world, peer) : inNamespaces(peer.namespaces)
  return (address) => isMember(world, address, (_, one) => own(one))
}

/**
 * What lies in these namespaces, network sets too: Calico asks only for labels of the namespace here, not for pods. So what has no
 * namespace is meant by a selector that is true without labels.
 */
function inNamespaces(selector: LabelSelector): Own {
  const isAll = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0
  return ({ labels }) => {
    if (isAll) return 'projectcalico.org/namespace' in labels
    const inherited = Object.entries(labels).filter(([key]) => key.startsWith('pcns.'))
    return selects(selector, Object.fromEntries(inherited.map(([key, value]) => [key.slice('pcns.'.length), value])))
  }
}

const BUILT_IN: readonly Omit<Tier, 'policies'>[] = [
  { name: 'adminnetworkpolicy', order: 1_000, defaultAction: 'Pass' },
  { name: 'kube-admin', order: 1_000, defaultAction: 'Pass' },
  { name: 'default', order: 1_000_000, defaultAction: 'Deny' },
  { name: 'baselineadminnetworkpolicy', order: 10_000_000, defaultAction: 'Pass' },
  { name: 'kube-baseline', order: 10_000_000, defaultAction: 'Pass' },
]

/** All tiers in order, each with its policies in order. Staged policies decide nothing and are left out. */
export function tiersOf(world: PolicyWorld): Tier[] {
  const calico = [...world.of('NetworkPolicy', 'projectcalico.org/'), ...world.of('GlobalNetworkPolicy')]
  const admin = ['AdminNetworkPolicy', 'BaselineAdminNetworkPolicy', 'ClusterNetworkPolicy']
  const policies = [
    ...calico.map((one) => calicoPolicy(world, one)),
    ...world.of('NetworkPolicy', 'networking.k8s.io/').map((one) => kubernetesPolicy(world, one)),
    ...admin.flatMap((kind) => world.of(kind)).flatMap((one) => adminPolicy(world, one)),
  ]
  const given = world.of('Tier').map(({ metadata, spec }) => ({
    name: metadata.name,
    order: spec?.order ?? Number.POSITIVE_INFINITY,
    defaultAction: spec?.defaultAction ?? ('Deny' as const),
  }))
  const known = [...BUILT_IN.filter((one) => !given.some(({ name }) => name === one.name)), ...given].sort((a, b) =>
    a.order === b.order ? byText(a.name, b.name) : a.order - b.order,
  )
  const missing = [...new Set(policies.map(({ tier }) => tier))]
    .filter((tier) => !known.some(({ name }) => name === tier))
    .sort(byText)
    .map((name) => ({ name, order: Number.POSITIVE_INFINITY, defaultAction: 'Deny' as const }))
  return [...known, ...missing].map((tier) => ({
    ...tier,
    policies: policies
      .filter((one) => one.tier === tier.name)
      .sort((a, b) => (a.order === b.order ? byText(a.tie, b.tie) : a.order - b.order)),
  }))
}
