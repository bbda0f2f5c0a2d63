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
