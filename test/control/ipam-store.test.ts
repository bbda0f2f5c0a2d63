// IPAM's datastore beyond the steps of the verb `ipam`: what kube-controllers collects, what is wrong, what would happen.
import { describe, expect, it } from 'vitest'
import {
  assignAddress,
  autoAssignAddresses,
  checkIpam,
  collectGarbage,
  heldAddresses,
  type IpamStore,
  listAffinities,
  listBlocks,
  nextPod,
  type PodSeen,
  room,
  storeOf,
  storeOfResources,
} from '../../src/control/index.ts'
import { loadObjects } from '../../src/input/index.ts'
import type { Ip } from '../../src/wire/index.ts'

const TRAITS = { assignmentMode: true, namespaceSelector: true, ipCooldown: true }
const node = (name: string): object => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } })
const POOL = {
  apiVersion: 'projectcalico.org/v3',
  kind: 'IPPool',
  metadata: { name: 'p' },
  spec: { cidr: '10.5.0.0/28', blockSize: 30 },
}

function withPod(store: IpamStore, host: string, name: string): PodSeen {
  const attributes = { node: host, namespace: 'shop', pod: name }
  const { ipv4 } = autoAssignAddresses(store, { host, ipv4: 1, use: 'Workload', handle: `net.${name}`, attributes })
  return { namespace: 'shop', name, node: host, addresses: ipv4.addresses }
}

describe('what kube-controllers gives back [ipam.md §11]', () => {
  it('an address without its pod, once the grace period is over', () => {
    const store = storeOf([node('a'), POOL], TRAITS)
    const kept = withPod(store, 'a', 'kept')
    const gone = withPod(store, 'a', 'gone')
    expect(collectGarbage(store, { pods: [kept], isGraceOver: false }).addresses).toEqual([])
    expect(collectGarbage(store, { pods: [kept], isGraceOver: true }).addresses).toEqual(gone.addresses)
    expect(heldAddresses(store).map(({ address }) => address)).toEqual(kept.addresses)
  })

  it('an address that its pod has no longer, or has on another node', () => {
    const store = storeOf([node('a'), node('b'), POOL], TRAITS)
    const one = withPod(store, 'a', 'one')
    const two = withPod(store, 'a', 'two')
    const pods = [
      { ...one, node: 'b' },
      { ...two, addresses: ['10.9.9.9' as Ip] },
    ]
    expect(collectGarbage(store, { pods, isGraceOver: true }).addresses).toEqual([...one.addresses, ...two.addresses])
  })

  it('at once, with tunnel addresses and blocks, when the node is gone', () => {
    const store = storeOf([node('a'), POOL], TRAITS)
    const attributes = { node: 'a', type: 'ipipTunnelAddress' }
    autoAssignAddresses(store, { host: 'a', ipv4: 1, use: 'Tunnel', handle: 'ipip-tunnel-addr-a', attributes })
    expect(collectGarbage(store, { pods: [], isGraceOver: true })).toEqual({ addresses: [], blocks: [] })
    withPod(store, 'a', 'x')
    store.nodes.delete('a')
    const { addresses, blocks } = collectGarbage(store, { pods: [], isGraceOver: false })
    expect([addresses.length, blocks.length]).toEqual([2, 1])
    expect([listBlocks(store), listAffinities(store)]).toEqual([[], []])
  })

  it('but no tunnel address while somebody unknown has an address there', () => {
    const store = storeOf([node('a'), POOL], TRAITS)
    const attributes = { node: 'a', type: 'vxlanTunnelAddress' }
    autoAssignAddresses(store, { host: 'a', ipv4: 1, use: 'Tunnel', handle: 'vxlan-tunnel-addr-a', attributes })
    autoAssignAddresses(store, { host: 'a', ipv4: 1, use: 'Workload', handle: 'mine' })
    store.nodes.delete('a')
    expect(collectGarbage(store, { pods: [], isGraceOver: true })).toEqual({ addresses: [], blocks: [] })
  })

  it('empty blocks of a node, but never its last one', () => {
    const store = storeOf([node('a'), POOL], TRAITS)
    const pods = Array.from({ length: 9 }, (_, i) => withPod(store, 'a', `p${i}`))
    expect(listBlocks(store).length).toBe(3)
    collectGarbage(store, { pods: [], isGraceOver: true })
    expect(pods.length).toBe(9)
    expect(listBlocks(store).length).toBe(1)
  })

  it('nothing of which it does not know the pod', () => {
    const store = storeOf([node('a'), POOL], TRAITS)
    assignAddress(store, { host: 'a', address: '10.5.0.1' as Ip, handle: 'mine' })
    expect(collectGarbage(store, { pods: [], isGraceOver: true }).addresses).toEqual([])
  })
})

const block = (name: string, affinity: string | null, spec = {}): object => ({
  apiVersion: 'crd.projectcalico.org/v1',
  kind: 'IPAMBlock',
  metadata: { name: name.replace(/[./]/g, '-') },
  spec: {
    cidr: name,
    affinity,
    allocations: [null, null, null, null],
    unallocated: [0, 1, 2, 3],
    attributes: [],
    ...spec,
  },
})
const pod = (name: string, ip: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { nodeName: 'a' },
  status: { podIPs: [{ ip }] },
})
const tunnel = {
  ...node('a'),
  metadata: { name: 'a', annotations: { 'projectcalico.org/IPv4VXLANTunnelAddr': '10.5.0.1' } },
}
const held = {
  allocations: [null, 0, null, null],
  unallocated: [0, 2, 3],
  attributes: [{ handle_id: 'h', secondary: { node: 'a' } }],
}

const CHECKS: readonly (readonly [name: string, objects: readonly object[], kinds: readonly string[]])[] = [
  ['an address that nobody has', [node('a'), block('10.5.0.0/30', 'host:a', held)], ['leaked 10.5.0.1']],
  [
    'an address that IPAM counts as free',
    [node('a'), block('10.5.0.0/30', 'host:a'), pod('x', '10.5.0.2')],
    ['not-allocated 10.5.0.2'],
  ],
  [
    'an address of no pool',
    [node('a'), block('10.5.0.0/30', 'host:a'), pod('x', '10.9.0.2')],
    ['outside-pools 10.9.0.2'],
  ],
  [
    'an address that two pods have',
    [node('a'), block('10.5.0.0/30', 'host:a', held), pod('x', '10.5.0.1'), pod('y', '10.5.0.1')],
    ['duplicate 10.5.0.1'],
  ],
  [
    'a tunnel address that a pod has',
    [tunnel, block('10.5.0.0/30', 'host:a', held), pod('x', '10.5.0.1')],
    ['tunnel-taken 10.5.0.1'],
  ],
  ['a block of a node that is gone', [node('a'), block('10.5.0.0/30', 'host:b')], ['block-without-node 10.5.0.0/30']],
  ['a block in no pool', [node('a'), block('10.6.0.0/30', 'host:a')], ['block-outside-pools 10.6.0.0/30']],
  [
    'a slot that is free twice',
    [node('a'), block('10.5.0.0/30', 'host:a', { unallocated: [0, 0, 1, 2] })],
    ['slots-disagree 10.5.0.0/30'],
  ],
  [
    'claims without a block, and to the block of another',
    [
      node('a'),
      node('b'),
      block('10.5.0.0/30', 'host:a'),
      {
        apiVersion: 'crd.projectcalico.org/v1',
        kind: 'BlockAffinity',
        metadata: { name: 'x' },
        spec: { node: 'b', cidr: '10.5.0.0/30', state: 'confirmed' },
      },
      {
        apiVersion: 'crd.projectcalico.org/v1',
        kind: 'BlockAffinity',
        metadata: { name: 'y' },
        spec: { node: 'b', cidr: '10.5.0.4/30', state: 'pending' },
      },
    ],
    ['affinity-of-other 10.5.0.0/30', 'affinity-without-block 10.5.0.4/30'],
  ],
  ['nothing', [node('a'), block('10.5.0.0/30', 'host:a', held), pod('x', '10.5.0.1')], []],
]

describe('what is wrong between IPAM and those who use addresses', () => {
  it.each(CHECKS)('%s', (_name, objects, kinds) => {
    const { resources } = loadObjects([POOL, ...objects])
    const { problems } = checkIpam(storeOfResources(resources, TRAITS), resources)
    expect(problems.map(({ kind, at }) => `${kind} ${at}`)).toEqual(kinds)
  })
})

describe('what would happen', () => {
  it('the next pod takes its own block, then a new one, then borrows', () => {
    const store = storeOf([node('a'), node('b'), { ...POOL, spec: { cidr: '10.5.0.0/29', blockSize: 30 } }], TRAITS)
    expect(nextPod(store, 'a', 4)).toMatchObject({ by: 'new-block' })
    expect(listBlocks(store)).toEqual([])
    withPod(store, 'a', 'x')
    expect(nextPod(store, 'a', 4)).toMatchObject({ by: 'own-block' })
    withPod(store, 'b', 'y')
    for (const name of ['1', '2', '3']) withPod(store, 'a', name)
    expect(nextPod(store, 'a', 4)).toMatchObject({ by: 'borrowed' })
    expect(room(store, 4)).toMatchObject({
      together: 3,
      alone: new Map([
        ['a', 3],
        ['b', 3],
      ]),
    })
  })

  it('no more fit once a node has all the blocks that it may have', () => {
    const settings = {
      kind: 'IPAMConfiguration',
      metadata: { name: 'default' },
      spec: { strictAffinity: true, maxBlocksPerHost: 1 },
    }
    const found = room(storeOf([node('a'), POOL, settings], TRAITS), 4)
    expect([found.together, found.why]).toEqual([4, 'cannot allocate new block due to per host block limit'])
  })
})
