import { keptIn, once, type PolicyDirection } from '../../model/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import { Findings } from '../findings.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import { ListedPods } from '../listed-pods.ts'
import { namespacedName } from '../resource.ts'
import type { Resources } from '../resources.ts'
import { kubeControllersEnvironment } from '../settings/environment.ts'
import type { Settings } from '../settings/settings.ts'
import { AUTO_HOST_ENDPOINTS } from './host-endpoints.ts'
import { Kept } from './kept.ts'
import type { PolicyResource } from './kinds.ts'
import { readPolicy } from './read-policy.ts'
import { mentions } from './restrict.ts'
import { endpointSelector, NAMESPACE_LABEL, prefixedText, SERVICE_ACCOUNT_LABEL } from './selector-text.ts'
import type { PolicySpec, RuleSpec } from './spec.ts'

const UNKNOWN = 'labels of namespaces or service accounts, and not all of these are in the input'

/**
 * Notes policies that are never enforced, and what is open in the others: whom they select, or what a rule of theirs takes,
 * where that hangs on labels of namespaces or service accounts that are not in the input; and rules that look into HTTP.
 */
export function notePolicies(resources: Resources, findings: Findings): void {
  const { namespaces, serviceAccounts } = resources
  const unknown = keptUnknown.of([ListedPods.of(resources), namespaces, serviceAccounts], () =>
    unknownOwners(resources),
  )
  const known = keptNotes.of([unknown], () => new WeakMap())
  for (const policy of resources.policies) {
    const found = keptIn(known, policy, () => notesOf(policy, unknown))
    if (found !== NONE) findings.add(found)
  }
}

/** What there is to note of a policy: of one that was not edited it is not asked again. */
const keptNotes = new Kept<WeakMap<PolicyResource, Findings>>()
const NONE = new Findings()

function notesOf(policy: PolicyResource, unknown: Unknown): Findings {
  const findings = new Findings()
  switch (policy.kind) {
    case 'StagedNetworkPolicy':
    case 'StagedGlobalNetworkPolicy':
    case 'StagedKubernetesNetworkPolicy':
      findings.note('policy_staged', policy, [], 'staged, so it is never enforced')
      break
    default: {
      const { spec } = readPolicy(policy)
      if (spec !== undefined && spec.directions.length > 0) notePolicy(spec, unknown, findings)
    }
  }
  return findings.notes.length === 0 ? NONE : findings
}

function notePolicy(spec: PolicySpec, unknown: Unknown, findings: Findings): void {
  const { resource, directions, applyOnForward: forwarded } = spec
  const scope = (concerned: readonly PolicyDirection[]) =>
    ({ kind: 'endpoints', selector: endpointSelector(spec.scope).text, directions: concerned, forwarded }) as const
  if (asksUnknown(spec.scope, unknown)) {
    findings.note('policy', resource, [], `it selects by ${UNKNOWN}`, { scope: scope(directions) })
  }
  for (const direction of directions) {
    const selected = () => ({ ...scope([direction]), selected: true }) as const
    const rules = spec[direction]
    const http = rules.find(({ rule }) => rule.http !== undefined)
    if (http !== undefined) {
      const what = 'asks for what is inside of HTTP, which rules of packets do not see: as if it did not'
      findings.note('policy', resource, [...http.path, 'http'], what, { scope: selected() })
    }
    const open = rules.find((one) => ruleAsksUnknown(one, unknown))
    if (open === undefined) continue
    findings.note('policy', resource, open.path, `a rule asks for ${UNKNOWN}`, { scope: selected(), turns: 'any' })
  }
}

/** Whether one side of a rule asks for labels that nobody knows of some pod. */
function ruleAsksUnknown({ rule }: RuleSpec, unknown: Unknown): boolean {
  return [rule.source, rule.destination].some((side) => {
    if (side === undefined) return false
    const { namespaceSelector = '', serviceAccounts, selector = '', notSelector = '' } = side
    const scopes = [
      prefixedText(namespaceSelector, NAMESPACE_LABEL),
      prefixedText(serviceAccounts?.selector ?? '', SERVICE_ACCOUNT_LABEL),
      selector,
      notSelector,
    ]
    return scopes.some((text) => asksUnknown(text, unknown))
  })
}

/** Labels Calico knows without the object: its name. */
const KNOWN_LABELS: readonly string[] = ['projectcalico.org/name', 'kubernetes.io/metadata.name']

/** Whether a selector over endpoints asks for such a label; a text without the prefix of one need not be read. */
function asksUnknown(text: string, unknown: Unknown): boolean {
  return Object.entries(unknown).some(([prefix, { isOpen }]) => {
    if (!text.includes(prefix)) return false
    const isMeant = (label: string): boolean =>
      label.startsWith(prefix) && !KNOWN_LABELS.includes(label.slice(prefix.length))
    return mentions(endpointSelector(text).parsed, isMeant) && isOpen()
  })
}

/** Labels that pods inherit. */
interface Inherited {
  /** Whether some pod inherits them from an object that is not in the input. */
  readonly isOpen: () => boolean
  /** The same, as far as somebody has asked. */
  readonly answer: () => boolean | undefined
  /** Whether a pod does so. */
  readonly isMissing: (pod: PodResource) => boolean
}

/** They by their prefixes. */
type Unknown = Readonly<Record<string, Inherited>>

const keptUnknown = new Kept<Unknown>()

function inherited(isMissing: Inherited['isMissing'], look: () => boolean): Inherited {
  let answer: boolean | undefined
  const isOpen = (): boolean => {
    answer ??= look()
    return answer
  }
  return { isOpen, answer: () => answer, isMissing }
}

function unknownOwners(resources: Resources): Unknown {
  const { namespaces, serviceAccounts } = resources
  const pods = ListedPods.of(resources)
  const space = ({ metadata }: PodResource): string => metadata.namespace ?? 'default'
  const account = (pod: PodResource): string => `${space(pod)}/${pod.spec.serviceAccountName ?? 'default'}`
  const of = (list: () => readonly string[], owner: (pod: PodResource) => string): Inherited => {
    const known = once(() => new Set(list()))
    const isMissing = (pod: PodResource): boolean => !known().has(owner(pod))
    return inherited(isMissing, () => pods.array().some(isMissing))
  }
  return {
    [NAMESPACE_LABEL]: of(() => namespaces.map(({ metadata }) => metadata.name), space),
    [SERVICE_ACCOUNT_LABEL]: of(() => serviceAccounts.map(({ metadata }) => namespacedName(metadata)), account),
  }
}

/**
 * What is noted of policies over other pods, found out without looking at all of them.
 * @returns whether it is the same
 */
export function hasNotesOf(
  before: Resources,
  now: Resources,
  gone: readonly PodResource[],
  fresh: readonly PodResource[],
): boolean {
  const { namespaces, serviceAccounts } = now
  const pods = ListedPods.of(now)
  const unknown = keptUnknown.of([ListedPods.of(before), namespaces, serviceAccounts], () => unknownOwners(before))
  const { made, isSame } = afterPods(unknown, pods, gone, fresh)
  const known = keptUnknown.of([pods, namespaces, serviceAccounts], () => made)
  if (isSame) keptNotes.of([known], () => keptNotes.of([unknown], () => new WeakMap()))
  return isSame
}

/** What is open by other pods. It holds on to these, and not to those before: edit after edit, all of them would stay. */
function afterPods(
  unknown: Unknown,
  pods: ListedPods,
  gone: readonly PodResource[],
  fresh: readonly PodResource[],
): { readonly made: Unknown; readonly isSame: boolean } {
  let isSame = true
  const after = ({ answer, isMissing }: Inherited): Inherited => {
    const was = answer()
    const now = inherited(isMissing, () => {
      if (fresh.some(isMissing)) return true
      const isAsWas = was === false || (was === true && !gone.some(isMissing))
      return isAsWas ? was : pods.array().some(isMissing)
    })
    if (was !== undefined && now.isOpen() !== was) isSame = false
    return now
  }
  const made = Object.fromEntries(Object.entries(unknown).map(([prefix, one]) => [prefix, after(one)]))
  return { made, isSame }
}

/** Names a variable of kube-controllers that says neither that host endpoints are made nor that they are not. */
export function warnOfAutoHostEndpoints(resources: Resources, findings: Findings): void {
  const variable = kubeControllersEnvironment(resources).get(AUTO_HOST_ENDPOINTS)
  if (variable === undefined || /^(enabled|disabled)$/i.test(variable.value)) return
  const { resource, path, name, value } = variable
  findings.warn('invalid', resource, path, `enabled or disabled for ${name}`, `"${value}"`)
}

/**
 * What a pod may send to its own node: Felix drops it by default, but Calico's manifests and the operator switch that off.
 * Who gave no manifest gets what they do, said so. @calico felix/rules/static.go
 */
export function noteEndpointToHost(
  resources: Resources,
  settings: Settings,
  nodes: readonly ClusterNode[],
  findings: Findings,
): void {
  const field = 'defaultEndpointToHostAction'
  // With calico-node in the input, what it does not say is Felix's own default.
  if (settings.env.size > 0) return
  const says = new Set(
    resources.felixConfigurations.filter(({ spec }) => spec[field] !== undefined).map(({ metadata }) => metadata.name),
  )
  const names = nodes.map(({ name }) => name).filter((name) => !says.has('default') && !says.has(`node.${name}`))
  if (names.length === 0) return
  findings.assume('endpoint_to_host_assumed', `${field} Accept, as calico.yaml and the operator set it`, {
    scope: { kind: 'own_node', nodes: names },
  })
}
