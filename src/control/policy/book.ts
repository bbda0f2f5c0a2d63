import { type IpSet, keptIn, type PolicyDirection, pushTo } from '../../model/index.ts'
import type { Family } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { WorkloadEndpoint } from '../cni.ts'
import type { Findings } from '../findings.ts'
import type { Resources } from '../resources.ts'
import { selectsBy } from '../selector.ts'
import type { EndpointSlices } from '../services/endpoint-slices.ts'
import type { Settings } from '../settings/settings.ts'
import { type CheckedPolicies, checkedPolicies } from './checked.ts'
import { type Entry, entriesInOrder } from './entries.ts'
import { type HostEndpoint, hostEndpointByInterface, hostEndpointsByNode, type TunnelsOf } from './host-endpoints.ts'
import { Kept } from './kept.ts'
import type { ProfileResource } from './kinds.ts'
import { accountOf, InheritedLabels } from './labels.ts'
import type { HostPolicies, NodePolicies, Policy, PolicyBook, SetId, Tier, TierPolicies } from './model.ts'
import { podControls } from './pod-controls.ts'
import { PodIndex } from './pod-index.ts'
import { PolicySets } from './policy-sets.ts'
import { accountProfile, namespaceProfile, Profiles } from './profiles.ts'
import type { EndpointSelector } from './selector-text.ts'
import { type SetSpec, SetSpecs } from './set-spec.ts'
import type { PolicySpec } from './spec.ts'
import { tiersInOrder } from './tiers.ts'

/** What policies are calculated from. */
export interface PolicyInputs {
  /** The objects. */
  readonly resources: Resources
  /** Nodes. */
  readonly nodes: readonly ClusterNode[]
  /** Pods with a network of their own, in order of creation. */
  readonly workloadEndpoints: readonly WorkloadEndpoint[]
  /** Endpoints of Services. */
  readonly slices: EndpointSlices
  /** Addresses of a node's tunnels. */
  readonly tunnelsOf: TunnelsOf
  /** Settings in force. */
  readonly settings: Settings
}

const keptLabels = new Kept<InheritedLabels>()
const keptPods = new Kept<PodIndex>()
const keptSets = new Kept<PolicySets>()

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
  private readonly profileSets = new SetSpecs()
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
    const { namespaces, serviceAccounts, pods, services, endpointSlices, networkSets, hostEndpoints } = resources
    const inherited = keptLabels.of([namespaces, serviceAccounts], () => new InheritedLabels(resources))
    this.pods = keptPods.of([workloadEndpoints, inherited], () => new PodIndex(workloadEndpoints, inherited))
    this.given = new Map(checked.profiles.map((one) => [one.metadata.name, one]))
    const members = [pods, services, endpointSlices, networkSets, hostEndpoints, resources.profiles]
    const sources = [this.pods, ...members, resources.kubeControllersConfigurations, inputs.nodes, inputs.tunnelsOf]
    this.sets = keptSets.of(sources, () => this.makeSets(inherited))
    this.profiles = new Profiles(resources, checked.profiles, this.profileSets.idOf)
    const used = new Set(checked.policies.map(({ tier }) => tier))
    this.tiers = tiersInOrder(checked.tiers, used, settings.traits)
    this.entries = entriesInOrder(checked.policies, this.tiers, settings.traits)
    this.policies = this.entries.map(({ policy }) => policy)
    this.global = this.entries.flatMap(({ spec }, i) => (spec.namespace === undefined ? [i] : []))
    for (const [i, { spec }] of this.entries.entries())
      if (spec.namespace !== undefined) pushTo(this.byNamespace, spec.namespace, i)
  }

  private makeSets(inherited: InheritedLabels): PolicySets {
    return new PolicySets({
      slices: this.inputs.slices,
      pods: this.pods,
      inherited,
      hosts: () => [...this.hosts().values()].flat(),
      labelOfHost: (host, label) => this.labelOfHost(host, label),
      networkSets: this.checked.networkSets,
    })
  }

  set(id: SetId, family: Family): IpSet {
    return this.sets.get(id, family, (wanted) => this.specOf(wanted))
  }

  private specOf(id: SetId): SetSpec | undefined {
    for (const { setOf } of this.entries) {
      const spec = setOf(id)
      if (spec !== undefined) return spec
    }
    return this.profileSets.get(id)
  }

  of(node: string): NodePolicies {
    return keptIn(this.nodes, node, () => ({ workloads: this.workloadsOf(node), hosts: this.hostsOf(node) }))
  }

  /** Whether a policy selects any endpoint that is there. */
  selectsAnything({ selector }: Entry): boolean {
    if (this.pods.selectsAny(selector())) return true
    for (const hosts of this.hosts().values()) if (hosts.some((host) => this.selectsHost(selector(), host))) return true
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
        this.pods.selects(this.entries[i]!.selector().parsed, pod),
      )
      const profiles = [namespaceProfile(pod.namespace), accountProfile(pod.namespace, accountOf(pod))]
      const controls = podControls(pod.pod)
      return {
        ...(controls === undefined ? {} : { controls }),
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
      const selected = this.global.filter((i) => this.selectsHost(this.entries[i]!.selector(), host))
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

  private selectsHost({ parsed }: EndpointSelector, host: HostEndpoint): boolean {
    return selectsBy(parsed, (label) => this.labelOfHost(host, label))
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
    return keptIn(this.profileLists, names.join(' '), () => names.map((name) => this.profiles.get(name)))
  }

  /** Tiers of the policies that select an endpoint; endpoints that the same policies select share one list. */
  private tierList(selected: readonly number[], stage: Stage): readonly TierPolicies[] {
    const those = selected.filter((i) => isOf(this.entries[i]!.policy, stage))
    const key = `${stage === 'preDnat' ? 'preDnat' : ''} ${those.join(' ')}`
    return keptIn(this.tierLists, key, () => {
      const policies = those.map((i) => this.policies[i]!)
      return this.tiers.flatMap((tier) => tierOf(tier, policies, stage))
    })
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
