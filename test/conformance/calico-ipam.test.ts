// The verb `ipam`: scripts against Calico's IPAM. Rows with a section are worked examples of the fact sheet ipam.md.
import { describe, expect, it } from 'vitest'
import { answerCalico } from '../../src/calico/index.ts'

type Step = Readonly<Record<string, unknown>>
interface StepResult {
  readonly ipv4: { readonly addresses: readonly string[]; readonly messages: readonly string[] }
  readonly ipv6: { readonly addresses: readonly string[]; readonly messages: readonly string[] }
  readonly addresses: readonly string[]
  readonly blocks: readonly unknown[]
  readonly sequence: number
  readonly error: { readonly reason: string; readonly message: string } | null
}

const node = (name: string, labels = {}): object => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels } })
const pool = (name: string, cidr: string, spec = {}): object => ({
  apiVersion: 'projectcalico.org/v3',
  kind: 'IPPool',
  metadata: { name },
  spec: { cidr, ...spec },
})
const settings = (spec: object): object => ({ kind: 'IPAMConfiguration', metadata: { name: 'default' }, spec })
const reservation = (...reservedCIDRs: string[]): object => ({
  kind: 'IPReservation',
  metadata: { name: 'kept' },
  spec: { reservedCIDRs },
})
const get = (name: string, ipv4 = 1, more = {}): Step => ({
  do: 'auto-assign',
  node: name,
  ipv4,
  ipv6: 0,
  use: 'Workload',
  ...more,
})

function run(objects: readonly object[], steps: readonly Step[], calicoVersion?: string): StepResult[] {
  const answer = answerCalico({ verb: 'ipam', objects, steps, ...(calicoVersion ? { calicoVersion } : {}) })
  if (!('result' in answer)) throw new Error(JSON.stringify(answer))
  return (answer.result as { readonly steps: StepResult[] }).steps
}

const firstBlocks: readonly (readonly [host: string, pool: string, blockSize: number, block: string])[] = [
  ['node1', '10.244.0.0/16', 26, '10.244.166.128/26'],
  ['node2', '10.244.0.0/16', 26, '10.244.104.0/26'],
  ['node3', '10.244.0.0/16', 26, '10.244.135.0/26'],
  ['master', '10.9.0.0/16', 26, '10.9.219.64/26'],
  ['worker1', '10.9.0.0/16', 26, '10.9.235.128/26'],
  ['worker2', '10.9.0.0/16', 26, '10.9.189.64/26'],
  ['kind-control-plane', '192.168.0.0/16', 26, '192.168.82.0/26'],
  ['kind-worker', '192.168.0.0/16', 26, '192.168.162.128/26'],
  ['kind-worker2', '192.168.0.0/16', 26, '192.168.110.128/26'],
  ['kind-worker3', '192.168.0.0/16', 26, '192.168.195.192/26'],
  ['k8s-master', '10.244.0.0/16', 26, '10.244.235.192/26'],
  ['k8s-node1', '10.244.0.0/16', 26, '10.244.36.64/26'],
  ['k8s-node2', '10.244.0.0/16', 26, '10.244.169.128/26'],
  ['minikube', '10.244.0.0/16', 26, '10.244.120.64/26'],
  ['minikube-m02', '10.244.0.0/16', 26, '10.244.205.192/26'],
  ['minikube-m03', '10.244.0.0/16', 26, '10.244.151.0/26'],
  ['ip-10-0-1-10', '10.244.0.0/16', 26, '10.244.194.128/26'],
  ['node1', '10.0.0.0/20', 26, '10.0.6.128/26'],
  ['node2', '10.0.0.0/20', 26, '10.0.8.0/26'],
  ['node3', '10.0.0.0/20', 26, '10.0.7.0/26'],
  ['master', '10.0.0.0/20', 26, '10.0.1.128/26'],
  ['worker1', '10.0.0.0/20', 26, '10.0.11.128/26'],
  ['node1', '10.0.0.0/24', 26, '10.0.0.128/26'],
  ['node2', '10.0.0.0/24', 26, '10.0.0.0/26'],
  ['k8s-master', '10.0.0.0/24', 26, '10.0.0.192/26'],
  ['node1', '10.3.0.0/16', 24, '10.3.154.0/24'],
  ['worker2', '10.3.0.0/16', 24, '10.3.244.0/24'],
  ['ip-10-0-1-10', '10.3.0.0/16', 24, '10.3.125.0/24'],
  ['node1', '10.16.0.0/12', 26, '10.21.149.0/26'],
  ['node1', '10.3.0.0/16', 28, '10.3.180.112/28'],
  ['node3', '10.3.0.0/16', 28, '10.3.161.192/28'],
  ['node1', 'fd00:10:244::/64', 122, 'fd00:10:244:0:c11:b42f:f17e:a680/122'],
  ['node2', 'fd00:10:244::/64', 122, 'fd00:10:244:0:d460:b250:45:b00/122'],
  ['node3', 'fd00:10:244::/64', 122, 'fd00:10:244:0:7bf3:bb28:910a:8700/122'],
  ['node1', 'fd00:7::/112', 122, 'fd00:7::a680/122'],
  ['node2', 'fd00:7::/112', 122, 'fd00:7::6800/122'],
  ['node3', 'fd00:7::/112', 122, 'fd00:7::8700/122'],
]

describe('where a node begins [ipam.md §3]', () => {
  it.each(firstBlocks)('%s in %s with blocks of /%i', (host, cidr, blockSize, block) => {
    const family = cidr.includes(':') ? { ipv4: 0, ipv6: 1 } : {}
    const [got] = run([node(host), pool('p', cidr, { blockSize })], [get(host, 1, family)])
    const addresses = [...got!.ipv4.addresses, ...got!.ipv6.addresses]
    expect(addresses).toEqual([block.slice(0, block.indexOf('/'))])
  })

  it('the virtual host of load balancers begins at place 2 of 4', () => {
    const objects = [pool('lb', '10.6.0.0/24', { allowedUses: ['LoadBalancer'] })]
    const [got, blocks] = run(objects, [
      { do: 'auto-assign', node: 'load-balancer', ipv4: 1, use: 'LoadBalancer' },
      { do: 'blocks' },
    ])
    expect(got!.ipv4.addresses).toEqual(['10.6.0.128'])
    expect(blocks!.blocks[0]).toMatchObject({ cidr: '10.6.0.128/26', affinity: 'virtual:load-balancer' })
  })

  it('a walk goes on from there and around', () => {
    const [walk] = run([pool('p', '10.0.0.0/24')], [{ do: 'walk', node: 'node1', pool: 'p' }])
    expect(walk!.blocks).toEqual(['10.0.0.128/26', '10.0.0.192/26', '10.0.0.0/26', '10.0.0.64/26'])
  })

  it('blocks larger than their pool are none', () => {
    const [walk, got] = run(
      [node('a'), pool('p', '10.0.0.0/28', { blockSize: 26 })],
      [{ do: 'walk', node: 'a', pool: 'p' }, get('a')],
    )
    expect(walk!.blocks).toEqual([])
    expect(got!.ipv4).toEqual({ addresses: [], messages: ['No IPs available in pools: [10.0.0.0/28]'] })
  })
})

describe('slots of a block', () => {
  const small = [node('n'), pool('p', '10.5.0.0/30', { blockSize: 30 })]

  it('a released slot comes back last [ipam.md §5]', () => {
    const [first, second, , third, fourth, fifth] = run(small, [
      get('n', 1, { as: 'a' }),
      get('n'),
      { do: 'release', addresses: [{ address: { of: 'a' } }] },
      get('n'),
      get('n'),
      get('n'),
    ])
    const got = [first, second, third, fourth, fifth].map((step) => step!.ipv4.addresses[0])
    expect(got).toEqual(['10.5.0.0', '10.5.0.1', '10.5.0.2', '10.5.0.3', '10.5.0.0'])
  })

  it('several that are released at once come back in order of address', () => {
    const [, , blocks] = run(small, [
      get('n', 4),
      { do: 'release', addresses: [{ address: '10.5.0.3' }, { address: '10.5.0.1' }, { address: '10.5.0.2' }] },
      { do: 'blocks' },
    ])
    expect(blocks!.blocks).toEqual([
      { cidr: '10.5.0.0/30', affinity: 'host:n', used: 1, free: 3, unallocated: [1, 2, 3] },
    ])
  })

  it('a reserved slot is passed over and keeps its place; who asks for it by address gets it [ipam.md §7]', () => {
    const [got, blocks, given] = run(
      [...small, reservation('10.5.0.0', '10.5.0.2/32')],
      [get('n', 4), { do: 'blocks' }, { do: 'assign', node: 'n', address: '10.5.0.2' }],
    )
    expect(got!.ipv4.addresses).toEqual(['10.5.0.1', '10.5.0.3'])
    expect(blocks!.blocks[0]).toMatchObject({ used: 2, free: 0, unallocated: [0, 2] })
    expect(given!.error).toBeNull()
  })

  it('a release before v3.33 knows no cooldown', () => {
    const [, , blocks] = run(
      [...small, settings({ ipCooldownSeconds: 60 })],
      [get('n', 1, { handle: 'h' }), { do: 'release-handle', handle: 'h' }, { do: 'blocks' }],
      'v3.32.0',
    )
    expect(blocks!.blocks[0]).toMatchObject({ unallocated: [1, 2, 3, 0] })
  })

  it('with a cooldown it rests: nobody has it, nobody gets it [ipam.md §10]', () => {
    const [, , seen, blocks, given] = run(
      [...small, settings({ ipCooldownSeconds: 60 })],
      [
        get('n', 1, { handle: 'h' }),
        { do: 'release-handle', handle: 'h' },
        { do: 'inspect', address: '10.5.0.0' },
        { do: 'blocks' },
        { do: 'assign', node: 'n', address: '10.5.0.0' },
      ],
    )
    expect(seen!.error?.message).toBe('address 10.5.0.0 is in cooldown')
    expect(blocks!.blocks[0]).toMatchObject({ free: 3, unallocated: [1, 2, 3] })
    expect(given!.error?.reason).toBe('taken')
  })
})

const addressesOf = (step: StepResult | undefined): readonly string[] => step!.ipv4.addresses

describe('blocks of nodes', () => {
  const nodes = ['node1', 'node2', 'node3', 'node4', 'node5'].map((name) => node(name))

  it('an exhausted pool: nodes come in order, the fifth borrows from the block at its own place [ipam.md §12]', () => {
    const steps = run(
      [...nodes, pool('p', '10.0.0.0/24')],
      [get('node1'), get('node2'), get('node3'), get('node3'), get('node4'), get('node5'), { do: 'affinities' }],
    )
    expect(steps.slice(0, 6).map((step) => addressesOf(step)[0])).toEqual([
      '10.0.0.128',
      '10.0.0.0',
      '10.0.0.192',
      '10.0.0.193',
      '10.0.0.64',
      '10.0.0.194',
    ])
    expect(steps[6]).toEqual({
      affinities: [
        { node: 'node1', cidr: '10.0.0.128/26', state: 'confirmed' },
        { node: 'node2', cidr: '10.0.0.0/26', state: 'confirmed' },
        { node: 'node3', cidr: '10.0.0.192/26', state: 'confirmed' },
        { node: 'node4', cidr: '10.0.0.64/26', state: 'confirmed' },
      ],
    })
  })

  it('a block is used until it is full, then the next one of the walk is claimed [ipam.md §5]', () => {
    const [got] = run([nodes[0]!, pool('p', '10.244.0.0/16')], [get('node1', 66)])
    expect(addressesOf(got)[63]).toBe('10.244.166.191')
    expect(addressesOf(got)[64]).toBe('10.244.166.192')
  })

  it('own blocks are tried in the order of their names as text: 10 before 9 [ipam.md §5]', () => {
    const [, , got] = run(
      [nodes[0]!, pool('p', '10.0.0.0/20', { blockSize: 24 })],
      [
        { do: 'claim', node: 'node1', cidr: '10.0.9.0/24' },
        { do: 'claim', node: 'node1', cidr: '10.0.10.0/24' },
        get('node1'),
      ],
    )
    expect(addressesOf(got)).toEqual(['10.0.10.0'])
  })

  it('with strict affinity nothing is borrowed, neither by chance nor by address', () => {
    const [, got, given] = run(
      [...nodes, pool('p', '10.0.0.0/28', { blockSize: 28 }), settings({ strictAffinity: true })],
      [get('node1'), get('node2'), { do: 'assign', node: 'node2', address: '10.0.0.9' }],
    )
    expect(got).toEqual({
      ipv4: { addresses: [], messages: ['No more free affine blocks and strict affinity enabled'] },
      ipv6: { addresses: [], messages: [] },
      error: null,
    })
    expect(given!.error).toEqual({ reason: 'other', message: 'Block host affinity does not match' })
  })

  it('a node without blocks gets none where they are not made on demand', () => {
    const [got] = run(
      [nodes[0]!, pool('p', '10.0.0.0/24'), settings({ strictAffinity: true, autoAllocateBlocks: false })],
      [get('node1')],
    )
    expect(got!.error).toEqual({ reason: 'other', message: 'failed to find or claim a block' })
  })

  const limited = [nodes[0]!, pool('p', '10.0.0.0/24', { blockSize: 30 })]
  it.each([
    ['twenty, when nothing is said', 0, 0, 80, 20],
    ['those of the settings', 2, 0, 8, 2],
    ['those of the call', 0, 3, 12, 3],
    ['the smaller of both', 2, 5, 8, 2],
    ['the smaller of both, the other way round', 5, 1, 4, 1],
  ])('a node has at most so many: %s [ipam.md §5]', (_name, global, asked, count, limit) => {
    const [got] = run(
      [...limited, settings({ strictAffinity: true, maxBlocksPerHost: global })],
      [get('node1', 200, { maxBlocks: asked })],
    )
    expect(addressesOf(got).length).toBe(count)
    expect(got!.error?.reason).toBe('block-limit')
    expect(got!.ipv4.messages).toEqual([
      `Need to allocate an IPAM block but could not - limit of ${limit} blocks reached for this node`,
    ])
  })

  it('an empty block of another node is taken when no other is left, unless it was claimed just now', () => {
    const block = {
      kind: 'IPAMBlock',
      metadata: { name: '10-0-0-0-30' },
      spec: {
        cidr: '10.0.0.0/30',
        affinity: 'host:node2',
        allocations: [null, null, null, null],
        unallocated: [2, 3, 0, 1],
      },
    }
    const claim = { kind: 'BlockAffinity', metadata: { name: 'x' }, spec: { node: 'node2', cidr: '10.0.0.0/30' } }
    const small = [...nodes, pool('p', '10.0.0.0/30', { blockSize: 30 }), settings({ strictAffinity: true })]
    const [old, affinities] = run([...small, block, claim], [get('node1'), { do: 'affinities' }])
    expect(addressesOf(old)).toEqual(['10.0.0.0'])
    expect(affinities).toEqual({ affinities: [{ node: 'node1', cidr: '10.0.0.0/30', state: 'confirmed' }] })
    const [, fresh] = run(small, [{ do: 'claim', node: 'node2', cidr: '10.0.0.0/30' }, get('node1')])
    expect(addressesOf(fresh)).toEqual([])
  })

  it('a claim to the block of another is stale and goes', () => {
    const stale = {
      kind: 'BlockAffinity',
      metadata: { name: 'x' },
      spec: { node: 'node1', cidr: '10.0.0.128/26', state: 'pending' },
    }
    const [, got, affinities] = run(
      [...nodes, stale, pool('p', '10.0.0.0/24')],
      [{ do: 'claim', node: 'node2', cidr: '10.0.0.128/26' }, get('node1'), { do: 'affinities', node: 'node1' }],
    )
    expect(addressesOf(got)).toEqual(['10.0.0.192'])
    expect(affinities).toEqual({ affinities: [{ node: 'node1', cidr: '10.0.0.192/26', state: 'confirmed' }] })
  })

  it('a reserved block is walked over', () => {
    const [got] = run(
      [nodes[0]!, pool('p', '10.0.0.0/24'), reservation('10.0.0.128/27', '10.0.0.160/27')],
      [get('node1')],
    )
    expect(addressesOf(got)).toEqual(['10.0.0.192'])
  })
})

describe('pools [ipam.md §6]', () => {
  const labelled = [
    node('n', { rack: 'a' }),
    { kind: 'Namespace', metadata: { name: 'shop', labels: { tier: 'web' } } },
  ]
  const named = (steps: readonly Step[], ...pools: readonly object[]): StepResult[] =>
    run([...labelled, ...pools], steps)
  const which = { do: 'pools', node: 'n', family: 4, namespace: 'shop' }

  it.each([
    ['by name, not by range', [pool('b', '10.0.0.0/24'), pool('a', '10.9.0.0/24')], ['a', 'b']],
    ['without disabled ones', [pool('a', '10.0.0.0/24', { disabled: true }), pool('b', '10.9.0.0/24')], ['b']],
    [
      'without those for request only',
      [pool('a', '10.0.0.0/24', { assignmentMode: 'Manual' }), pool('b', '10.9.0.0/24')],
      ['b'],
    ],
    [
      'that select the node',
      [
        pool('a', '10.0.0.0/24', { nodeSelector: "rack == 'b'" }),
        pool('b', '10.9.0.0/24', { nodeSelector: "rack == 'a'" }),
      ],
      ['b'],
    ],
    [
      'that select the namespace',
      [
        pool('a', '10.0.0.0/24', { namespaceSelector: "tier == 'db'" }),
        pool('b', '10.9.0.0/24', { namespaceSelector: "tier == 'web'" }),
      ],
      ['b'],
    ],
    ['of the family', [pool('a', 'fd00:5::/112'), pool('b', '10.9.0.0/24')], ['b']],
    [
      'that may be allocated from',
      [
        { ...pool('a', '10.0.0.0/24'), status: { conditions: [{ type: 'Allocatable', status: 'False' }] } },
        pool('b', '10.9.0.0/24'),
      ],
      ['b'],
    ],
  ])('%s', (_name, pools, names) => {
    const [found] = named([which], ...pools)
    expect(found).toMatchObject({ pools: names.map((name) => ({ name })), error: null })
  })

  it('requested ones are used in the order of the request, whatever they select', () => {
    const [found] = named(
      [{ ...which, requested: ['10.9.0.0/24', 'a'] }],
      pool('a', '10.0.0.0/24', { nodeSelector: '!all()', assignmentMode: 'Manual' }),
      pool('b', '10.9.0.0/24'),
    )
    expect(found).toMatchObject({ pools: [{ name: 'b' }, { name: 'a' }], error: null })
  })

  it.each([
    ['an unknown name', ['west'], 'pool-unusable'],
    ['an unknown range', ['10.8.0.0/24'], 'pool-unusable'],
    ['a disabled one', ['off'], 'pool-unusable'],
    ['one of the other family', ['six'], 'pool-unusable'],
  ])('%s cannot be requested', (_name, pools4, reason) => {
    const pools = [pool('on', '10.0.0.0/24'), pool('off', '10.1.0.0/24', { disabled: true }), pool('six', 'fd00::/112')]
    const [got] = named([get('n', 1, { pools4 })], ...pools)
    expect(got!.error?.reason).toBe(reason)
    expect(addressesOf(got)).toEqual([])
  })

  it.each([
    ['no pool is enabled', [], 'cannot find a qualified ippool'],
    [
      'none selects the node',
      [pool('a', '10.0.0.0/24', { nodeSelector: "rack == 'b'" })],
      'no configured Calico pools for node n',
    ],
    [
      'none is for the use',
      [pool('a', '10.0.0.0/24', { allowedUses: ['Tunnel'] })],
      'cannot find a qualified ippool, no pools match the required use (Workload)',
    ],
  ])('%s: there is no address', (_name, pools, message) => {
    const [got] = named([get('n')], ...pools)
    expect(got!.error).toEqual({ reason: 'no-pool', message })
  })

  it('a selector that is none is a refusal', () => {
    const [got] = named([get('n')], pool('a', '10.0.0.0/24', { nodeSelector: 'rack =' }))
    expect(got!.error?.reason).toBe('selector')
  })

  it('a release before v3.31 knows no namespaceSelector, one before v3.30 no assignmentMode', () => {
    const pools = [pool('a', '10.0.0.0/24', { namespaceSelector: "tier == 'db'", assignmentMode: 'Manual' })]
    expect(run([...labelled, ...pools], [which], 'v3.29.0')[0]).toMatchObject({ pools: [{ name: 'a' }] })
    expect(run([...labelled, ...pools], [which], 'v3.30.0')[0]).toMatchObject({ pools: [] })
  })

  it('when a pool is for the node no longer, its empty blocks go with the next request or release', () => {
    const here = pool('a', '10.0.0.0/24', { nodeSelector: "rack == 'a'" })
    const gone = pool('a', '10.0.0.0/24', { nodeSelector: "rack == 'b'" })
    const steps = named(
      [
        get('n', 1, { as: 'x' }),
        { do: 'apply', objects: [gone] },
        { do: 'release', addresses: [{ address: { of: 'x' } }] },
        { do: 'blocks' },
        { do: 'apply', objects: [here] },
        get('n', 1, { as: 'y' }),
        { do: 'release', addresses: [{ address: { of: 'y' } }] },
        { do: 'apply', objects: [gone, pool('b', '10.1.0.0/24')] },
        { do: 'blocks' },
        get('n'),
        { do: 'affinities' },
      ],
      here,
    )
    expect(steps[3]!.blocks).toEqual([])
    expect(steps[8]!.blocks.length).toBe(1)
    expect(steps[10]).toMatchObject({ affinities: [{ node: 'n', cidr: expect.stringMatching(/^10\.1\./) }] })
  })
})

describe('handles and sequence numbers', () => {
  const objects = [node('n'), pool('p', '10.0.0.0/28', { blockSize: 30 }), pool('q', 'fd00:9::/120')]

  it('a handle holds addresses of both families and is gone with them', () => {
    const [, held, , gone, again] = run(objects, [
      { ...get('n', 1, { handle: 'h' }), ipv6: 1 },
      { do: 'handle', handle: 'h' },
      { do: 'release-handle', handle: 'h' },
      { do: 'handle', handle: 'h' },
      { do: 'release-handle', handle: 'h' },
    ])
    expect(held!.addresses.length).toBe(2)
    expect([gone!.error?.reason, again!.error?.reason]).toEqual(['unknown-handle', 'unknown-handle'])
  })

  it('a handle is counted by what was asked for: over two blocks it stays when its addresses are gone', () => {
    const [, , held] = run(objects, [
      get('n', 6, { handle: 'h' }),
      { do: 'release-handle', handle: 'h' },
      { do: 'handle', handle: 'h' },
    ])
    expect(held).toEqual({ addresses: [], error: null })
  })

  it('one that may have no more gives what it has', () => {
    const more = { handle: 'vm', maxPerHandle: 1 }
    const [first, second, same, other] = run(objects, [
      get('n', 1, { ...more, as: 'x' }),
      get('n', 1, more),
      { do: 'assign', node: 'n', address: { of: 'x' }, ...more },
      { do: 'assign', node: 'n', address: '10.0.0.3', ...more },
    ])
    expect(addressesOf(second)).toEqual(addressesOf(first))
    expect([same!.error, other!.error?.reason]).toEqual([null, 'handle-full'])
  })

  it('one that may have fewer than are asked for gets none, and its node claims nothing more', () => {
    const [got, blocks] = run(objects, [get('n', 2, { handle: 'vm', maxPerHandle: 1 }), { do: 'blocks' }])
    expect([addressesOf(got), got!.error?.reason]).toEqual([[], 'block-limit'])
    expect(blocks!.blocks.length).toBe(1)
  })

  it('every write of a block counts, and an allocation has the number before its own', () => {
    const steps = run(objects, [
      get('n', 1, { as: 'a' }),
      { do: 'inspect', address: { of: 'a' } },
      get('n', 1, { as: 'b' }),
      { do: 'inspect', address: { of: 'b' } },
      { do: 'release', addresses: [{ address: { of: 'a' } }] },
      { do: 'assign', node: 'n', address: { of: 'a' } },
      { do: 'inspect', address: { of: 'a' } },
    ])
    const [first, second, third] = [1, 3, 6].map((i) => steps[i]!.sequence)
    expect([second! - first!, third! - first!]).toEqual([1, 3])
  })

  it.each([
    ['another handle', { handle: 'x' }],
    ['a number before', { sequence: { of: 'seen', plus: -1 } }],
    ['a number behind', { sequence: { of: 'seen', plus: 1 } }],
  ])('%s keeps an address from being released', (_name, how) => {
    const [, , released, held] = run(objects, [
      get('n', 1, { handle: 'h', as: 'a' }),
      { do: 'inspect', address: { of: 'a' }, as: 'seen' },
      { do: 'release', addresses: [{ address: { of: 'a' }, ...how }] },
      { do: 'handle', handle: 'h' },
    ])
    expect(released).toMatchObject({ unallocated: [], released: 0, error: { reason: 'conflict' } })
    expect(held!.addresses.length).toBe(1)
  })

  it('of a block all are released, or none', () => {
    const [, released, blocks] = run(objects, [
      get('n', 2, { handle: 'h', as: 'a' }),
      { do: 'release', addresses: [{ address: { of: 'a' } }, { address: { of: 'a' }, handle: 'x' }] },
      { do: 'blocks' },
    ])
    expect(released!.error?.reason).toBe('conflict')
    expect(blocks!.blocks[0]).toMatchObject({ used: 2 })
  })

  it('what nobody has is said', () => {
    const [, released] = run(objects, [
      get('n'),
      { do: 'release', addresses: [{ address: '10.0.0.1' }, { address: '192.0.2.1' }] },
    ])
    expect(released).toMatchObject({ unallocated: expect.arrayContaining(['10.0.0.1', '192.0.2.1']), error: null })
  })

  it('a number of a stored block is exact, however large', () => {
    const stored = {
      kind: 'IPAMBlock',
      metadata: { name: '10-0-0-0-30' },
      spec: {
        cidr: '10.0.0.0/30',
        affinity: 'host:n',
        allocations: [0, null, null, null],
        unallocated: [1, 2, 3],
        attributes: [{ handle_id: 'h' }],
        sequenceNumber: 2 ** 60 + 4096,
        sequenceNumberForAllocation: { 0: 2 ** 60 },
      },
    }
    const [, no, yes] = run(
      [...objects, stored],
      [
        { do: 'inspect', address: '10.0.0.0', as: 's' },
        { do: 'release', addresses: [{ address: '10.0.0.0', sequence: { of: 's', plus: 1 } }] },
        { do: 'release', addresses: [{ address: '10.0.0.0', sequence: { of: 's' } }] },
      ],
    )
    expect([no!.error?.reason, yes!.error]).toEqual(['conflict', null])
  })
})

describe('claims', () => {
  const objects = [node('a'), node('b'), pool('p', '10.0.0.0/28', { blockSize: 30 })]

  it('a range is claimed block by block; what another has fails', () => {
    const [, got] = run(objects, [
      { do: 'assign', node: 'b', address: '10.0.0.5' },
      { do: 'claim', node: 'a', cidr: '10.0.0.0/29' },
    ])
    expect(got).toEqual({ claimed: ['10.0.0.0/30'], failed: ['10.0.0.4/30'], error: null })
  })

  it.each([
    [
      'a range of no pool',
      '10.1.0.0/28',
      'not-in-pool',
      'The requested CIDR (10.1.0.0/28) is not within any configured pools.',
    ],
    ['less than a block', '10.0.0.0/31', 'too-small', 'The requested CIDR (10.0.0.0/31) is smaller than the minimum.'],
  ])('%s cannot be claimed, nor given up', (_name, cidr, reason, message) => {
    const steps = run(objects, [
      { do: 'claim', node: 'a', cidr },
      { do: 'release-affinity', node: 'a', block: cidr },
    ])
    for (const step of steps) expect(step.error).toEqual({ reason, message })
  })

  it('a block with addresses is kept where it must be empty, else it loses its owner [ipam.md §10]', () => {
    const steps = run(objects, [
      get('a', 1, { as: 'x', handle: 'h' }),
      { do: 'release-affinity', node: 'a', block: { of: 'x' }, mustBeEmpty: true },
      { do: 'release-affinity', node: 'b', block: { of: 'x' } },
      { do: 'release-node', node: 'a' },
      { do: 'blocks' },
      { do: 'release-handle', handle: 'h' },
      { do: 'blocks' },
    ])
    expect(steps[1]!.error?.message).toMatch(/^block '10\.0\.0\.\d+\/30' is not empty$/)
    expect(steps[2]!.error).toBeNull()
    expect(steps[4]!.blocks[0]).toMatchObject({ affinity: null, used: 1 })
    expect(steps[6]!.blocks).toEqual([])
  })

  it('an empty block of a node stays when its last address is released', () => {
    const [, , blocks] = run(objects, [
      get('a', 1, { handle: 'h' }),
      { do: 'release-handle', handle: 'h' },
      { do: 'blocks' },
    ])
    expect(blocks!.blocks[0]).toMatchObject({ affinity: 'host:a', used: 0, unallocated: [1, 2, 3, 0] })
  })
})

describe('one given address [ipam.md §7]', () => {
  const objects = [
    node('a'),
    node('b'),
    pool('p', '10.0.0.0/28', { blockSize: 30, nodeSelector: '!all()' }),
    pool('q', '10.2.0.0/28', { allowedUses: ['Tunnel'] }),
    pool('r', '10.3.0.0/28', { disabled: true }),
  ]

  it.each([
    ['of a pool that selects other nodes', '10.0.0.3', undefined, null],
    ['of a pool for another use', '10.2.0.3', 'Workload', 'not-for-use'],
    ['of that pool, when no use is said', '10.2.0.3', undefined, null],
    ['of a disabled pool', '10.3.0.3', undefined, 'not-in-pool'],
    ['of no pool', '10.4.0.3', undefined, 'not-in-pool'],
  ])('%s', (_name, address, use, reason) => {
    const [given] = run(objects, [{ do: 'assign', node: 'a', address, ...(use === undefined ? {} : { use }) }])
    expect(given!.error?.reason ?? null).toBe(reason)
  })

  it('of the block of another node: lent', () => {
    const steps = run(objects, [
      { do: 'assign', node: 'a', address: '10.0.0.1', handle: 'x', use: 'Workload' },
      { do: 'assign', node: 'b', address: '10.0.0.2' },
      { do: 'allocations' },
      { do: 'assign', node: 'b', address: '10.0.0.1' },
    ])
    expect(steps[2]).toEqual({
      allocations: [
        { address: '10.0.0.1', node: 'a', handle: 'x', use: 'Workload' },
        { address: '10.0.0.2', node: 'b', handle: null, use: null },
      ],
    })
    expect(steps[3]!.error?.reason).toBe('taken')
  })
})

describe('how full pools are', () => {
  it('the whole range counts, reserved addresses once, blocks in no pool on their own', () => {
    const [, , usage] = run(
      [node('a'), pool('p', '10.0.0.0/24'), reservation('10.0.0.0/28', '10.0.0.8/29', '10.0.0.128/25')],
      [
        { do: 'assign', node: 'a', address: '10.0.0.1' },
        {
          do: 'apply',
          objects: [
            {
              kind: 'IPAMBlock',
              metadata: { name: 'x' },
              spec: { cidr: '10.9.0.0/30', allocations: [null, null, null, null], unallocated: [0, 1, 2, 3] },
            },
          ],
        },
        { do: 'utilization' },
      ],
    )
    expect(usage).toEqual({
      pools: [
        {
          name: 'p',
          cidr: '10.0.0.0/24',
          capacity: 256,
          inUse: 1,
          reserved: 144,
          available: 112,
          blocks: [{ cidr: '10.0.0.0/26', capacity: 64, inUse: 1, reserved: 16, available: 48 }],
        },
        {
          name: 'orphaned allocation blocks',
          cidr: '0.0.0.0/0',
          capacity: 0,
          inUse: 0,
          reserved: 0,
          available: 0,
          blocks: [{ cidr: '10.9.0.0/30', capacity: 4, inUse: 0, reserved: 0, available: 4 }],
        },
      ],
    })
  })
})

describe('a request for a script', () => {
  it.each([
    ['a step nobody knows', [{ do: 'sing' }], /^steps\.0\.do: expected /],
    [
      'a name no step has',
      [{ do: 'inspect', address: { of: 'x' } }],
      /of: expected the name of an earlier step, received x/,
    ],
    ['an address that is none', [{ do: 'inspect', address: 'x' }], /address: expected an address, received x/],
    ['a field a step does not have', [{ do: 'blocks', node: 'x' }], /^steps\.0\.node: no such field/],
  ])('with %s has an error', (_name, steps, text) => {
    const answer = answerCalico({ verb: 'ipam', steps })
    expect('error' in answer ? answer.error : '').toMatch(text)
  })
})
