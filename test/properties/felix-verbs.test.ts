// Two ways to one state: what Felix' verbs say of objects, and what the nodes of the cluster have that is built from them.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { answerCalico, type FelixKernelResult, type FelixStateResult } from '../../src/calico/index.ts'
import {
  buildCluster,
  type Cluster,
  collectResources,
  type KnownResource,
  parseCalicoVersion,
} from '../../src/control/index.ts'
import { fdbOf, type Namespace, neighboursOf, routesOf } from '../../src/model/index.ts'
import { familyOf, type Ip } from '../../src/wire/index.ts'
import { node, object, pod, pool } from '../control/cluster-objects.ts'

const MODES = [
  { ipipMode: 'Always' },
  { ipipMode: 'CrossSubnet' },
  { vxlanMode: 'Always' },
  { vxlanMode: 'CrossSubnet' },
  {},
]
const TUNNELS = { ipip: 'IPv4IPIPTunnelAddr', vxlan: 'IPv4VXLANTunnelAddr', 'vxlan-v6': 'IPv6VXLANTunnelAddr' } as const

interface Made {
  readonly cluster: Cluster
  readonly items: readonly KnownResource[]
  readonly felix: Readonly<Record<string, unknown>>
  readonly version: string
}

/** Clusters of both families; some pods have addresses out of other nodes' blocks, some nodes are in another subnet. */
const clusters = fc.record({
  mode: fc.constantFrom(...MODES),
  mode6: fc.constantFrom({}, { vxlanMode: 'Always' }, { vxlanMode: 'CrossSubnet' }),
  blockSize: fc.constantFrom(26, 30, 32),
  subnets: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 2, maxLength: 5 }),
  pods: fc.uniqueArray(
    fc.record({ at: fc.nat({ max: 4 }), last: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }) }),
    { maxLength: 8, selector: ({ last }) => last ?? Symbol() },
  ),
  version: fc.constantFrom('v3.30.0', 'v3.31.0', 'v3.33.0', 'v3.34.0'),
  felix: fc.record(
    {
      deviceRouteProtocol: fc.constantFrom(80, 99),
      programClusterRoutes: fc.constantFrom('Enabled', 'EnabledNoEncapOnly', 'Disabled'),
      externalNodesList: fc.constant(['10.9.0.0/16']),
      routeSource: fc.constant('WorkloadIPs'),
    },
    { requiredKeys: [] },
  ),
})

type Spec = typeof clusters extends fc.Arbitrary<infer T> ? T : never

function build({ mode, mode6, blockSize, subnets, pods, version, felix }: Spec): Made {
  const items = [
    pool('p4', '10.65.0.0/25', { ...mode, blockSize, natOutgoing: true }),
    pool('p6', 'fd10::/112', mode6),
    object('FelixConfiguration', 'default', felix),
    ...subnets.map((subnet, i) => {
      const annotations = { 'projectcalico.org/IPv6Address': `fd00:${subnet}::${i + 2}/64` }
      return node(`n${i}`, `172.18.${subnet}.${i + 2}/24`, { annotations })
    }),
    ...pods.map(({ at, last }, i) =>
      pod(`x${i}`, `n${at % subnets.length}`, last === undefined ? {} : { ip: `10.65.0.${last}` }),
    ),
  ]
  const cluster = buildCluster(collectResources(items), { calicoVersion: parseCalicoVersion(version)! })
  return { cluster, items, felix, version }
}

/** The objects as a datastore has them once every node runs: blocks, tunnel addresses, addresses of pods. */
function stored({ cluster, items }: Made): object[] {
  const blocks = cluster.ipam.blocks.map(({ cidr, affinity, slots }) => {
    const used = slots.filter((slot) => slot !== undefined)
    const allocations = slots.map((slot) => (slot === undefined ? null : used.indexOf(slot)))
    const attributes = used.map((slot) => ({ handle_id: 'h', secondary: { node: slot.node } }))
    const spec = { cidr, affinity: `host:${affinity}`, allocations, attributes, unallocated: [] }
    return { ...object('IPAMBlock', cidr.replaceAll(/[./:]/g, '-'), spec), apiVersion: 'crd.projectcalico.org/v1' }
  })
  const others = items.flatMap((item): object[] => {
    if (item.kind === 'Pod') return []
    if (item.kind !== 'Node') return [item]
    const tunnels = cluster.ipam.tunnels.get(item.metadata.name) ?? {}
    const own = Object.entries(TUNNELS).flatMap(([kind, name]) => {
      const address = tunnels[kind as keyof typeof TUNNELS]
      return address === undefined ? [] : [[`projectcalico.org/${name}`, address]]
    })
    const annotations = { ...item.metadata.annotations, ...Object.fromEntries(own) }
    return [{ ...item, metadata: { ...item.metadata, annotations } }]
  })
  const pods = cluster.workloadEndpoints.map(({ pod: made, addresses }) => ({
    ...made,
    status: { phase: 'Running', podIP: addresses[0], podIPs: addresses.map((ip) => ({ ip })) },
  }))
  return [...others, ...blocks, ...pods]
}

function asked<Result>(verb: string, request: object, version: string): Result {
  const answer = answerCalico({ verb, calicoVersion: version, ...request } as never)
  if (!('result' in answer)) return expect.unreachable(JSON.stringify(answer))
  return answer.result as Result
}

function kernelOf(made: Made, name: string, family: 4 | 6, objects: readonly object[]): Required<FelixKernelResult> {
  const { cluster, felix, version } = made
  const state = asked<FelixStateResult>('felix-state', { node: name, objects }, version)
  const { interfaces } = cluster.network.namespaces[name]!
  const { ipip, vxlan, vxlan6 } = state.encapsulation
  const vxlanName = family === 4 ? 'vxlan.calico' : 'vxlan-v6.calico'
  const hosts = cluster.nodes.map((one) => [one.name, (family === 4 ? one.ipv4 : one.ipv6)?.address])
  const request = {
    node: name,
    ipVersion: family,
    parent: { device: 'eth0' },
    felix,
    hosts: Object.fromEntries(hosts),
    ...(ipip && family === 4 ? { ipip: { mtu: interfaces['tunl0']!.mtu } } : {}),
    ...((family === 4 ? vxlan : vxlan6) ? { vxlan: { mtu: interfaces[vxlanName]?.mtu } } : {}),
    vteps: state.vteps,
    routes: state.routes,
    objects,
    workloads: cluster.workloadEndpoints.flatMap(({ node: at, interfaceName, addresses }) => {
      const of = (wanted: number): Ip[] => addresses.filter((address) => familyOf(address) === wanted)
      return at === name ? [{ interface: interfaceName, ipv4: of(4), ipv6: of(6) }] : []
    }),
  }
  return asked('felix-kernel', request, version)
}

/** Routes that Felix writes, in the words both have. */
function felixRoutes(cluster: Cluster, own: Namespace, family: 4 | 6): string[] {
  const protocols: Readonly<Record<string, string>> = { boot: '3' }
  return routesOf(cluster.network, own).flatMap(({ type, dst, via, dev, protocol, table, onlink, mtu, origin }) => {
    if (table !== 'main' || familyOf(dst) !== family || origin?.component !== 'felix') return []
    const device = type === 'blackhole' ? null : dev
    const words = [type, dst, via ?? null, device, protocols[protocol] ?? protocol, onlink ?? false, mtu ?? null]
    return [words.join(' ')]
  })
}

it('the verbs felix-state and felix-kernel say what nodes of a cluster have', () => {
  fc.assert(
    fc.property(clusters, (spec) => {
      const made = build(spec)
      const { cluster } = made
      const objects = stored(made)
      for (const { name } of cluster.nodes) {
        const own = cluster.network.namespaces[name]!
        for (const family of [4, 6] as const) {
          const { routes, fdb, ipSets } = kernelOf(made, name, family, objects)
          const written = routes.map(({ type, dst, gw, dev, protocol, onlink, mtu }) =>
            [type, dst, gw, dev, protocol, onlink, mtu].join(' '),
          )
          expect(written.sort()).toEqual(felixRoutes(cluster, own, family).sort())
          const entries = fdbOf(cluster.network, own).filter(({ dst }) => dst !== undefined && familyOf(dst) === family)
          expect(fdb.map(({ mac, dst }) => `${mac} ${dst}`).sort()).toEqual(
            entries.map(({ mac, dst }) => `${mac} ${dst}`).sort(),
          )
          const known = new Set(neighboursOf(cluster.network, own).map(({ dst, lladdr }) => `${lladdr} ${dst}`))
          for (const { mac, neighbour } of fdb) expect(known).toContain(`${mac} ${neighbour}`)
          for (const [set, members] of Object.entries(ipSets))
            expect([...members].sort()).toEqual([...(own.ipsets?.[set]?.members ?? ['no set'])].sort())
        }
      }
    }),
    { numRuns: 60 },
  )
})
