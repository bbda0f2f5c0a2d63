import {
  clusterIpsOf,
  isSelectorFault,
  type PodResource,
  type PolicySpec,
  parsePort,
  parseSelector,
  type RuleSpec,
  type Selector,
  type ServiceResource,
  selectsBy,
  selectsLabels,
} from '../../control/index.ts'
import { once, type PolicyDirection } from '../../model/index.ts'
import { contains, familyOf, type Ip, overlaps, type Prefix, parsePrefix, prefixLength } from '../../wire/index.ts'
import type { LintFacts } from '../facts.ts'
import { found, type LintFinding, type Subject } from '../finding.ts'
import { peerOf, type RuleSide, scopeOf } from '../pod-classes.ts'

/** A rule of a policy, and the side it names peers on. */
interface Asked {
  readonly policy: PolicySpec
  readonly direction: PolicyDirection
  readonly spec: RuleSpec
  readonly side: RuleSide
  readonly subject: Subject
}

/** Whom and what rules of policies name. */
export function ruleChecks(facts: LintFacts): LintFinding[] {
  const rules = facts.policies().flatMap((policy) =>
    (['ingress', 'egress'] as const).flatMap((direction) =>
      policy[direction].map(
        (spec): Asked => ({
          policy,
          direction,
          spec,
          side: direction === 'ingress' ? 'source' : 'destination',
          subject: { resource: policy.resource, path: spec.path },
        }),
      ),
    ),
  )
  const services = once(() => serviceFacts(facts))
  const all = rules.flatMap((asked) => [
    ...peers(facts, asked),
    ...namedPorts(facts, asked),
    ...ranges(facts, asked, services),
  ])
  return firstOfEach(all)
}

/** A rule of Kubernetes is several of Calico's: what is found of them is said once. */
function firstOfEach(all: readonly LintFinding[]): LintFinding[] {
  const seen = new Set<string>()
  return all.filter(({ name, objects, message }) => {
    const key = `${name} ${objects[0]} ${message}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

const ruleName = ({ direction, spec }: Asked): string => `${direction} rule ${spec.index}`

/** Endpoints that a rule names and that there are not. */
function peers(facts: LintFacts, asked: Asked): LintFinding[] {
  const { policy, spec, side, subject } = asked
  const selector = peerOf(policy, spec, side)
  const { namespaceSelector = '', selector: text = '' } = spec.rule[side] ?? {}
  // Without pods nobody is selected, and without namespaces their labels are not known.
  if (
    selector === undefined ||
    (namespaceSelector === '' && text === '') ||
    facts.cluster.workloadEndpoints.length === 0
  )
    return []
  if (namespaceSelector !== '' && facts.resources.namespaces.length === 0) return []
  const within = namespaceSelector === '' ? policy.namespace : undefined
  if (facts.classesIn(within).some((one) => one.isTaken(selector))) return []
  if (others(facts).some((labelOf) => selectsBy(selector, labelOf))) return []
  if (namespaceSelector !== '' && !selectsNamespace(facts, namespaceSelector)) {
    return [found('peer-namespace-missing', [subject], `${ruleName(asked)}: no namespace is ${namespaceSelector}`)]
  }
  const host = hostPodOf(facts, selector)
  if (host !== undefined) {
    const message = `${ruleName(asked)} names ${host.metadata.name}, which is on the host network`
    return [found('peer-is-host-network', [subject, { resource: host }], message)]
  }
  const whom = [text, namespaceSelector === '' ? '' : `in namespaces ${namespaceSelector}`].filter((one) => one !== '')
  return [found('peer-selects-nothing', [subject], `${ruleName(asked)}: nobody is ${whom.join(' ')}`)]
}

type LabelOf = (label: string) => string | undefined

const keptOthers = new WeakMap<LintFacts, readonly LabelOf[]>()

/** Labels of what is no pod: sets of addresses, host endpoints, and nodes, of which host endpoints may be made. */
function others(facts: LintFacts): readonly LabelOf[] {
  const known = keptOthers.get(facts)
  if (known !== undefined) return known
  const { networkSets, hostEndpoints } = facts.resources
  const sets = networkSets.map(({ metadata, kind }): LabelOf => {
    const { namespace = 'default' } = metadata
    return (label) => {
      if (kind === 'GlobalNetworkSet') return metadata.labels?.[label]
      if (label === 'projectcalico.org/namespace') return namespace
      if (label.startsWith('pcns.')) return facts.labels().ofNamespace(namespace, label.slice('pcns.'.length))
      return metadata.labels?.[label]
    }
  })
  const hosts = hostEndpoints.map(
    ({ metadata }): LabelOf =>
      (label) =>
        metadata.labels?.[label],
  )
  const nodes = facts.resources.kubeControllersConfigurations.length === 0 ? [] : facts.cluster.nodes
  const made = [
    ...sets,
    ...hosts,
    ...nodes.map(
      ({ labels }): LabelOf =>
        (label) =>
          labels[label],
    ),
  ]
  keptOthers.set(facts, made)
  return made
}

function selectsNamespace({ resources, labels }: LintFacts, text: string): boolean {
  const selector = parseSelector(text)
  if (isSelectorFault(selector) || text.includes('global(')) return true
  return resources.namespaces.some(({ metadata }) =>
    selectsBy(selector, (label) => labels().ofNamespace(metadata.name, label)),
  )
}

/** A pod on the network of its node that a selector takes. */
export function hostPodOf(facts: LintFacts, selector: Selector): PodResource | undefined {
  return facts.hostPods().find((pod) => {
    const endpoint = { pod, namespace: pod.metadata.namespace ?? 'default' }
    return selectsBy(selector, (label) => facts.labels().ofPod(endpoint as never, label))
  })
}

/** Names of ports that none of the pods has which a rule is about. */
function namedPorts(facts: LintFacts, asked: Asked): LintFinding[] {
  const { policy, spec, direction, subject } = asked
  const names = (spec.rule.destination?.ports ?? []).filter((port): port is string => {
    const parsed = parsePort(port)
    return typeof parsed === 'object' && !('range' in parsed)
  })
  if (names.length === 0 || facts.resources.hostEndpoints.length > 0) return []
  const isIngress = direction === 'ingress'
  const selector = isIngress ? scopeOf(policy) : peerOf(policy, spec, 'destination')
  const classes = facts.classesIn(isIngress ? policy.namespace : undefined)
  const those = selector === undefined ? classes : classes.filter((one) => one.isTaken(selector))
  const missing = new Set(names)
  for (const { pods } of those) {
    for (const { pod } of pods) {
      for (const { ports = [] } of pod.spec.containers ?? []) for (const { name } of ports) missing.delete(name ?? '')
      if (missing.size === 0) return []
    }
  }
  if (those.length === 0) return []
  const message = `${ruleName(asked)}: none of the pods has a port called ${[...missing].join(', ')}`
  return [found('named-port-missing', [subject], message)]
}

/** Addresses of Services, and Services that clients outside reach by nodes which hide them. */
interface ServiceFacts {
  readonly byAddress: readonly (readonly [Ip, ServiceResource])[]
  readonly hiding: readonly ServiceResource[]
}

function serviceFacts({ resources }: LintFacts): ServiceFacts {
  return {
    byAddress: resources.services.flatMap((service) => clusterIpsOf(service).map((ip) => [ip, service] as const)),
    hiding: resources.services.filter(
      ({ spec }) =>
        (spec.type === 'NodePort' || spec.type === 'LoadBalancer') &&
        spec.externalTrafficPolicy !== 'Local' &&
        Object.keys(spec.selector ?? {}).length > 0,
    ),
  }
}

/** A range that is wider names no Services, but the world. */
const NARROW = 8

function ranges(facts: LintFacts, asked: Asked, services: () => ServiceFacts): LintFinding[] {
  const { spec, side, direction, subject } = asked
  if (spec.rule.action !== 'Allow') return []
  const nets = (spec.rule[side]?.nets ?? []).flatMap((text): readonly Prefix[] => {
    const prefix = parsePrefix(text)
    return prefix === undefined || prefixLength(prefix) < NARROW ? [] : [prefix]
  })
  return nets.flatMap((net) => {
    const pool = facts.cluster.ipam.pools.find(({ cidr }) => familyOf(cidr) === familyOf(net) && overlaps(cidr, net))
    if (pool !== undefined) {
      const isOne = prefixLength(net) === (familyOf(net) === 4 ? 32 : 128)
      if (!isOne) return []
      const message = `${ruleName(asked)} names ${net}, an address of ${pool.cidr}`
      return [found('policy-names-pod-address', [subject], message, facts.assumedOf(pool))]
    }
    const hasNode = facts.cluster.nodes.some(({ ipv4, ipv6 }) =>
      [ipv4, ipv6].some((one) => one !== undefined && holds(net, one.address)),
    )
    if (hasNode) return []
    return direction === 'egress'
      ? serviceAddress(asked, net, services())
      : clientAddress(facts, asked, net, services())
  })
}

function holds(net: Prefix, address: Ip): boolean {
  return familyOf(net) === familyOf(address) && contains(net, address)
}

function serviceAddress(asked: Asked, net: Prefix, { byAddress }: ServiceFacts): LintFinding[] {
  const named = byAddress.find(([address]) => holds(net, address))
  if (named === undefined) return []
  const [address, service] = named
  const message = `${ruleName(asked)} names ${net}, and ${address} is the Service ${service.metadata.name}: the packet has the address of an endpoint by then`
  return [found('egress-names-service-address', [asked.subject, { resource: service }], message)]
}

function clientAddress(facts: LintFacts, asked: Asked, net: Prefix, { hiding }: ServiceFacts): LintFinding[] {
  if (hiding.length === 0 || facts.cluster.nodes.length < 2) return []
  const scope = scopeOf(asked.policy)
  for (const one of facts.classes()) {
    if (!one.isTaken(scope)) continue
    const service = hiding.find(
      ({ metadata, spec }) =>
        (metadata.namespace ?? 'default') === one.sample.namespace &&
        one.pods.some(({ pod }) => selectsLabels({ matchLabels: spec.selector! }, pod.metadata.labels ?? {})),
    )
    if (service === undefined) continue
    const message = `${ruleName(asked)} names ${net}, and who comes by a node port of ${service.metadata.name} has the address of a node`
    return [found('policy-expects-client-address', [asked.subject, { resource: service }], message)]
  }
  return []
}
