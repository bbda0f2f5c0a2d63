import { isRecord, type PolicyDirection } from '../../../model/index.ts'
import { type CalicoVersion, traitsOf } from '../../calico-version.ts'
import { Findings } from '../../findings.ts'
import { collectResources } from '../../objects-by-kind.ts'
import type { CalicoRule } from '../../policy/kinds.ts'
import type { SetId } from '../../policy/model.ts'
import type { SetSpec } from '../../policy/set-spec.ts'
import type { OtherResource } from '../../resource.ts'
import type { KnownResource } from '../../resources.ts'
import { selectsBy } from '../../selector.ts'
import { type FelixSettings, readSettings } from '../../settings/settings.ts'
import { blockRoutes } from './block-routes.ts'
import { type Encapsulation, encapsulationOf, type ProgrammedPools, programmedPools } from './encapsulation.ts'
import { type FelixEndpoint, hostEndpoint, networkSet, workloadEndpoint } from './felix-endpoint.ts'
import { felixNodes } from './felix-node.ts'
import { byOrderInTier, type FelixPolicy, felixPolicies, tierOrder } from './felix-policy.ts'
import { felixPools } from './felix-pool.ts'
import { type FelixProfile, felixProfiles, labelOf } from './felix-profile.ts'
import { addSets, type FelixSet, felixSets, type MemberSources } from './felix-sets.ts'
import { joinsRanges } from './joined-ranges.ts'
import { fieldAt, type Raw, textAt } from './raw-fields.ts'
import { type FelixRoute, felixRoutes } from './route-resolver.ts'
import type { StoredObjects } from './stored-objects.ts'
import { type FelixVtep, felixVteps, type WireguardEnd, wireguardEnds } from './vteps.ts'

/** Policies of a tier for one endpoint, in order of evaluation. */
export interface EndpointTier {
  /** Tier. */
  readonly tier: string
  /** Policies for what comes in. */
  readonly ingress: readonly string[]
  /** Policies for what goes out. */
  readonly egress: readonly string[]
}

/** The policies of an endpoint of this node. */
export interface EndpointPolicies {
  /** After connection tracking. */
  readonly tiers: readonly EndpointTier[]
  /** Before it; host endpoints only. */
  readonly untracked: readonly EndpointTier[]
  /** Before address translation; host endpoints only. */
  readonly preDnat: readonly EndpointTier[]
}

/** What Felix of a node calculates before it touches Linux. @calico felix/calc/calc_graph.go */
export interface FelixState {
  /** Ranges. */
  readonly routes: readonly FelixRoute[]
  /** VXLAN tunnel endpoints. */
  readonly vteps: readonly FelixVtep[]
  /** Nodes with keys for WireGuard over IPv4. */
  readonly wireguard: readonly WireguardEnd[]
  /** Nodes with keys for WireGuard over IPv6. */
  readonly wireguard6: readonly WireguardEnd[]
  /** Sets that active rules ask. */
  readonly sets: readonly FelixSet[]
  /** Policies that select an endpoint of this node, or are needed everywhere. */
  readonly policies: readonly FelixPolicy[]
  /** Profiles that endpoints of this node name, whether or not they are there. */
  readonly profiles: readonly string[]
  /** Endpoints of this node by id. */
  readonly endpoints: ReadonlyMap<string, EndpointPolicies>
  /** Encapsulations in use. */
  readonly encapsulation: Encapsulation
  /** Pools whose routes Felix writes. */
  readonly programs: ProgrammedPools
}

/** A setting of Felix that only the calculation reads. */
function felixWord(objects: StoredObjects, node: string, field: string): string {
  const named = (name: string): Raw | undefined =>
    objects.of('FelixConfiguration', 'calico').find((one) => textAt(one, 'metadata', 'name') === name)
  return textAt(named(`node.${node}`), 'spec', field) || textAt(named('default'), 'spec', field)
}

/** Felix' settings on a node. */
function settingsOf(objects: StoredObjects, node: string, version: CalicoVersion): FelixSettings {
  const given = objects.of('FelixConfiguration', 'calico').filter((one) => isRecord(fieldAt(one, 'spec')))
  const resources = collectResources(given as unknown as readonly KnownResource[])
  return readSettings(resources, version, new Findings()).felixOf(node)
}

function endpointsOf(objects: StoredObjects, allowsSpoofing: boolean): FelixEndpoint[] {
  return [
    ...objects.of('WorkloadEndpoint', 'calico').flatMap((value) => workloadEndpoint(value, allowsSpoofing) ?? []),
    ...objects.of('HostEndpoint', 'calico').map(hostEndpoint),
  ]
}

/** Which list of an endpoint a policy is in. */
type Stage = keyof EndpointPolicies

function stageOf({ spec: { doNotTrack, preDNAT } }: FelixPolicy): Stage {
  return doNotTrack ? 'untracked' : preDNAT ? 'preDnat' : 'tiers'
}

/** The policies of a stage by tier; before address translation packets only come in. */
function tiersOf(policies: readonly FelixPolicy[], order: readonly string[], stage: Stage): EndpointTier[] {
  const those = policies.filter((policy) => stageOf(policy) === stage)
  return order.flatMap((tier) => {
    const own = those.filter(({ spec }) => spec.tier === tier).sort(byOrderInTier)
    const of = (direction: PolicyDirection): string[] =>
      own.filter(({ spec }) => spec.directions.includes(direction)).map(({ names }) => names.name)
    const [ingress, egress] = [of('ingress'), stage === 'preDnat' ? [] : of('egress')]
    return ingress.length + egress.length === 0 ? [] : [{ tier, ingress, egress }]
  })
}

function policiesOf(
  { kind }: FelixEndpoint,
  selected: readonly FelixPolicy[],
  order: readonly string[],
): EndpointPolicies {
  const of = (stage: Stage): EndpointTier[] => tiersOf(selected, order, stage)
  return {
    tiers: of('tiers'),
    untracked: kind === 'host' ? of('untracked') : [],
    preDnat: kind === 'host' ? of('preDnat') : [],
  }
}

/** What policy comes to on a node: who has which policies, and the sets that their rules ask. */
function policyState(
  local: readonly FelixEndpoint[],
  policies: readonly FelixPolicy[],
  profiles: ReadonlyMap<string, FelixProfile>,
  objects: StoredObjects,
): Pick<FelixState, 'policies' | 'profiles' | 'endpoints'> & { readonly specs: ReadonlyMap<SetId, SetSpec> } {
  const order = tierOrder(objects, new Set(policies.map(({ spec }) => spec.tier)))
  const selects = ({ selector }: FelixPolicy, endpoint: FelixEndpoint): boolean =>
    selectsBy(selector.parsed, (label) => labelOf(label, endpoint, profiles))
  const active = policies.filter((policy) => policy.everywhere || local.some((one) => selects(policy, one)))
  const names = [...new Set(local.flatMap((one) => one.profiles))].sort()
  const specs = new Map<SetId, SetSpec>()
  for (const { spec } of active) {
    const rules = [...spec.ingress, ...spec.egress].map(({ rule }) => rule)
    addSets(specs, rules, spec.resource, spec.namespace)
  }
  for (const { value } of names.flatMap((name) => profiles.get(name) ?? [])) {
    if (value !== undefined) addSets(specs, profileRules(value), value as unknown as OtherResource, undefined)
  }
  const endpoints = local.map((one): [string, EndpointPolicies] => [
    one.id,
    policiesOf(
      one,
      active.filter((policy) => selects(policy, one)),
      order,
    ),
  ])
  return { policies: active, profiles: names, endpoints: new Map(endpoints), specs }
}

function profileRules(value: Raw): CalicoRule[] {
  const rules = (direction: PolicyDirection): unknown => fieldAt(value, 'spec', direction)
  return [rules('ingress'), rules('egress')].flatMap((list) => (Array.isArray(list) ? (list as CalicoRule[]) : []))
}

/** What Felix of a node calculates from all objects of a datastore. */
export function felixState(node: string, objects: StoredObjects, version: CalicoVersion): FelixState {
  const settings = settingsOf(objects, node, version)
  const word = (field: string): string => felixWord(objects, node, field)
  const all = endpointsOf(objects, word('workloadSourceSpoofing') === 'Any')
  const local = all.filter((one) => one.node === node)
  const [nodes, pools, profiles] = [felixNodes(objects), felixPools(objects), felixProfiles(objects)]
  const fromWorkloads = word('routeSource') === 'WorkloadIPs'
  const { specs, ...policy } = policyState(local, felixPolicies(objects, traitsOf(version)), profiles, objects)
  const sources: MemberSources = {
    labelled: [
      ...all,
      ...objects.of('NetworkSet', 'calico').map((value) => networkSet(value, false)),
      ...objects.of('GlobalNetworkSet', 'calico').map((value) => networkSet(value, true)),
    ],
    profiles,
    objects,
    joinsRanges: joinsRanges([word('nftablesMode')], version),
  }
  return {
    routes: felixRoutes({
      node,
      nodes,
      pools,
      blocks: fromWorkloads ? [] : blockRoutes(objects),
      workloads: fromWorkloads ? all : local,
    }),
    vteps: felixVteps(nodes),
    wireguard: wireguardEnds(nodes, 4),
    wireguard6: wireguardEnds(nodes, 6),
    sets: felixSets(specs, sources),
    ...policy,
    encapsulation: encapsulationOf(pools, settings),
    programs: programmedPools(pools, settings),
  }
}
