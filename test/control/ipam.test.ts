import { describe, expect, test } from 'vitest'
import type { KnownResource } from '../../src/control/index.ts'
import { addressOf, build, node, object, pod, pool } from './cluster-objects.ts'

const IPIP = { ipipMode: 'Always' }

function many(nodeName: string, count: number, prefix = 'p'): KnownResource[] {
  return Array.from({ length: count }, (_, i) => pod(`${prefix}${i}`, nodeName))
}

describe('first blocks', () => {
  /** facts/ipam.md §3. */
  test.each([
    ['node1', '10.244.0.0/16', 26, '10.244.166.128/26'],
    ['node2', '10.244.0.0/16', 26, '10.244.104.0/26'],
    ['node3', '10.244.0.0/16', 26, '10.244.135.0/26'],
    ['kind-control-plane', '192.168.0.0/16', 26, '192.168.82.0/26'],
    ['kind-worker', '192.168.0.0/16', 26, '192.168.162.128/26'],
    ['kind-worker2', '192.168.0.0/16', 26, '192.168.110.128/26'],
    ['minikube', '10.244.0.0/16', 26, '10.244.120.64/26'],
    ['node1', '10.0.0.0/24', 26, '10.0.0.128/26'],
    ['node1', '10.244.0.0/16', 24, '10.244.154.0/24'],
    ['node1', '10.244.0.0/16', 28, '10.244.180.112/28'],
  ])('%s in %s with /%i', (name, cidr, blockSize, want) => {
    const cluster = build([node(name, '172.18.0.2/16'), pool('p', cidr, { blockSize }), pod('a', name)])
    expect(cluster.ipam.blocks.map((block) => block.cidr)).toEqual([want])
  })

  test.each([
    ['node1', 'fd00:10:244:0:c11:b42f:f17e:a680/122'],
    ['node2', 'fd00:10:244:0:d460:b250:45:b00/122'],
    ['node3', 'fd00:10:244:0:7bf3:bb28:910a:8700/122'],
  ])('%s in an IPv6 pool', (name, want) => {
    const cluster = build([node(name, '172.18.0.2/16'), pool('p', 'fd00:10:244::/64'), pod('a', name)])
    expect(cluster.ipam.blocks.map((block) => block.cidr)).toEqual([want])
  })
})

describe('addresses in a block', () => {
  const base = [node('node1', '172.18.0.2/16'), pool('p', '10.244.0.0/16', IPIP)]

  test('the tunnel comes first, then pods in order', () => {
    const cluster = build([...base, pod('a', 'node1'), pod('b', 'node1')])
    expect(cluster.ipam.tunnels.get('node1')).toEqual({ ipip: '10.244.166.128' })
    expect([addressOf(cluster, 'a'), addressOf(cluster, 'b')]).toEqual(['10.244.166.129', '10.244.166.130'])
  })

  test('without encapsulation slot 0 is a pod', () => {
    const cluster = build([node('node1', '172.18.0.2/16'), pool('p', '10.244.0.0/16'), pod('a', 'node1')])
    expect(addressOf(cluster, 'a')).toBe('10.244.166.128')
  })

  test('the second block is the next one, and only when the first is full', () => {
    const cluster = build([...base, ...many('node1', 64)])
    expect(cluster.ipam.blocks.map((block) => block.cidr)).toEqual(['10.244.166.128/26', '10.244.166.192/26'])
    expect(addressOf(cluster, 'p62')).toBe('10.244.166.191')
    expect(addressOf(cluster, 'p63')).toBe('10.244.166.192')
  })

  test('creation time decides, then the order of the input', () => {
    const late = {
      ...pod('late', 'node1'),
      metadata: { name: 'late', namespace: 'default', creationTimestamp: '2020-01-02T00:00:00Z' },
    } as KnownResource
    const early = {
      ...pod('early', 'node1'),
      metadata: { name: 'early', namespace: 'default', creationTimestamp: '2020-01-01T00:00:00Z' },
    } as KnownResource
    const cluster = build([...base, late, early])
    expect([addressOf(cluster, 'early'), addressOf(cluster, 'late')]).toEqual(['10.244.166.129', '10.244.166.130'])
  })

  test('pods keep the addresses they have; others go around them', () => {
    const cluster = build([...base, pod('a', 'node1', { ip: '10.244.166.129' }), pod('b', 'node1')])
    expect([addressOf(cluster, 'a'), addressOf(cluster, 'b')]).toEqual(['10.244.166.129', '10.244.166.130'])
    expect(cluster.ipam.tunnels.get('node1')).toEqual({ ipip: '10.244.166.128' })
  })

  test('reserved addresses are passed over, and taken when asked for by name', () => {
    const reservation = object('IPReservation', 'r', { reservedCIDRs: ['10.244.166.128/31', '10.244.166.131'] })
    const fixed = pod('fixed', 'node1', { annotations: { 'cni.projectcalico.org/ipAddrs': '["10.244.166.131"]' } })
    const cluster = build([...base, reservation, pod('a', 'node1'), fixed, pod('b', 'node1')])
    expect(cluster.ipam.tunnels.get('node1')).toEqual({ ipip: '10.244.166.130' })
    expect(['a', 'fixed', 'b'].map((name) => addressOf(cluster, name))).toEqual([
      '10.244.166.132',
      '10.244.166.131',
      '10.244.166.133',
    ])
  })
})

describe('stored blocks', () => {
  const block = object('IPAMBlock', '10-0-0-0-29', {
    cidr: '10.0.0.0/29',
    affinity: 'host:node1',
    allocations: [0, null, null, null, 1, null, null, null],
    unallocated: [5, 6, 7, 1, 2, 3],
    attributes: [
      { handle_id: 'ipip-tunnel-addr-node1', secondary: { node: 'node1', type: 'ipipTunnelAddress' } },
      { handle_id: 'k8s-pod-network.x', secondary: { node: 'node1', namespace: 'default', pod: 'known' } },
    ],
  })
  const base = [node('node1', '172.18.0.2/16'), pool('p', '10.0.0.0/24', { ...IPIP, blockSize: 29 }), block]

  test('allocations are found again by pod and tunnel; free slots come in the stored order', () => {
    const cluster = build([...base, pod('known', 'node1'), ...many('node1', 6)])
    expect(cluster.ipam.tunnels.get('node1')).toEqual({ ipip: '10.0.0.0' })
    expect(addressOf(cluster, 'known')).toBe('10.0.0.4')
    expect(many('node1', 6).map((each) => addressOf(cluster, each.metadata.name))).toEqual([
      '10.0.0.5',
      '10.0.0.6',
      '10.0.0.7',
      '10.0.0.1',
      '10.0.0.2',
      '10.0.0.3',
    ])
  })

  test('affine blocks are used in the order of their names as text: 10 before 9', () => {
    const affinity = (cidr: string) =>
      object('BlockAffinity', `node1-${cidr.replace(/[./]/g, '-')}`, { cidr, node: 'node1', state: 'confirmed' })
    const cluster = build([
      node('node1', '172.18.0.2/16'),
      pool('p', '10.0.0.0/16'),
      affinity('10.0.9.0/26'),
      affinity('10.0.10.0/26'),
      pod('a', 'node1'),
    ])
    expect(addressOf(cluster, 'a')).toBe('10.0.10.0')
  })

  test('a pending affinity has no BIRD blackhole', () => {
    const affinity = object('BlockAffinity', 'node1-10-0-0-0-29', {
      cidr: '10.0.0.0/29',
      node: 'node1',
      state: 'pending',
    })
    const cluster = build([...base, affinity])
    const routes = cluster.network.namespaces['node1']!.routes
    expect(routes.some((route) => route.type === 'blackhole')).toBe(false)
  })
})

describe('several nodes in a small pool (facts/ipam.md §12)', () => {
  const nodes = [1, 2, 3, 4, 5].map((i) => node(`node${i}`, `172.18.0.${i + 1}/16`))
  const small = pool('p', '10.0.0.0/24')
  const first = (i: number) => pod(`first${i}`, `node${i}`)

  test('node1…4 get their blocks, node5 borrows from the block at its own index', () => {
    const cluster = build([...nodes, small, first(1), first(2), first(3), first(4), first(5)])
    expect(cluster.ipam.blocks.map((block) => [block.affinity, block.cidr])).toEqual([
      ['node1', '10.0.0.128/26'],
      ['node2', '10.0.0.0/26'],
      ['node3', '10.0.0.192/26'],
      ['node4', '10.0.0.64/26'],
    ])
    expect(addressOf(cluster, 'first5')).toBe('10.0.0.193')
  })

  test('strictAffinity forbids borrowing', () => {
    const strict = object('IPAMConfig', 'default', { strictAffinity: true })
    const cluster = build([...nodes, small, strict, first(1), first(2), first(3), first(4), first(5)])
    expect(addressOf(cluster, 'first5')).toBeUndefined()
    expect(cluster.findings.faults).toMatchObject([{ object: 'Pod/default/first5', kind: 'invalid' }])
  })

  test('an empty stored block of somebody else is reclaimed before borrowing', () => {
    const empty = object('BlockAffinity', 'node9-10-0-0-0-26', {
      cidr: '10.0.0.0/26',
      node: 'node9',
      state: 'confirmed',
    })
    const cluster = build([
      nodes[0]!,
      nodes[2]!,
      nodes[3]!,
      nodes[4]!,
      small,
      empty,
      first(1),
      first(3),
      first(4),
      first(5),
    ])
    expect(addressOf(cluster, 'first5')).toBe('10.0.0.0')
    expect(cluster.ipam.blocks.find((block) => block.cidr === '10.0.0.0/26')?.affinity).toBe('node5')
  })

  test('at most 20 blocks a node: the next pod is refused, nothing is borrowed', () => {
    const tiny = pool('p', '10.0.0.0/16', { blockSize: 30 })
    const cluster = build([nodes[0]!, tiny, ...many('node1', 81)])
    expect(cluster.ipam.blocks).toHaveLength(20)
    expect(cluster.findings.faults).toMatchObject([
      { object: 'Pod/default/p80', expected: 'at most 20 blocks for node node1' },
    ])
  })
})

describe('pools', () => {
  const one = node('node1', '172.18.0.2/16', { labels: { zone: 'a' } })

  test.each<[string, KnownResource[], object | undefined, RegExp]>([
    ['by name, not by range', [pool('b', '10.1.0.0/16'), pool('a', '10.2.0.0/16')], undefined, /^10\.2\./],
    [
      'disabled ones are left out',
      [pool('a', '10.1.0.0/16', { disabled: true }), pool('b', '10.2.0.0/16')],
      undefined,
      /^10\.2\./,
    ],
    [
      'nodeSelector',
      [pool('a', '10.1.0.0/16', { nodeSelector: "zone == 'b'" }), pool('b', '10.2.0.0/16')],
      undefined,
      /^10\.2\./,
    ],
    [
      'Manual only on request',
      [pool('a', '10.1.0.0/16', { assignmentMode: 'Manual' }), pool('b', '10.2.0.0/16')],
      undefined,
      /^10\.2\./,
    ],
    [
      'allowedUses',
      [pool('a', '10.1.0.0/16', { allowedUses: ['Tunnel'] }), pool('b', '10.2.0.0/16')],
      undefined,
      /^10\.2\./,
    ],
    [
      'an annotation overrides selectors and mode',
      [pool('a', '10.1.0.0/16', { assignmentMode: 'Manual', nodeSelector: "zone == 'b'" }), pool('b', '10.2.0.0/16')],
      { 'cni.projectcalico.org/ipv4pools': '["a"]' },
      /^10\.1\./,
    ],
    [
      'an annotation by range',
      [pool('a', '10.1.0.0/16'), pool('b', '10.2.0.0/16')],
      { 'cni.projectcalico.org/ipv4pools': '["10.2.0.0/16"]' },
      /^10\.2\./,
    ],
  ])('%s', (_, pools, annotations, want) => {
    const cluster = build([
      one,
      ...pools,
      pod('x', 'node1', annotations ? { annotations: annotations as Record<string, string> } : {}),
    ])
    expect(cluster.findings.faults).toEqual([])
    expect(addressOf(cluster, 'x')).toMatch(want)
  })

  test('the namespace’s annotation counts where the pod has none', () => {
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'default', annotations: { 'cni.projectcalico.org/ipv4pools': '["b"]' } },
    } as const
    const cluster = build([one, namespace, pool('a', '10.1.0.0/16'), pool('b', '10.2.0.0/16'), pod('x', 'node1')])
    expect(addressOf(cluster, 'x')).toMatch(/^10\.2\./)
  })

  test('a second pool is used when the first has no block left', () => {
    const cluster = build([
      one,
      pool('a', '10.1.0.0/30', { blockSize: 30 }),
      pool('b', '10.2.0.0/16'),
      ...many('node1', 5),
    ])
    expect(addressOf(cluster, 'p3')).toMatch(/^10\.1\.0\.3$/)
    expect(addressOf(cluster, 'p4')).toMatch(/^10\.2\./)
  })

  test('a tunnel address comes from a pool of its encapsulation only', () => {
    const cluster = build([one, pool('a', '10.1.0.0/16'), pool('b', '10.2.0.0/16', IPIP), pod('x', 'node1')])
    expect(cluster.ipam.tunnels.get('node1')?.ipip).toMatch(/^10\.2\./)
    // The block is the node's own now and has room: no new one is claimed, although pool a comes first.
    expect(addressOf(cluster, 'x')).toMatch(/^10\.2\./)
  })
})
