import {
  endpointSelector,
  type InheritedLabels,
  type PolicySpec,
  type RuleSpec,
  ruleScope,
  type Selector,
  selectsBy,
  type WorkloadEndpoint,
} from '../control/index.ts'
import { keptIn } from '../model/index.ts'

/** Pods that no selector of a policy tells apart. */
export interface PodClass {
  /** One of them. */
  readonly sample: WorkloadEndpoint
  /** All of them, in order of creation. */
  readonly pods: readonly WorkloadEndpoint[]
  /** Whether a selector takes them. */
  readonly isTaken: (selector: Selector) => boolean
}

/** The selector of the endpoints that a policy is for. */
const scopes = new WeakMap<PolicySpec, Selector>()

/** Endpoints that a policy is for. */
export function scopeOf(policy: PolicySpec): Selector {
  return keptIn(scopes, policy, () => endpointSelector(policy.scope).parsed)
}

/** The sides of a rule. */
export type RuleSide = 'source' | 'destination'

const peers: Readonly<Record<RuleSide, WeakMap<RuleSpec, Selector | 'any'>>> = {
  source: new WeakMap(),
  destination: new WeakMap(),
}

/** The endpoints that one side of a rule asks for; undefined where it asks for none. */
export function peerOf(policy: PolicySpec, rule: RuleSpec, side: RuleSide): Selector | undefined {
  const found = keptIn(peers[side], rule, () => {
    const text = ruleScope(rule.rule[side] ?? {}, policy.namespace)
    return text === '' ? 'any' : endpointSelector(text).parsed
  })
  return found === 'any' ? undefined : found
}

/** Adds the labels that a selector asks for. */
function labelsIn(selector: Selector, into: Set<string>): void {
  switch (selector.op) {
    case 'all':
    case 'global':
      return
    case 'not':
      labelsIn(selector.inner, into)
      return
    case '&&':
    case '||':
      for (const term of selector.terms) labelsIn(term, into)
      return
    default:
      into.add(selector.label)
  }
}

/** Pods in classes, by the labels that selectors of policies ask for, and by namespace. */
export function podClasses(
  pods: readonly WorkloadEndpoint[],
  policies: readonly PolicySpec[],
  inherited: InheritedLabels,
): PodClass[] {
  const labels = new Set<string>()
  for (const policy of policies) {
    labelsIn(scopeOf(policy), labels)
    for (const rule of [...policy.ingress, ...policy.egress]) {
      for (const side of ['source', 'destination'] as const) {
        const peer = peerOf(policy, rule, side)
        if (peer !== undefined) labelsIn(peer, labels)
      }
    }
  }
  const asked = [...labels]
  const classes = new Map<string, WorkloadEndpoint[]>()
  for (const pod of pods) {
    const values = asked.map((label) => inherited.ofPod(pod, label) ?? '\u0001')
    const key = [pod.namespace, ...values].join('\u0000')
    const known = classes.get(key)
    if (known === undefined) classes.set(key, [pod])
    else known.push(pod)
  }
  return [...classes.values()].map((those) => {
    const sample = those[0]!
    return { sample, pods: those, isTaken: takes(sample, inherited) }
  })
}

/** Whether selectors take a pod; selectors are few, and asked again and again. */
function takes(sample: WorkloadEndpoint, inherited: InheritedLabels): PodClass['isTaken'] {
  const known = new Map<Selector, boolean>()
  return (selector) => keptIn(known, selector, () => selectsBy(selector, (label) => inherited.ofPod(sample, label)))
}
