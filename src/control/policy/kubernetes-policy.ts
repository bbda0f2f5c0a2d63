import type { PolicyDirection } from '../../model/index.ts'
import { parseCidr, prefixOf } from '../../wire/index.ts'
import type { FieldPath } from '../origin.ts'
import { type ConvertedRules, convertedPort, convertedRules } from './converted-rules.ts'
import type { CalicoRule, EntityRule, KubernetesPeer, KubernetesPolicySpec, KubernetesPort, PortText } from './kinds.ts'
import { type PortsByProtocol, withPorts } from './ports.ts'
import { protocolName } from './protocol.ts'
import { rulesByProtocol } from './rules-by-protocol.ts'
import { policyScope } from './scope.ts'
import { namespaceSelectorText, podSelectorText } from './selector-text.ts'
import type { PolicySpec, Problem } from './spec.ts'

/** Order of every policy of Kubernetes among Calico's. */
export const KUBERNETES_ORDER = 1000

/** A range as Calico stores it: host bits cleared; undefined where it is none. */
export function networkOf(text: string): string | undefined {
  const cidr = parseCidr(text)
  return cidr === undefined ? undefined : prefixOf(cidr.address, cidr.length)
}

/** A peer. Of a range that is none nothing is asked, and exceptions end before the first that is none: as Calico has it. */
function peerOf({ podSelector, namespaceSelector, ipBlock }: KubernetesPeer): EntityRule {
  if (ipBlock !== undefined) {
    const net = networkOf(ipBlock.cidr)
    if (net === undefined) return {}
    const except = (ipBlock.except ?? []).map(networkOf)
    const bad = except.indexOf(undefined)
    const notNets = except.slice(0, bad < 0 ? except.length : bad) as string[]
    return { nets: [net], ...(notNets.length === 0 ? {} : { notNets }) }
  }
  const namespaces = namespaceSelectorText(namespaceSelector)
  return {
    selector: podSelectorText(podSelector),
    ...(namespaces === '' ? {} : { namespaceSelector: namespaces }),
  }
}

function portOf({ port, endPort }: KubernetesPort, path: FieldPath): PortText | undefined {
  if (port === undefined) return undefined
  const text = endPort === undefined ? String(port) : `${port}:${endPort}`
  return convertedPort(text, path, (refusal) => `failed to parse k8s port: invalid port ${text}: ${refusal}`)
}

/** One entry without a port takes in all of its protocol; no entry at all takes in all protocols. */
function portsOf(ports: readonly KubernetesPort[], path: FieldPath): PortsByProtocol {
  if (ports.length === 0) return new Map([['', undefined]])
  const found = new Map<string, PortText[] | undefined>()
  for (const [i, port] of ports.entries())
    withPorts(found, protocolName(port.protocol ?? 'TCP'), portOf(port, [...path, 'ports', i]))
  return found
}

/** A rule of Kubernetes as rules of Calico: one a protocol and peer. */
function rulesOf(
  peers: readonly KubernetesPeer[],
  ports: readonly KubernetesPort[],
  direction: PolicyDirection,
  path: FieldPath,
): CalicoRule[] {
  const sides: EntityRule[] = peers.length === 0 ? [{}] : peers.map(peerOf)
  return rulesByProtocol({ action: 'Allow' }, portsOf(ports, path), sides, direction)
}

/** The rules of a NetworkPolicy of Kubernetes as Calico keeps them; what cannot be converted allows nothing. */
export function kubernetesRules({ ingress = [], egress = [] }: KubernetesPolicySpec): {
  readonly ingress: ConvertedRules
  readonly egress: ConvertedRules
} {
  return {
    ingress: convertedRules('ingress', ingress, ({ from = [], ports = [] }, path) =>
      rulesOf(from, ports, 'ingress', path),
    ),
    egress: convertedRules('egress', egress, ({ to = [], ports = [] }, path) => rulesOf(to, ports, 'egress', path)),
  }
}

/** Directions that are named; none: what comes in. @calico libcalico-go/lib/backend/k8s/conversion/conversion.go */
export function namedDirections({ policyTypes = [] }: KubernetesPolicySpec): PolicyDirection[] {
  const named = (['ingress', 'egress'] as const).filter((direction) =>
    policyTypes.some((type) => type.toLowerCase() === direction),
  )
  return named.length === 0 ? ['ingress'] : named
}

/** Directions as an API server fills them in where none is named: Ingress, and Egress where there are rules for it. */
function directionsOf(spec: KubernetesPolicySpec): PolicyDirection[] {
  const { policyTypes = [], egress = [] } = spec
  return policyTypes.length === 0 && egress.length > 0 ? ['ingress', 'egress'] : namedDirections(spec)
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
  const converted = kubernetesRules(spec)
  const warnings: Problem[] = [...converted.ingress.failures, ...converted.egress.failures]
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
    ingress: converted.ingress.rules,
    egress: converted.egress.rules,
  }
  return { spec: read, warnings }
}
