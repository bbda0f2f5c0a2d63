// Clusters of all modes and releases, of both families, with route reflectors, filters and reservations: the objects in a
// list, as an API server has them, and what of them decides who reaches whom.
import fc from 'fast-check'
import type { KnownResource, Resources } from '../../src/control/index.ts'
import { type ClusterMode, cluster } from '../../src/testing/index.ts'
import { addressAt, type Prefix } from '../../src/wire/index.ts'
import { object, pool } from '../control/cluster-objects.ts'

/** A release of every era: what programs routes, metrics, marks and names changed between them. */
const RELEASES = [14, 16, 18, 20, 22, 23, 25, 26, 28, 29, 30, 31, 32, 33, 34].map((minor) => `v3.${minor}.0`)

/** The pool of IPv6: without encapsulation, or by VXLAN. */
type Mode6 = 'none' | 'always' | 'cross-subnet'

/** What is drawn beside the cluster of one family and its Underlay. */
const additions = fc.record({
  mode6: fc.option(fc.constantFrom<Mode6>('none', 'always', 'cross-subnet'), { nil: undefined }),
  bgp: fc.constantFrom('mesh', 'mesh', 'reflectors', 'reflectors', 'other-as', 'nobody'),
  reflectors: fc.integer({ min: 1, max: 2 }),
  filter: fc.constantFrom('none', 'none', 'accept', 'elsewhere', 'first-pool'),
  wireguard: fc.boolean(),
  isReserved: fc.boolean(),
  /** Place in the first pool of an address that a pod asks for: mostly of a block that becomes somebody else's. */
  asked: fc.option(fc.integer({ min: 1, max: 63 }), { nil: undefined }),
  felix: fc.record({ deviceRouteProtocol: fc.constantFrom(80, 99) }, { requiredKeys: [] }),
  /** Objects are made in order, some of them in the same second. */
  seconds: fc.array(fc.nat({ max: 2 }), { minLength: 40, maxLength: 40 }),
})

type Additions = typeof additions extends fc.Arbitrary<infer T> ? T : never

/** A cluster as a list of objects. */
export interface ControlCluster {
  readonly objects: readonly KnownResource[]
  readonly version: string
  readonly mode: ClusterMode
  readonly mode6: Mode6 | undefined
  /** Whether nodes encrypt what they send each other: then no router sees addresses of pods. */
  readonly wireguard: boolean
  /** Whether BIRD runs. */
  readonly bird: boolean
  /** Number of the segment of a node, by its name. */
  readonly segmentOf: ReadonlyMap<string, number>
  readonly nodes: readonly string[]
}

function objectsIn(resources: Resources): KnownResource[] {
  return Object.values(resources).flat() as KnownResource[]
}

/** Nodes with IPv6 addresses, AS numbers and cluster ids, each as its place says. */
function nodeParts(at: number, segment: number, { mode6, bgp, reflectors }: Additions) {
  const isReflector = bgp === 'reflectors' && at < reflectors
  const annotations = {
    ...(mode6 === undefined ? {} : { 'projectcalico.org/IPv6Address': `fd00:${segment}::${at + 2}/64` }),
    ...(bgp === 'other-as' && at === 0 ? { 'projectcalico.org/ASNumber': '64999' } : {}),
    ...(bgp === 'other-as' && at > 0 && reflectors === 2 ? { 'projectcalico.org/ASNumber': '64512' } : {}),
    ...(isReflector ? { 'projectcalico.org/RouteReflectorClusterID': '244.0.0.1' } : {}),
  }
  return { annotations, labels: isReflector ? { role: 'reflector' } : {} }
}

function bgpObjects({ bgp, filter }: Additions, firstPool: Prefix): KnownResource[] {
  const rules = {
    none: [],
    accept: [{ action: 'Accept', cidr: '10.0.0.0/8', matchOperator: 'In' }],
    elsewhere: [{ action: 'Reject', cidr: '203.0.113.0/24', matchOperator: 'In' }],
    'first-pool': [{ action: 'Reject', cidr: firstPool, matchOperator: 'In' }],
  }
  if (bgp === 'mesh' || bgp === 'other-as') return []
  if (bgp === 'nobody') return [object('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false })]
  const filters = filter === 'none' ? {} : { filters: ['some'] }
  return [
    object('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false }),
    object('BGPPeer', 'to-reflectors', { nodeSelector: 'all()', peerSelector: "role == 'reflector'", ...filters }),
    ...(filter === 'none' ? [] : [object('BGPFilter', 'some', { exportV4: rules[filter], importV4: rules[filter] })]),
  ]
}

/** The Underlay with a range of IPv6 on every segment, and an address in it for every machine. */
function underlayOfBoth(underlay: KnownResource, more: Additions, segmentOf: (at: number) => number): KnownResource {
  if (more.mode6 === undefined || underlay.kind !== 'Underlay') return underlay
  const { segments = [], nodes = [] } = underlay.spec
  const spec = {
    ...underlay.spec,
    segments: segments.map(({ cidr, gateway, mtu, ...rest }, i) => ({
      ...rest,
      // IPv6 is off on devices that are narrower than 1280 bytes: room for a tunnel is left.
      mtu: Math.max(1400, mtu!),
      cidrs: [cidr!, `fd00:${i}::/64`],
      gateways: [gateway!, `fd00:${i}::1`],
    })),
    nodes: nodes.map(({ name, interfaces }, i) => {
      const [{ address, ...card }] = interfaces as [(typeof interfaces)[0]]
      return { name, interfaces: [{ ...card, addresses: [address!, `fd00:${segmentOf(i)}::${i + 2}/64`] }] }
    }),
  }
  return { ...underlay, spec }
}

function stamped(objects: readonly KnownResource[], seconds: readonly number[]): KnownResource[] {
  let time = Date.UTC(2026, 0, 1)
  return objects.map((one, i) => {
    time += seconds[i % seconds.length]! * 1000
    return { ...one, metadata: { ...one.metadata, creationTimestamp: new Date(time).toISOString() } } as KnownResource
  })
}

/** A pod that asks for an address, where one is drawn. */
function asking(pod: KnownResource, range: Prefix, { asked }: Additions): KnownResource {
  if (asked === undefined) return pod
  const annotations = { 'cni.projectcalico.org/ipAddrs': JSON.stringify([addressAt(range, asked)]) }
  return { ...pod, metadata: { ...pod.metadata, annotations } } as KnownResource
}

/** Clusters for rules that hold in all of them. */
export function controlClusters(): fc.Arbitrary<ControlCluster> {
  const base = cluster({
    nodes: { min: 2, max: 5 },
    podsPerNode: { min: 1, max: 2 },
    pools: { min: 1, max: 3 },
    calicoVersion: RELEASES,
  })
  return fc.tuple(base, additions).map(([made, more]) => {
    const segmentAt = (at: number): number => at % made.subnets.length
    const mode6 = more.mode6 !== undefined && Number(made.calicoVersion.split('.')[1]) < 23 ? 'none' : more.mode6
    const extra: Additions = { ...more, mode6 }
    const bare = objectsIn(made.resources)
    const lastPod = bare.filter(({ kind }) => kind === 'Pod').at(-1)
    const objects = bare.map((one): KnownResource => {
      if (one === lastPod) return asking(one, made.pools[0]!, extra)
      if (one.kind === 'ConfigMap' && mode6 !== undefined) return { ...one, data: { ...one.data, veth_mtu: '0' } }
      if (one.kind === 'Underlay') return underlayOfBoth(one, extra, segmentAt)
      if (one.kind !== 'Node') return one
      const at = made.nodes.indexOf(one.metadata.name)
      const { annotations, labels } = nodeParts(at, segmentAt(at), extra)
      const metadata = { ...one.metadata, annotations, labels: { ...one.metadata.labels, ...labels } }
      return { ...one, metadata }
    })
    const vxlanMode = { none: 'Never', always: 'Always', 'cross-subnet': 'CrossSubnet' }
    objects.push(...bgpObjects(extra, made.pools[0]!))
    if (mode6 !== undefined) objects.push(pool('six', 'fd10:7::/64', { vxlanMode: vxlanMode[mode6] }))
    const kept = [...(extra.isReserved ? [0] : []), ...(extra.asked === undefined ? [] : [extra.asked])]
    // What a pod asks for is kept from everybody else: it may be the last that is made.
    const reservedCIDRs = kept.map((at) => `${addressAt(made.pools[0]!, at)}/32`)
    if (kept.length > 0) objects.push(object('IPReservation', 'kept', { reservedCIDRs }))
    const wireguardEnabled = { wireguardEnabled: extra.wireguard }
    objects.push(object('FelixConfiguration', 'default', { ...extra.felix, ...wireguardEnabled }))
    const config = made.resources.configMaps[0]!
    return {
      objects: stamped(objects, extra.seconds),
      version: made.calicoVersion,
      mode: made.mode,
      mode6,
      wireguard: extra.wireguard,
      bird: config.data?.['calico_backend'] === 'bird',
      segmentOf: new Map(made.nodes.map((name, i) => [name, segmentAt(i)])),
      nodes: made.nodes,
    }
  })
}
