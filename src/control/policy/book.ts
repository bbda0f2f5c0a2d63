import type { PolicyDirection } from '../../model/index.ts'
import type { Family } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { WorkloadEndpoint } from '../cni.ts'
import type { Findings } from '../findings.ts'
import { originOf } from '../origin.ts'
import type { Resources } from '../resources.ts'
import { type Selector, selectsBy } from '../selector.ts'
import type { Settings } from '../settings/settings.ts'
import { type CheckedPolicies, checkedPolicies } from './checked.ts'
import { type HostEndpoint, hostEndpointByInterface, hostEndpointsByNode, type TunnelsOf } from './host-endpoints.ts'
import type { ProfileResource } from './kinds.ts'
import { accountOf, InheritedLabels } from './labels.ts'
import type { HostPolicies, NodePolicies, Policy, PolicyBook, PolicyRule, Tier, TierPolicies } from './model.ts'
import { PodIndex } from './pod-index.ts'
import { type PolicyNames, policyNames } from './policy-names.ts'
import { policyRule, type RuleHome } from './policy-rule.ts'
import { PolicySets } from './policy-sets.ts'
import { accountProfile, namespaceProfile, Profiles } from './profiles.ts'
import { endpointSelector } from './selector-text.ts'
import type { PolicySpec, RuleSpec } from './spec.ts'
import { tiersInOrder } from './tiers.ts'

/** What policies are calculated from. */
export interface PolicyInputs {
  /** The objects. */
  readonly resources: Resources
  /** Nodes. */
  readonly nodes: readonly ClusterNode[]
  /** Pods with a network of their own, in order of creation. */
  readonly workloadEndpoints: readonly WorkloadEndpoint[]
  /** Addresses of a node's tunnels. */
  readonly tunnelsOf: TunnelsOf
  /** Settings in force. */
  readonly settings: Settings
}

/** A policy and the selector it is found by. */
interface Entry {
  readonly policy: Policy
  readonly spec: PolicySpec
  /** Parsed when an endpoint first asks. */
  readonly selector: () => Selector
}

/** Which of the policies of an endpoint a list is of. */
type Stage = 'normal' | 'forward' | 'untracked' | 'preDnat'

function isOf(policy: Policy, stage: Stage): boolean {
  switch (stage) {
    case 'untracked':
      return policy.doNotTrack
    case 'preDnat':
      return !policy.doNotTrack && policy.preDNAT
    case 'forward':
      return !policy.doNotTrack && !policy.preDNAT && policy.applyOnForward
    case 'normal':
      return !policy.doNotTrack && !policy.preDNAT
  }
}

/** The calculation over a cluster. */
class Book implements PolicyBook {
  readonly policies: readonly Policy[]
  readonly tiers: readonly Tier[]
  private readonly entries: readonly Entry[]
  private readonly global: readonly number[]
  private readonly byNamespace = new Map<string, number[]>()
  private readonly inputs: PolicyInputs
  private readonly inherited: InheritedLabels
  private readonly pods: PodIndex
  private readonly sets: PolicySets
  private readonly profiles: Profiles
  private readonly profileLists = new Map<string, readonly ReturnType<Profiles['get']>[]>()
  private readonly tierLists = new Map<string, readonly TierPolicies[]>()
  private readonly given: ReadonlyMap<string, ProfileResource>
  private readonly nodes = new Map<string, NodePolicies>()
  private readonly checked: CheckedPolicies
  private hostsByNode: ReadonlyMap<string, readonly HostEndpoint[]> | undefined

  constructor(inputs: PolicyInputs, checked: CheckedPolicies) {
    const { resources, workloadEndpoints, settings } = inputs
    this.inputs = inputs
    this.checked = checked
    this.inherited = new InheritedLabels(resources)
    this.pods = new PodIndex(workloadEndpoints, this.inherited)
    this.given = new Map(checked.profiles.map((one) => [one.metadata.name, one]))
    this.sets = new PolicySets({
      resources,
      endpoints: workloadEndpoints,
      pods: this.pods,
      inherited: this.inherited,
      hosts: () => [...this.hosts().values()].flat(),
      labelOfHost: (host, label) => this.labelOfHost(host, label),
      networkSets: checked.networkSets,
    })
    this.profiles = new Profiles(resources, checked.profiles, this.sets.idOf)
    const used = new Set(checked.policies.map(({ tier }) => tier))
    this.tiers = tiersInOrder(checked.tiers, used, settings.traits)
    this.entries = entriesInOrder(checked.policies, this.tiers, settings, this.sets.idOf)
    this.policies = this.entries.map(({ policy }) => policy)
    this.global = this.entries.flatMap(({ spec }, i) => (spec.namespace === undefined ? [i] : []))
    for (const [i, { spec }] of this.entries.entries()) {
      if (spec.namespace === undefined) continue
      const own = this.byNamespace.get(spec.namespace)
      if (own === undefined) this.byNamespace.set(spec.namespace, [i])
      else own.push(i)
    }
  }

  set(id: string, family: Family) {
    return this.sets.get(id, family)
  }

  of(node: string): NodePolicies {
    let found = this.nodes.get(node)
    if (found === undefined) {
      found = { workloads: this.workloadsOf(node), hosts: this.hostsOf(node) }
      this.nodes.set(node, found)
    }
    return found
  }

  /** Whether a policy selects any endpoint that is there. */
  selectsAnything({ selector }: Entry): boolean {
    if (this.pods.visit(selector(), () => true)) return true
    for (const hosts of this.hosts().values()) {
      if (hosts.some((host) => selectsBy(selector(), (label) => this.labelOfHost(host, label)))) return true
    }
    return false
  }

  /** Policies that select nothing; where there are no endpoints at all, nobody asks. */
  idle(): readonly PolicySpec[] {
    if (this.inputs.workloadEndpoints.length === 0) return []
    return this.entries.filter((entry) => !this.selectsAnything(entry)).map(({ spec }) => spec)
  }

  private workloadsOf(node: string): NodePolicies['workloads'] {
    return this.pods.ofNode(node).map((pod) => {
      const selected = this.candidatesFor(pod.namespace).filter((i) =>
        this.pods.selects(this.entries[i]!.selector(), pod),
      )
      const profiles = [namespaceProfile(pod.namespace), accountProfile(pod.namespace, accountOf(pod))]
      return {
        netns: pod.netns,
        dev: pod.interfaceName,
        tiers: this.tierList(selected, 'normal'),
        profiles: this.profileList(profiles),
      }
    })
  }

  /** Policies that may select pods of a namespace, in order. */
  private candidatesFor(namespace: string): readonly number[] {
    const own = this.byNamespace.get(namespace)
    if (own === undefined) return this.global
    return [...this.global, ...own].sort((a, b) => a - b)
  }

  private hostsOf(node: string): readonly HostPolicies[] {
    const hosts = this.hosts().get(node)
    if (hosts === undefined) return []
    const machine = this.inputs.nodes.find(({ name }) => name === node)
    return [...hostEndpointByInterface(hosts, machine)].map(([dev, host]) => {
      const selected = this.global.filter((i) =>
        selectsBy(this.entries[i]!.selector(), (label) => this.labelOfHost(host, label)),
      )
      return {
        name: host.name,
        dev,
        tiers: this.tierList(selected, 'normal'),
        forward: this.tierList(selected, 'forward'),
        untracked: this.tierList(selected, 'untracked'),
        preDnat: this.tierList(selected, 'preDnat'),
        profiles: this.profileList(host.profiles),
        origin: host.origin,
      }
    })
  }

  private hosts(): ReadonlyMap<string, readonly HostEndpoint[]> {
    const { resources, nodes, tunnelsOf } = this.inputs
    this.hostsByNode ??= hostEndpointsByNode(resources, this.checked.hostEndpoints, nodes, tunnelsOf)
    return this.hostsByNode
  }

  /** A host endpoint inherits the labels of its profiles. */
  private labelOfHost({ labels, profiles }: HostEndpoint, label: string): string | undefined {
    if (Object.hasOwn(labels, label)) return labels[label]
    for (const name of profiles) {
      const applied = this.given.get(name)?.spec?.labelsToApply
      if (applied !== undefined && Object.hasOwn(applied, label)) return applied[label]
    }
    return undefined
  }

  private profileList(names: readonly string[]) {
    const key = names.join(' ')
    let found = this.profileLists.get(key)
    if (found === undefined) {
      found = names.map((name) => this.profiles.get(name))
      this.profileLists.set(key, found)
    }
    return found
  }

  /** Tiers of the policies that select an endpoint; endpoints that the same policies select share one list. */
  private tierList(selected: readonly number[], stage: Stage): readonly TierPolicies[] {
    const those = selected.filter((i) => isOf(this.entries[i]!.policy, stage))
    const key = `${stage === 'preDnat' ? 'preDnat' : ''} ${those.join(' ')}`
    let found = this.tierLists.get(key)
    if (found === undefined) {
      const policies = those.map((i) => this.policies[i]!)
      found = this.tiers.flatMap((tier) => tierOf(tier, policies, stage))
      this.tierLists.set(key, found)
    }
    return found
  }
}

/** The policies of a tier by direction; no tier where there are none. Before address translation packets only come in. */
function tierOf(tier: Tier, policies: readonly Policy[], stage: Stage): TierPolicies[] {
  const own = policies.filter(({ ref }) => ref.tier === tier.name)
  const of = (direction: PolicyDirection): Policy[] =>
    own.filter(({ directions }) => directions.some((one) => one === direction))
  const ingress = of('ingress')
  const egress = stage === 'preDnat' ? [] : of('egress')
  return ingress.length + egress.length === 0 ? [] : [{ tier, ingress, egress }]
}

function entriesInOrder(
  specs: readonly PolicySpec[],
  tiers: readonly Tier[],
  { traits }: Settings,
  setOf: RuleHome['setOf'],
): Entry[] {
  const rank = new Map(tiers.map(({ name }, i) => [name, i]))
  const named = specs.map((spec) => ({ spec, names: policyNames(spec, traits) }))
  named.sort((a, b) => {
    const tier = rank.get(a.spec.tier)! - rank.get(b.spec.tier)!
    if (tier !== 0) return tier
    if (a.spec.order !== b.spec.order) return a.spec.order < b.spec.order ? -1 : 1
    return a.names.tie < b.names.tie ? -1 : a.names.tie > b.names.tie ? 1 : 0
  })
  return named.map(({ spec, names }) => entryOf(spec, names, setOf))
}

/** A value that is made when it is first asked for. */
function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** A policy as rules are written from it: selector and rules are worked out when somebody reads them. */
function entryOf(spec: PolicySpec, { name, id }: PolicyNames, setOf: RuleHome['setOf']): Entry {
  const { resource, kind, api, namespace, tier } = spec
  const selector = lazily(() => endpointSelector(spec.scope))
  const home: RuleHome = { resource, namespace, setOf }
  const rules = (list: readonly RuleSpec[]): (() => readonly PolicyRule[]) =>
    lazily(() => list.map((rule) => policyRule(rule, home)))
  const ingress = rules(spec.ingress)
  const egress = rules(spec.egress)
  const policy: Policy = {
    ref: { kind, api, ...(namespace === undefined ? {} : { namespace }), name, tier },
    id,
    order: spec.order,
    get selector() {
      return selector().text
    },
    directions: spec.directions,
    staged: spec.staged,
    applyOnForward: spec.applyOnForward,
    preDNAT: spec.preDNAT,
    doNotTrack: spec.doNotTrack,
    get ingress() {
      return ingress()
    },
    get egress() {
      return egress()
    },
    origin: originOf('felix', resource),
  }
  return { policy, spec, selector: () => selector().parsed }
}

/**
 * The policies of a cluster, calculated as Felix does: nothing of it is worked out before somebody asks for a node or a set.
 * What Calico refuses is in `findings`, and is not enforced.
 */
export function policyBook(inputs: PolicyInputs, findings: Findings): PolicyBook {
  const checked = checkedPolicies(inputs.resources, inputs.settings, findings)
  const book = new Book(inputs, checked)
  for (const { resource } of book.idle()) {
    findings.warn('missing_reference', resource, [], 'endpoints that it selects', 'none')
  }
  return book
}
