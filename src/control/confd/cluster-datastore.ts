import { addressOfNode, type ClusterNode, subnetOfNode } from '../cluster-node.ts'
import type { Block, TunnelKind } from '../ipam/block.ts'
import type { PortEndpoints } from '../kube-proxy/port-endpoints.ts'
import type { ServiceResource } from '../kubernetes-kinds.ts'
import { calicoAnnotation } from '../node-annotations.ts'
import { namespacedName } from '../resource.ts'
import type { Resources } from '../resources.ts'
import type { Settings } from '../settings/settings.ts'
import type { ConfdAffinity, ConfdDatastore, ConfdNode, ConfdSlice } from './datastore.ts'
import { asNumberOf } from './plain-fields.ts'
import { confdDatastore, type PlainObject } from './read-objects.ts'

/** What of a cluster confd reads. */
export interface ClusterFacts {
  /** Objects, with the pools that somebody makes. */
  readonly resources: Resources
  readonly settings: Settings
  readonly nodes: readonly ClusterNode[]
  /** Blocks with their owners. */
  readonly blocks: readonly Pick<Block, 'cidr' | 'affinity' | 'confirmed' | 'claims'>[]
  readonly tunnels: ReadonlyMap<string, Readonly<Partial<Record<TunnelKind, string>>>>
  readonly serviceEndpoints: (service: ServiceResource) => readonly PortEndpoints[]
  /** Whether EndpointSlices of a Service are in the input. */
  readonly isGiven: (service: ServiceResource) => boolean
}

/** What confd of every node reads in a simulated cluster: nodes with the addresses they found, blocks as they were claimed. */
export function clusterDatastore(facts: ClusterFacts): ConfdDatastore {
  const { resources, settings, nodes, blocks } = facts
  const { bgpConfigurations, bgpPeers, bgpFilters, ippools, services } = resources
  const objects = [...bgpConfigurations, ...bgpPeers, ...bgpFilters, ...ippools, ...services]
  const env = Object.fromEntries([...settings.env].map(([name, { value }]) => [name, value]))
  const { secrets: _, ...read } = confdDatastore(objects.map(plain), {
    env: { ...env, CALICO_NETWORKING_BACKEND: settings.backend },
    workloadPeers: [],
    traits: settings.traits,
  })
  return {
    ...read,
    nodes: new Map(nodes.map((node) => [node.name, confdNode(node, facts)])),
    affinities: affinitiesBy(blocks),
    slices: new Map(services.map((service) => [namespacedName(service.metadata), slicesOf(service, facts)])),
  }
}

function plain(resource: { readonly apiVersion: string; readonly kind: string }): PlainObject {
  return { apiVersion: resource.apiVersion, kind: resource.kind, value: resource as unknown as PlainObject['value'] }
}

function confdNode(node: ClusterNode, { tunnels }: ClusterFacts): ConfdNode {
  const asNumber = asNumberOf(calicoAnnotation(node.resource, 'ASNumber') ?? '')
  const own = tunnels.get(node.name)
  const addresses: { -readonly [K in keyof ConfdNode['addresses']]: ConfdNode['addresses'][K] } = {}
  const networks: { -readonly [K in keyof ConfdNode['networks']]: ConfdNode['networks'][K] } = {}
  for (const family of [4, 6] as const) {
    const address = addressOfNode(node, family)?.address
    const network = subnetOfNode(node, family)
    if (address !== undefined) addresses[family] = address
    if (network !== undefined) networks[family] = network
  }
  return {
    name: node.name,
    labels: node.labels,
    addresses,
    networks,
    ...(asNumber === undefined ? {} : { asNumber }),
    ...(node.routeReflector === undefined ? {} : { clusterId: node.routeReflector }),
    wireguard: { 4: own?.wireguard !== undefined, 6: own?.['wireguard-v6'] !== undefined },
    podCidrs: [],
  }
}

function affinitiesBy(blocks: ClusterFacts['blocks']): ReadonlyMap<string, readonly ConfdAffinity[]> {
  const byNode = new Map<string, ConfdAffinity[]>()
  for (const { cidr, affinity, confirmed, claims } of blocks) {
    const owners = claims ?? (affinity === undefined ? [] : [affinity])
    for (const node of owners) {
      const list = byNode.get(node)
      const one = { node, cidr, state: confirmed || claims !== undefined ? 'confirmed' : 'pending' }
      if (list === undefined) byNode.set(node, [one])
      else list.push(one)
    }
  }
  return byNode
}

/** EndpointSlices of a Service, one a family; of one that selects pods there is one, be it empty. */
function slicesOf(service: ServiceResource, { serviceEndpoints, isGiven }: ClusterFacts): readonly ConfdSlice[] {
  const key = namespacedName(service.metadata)
  const ports = serviceEndpoints(service)
  const slices = ([4, 6] as const).flatMap((family): ConfdSlice[] => {
    const ready = ports
      .filter((port) => port.family === family)
      .flatMap(({ endpoints }) => endpoints.filter((one) => one.ready))
    if (ready.length === 0) return []
    return [{ service: key, addressType: `IPv${family}`, ready: [...new Set(ready.map(({ node }) => node))] }]
  })
  const isThere = Object.keys(service.spec.selector ?? {}).length > 0 || isGiven(service)
  return slices.length > 0 || !isThere ? slices : [{ service: key, addressType: 'IPv4', ready: [] }]
}
