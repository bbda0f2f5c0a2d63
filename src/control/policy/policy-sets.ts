import { type IpSet, keptIn, type Origin, once } from '../../model/index.ts'
import { type Family, familyOf, InvariantError, type Ip } from '../../wire/index.ts'
import type { WorkloadEndpoint } from '../cni.ts'
import { felixSet } from '../felix/felix-set.ts'
import { type Selector, selectsBy } from '../selector.ts'
import type { EndpointSlices } from '../services/endpoint-slices.ts'
import type { HostEndpoint, NamedPort } from './host-endpoints.ts'
import type { HostIndex } from './host-index.ts'
import type { NetworkSetResource } from './kinds.ts'
import type { InheritedLabels } from './labels.ts'
import { outermost, rangeMembers } from './members.ts'
import type { SetId } from './model.ts'
import { comesFrom, type PodStep, stepAfter } from './moved-members.ts'
import type { PodIndex } from './pod-index.ts'
import { portWord, protocolMatch } from './protocol.ts'
import { IN_NAMESPACE, NAMESPACE_LABEL } from './selector-text.ts'
import { serviceMembers } from './service-members.ts'
import type { SetSpec } from './set-spec.ts'

/** Where sets get their members from. */
export interface SetSources {
  /** Endpoints of Services. */
  readonly slices: EndpointSlices
  /** Pods, by what selectors ask. */
  readonly pods: PodIndex
  /** Labels they inherit. */
  readonly inherited: InheritedLabels
  /** Host endpoints. */
  readonly hosts: HostIndex
  /** Sets of ranges. */
  readonly networkSets: readonly NetworkSetResource[]
  /** Ranges that lie in others are left out. */
  readonly joinsRanges: boolean
}

/** What a set is by: the same object, the same members. */
interface Editions {
  readonly known: ReadonlyMap<SetId, object>
  /** Of all others. */
  readonly others: object
}

/** Sets of addresses that rules ask, by id; members are looked for when they are read. */
export class PolicySets {
  private readonly sources: SetSources
  private readonly made: Map<string, IpSet>
  private readonly editions: Editions
  private readonly step: PodStep

  constructor(
    sources: SetSources,
    made: Map<string, IpSet> = new Map(),
    editions?: Editions,
    step: PodStep = { pods: [] },
  ) {
    this.sources = sources
    this.made = made
    this.editions = editions ?? { known: new Map(), others: this }
    this.step = step
  }

  /** The edition of a set: where it is the same object, so are its members. */
  edition(id: SetId): object {
    return this.editions.known.get(id) ?? this.editions.others
  }

  /**
   * The same of other pods.
   *
   * @param kept - sets whose members are the same
   * @param pods - those that are others, gone or new: `namespace/name`
   */
  edited(sources: SetSources, kept: readonly SetId[], pods: readonly string[]): PolicySets {
    const made = new Map<string, IpSet>()
    for (const id of kept) {
      for (const family of [4, 6] as const) {
        const set = this.made.get(`${family} ${id}`)
        if (set !== undefined) made.set(`${family} ${id}`, set)
      }
    }
    const known = new Map(kept.map((id) => [id, this.edition(id)]))
    return new PolicySets(sources, made, { known, others: {} }, stepAfter(this.step, pods))
  }

  /** A set of a family; the same object whenever it is asked for. */
  get(id: SetId, family: Family, specOf: (id: SetId) => SetSpec | undefined): IpSet {
    return keptIn(this.made, `${family} ${id}`, () => this.make(id, family, specOf(id)))
  }

  private make(id: SetId, family: Family, spec: SetSpec | undefined): IpSet {
    if (spec === undefined) throw new InvariantError(`no rule asks for a set ${id}`)
    const hasPorts = spec.kind === 'named-port' || (spec.kind === 'service' && spec.withPorts)
    const type = hasPorts ? 'hash:ip,port' : 'hash:net'
    const joined = (members: readonly string[]): readonly string[] => outermost(members, family)
    const listed = this.sources.joinsRanges ? joined : undefined
    const set = felixSet(id, family, type, () => this.membersOf(spec, family), originOfSet(spec), listed)
    if (spec.kind !== 'service') this.tellSource(set, spec, family)
    return set
  }

  private tellSource(set: IpSet, spec: PodsSpec, family: Family): void {
    const { step, sources } = this
    const { pods } = sources
    const besides = once(() => new Set(this.besides(spec, family)))
    comesFrom(set, {
      step,
      ofPod: (netns) => {
        const pod = pods.at(netns)
        return pod !== undefined && pods.selects(spec.selector.parsed, pod) ? ofEndpoint(pod, spec, family) : []
      },
      holders: (member) => pods.holders(member.split(',')[0]!),
      hasBesides: (member) => besides().has(member),
    })
  }

  private membersOf(spec: SetSpec, family: Family): Iterable<string> {
    switch (spec.kind) {
      case 'selector':
      case 'named-port':
        return this.ofEndpoints(spec, family)
      case 'service':
        return serviceMembers(this.sources.slices, spec.service, spec.withPorts, family)
    }
  }

  private *ofEndpoints(spec: PodsSpec, family: Family): Iterable<string> {
    for (const pod of this.sources.pods.selectedBy(spec.selector.parsed)) yield* ofEndpoint(pod, spec, family)
    yield* this.besides(spec, family)
  }

  /** What is in a set besides what pods put in. */
  private *besides(spec: PodsSpec, family: Family): Iterable<string> {
    const { parsed } = spec.selector
    for (const { expectedIPs, ports } of this.hostsOf(parsed)) {
      if (spec.kind === 'selector') yield* ofFamily(expectedIPs, family)
      else yield* portMembers(expectedIPs, ports.filter(isMeantBy(spec)), family)
    }
    if (spec.kind === 'named-port') return
    for (const set of this.sources.networkSets) {
      if (!selectsBy(parsed, (label) => this.labelOfSet(set, label))) continue
      for (const net of set.spec?.nets ?? []) yield* rangeMembers(net, family)
    }
  }

  private *hostsOf(selector: Selector): Iterable<HostEndpoint> {
    const { hosts } = this.sources
    for (const host of hosts.all()) if (hosts.selects(selector, host)) yield host
  }

  /** A set of a namespace has the labels of the namespace, too. */
  private labelOfSet({ kind, metadata }: NetworkSetResource, label: string): string | undefined {
    const own =
      metadata.labels !== undefined && Object.hasOwn(metadata.labels, label) ? metadata.labels[label] : undefined
    if (kind === 'GlobalNetworkSet') return own
    const namespace = metadata.namespace ?? 'default'
    if (label === IN_NAMESPACE) return namespace
    if (own !== undefined || !label.startsWith(NAMESPACE_LABEL)) return own
    return this.sources.inherited.ofNamespace(namespace, label.slice(NAMESPACE_LABEL.length))
  }
}

/** Sets of what a selector selects. */
type PodsSpec = Exclude<SetSpec, { readonly kind: 'service' }>

/** What an endpoint puts into a set that selects it. */
function ofEndpoint(pod: WorkloadEndpoint, spec: PodsSpec, family: Family): readonly string[] {
  return spec.kind === 'selector'
    ? ofFamily(pod.addresses, family)
    : portMembers(pod.addresses, portsOf(pod).filter(isMeantBy(spec)), family)
}

function isMeantBy({ port: name, protocol }: Extract<SetSpec, { readonly kind: 'named-port' }>) {
  return (port: NamedPort): boolean =>
    port.name === name && (protocol === 'any' || portWord(protocolMatch(port.protocol)) === protocol)
}

function ofFamily(addresses: readonly Ip[], family: Family): readonly Ip[] {
  return addresses.filter((ip) => familyOf(ip) === family)
}

function portMembers(addresses: readonly Ip[], ports: readonly NamedPort[], family: Family): string[] {
  return ports.flatMap(({ protocol, port }) =>
    ofFamily(addresses, family).map((ip) => `${ip},${portWord(protocolMatch(protocol))}:${port}`),
  )
}

function portsOf({ pod }: WorkloadEndpoint): NamedPort[] {
  const ports: NamedPort[] = []
  for (const container of pod.spec.containers ?? []) {
    for (const { name, protocol = 'TCP', containerPort: port } of container.ports ?? [])
      if (name !== undefined) ports.push({ name, protocol, port })
  }
  return ports
}

function originOfSet(spec: SetSpec): Origin {
  switch (spec.kind) {
    case 'selector':
      return { component: 'felix', note: `addresses of what ${spec.selector.text} selects` }
    case 'named-port':
      return { component: 'felix', note: `port ${spec.port} of what ${spec.selector.text} selects` }
    case 'service':
      return { component: 'felix', note: `endpoints of Service ${spec.service}` }
  }
}
