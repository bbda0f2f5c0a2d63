import type { PolicyDirection } from '../../model/index.ts'
import { parseCidr, prefixOf } from '../../wire/index.ts'
import type { FieldPath } from '../origin.ts'
import type {
  CalicoRule,
  EntityRule,
  KubernetesEgressRule,
  KubernetesIngressRule,
  KubernetesPeer,
  KubernetesPolicySpec,
  KubernetesPort,
  PortText,
} from './kinds.ts'
import { type PortsByProtocol, withPorts } from './ports.ts'
import { rulesByProtocol } from './rules-by-protocol.ts'
import { policyScope } from './scope.ts'
import { namespaceSelectorText, podSelectorText } from './selector-text.ts'
import type { PolicySpec, Problem, RuleSpec } from './spec.ts'

/** Order of every policy of Kubernetes among Calico's. */
const KUBERNETES_ORDER = 1000

/** A range as Calico stores it: host bits cleared. */
export function strictCidr(text: string): string {
  const cidr = parseCidr(text)
  return cidr === undefined ? text : prefixOf(cidr.address, cidr.length)
}

function peerOf({ podSelector, namespaceSelector, ipBlock }: KubernetesPeer): EntityRule {
  if (ipBlock !== undefined) {
    const { cidr, except = [] } = ipBlock
    return { nets: [strictCidr(cidr)], ...(except.length === 0 ? {} : { notNets: except.map(strictCidr) }) }
  }
  const namespaces = namespaceSelectorText(namespaceSelector)
  return {
    selector: podSelectorText(podSelector),
    ...(namespaces === '' ? {} : { namespaceSelector: namespaces }),
  }
}

function portText({ port, endPort }: KubernetesPort): PortText | undefined {
  if (port === undefined) return undefined
  return endPort === undefined ? port : `${port}:${endPort}`
}

/** One entry without a port takes in all of its protocol; no entry at all takes in all protocols. */
function portsOf(ports: readonly KubernetesPort[]): PortsByProtocol {
  if (ports.length === 0) return new Map([['', undefined]])
  const found = new Map<string, PortText[] | undefined>()
  for (const port of ports) withPorts(found, port.protocol ?? 'TCP', portText(port))
  return found
}

/** A rule of Kubernetes as rules of Calico: one a protocol and peer. */
function rulesOf(
  peers: readonly KubernetesPeer[],
  ports: readonly KubernetesPort[],
  direction: PolicyDirection,
): CalicoRule[] {
  const sides: EntityRule[] = peers.length === 0 ? [{}] : peers.map(peerOf)
  return rulesByProtocol({ action: 'Allow' }, portsOf(ports), sides, direction)
}

function ruleSpecs(rules: readonly CalicoRule[], index: number, path: FieldPath): RuleSpec[] {
  return rules.map((rule) => ({ rule, index, path }))
}

function ingressOf(rules: readonly KubernetesIngressRule[]): RuleSpec[] {
  return rules.flatMap(({ from = [], ports = [] }, i) =>
    ruleSpecs(rulesOf(from, ports, 'ingress'), i + 1, ['spec', 'ingress', i]),
  )
}

function egressOf(rules: readonly KubernetesEgressRule[]): RuleSpec[] {
  return rules.flatMap(({ to = [], ports = [] }, i) =>
    ruleSpecs(rulesOf(to, ports, 'egress'), i + 1, ['spec', 'egress', i]),
  )
}

/** Directions that are named. An API server fills in what is absent: Ingress, and Egress where there are rules for it. */
function directionsOf({ policyTypes = [], egress = [] }: KubernetesPolicySpec): PolicyDirection[] {
  if (policyTypes.length === 0) return egress.length > 0 ? ['ingress', 'egress'] : ['ingress']
  return (['ingress', 'egress'] as const).filter((direction) =>
    policyTypes.some((type) => type.toLowerCase() === direction),
  )
}

/** What a NetworkPolicy of Kubernetes says, in Calico's terms. @calico libcalico-go/lib/backend/k8s/conversion/conversion.go */
export function kubernetesPolicy(
  resource: PolicySpec['resource'],
  spec: KubernetesPolicySpec,
  kind: 'NetworkPolicy' | 'StagedKubernetesNetworkPolicy',
): { readonly spec: PolicySpec; readonly warnings: readonly Problem[] } {
  const namespace = resource.metadata.namespace ?? 'default'
  const directions = directionsOf(spec)
  const { ingress = [], egress = [] } = spec
  const warnings: Problem[] = []
  for (const [direction, rules] of [['ingress', ingress] as const, ['egress', egress] as const]) {
    if (rules.length === 0 || directions.includes(direction)) continue
    const type = direction === 'ingress' ? 'Ingress' : 'Egress'
    const expected = `${type} among policyTypes, without which these rules do nothing`
    warnings.push({ path: ['spec', direction], expected, received: (spec.policyTypes ?? []).join(', ') })
  }
  const read: PolicySpec = {
    resource,
    kind,
    api: kind === 'NetworkPolicy' ? 'kubernetes' : 'calico',
    namespace,
    tier: 'default',
    order: KUBERNETES_ORDER,
    scope: policyScope({ selector: podSelectorText(spec.podSelector) }, namespace),
    directions,
    staged: kind !== 'NetworkPolicy',
    applyOnForward: false,
    preDNAT: false,
    doNotTrack: false,
    ingress: ingressOf(ingress),
    egress: egressOf(egress),
  }
  return { spec: read, warnings }
}
