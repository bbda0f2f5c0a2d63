import { type IpSet, keptIn, once, type PolicyDirection } from '../../model/index.ts'
import type { Family } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { WorkloadEndpoint } from '../cni.ts'
import { joinsRanges } from '../felix/calc/joined-ranges.ts'
import { isSamePod } from '../felix/rules/same-policies.ts'
import type { Findings } from '../findings.ts'
import { floatingAddresses } from '../floating-addresses.ts'
import { ListedPods } from '../listed-pods.ts'
import type { PodGroups } from '../pod-lists.ts'
import type { Resources } from '../resources.ts'
import type { EndpointSlices } from '../services/endpoint-slices.ts'
import type { Settings } from '../settings/settings.ts'
import { type CheckedPolicies, checkedPolicies } from './checked.ts'
import { Comparison } from './comparison.ts'
import { type Entry, entriesInOrder } from './entries.ts'
import { EntryList } from './entry-list.ts'
import type { TunnelsOf } from './host-endpoints.ts'
import { HostIndex } from './host-index.ts'
import { Kept } from './kept.ts'
import { accountOf, InheritedLabels } from './labels.ts'
import type {
  HostPolicies,
  NodePolicies,
  Policy,
  PolicyBook,
  Profile,
  SetId,
  Tier,
  TierPolicies,
  WorkloadPolicies,
} from './model.ts'
import { podControls } from './pod-controls.ts'
import { PodIndex } from './pod-index.ts'
import { PolicySets, type SetSources } from './policy-sets.ts'
import { accountProfile, namespaceProfile, Profiles } from './profiles.ts'
import { type Choices, Selections } from './selections.ts'
import type { EndpointSelector } from './selector-text.ts'
import type { SetSpec } from './set-spec.ts'
import type { PolicySpec } from './spec.ts'
import { isOf, type Stage } from './stage.ts'
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

type Pods = readonly WorkloadEndpoint[]

/** Pods that were edited, and nothing else. */
export interface EditedPods {
  /** As they were: those that are gone, or are others. */
  readonly gone: Pods
  /** As they are. */
  readonly fresh: Pods
  /** All pods in groups. */
  readonly groups: PodGroups<WorkloadEndpoint>
  /** Whether the endpoints of a Service, `namespace/name`, are the same. */
  readonly isSame: (service: string) => boolean
}

const keptLabels = new Kept<InheritedLabels>()
const keptPods = new Kept<PodIndex>()
const keptHosts = new Kept<HostIndex>()
const keptSets = new Kept<PolicySets>()
const keptProfiles = new Kept<Profiles>()
const keptChoices = new Kept<Choices>()

/** The calculation over a cluster. */
export class Book implements PolicyBook {
  readonly policies: readonly Policy[]
  readonly tiers: readonly Tier[]
  readonly list: EntryList
  private readonly hasPods: boolean
  readonly pods: PodIndex
  readonly hosts: HostIndex
  readonly choices: Choices
  readonly sets: PolicySets
  private readonly checked: CheckedPolicies
  readonly profiles: Profiles
  private readonly profileLists = new Map<string, readonly Profile[]>()
  private readonly tierLists: Map<string, readonly TierPolicies[]>
  private readonly nodes = new Map<string, NodePolicies>()

  private readonly comparison = new Comparison(this)
  private readonly sources: SetSources
  private readonly setKeys: readonly object[]

  constructor(inputs: PolicyInputs, checked: CheckedPolicies, like?: Book) {
    const { resources, workloadEndpoints, settings, nodes, tunnelsOf } = inputs
    const { namespaces, serviceAccounts, services, endpointSlices, endpoints, profiles } = resources
    const { hostEndpoints, kubeControllersConfigurations, deployments, configMaps } = resources
    const inherited = keptLabels.of([namespaces, serviceAccounts], () => new InheritedLabels(resources))
    this.checked = checked
    this.hasPods = workloadEndpoints.length > 0
    this.pods = keptPods.of([workloadEndpoints, inherited], () => new PodIndex(workloadEndpoints, inherited))
    const makers = [kubeControllersConfigurations, deployments, configMaps, nodes, tunnelsOf]
    this.hosts = keptHosts.of([hostEndpoints, profiles, ...makers], () => new HostIndex({ ...inputs, ...checked }))
    const hosts = this.hosts
    this.choices = keptChoices.of([this.pods, hosts], () => ({
      pods: new Selections((selector, pod) => this.pods.selects(selector, pod), kinOf),
      hosts: new Selections((selector, host) => hosts.selects(selector, host)),
      latest: new WeakMap(),
    }))
    const { networkSets } = checked
    const given = resources.felixConfigurations.find(({ metadata }) => metadata.name === 'default')
    const modes = [settings.env.get('FELIX_NFTABLESMODE')?.value, given?.spec['nftablesMode']]
    const joined = joinsRanges(modes, settings.version)
    this.sources = { slices: inputs.slices, pods: this.pods, inherited, hosts, networkSets, joinsRanges: joined }
    this.setKeys = [
      this.pods,
      hosts,
      ListedPods.of(resources),
      services,
      endpointSlices,
      endpoints,
      resources.networkSets,
    ]
    this.sets = keptSets.of(this.setKeys, () => new PolicySets(this.sources))
    const owners = [namespaces, serviceAccounts, profiles]
    this.profiles = keptProfiles.of(owners, () => new Profiles(resources, checked.profiles))
    this.tierLists = like?.tierLists ?? new Map()
    if (like !== undefined) {
      this.tiers = like.tiers
      this.list = like.list
      this.policies = like.policies
      return
    }
    const used = new Set(checked.policies.map(({ tier }) => tier))
    this.tiers = tiersInOrder(checked.tiers, used, settings.traits)
    this.list = new EntryList(entriesInOrder(checked.policies, this.tiers, settings.traits))
    this.policies = this.list.entries.map(({ policy }) => policy)
  }

  /**
   * The calculation over edited pods: what is not about these is the very same.
   * @param inputs - the same but for pods, and for endpoints of Services
   */
  forPods(inputs: PolicyInputs, { gone, fresh, groups, isSame }: EditedPods): Book {
    const pods = ListedPods.of(inputs.resources)
    const { inherited, hosts } = this.sources
    const edited = this.pods.edited(inputs.workloadEndpoints, groups, gone, fresh)
    keptPods.of([inputs.workloadEndpoints, inherited], () => edited)
    keptChoices.of([edited, hosts], () => this.choices)
    const keys = this.setKeys.map((key, i) => (i === 0 ? edited : i === 2 ? pods : key))
    const sources = { ...this.sources, slices: inputs.slices, pods: edited }
    const names = [...new Set([...gone, ...fresh].map(({ netns }) => netns))]
    keptSets.of(keys, () => this.sets.edited(sources, this.setsLeft(gone, fresh, isSame), names))
    return new Book(inputs, this.checked, this).knowing(this, new Set([...gone, ...fresh].map(({ node }) => node)))
  }

  /** What another calculation over the same policies knows of nodes, but for these. */
  private knowing(before: Book, edited: ReadonlySet<string>): this {
    if (before.hosts !== this.hosts || before.profiles !== this.profiles) return this
    for (const [node, policies] of before.nodes) if (!edited.has(node)) this.nodes.set(node, policies)
    return this
  }

  /**
   * The calculation over edited Services: the sets of all others are the very same.
   * @param inputs - the same but for Services, and for objects that tell of their endpoints
   * @param isSame - whether the endpoints of a Service, `namespace/name`, are the same
   */
  forServices(inputs: PolicyInputs, isSame: EditedPods['isSame']): Book {
    const { services, endpointSlices, endpoints } = inputs.resources
    const keys = this.setKeys.map((key, i) => [services, endpointSlices, endpoints][i - 3] ?? key)
    keptSets.of(keys, () =>
      this.sets.edited({ ...this.sources, slices: inputs.slices }, this.setsLeft([], [], isSame), []),
    )
    return new Book(inputs, this.checked, this).knowing(this, new Set())
  }

  /** Pods in groups. */
  get groups(): PodGroups<WorkloadEndpoint> {
    return this.pods.lists
  }

  /** Sets in which edited pods change nothing. */
  private setsLeft(gone: Pods, fresh: Pods, isSame: EditedPods['isSame']): SetId[] {
    const isIn = ({ selector }: Exclude<SetSpec, { kind: 'service' }>, pod: WorkloadEndpoint): boolean =>
      this.pods.selects(selector.parsed, pod)
    const isLeft = (spec: SetSpec): boolean =>
      spec.kind === 'service'
        ? isSame(spec.service)
        : !gone.some((pod) => isIn(spec, pod)) && !fresh.some((pod) => isIn(spec, pod))
    const left: SetId[] = []
    for (const [id, spec] of this.list.sets()) if (isLeft(spec)) left.push(id)
    for (const [id, spec] of this.profiles.allSets()) if (isLeft(spec)) left.push(id)
    return left
  }

  set(id: SetId, family: Family): IpSet {
    return this.sets.get(id, family, (wanted) => this.specOf(wanted))
  }

  private specOf(id: SetId): SetSpec | undefined {
    for (const { setOf } of this.list.entries) {
      const spec = setOf(id)
      if (spec !== undefined) return spec
    }
    return this.profiles.setOf(id)
  }

  of(node: string): NodePolicies {
    return keptIn(this.nodes, node, () => ({ workloads: this.workloadsOf(node), hosts: this.hostsOf(node) }))
  }

  /** Policies that select nothing; where there are no endpoints at all, nobody asks. */
  readonly idle: () => readonly PolicySpec[] = once((): readonly PolicySpec[] => {
    if (!this.hasPods) return []
    const isIdle = (selector: EndpointSelector): boolean =>
      !this.pods.selectsAny(selector) && !this.hosts.selectsAny(selector)
    return this.list.entries.filter(({ selector }) => isIdle(selector())).map(({ spec }) => spec)
  })

  /** Whether a node may have other rules or sets than by another calculation over the same nodes and pods. */
  differs(before: Book, node: string): boolean {
    return this.comparison.differing(before, [node]).length > 0
  }

  /** The nodes of these that may have others. */
  differing(before: Book, nodes: readonly string[]): readonly string[] {
    return this.comparison.differing(before, nodes)
  }

  /** Whether some node's own interfaces may have other rules than by another calculation. */
  hostsDiffer(before: Book): boolean {
    return this.comparison.hostsDiffer(before)
  }

  /** Whether all sets have the members they have by another calculation over the same policies. */
  hasSetsOf(before: Book): boolean {
    return this.comparison.hasSetsOf(before)
  }

  private workloadsOf(node: string): NodePolicies['workloads'] {
    const { latest } = this.choices
    return this.pods.ofNode(node).map((pod) => {
      const [now, last] = [this.policiesOf(pod), latest.get(pod)]
      const kept = last !== undefined && isSamePod(last, now) ? last : now
      latest.set(pod, kept)
      return kept
    })
  }

  private policiesOf(pod: WorkloadEndpoint): WorkloadPolicies {
    const selected = this.choices.pods.of(pod, pod.namespace, this.list)
    const profiles = [namespaceProfile(pod.namespace), accountProfile(pod.namespace, accountOf(pod))]
    const controls = podControls(pod.pod)
    const floating = floatingAddresses(pod.pod, pod.addresses)
    return {
      ...(floating.length === 0 ? {} : { floating }),
      ...(controls === undefined ? {} : { controls }),
      netns: pod.netns,
      dev: pod.interfaceName,
      tiers: this.tierList(selected, 'normal'),
      profiles: this.profileList(profiles),
    }
  }

  private hostsOf(node: string): readonly HostPolicies[] {
    return this.hosts.byInterface(node).map(([dev, host]) => {
      const selected = this.choices.hosts.of(host, undefined, this.list)
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

  private profileList(names: readonly string[]): readonly Profile[] {
    return keptIn(this.profileLists, names.join(' '), () => names.map((name) => this.profiles.get(name)))
  }

  /** Tiers of the policies that select an endpoint; endpoints that the same policies select share one list. */
  private tierList(selected: readonly Entry[], stage: Stage): readonly TierPolicies[] {
    const those = selected.filter(({ policy }) => isOf(policy, stage))
    const key = `${stage === 'preDnat' ? 'preDnat' : ''} ${those.map((entry) => this.list.rank(entry)).join(' ')}`
    return keptIn(this.tierLists, key, () => {
      const policies = those.map(({ policy }) => policy)
      return this.tiers.flatMap((tier) => tierOf(tier, policies, stage))
    })
  }
}

/** Pods with the same text have the same labels, their own and those they inherit. */
function kinOf(pod: WorkloadEndpoint): string {
  return `${pod.namespace}/${accountOf(pod)} ${JSON.stringify(pod.pod.metadata.labels)}`
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
  return calculated(inputs, findings)
}

/** As {@link policyBook}; calculations can be compared. */
export function calculated(inputs: PolicyInputs, findings: Findings): Book {
  const checked = checkedPolicies(inputs.resources, inputs.settings, findings)
  const book = new Book(inputs, checked)
  for (const { resource } of book.idle()) {
    findings.warn('missing_reference', resource, [], 'endpoints that it selects', 'none')
  }
  return book
}
