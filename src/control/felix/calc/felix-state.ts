import { isRecord, once } from '../../../model/index.ts'
import { type CalicoVersion, traitsOf, type VersionTraits } from '../../calico-version.ts'
import { Findings } from '../../findings.ts'
import { collectResources } from '../../objects-by-kind.ts'
import type { KnownResource } from '../../resources.ts'
import { type FelixSettings, readSettings } from '../../settings/settings.ts'
import { blockRoutes } from './block-routes.ts'
import { type Encapsulation, encapsulationOf, type ProgrammedPools, programmedPools } from './encapsulation.ts'
import { type PolicyState, policyState } from './endpoint-policies.ts'
import { type FelixEndpoint, hostEndpoint, networkSet, workloadEndpoint } from './felix-endpoint.ts'
import { felixNodes } from './felix-node.ts'
import { felixPolicies } from './felix-policy.ts'
import { felixPools } from './felix-pool.ts'
import { felixProfiles } from './felix-profile.ts'
import { type FelixSet, felixSets, type MemberSources } from './felix-sets.ts'
import { felixWord } from './felix-word.ts'
import { joinsRanges } from './joined-ranges.ts'
import { endpointObject } from './kubernetes-endpoint.ts'
import { withMesh } from './mesh-set.ts'
import { fieldAt, type Raw, textAt } from './raw-fields.ts'
import { type FelixRoute, felixRoutes } from './route-resolver.ts'
import type { StoredObjects } from './stored-objects.ts'
import { type FelixVtep, felixVteps, type WireguardEnd, wireguardEnds } from './vteps.ts'

/** What Felix of a node calculates before it touches Linux. @calico felix/calc/calc_graph.go */
export interface FelixState extends Omit<PolicyState, 'specs'> {
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
  /** Encapsulations in use. */
  readonly encapsulation: Encapsulation
  /** Pools whose routes Felix writes. */
  readonly programs: ProgrammedPools
}

/** Felix' settings on a node. */
function settingsOf(objects: StoredObjects, node: string, version: CalicoVersion): FelixSettings {
  const given = objects.of('FelixConfiguration', 'calico').filter((one) => isRecord(fieldAt(one, 'spec')))
  const resources = collectResources(given as unknown as readonly KnownResource[])
  return readSettings(resources, version, new Findings()).felixOf(node)
}

/** Workload endpoints that are objects, else those of pods: of one node, or of all. */
function workloadsOf(objects: StoredObjects, traits: VersionTraits, node: string | undefined): readonly Raw[] {
  const given = objects.of('WorkloadEndpoint', 'calico')
  if (given.length > 0) return given
  const pods = objects.of('Pod', 'kubernetes')
  const meant = node === undefined ? pods : pods.filter((pod) => textAt(pod, 'spec', 'nodeName') === node)
  return meant.map((pod) => endpointObject(pod, traits)).filter((one) => one !== undefined)
}

/** Endpoints of one node, or of all. */
function endpointsOf(
  objects: StoredObjects,
  traits: VersionTraits,
  allowsSpoofing: boolean,
  node?: string,
): FelixEndpoint[] {
  const endpoints = [
    ...workloadsOf(objects, traits, node).flatMap((value) => workloadEndpoint(value, allowsSpoofing) ?? []),
    ...objects.of('HostEndpoint', 'calico').flatMap((value) => hostEndpoint(value) ?? []),
  ]
  return node === undefined ? endpoints : endpoints.filter((one) => one.node === node)
}

/** What Felix of a node calculates from all objects of a datastore. */
export function felixState(node: string, objects: StoredObjects, version: CalicoVersion): FelixState {
  const settings = settingsOf(objects, node, version)
  const word = (field: string): string => felixWord(objects, node, field)
  const traits = traitsOf(version)
  const allowsSpoofing = word('workloadSourceSpoofing') === 'Any'
  // Of other nodes only sets know, or nobody.
  const all = once(() => endpointsOf(objects, traits, allowsSpoofing))
  const local = endpointsOf(objects, traits, allowsSpoofing, node)
  const [nodes, pools, profiles] = [felixNodes(objects), felixPools(objects), felixProfiles(objects)]
  const fromWorkloads = word('routeSource') === 'WorkloadIPs'
  const { specs, ...policy } = policyState(local, felixPolicies(objects, traits), profiles, objects)
  const sources: MemberSources = {
    labelled: once(() => [
      ...all(),
      ...objects.of('NetworkSet', 'calico').map((value) => networkSet(value, false)),
      ...objects.of('GlobalNetworkSet', 'calico').map((value) => networkSet(value, true)),
    ]),
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
      workloads: fromWorkloads ? all() : local,
    }),
    vteps: felixVteps(nodes),
    wireguard: wireguardEnds(nodes, 4),
    wireguard6: wireguardEnds(nodes, 6),
    sets: felixSets(word('istioAmbientMode') === 'Enabled' ? withMesh(specs) : specs, sources),
    ...policy,
    encapsulation: encapsulationOf(pools, settings),
    programs: programmedPools(pools, settings),
  }
}
