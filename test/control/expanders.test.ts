import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildCluster, collectResources, endpointsIn, type KnownResource } from '../../src/control/index.ts'
import { cablesIn } from '../../src/model/index.ts'
import { contains, type Ip, type Prefix } from '../../src/wire/index.ts'
import { node, object, pod, pool } from './cluster-objects.ts'

const MODES = [
  { ipipMode: 'Always' },
  { ipipMode: 'CrossSubnet' },
  { vxlanMode: 'Always' },
  { vxlanMode: 'CrossSubnet' },
  {},
]

/** Objects of a random cluster; every object has its own creation time, so that the order of the input says nothing. */
const clusters = fc
  .record({
    mode: fc.constantFrom(...MODES),
    nodes: fc.integer({ min: 1, max: 8 }),
    subnets: fc.integer({ min: 1, max: 3 }),
    pods: fc.integer({ min: 0, max: 30 }),
    blockSize: fc.constantFrom(26, 28, 30),
  })
  .map(({ mode, nodes, subnets, pods, blockSize }) => {
    const items: KnownResource[] = [pool('p', '10.244.0.0/20', { ...mode, blockSize, natOutgoing: true })]
    for (let i = 0; i < nodes; i++) items.push(node(`n${i}`, `172.18.${i % subnets}.${i + 2}/24`))
    for (let i = 0; i < pods; i++) items.push(pod(`pod${i}`, `n${(i * 7) % nodes}`))
    return items.map((item, i): KnownResource => {
      const creationTimestamp = new Date(Date.UTC(2024, 0, 1, 0, 0, i)).toISOString()
      return { ...item, metadata: { ...item.metadata, creationTimestamp } } as KnownResource
    })
  })

function networkOf(items: readonly KnownResource[]) {
  const { network, findings } = buildCluster(collectResources(items))
  return { network: network.toJSON(), faults: findings.faults }
}

describe('expanders: the same cluster in other words is the same network', () => {
  test('shuffled', () => {
    fc.assert(
      fc.property(
        clusters.chain((items) =>
          fc.tuple(fc.constant(items), fc.shuffledSubarray(items, { minLength: items.length })),
        ),
        ([items, shuffled]) => {
          expect(networkOf(shuffled)).toEqual(networkOf(items))
        },
      ),
      { numRuns: 25 },
    )
  })

  test('applied twice', () => {
    fc.assert(
      fc.property(clusters, (items) => {
        expect(networkOf([...items, ...items])).toEqual(networkOf(items))
      }),
      { numRuns: 15 },
    )
  })

  test('fed with its own result: pods keep their addresses', () => {
    fc.assert(
      fc.property(clusters, (items) => {
        const first = buildCluster(collectResources(items))
        const byName = new Map(first.workloadEndpoints.map((endpoint) => [endpoint.netns, endpoint.addresses]))
        const stated = items.map((item) => {
          const ips = item.kind === 'Pod' ? byName.get(`default/${item.metadata.name}`) : undefined
          return ips ? ({ ...item, status: { podIPs: ips.map((ip) => ({ ip })) } } as KnownResource) : item
        })
        const second = buildCluster(collectResources(stated))
        expect(second.findings.faults).toEqual([])
        expect(second.workloadEndpoints).toHaveLength(first.workloadEndpoints.length)
        for (const endpoint of second.workloadEndpoints) expect(endpoint.addresses).toEqual(byName.get(endpoint.netns))
      }),
      { numRuns: 15 },
    )
  })
})

describe('IPAM invariants', () => {
  test('no address twice; every address in its block; blocks do not overlap', () => {
    fc.assert(
      fc.property(clusters, (items) => {
        const { ipam } = buildCluster(collectResources(items))
        const seen = new Set<Ip>()
        for (const block of ipam.blocks) {
          for (const used of block.slots) {
            if (!used) continue
            expect(contains(block.cidr, used.address)).toBe(true)
            expect(seen.has(used.address)).toBe(false)
            seen.add(used.address)
          }
        }
        expect(new Set(ipam.blocks.map((block): Prefix => block.cidr)).size).toBe(ipam.blocks.length)
      }),
      { numRuns: 25 },
    )
  })
})

describe('large clusters', () => {
  test('every namespace made when it is looked at equals the same made at once', () => {
    const felix = fc.record(
      {
        deviceRouteProtocol: fc.constantFrom(80, 99),
        vxlanMTU: fc.constantFrom(1400, 1410),
        wireguardEnabled: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(clusters, felix, (items, spec) => {
        const resources = collectResources([...items, object('FelixConfiguration', 'node.n1', spec)])
        const [small, large] = [buildCluster(resources), buildCluster(resources, { eagerLimit: 0 })]
        const [atOnce, looked] = [small.network.toJSON(), large.network.toJSON()]
        expect(Object.getOwnPropertyDescriptor(looked.namespaces, 'n0')?.get).toBeDefined()
        expect(Object.keys(looked.namespaces)).toEqual(Object.keys(atOnce.namespaces))
        for (const [name, ns] of Object.entries(atOnce.namespaces)) {
          expect(JSON.stringify(looked.namespaces[name])).toBe(JSON.stringify(ns))
        }
        expect(looked.shared).toEqual(atOnce.shared)
        for (const netns of Object.keys(atOnce.namespaces))
          expect(cablesIn(looked.wires)(netns)).toEqual(cablesIn(atOnce.wires)(netns))
        expect(looked.wires).toEqual(atOnce.wires)
        const [few, many] = [small, large].map(({ workloadEndpoints }) => endpointsIn(workloadEndpoints))
        for (const { netns, node, addresses } of small.workloadEndpoints) {
          expect(many!.at(netns)).toEqual(few!.at(netns))
          expect(many!.ofNode(node)).toEqual(few!.ofNode(node))
          for (const address of addresses) expect(many!.holding(address)).toEqual(few!.holding(address))
        }
        expect(large.workloadEndpoints).toEqual(small.workloadEndpoints)
      }),
      { numRuns: 25 },
    )
  })

  test('namespaces are made when they are looked at, and are the same as made at once', () => {
    const items: KnownResource[] = [pool('p', '10.0.0.0/12', { ipipMode: 'Always' })]
    for (let i = 0; i < 60; i++) items.push(node(`n${i}`, `172.18.0.${i + 2}/24`))
    for (let i = 0; i < 4200; i++) items.push(pod(`pod${i}`, `n${i % 60}`))
    const large = buildCluster(collectResources(items)).network
    const small = buildCluster(
      collectResources(items.filter((item) => !/^pod(?:\d{3,})$/.test(item.metadata.name))),
    ).network
    expect(Object.keys(large.namespaces)).toHaveLength(4263)
    expect(large.namespaces['default/pod7']).toEqual(small.namespaces['default/pod7'])
    expect(large.namespaces['default/pod7']).toBe(large.namespaces['default/pod7'])
    expect('default/pod9999' in large.namespaces).toBe(false)
    expect(Object.hasOwn(large.namespaces, 'n1')).toBe(true)
    expect(large.namespaces['nobody']).toBeUndefined()
  })
})
