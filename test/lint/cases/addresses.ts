// Pools, blocks and the addresses of nodes.
import { A, B, C, type Case, calico, node, POOL, pod, policy, pool, SHOP, thing, underlay } from './objects.ts'

const many = (count: number) => Array.from({ length: count }, (_, i) => pod(`x${i}`))
const ready = (status: string) =>
  thing('v1', 'Node', 'b', {
    status: { addresses: [{ type: 'InternalIP', address: '192.0.2.2' }], conditions: [{ type: 'Ready', status }] },
  })
const machine = (name: string, address: string) =>
  thing('v1', 'Node', name, { status: { addresses: [{ type: 'InternalIP', address }] } })

const block = (cidr: string) => [A, POOL, SHOP, pod('x'), policy('i', { ingress: [{ from: [{ ipBlock: { cidr } }] }] })]
const small = pool('p', '10.70.0.0/25', { blockSize: 29 })

export const ADDRESS_CASES: readonly Case[] = [
  { name: 'cidr-not-canonical', wrong: block('203.0.113.7/24'), right: block('203.0.113.0/24') },
  {
    name: 'cidr-not-canonical',
    wrong: [calico('NetworkSet', 's', { nets: ['203.0.113.7/24'] }, { namespace: 'shop' })],
    right: [calico('NetworkSet', 's', { nets: ['203.0.113.7/32', '203.0.113.9'] }, { namespace: 'shop' })],
  },
  {
    name: 'pool-overlaps-underlay',
    wrong: [node('a', '10.71.0.1', { IPv4Address: '10.71.0.1/15' }), POOL],
    right: [node('a', '10.71.0.1', { IPv4Address: '10.71.0.1/16' }), POOL],
  },
  { name: 'gateway-collision', wrong: [node('a', '169.254.1.9')], right: [node('a', '169.254.2.9')] },
  { name: 'nat-outgoing-off', wrong: [pool('p', '10.70.0.0/16', { natOutgoing: false })], right: [POOL] },
  {
    name: 'pool-exempts-destinations',
    wrong: [POOL, pool('q', '10.80.0.0/16', { disabled: true })],
    right: [POOL, pool('q', '10.80.0.0/16')],
  },
  {
    name: 'pool-disabled-in-use',
    wrong: [A, POOL, pool('q', '10.80.0.0/16', { disabled: true }), pod('x', {}, { status: { podIP: '10.80.0.9' } })],
    right: [A, POOL, pool('q', '10.80.0.0/16'), pod('x', {}, { status: { podIP: '10.80.0.9' } })],
  },
  {
    name: 'pool-nearly-full',
    wrong: [A, small, ...many(116)],
    right: [A, small, ...many(115)],
  },
  {
    name: 'pool-blocks-all-taken',
    wrong: [A, B, pool('p', '10.70.0.0/29', { blockSize: 30 }), pod('x'), pod('y', { nodeName: 'b' })],
    right: [A, B, pool('p', '10.70.0.0/28', { blockSize: 30 }), pod('x'), pod('y', { nodeName: 'b' })],
  },
  {
    name: 'strict-affinity-starves',
    wrong: [
      A,
      B,
      pool('p', '10.70.0.0/30', { blockSize: 30 }),
      pod('x'),
      calico('IPAMConfiguration', 'default', { strictAffinity: true }),
    ],
    right: [
      A,
      B,
      pool('p', '10.70.0.0/30', { blockSize: 30 }),
      pod('x'),
      calico('IPAMConfiguration', 'default', { strictAffinity: false }),
    ],
    also: ['pool-has-too-few-blocks'],
  },
  {
    name: 'pod-has-address-of-node',
    wrong: [A, B, POOL, pod('x', {}, { status: { podIP: '192.0.2.2' } })],
    right: [A, B, POOL, pod('x', {}, { status: { podIP: '10.70.0.2' } })],
  },
  {
    name: 'nodes-share-name',
    wrong: [machine('a', '192.0.2.1'), machine('a', '192.0.2.2')],
    right: [machine('a', '192.0.2.1'), machine('b', '192.0.2.2')],
  },
  { name: 'node-without-address', wrong: [A, thing('v1', 'Node', 'b')], right: [A, B] },
  { name: 'node-address-of-bridge', wrong: [node('a', '172.17.0.1')], right: [node('a', '172.17.0.2')] },
  {
    name: 'node-address-not-internal',
    wrong: [node('a', '192.0.2.1', { IPv4Address: '198.51.100.1/24' })],
    right: [A],
  },
  {
    name: 'subnet-mask-suspect',
    wrong: [
      pool('p', '10.70.0.0/16', { vxlanMode: 'CrossSubnet' }),
      A,
      node('b', '192.0.2.2', { IPv4Address: '192.0.2.2/32' }),
    ],
    right: [
      pool('p', '10.70.0.0/16', { vxlanMode: 'Always' }),
      A,
      node('b', '192.0.2.2', { IPv4Address: '192.0.2.2/32' }),
    ],
  },
  {
    name: 'subnet-mask-suspect',
    wrong: [
      pool('p', '10.70.0.0/16', { ipipMode: 'CrossSubnet' }),
      A,
      node('b', '192.0.2.2', { IPv4Address: '192.0.2.2/25' }),
    ],
    right: [
      pool('p', '10.70.0.0/16', { ipipMode: 'CrossSubnet' }),
      A,
      node('b', '192.0.3.2', { IPv4Address: '192.0.3.2/25' }),
    ],
  },
  { name: 'node-stale', wrong: [A, ready('Unknown')], right: [A, ready('False')] },
  { name: 'node-without-machine', wrong: [A, B, underlay({}, { a: {} })], right: [A, B, underlay()] },
  { name: 'pod-of-no-node', wrong: [A, POOL, pod('x', { nodeName: 'z' })], right: [A, POOL, pod('x')] },
  {
    name: 'ipv6-pool-without-node-addresses',
    wrong: [A, pool('v6', 'fd00:70::/112'), POOL],
    right: [node('a', '192.0.2.1', { IPv6Address: 'fd00::1/64' }), pool('v6', 'fd00:70::/112'), POOL],
  },
  { name: 'object-twice', wrong: [C, POOL, pool('p', '10.71.0.0/16')], right: [C, POOL, POOL] },
]
