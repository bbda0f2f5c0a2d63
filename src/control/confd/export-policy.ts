import { type Family, familyOf, type Prefix } from '../../wire/index.ts'
import {
  type FilterFunction,
  type FilterStatement,
  type FilterTest,
  OVERRIDING_PREFERENCE,
  PRIORITY_SUM,
} from '../bird/filter-program.ts'
import type { ConfdAffinity, ConfdDatastore, ConfdNode, ConfdPool } from './datastore.ts'
import { networkOf } from './read-objects.ts'

/** Which routes between nodes BIRD writes into the kernel; Felix writes the others. */
export interface BirdOwns {
  readonly ipip: boolean
  readonly noEncap: boolean
}

/** @calico confd/pkg/backends/calico/bgp_processor.go clusterRoutePolicyFromBGPConfig */
function birdOwns({ settings, traits }: ConfdDatastore): BirdOwns {
  const byDefault = { ipip: !traits.felixOwnsIpip, noEncap: true }
  switch (traits.felixCanOwnRoutes ? settings?.programClusterRoutes : undefined) {
    case 'Enabled':
      return { ipip: true, noEncap: true }
    case 'Disabled':
      return { ipip: false, noEncap: false }
    case 'EnabledIPIPOnly':
      return { ipip: true, noEncap: false }
    case 'EnabledNoEncapOnly':
      return { ipip: false, noEncap: true }
    default:
      return byDefault
  }
}

/** Metric of routes that nothing makes better (v3.32+); undefined in releases that have none. */
export function normalPriority({ settings, traits }: ConfdDatastore, family: Family): number | undefined {
  return traits.routeMetric === undefined ? undefined : (settings?.normalRoutePriority[family] ?? traits.routeMetric)
}

function inside(prefix: Prefix): FilterTest {
  return { ask: 'net', op: '~', prefix }
}

function acceptInside(prefix: Prefix, why: string): FilterStatement {
  return { do: 'if', test: inside(prefix), body: [{ do: 'accept', why }] }
}

/** confd sorts its lines as text. */
function inTextOrder<T extends { readonly cidr: Prefix }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => (a.cidr < b.cidr ? -1 : a.cidr > b.cidr ? 1 : 0))
}

/** Which of the node's communities a prefix gets: those of the node's own BGPConfiguration, else of the cluster's. */
function communitiesFunction({ settings, ofNode }: ConfdDatastore, node: ConfdNode, family: Family): FilterFunction {
  const list = ofNode.get(node.name)?.prefixAdvertisements ?? settings?.prefixAdvertisements ?? []
  const body = list
    .filter(({ cidr, communities }) => familyOf(cidr) === family && communities.length > 0)
    .map(
      ({ cidr, communities }): FilterStatement => ({
        do: 'if',
        test: inside(cidr),
        body: communities.map((community) => ({ do: 'add-community', community })),
      }),
    )
  return { name: 'apply_communities', body }
}

/** The node's blocks: announced as a whole, and of what is in them only routes that are better than normal. */
function aggregationFunction(affinities: readonly ConfdAffinity[], normal: number | undefined): FilterFunction {
  const body = affinities
    .filter(({ state }) => state === 'confirmed')
    .flatMap(({ cidr }): FilterStatement[] => [
      { do: 'if', test: { ask: 'net', op: '=', prefix: cidr }, body: [{ do: 'accept', why: 'a block of this node' }] },
      ...(normal === undefined
        ? []
        : ([
            {
              do: 'if',
              test: { ask: 'all', tests: [inside(cidr), { ask: 'metric-below', value: normal }] },
              body: [{ do: 'accept', why: 'in a block of this node, with a better priority than its' }],
            },
          ] as const)),
      {
        do: 'if',
        test: inside(cidr),
        body: [{ do: 'reject', why: 'in a block of this node, which is announced instead' }],
      },
    ])
  return { name: 'calico_aggr', body }
}

const LOCAL_ROUTES: FilterFunction = {
  name: 'reject_local_routes',
  body: [
    {
      do: 'if',
      test: { ask: 'interface', like: ['bpf*.cali'] },
      body: [{ do: 'reject', why: 'a route of the eBPF dataplane, for this node only' }],
    },
  ],
}

/** Ranges of Services that a route reflector passes on. */
function reflectedRanges({ settings }: ConfdDatastore, node: ConfdNode, family: Family): FilterStatement[] {
  if (node.clusterId === undefined) return []
  const texts = [...(settings?.serviceLoadBalancerIps ?? []), ...(settings?.serviceExternalIps ?? [])]
  return texts.flatMap((text) => {
    const range = networkOf(text)
    if (range === undefined || familyOf(range) !== family) return []
    return [acceptInside(range, 'a range of Services, on a route reflector')]
  })
}

/** The function of what Calico tells peers. */
export const EXPORT_FUNCTION = 'calico_export_to_bgp_peers'

/** What decides after the BGPFilters which routes a node tells its neighbours. */
export interface ExportPolicy {
  /** All functions, in the order in which they must be defined. */
  readonly functions: readonly FilterFunction[]
  /** The one that filters call. */
  readonly main: FilterFunction
}

/**
 * What a node tells its neighbours, BGPFilters aside.
 * @param affinities - the node's, in order
 * @param services - what it announces of Services
 * @calico node/filesystem/etc/calico/confd/templates/bird_ipam.cfg.template
 */
export function exportPolicy(
  datastore: ConfdDatastore,
  node: ConfdNode,
  family: Family,
  affinities: readonly ConfdAffinity[],
  services: readonly Prefix[],
): ExportPolicy {
  const pools = inTextOrder(datastore.pools.filter(({ cidr }) => familyOf(cidr) === family))
  const communities = communitiesFunction(datastore, node, family)
  const aggregation = aggregationFunction(affinities, normalPriority(datastore, family))
  const tunnels = ['*.cali', '*.calico', ...(birdOwns(datastore).ipip ? [] : ['tunl0'])]
  const main: FilterFunction = {
    name: EXPORT_FUNCTION,
    argument: 'internal_peer',
    body: [
      ...pools
        .filter(({ disableBgpExport }) => disableBgpExport)
        .map(
          ({ cidr }): FilterStatement => ({
            do: 'if',
            test: inside(cidr),
            body: [{ do: 'reject', why: 'the pool is kept out of BGP' }],
          }),
        ),
      {
        do: 'if',
        test: { ask: 'all', tests: [{ ask: 'same-as' }, { ask: 'interface', like: tunnels }] },
        body: [{ do: 'reject', why: "a route of Felix' through a tunnel, not for peers of the same AS" }],
      },
      { do: 'call', of: LOCAL_ROUTES },
      { do: 'call', of: communities },
      { do: 'call', of: aggregation },
      ...services.map((range) => acceptInside(range, 'an address of Services that this node announces')),
      ...reflectedRanges(datastore, node, family),
      ...pools
        .filter(({ disableBgpExport }) => !disableBgpExport)
        .map(({ cidr }) => acceptInside(cidr, 'in an IPPool')),
    ],
  }
  return { functions: [communities, aggregation, LOCAL_ROUTES, main], main }
}

/** Filter of routes from a neighbour: its BGPFilters, then everything. */
export function importFilter(
  filters: readonly FilterFunction[],
  sameAs: boolean,
  normal: number | undefined,
): FilterStatement[] {
  return [
    ...filters.map((of): FilterStatement => ({ do: 'call', of, sameAs })),
    ...(normal === undefined
      ? []
      : ([
          {
            do: 'if',
            test: { ask: 'local-pref', op: '>', value: PRIORITY_SUM - normal },
            body: [{ do: 'preference', value: OVERRIDING_PREFERENCE }],
          },
        ] as const)),
    { do: 'accept', why: 'whatever no BGPFilter rejects is taken' },
  ]
}

/** Filter of routes to a neighbour: its BGPFilters, then what Calico tells everybody. */
export function exportFilter(
  filters: readonly FilterFunction[],
  main: FilterFunction,
  sameAs: boolean,
  normal: number | undefined,
): FilterStatement[] {
  return [
    ...(normal === undefined ? [] : ([{ do: 'relate-priorities', normal }] as const)),
    ...filters.map((of): FilterStatement => ({ do: 'call', of, sameAs })),
    { do: 'call', of: main, sameAs },
    { do: 'reject', why: 'neither in a pool nor a block or Service of this node' },
  ]
}

/** What becomes of a pool's routes in the kernel's filter. */
function kernelStatement(
  { cidr, ipip, vxlan }: ConfdPool,
  owns: BirdOwns,
  subnet: Prefix | undefined,
  family: Family,
): FilterStatement[] {
  const rejecting = (why: string): FilterStatement[] => [
    { do: 'if', test: inside(cidr), body: [{ do: 'reject', why }] },
  ]
  if (vxlan !== 'never') return rejecting('Felix writes VXLAN routes')
  if (!(ipip === 'never' ? owns.noEncap : owns.ipip)) return rejecting("Felix writes this pool's routes")
  // At the end of IPv6's filter everything is accepted, and there are no tunnels.
  if (family === 6) return []
  const tunnel: FilterStatement[] =
    ipip === 'never'
      ? []
      : [{ do: 'tunnel', ...(ipip === 'cross-subnet' && subnet !== undefined ? { unless: subnet } : {}) }]
  return [{ do: 'if', test: inside(cidr), body: [...tunnel, { do: 'accept', why: "BIRD writes this pool's routes" }] }]
}

/**
 * What of BIRD's routes becomes a route of the kernel.
 * @param rejected - ranges of Services
 * @calico confd/pkg/backends/calico/bgp_processor.go processIPPools, processWireguardPeerFilter
 */
export function kernelFilter(
  datastore: ConfdDatastore,
  node: ConfdNode,
  family: Family,
  rejected: readonly Prefix[],
): FilterStatement[] {
  const normal = normalPriority(datastore, family)
  const subnet = node.networks[family]
  const pools = inTextOrder(datastore.pools.filter(({ cidr }) => familyOf(cidr) === family))
  // Without a subnet of its own, an IPv4 node has no statements of pools at all.
  const ofPools = family === 6 || subnet !== undefined ? pools : []
  return [
    ...rejected.map(
      (range): FilterStatement => ({
        do: 'if',
        test: inside(range),
        body: [{ do: 'reject', why: 'addresses of Services are for peers only' }],
      }),
    ),
    ...(normal === undefined ? [] : ([{ do: 'metric-of-learnt', normal }] as const)),
    ...wireguardStatements(datastore, node, family),
    ...ofPools.flatMap((pool) => kernelStatement(pool, birdOwns(datastore), subnet, family)),
    { do: 'accept', why: 'in no IPPool' },
  ]
}

/** Between nodes with WireGuard Felix writes the routes. */
function wireguardStatements({ nodes, traits }: ConfdDatastore, node: ConfdNode, family: Family): FilterStatement[] {
  if (!traits.birdSkipsWireguard || !node.wireguard[family]) return []
  const peers = [...nodes.values()].filter((one) => one !== node && one.wireguard[family])
  return peers
    .flatMap(({ addresses }) => addresses[family] ?? [])
    .sort()
    .map((address) => ({
      do: 'if',
      test: { ask: 'next-hop', address },
      body: [{ do: 'reject', why: 'Felix writes the routes to nodes with WireGuard' }],
    }))
}
