// `packetwalk ipam`: what IPAM holds, what is wrong in it, and what would happen if.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

const CLUSTER = `apiVersion: v1
kind: Node
metadata: {name: node1, annotations: {projectcalico.org/IPv4Address: 192.0.2.1/24, projectcalico.org/IPv4IPIPTunnelAddr: 10.77.0.128}}
---
apiVersion: v1
kind: Node
metadata: {name: node2, annotations: {projectcalico.org/IPv4Address: 192.0.2.2/24}}
---
apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: east}
spec: {cidr: 10.77.0.0/24, ipipMode: Always}
---
apiVersion: v1
kind: Pod
metadata: {name: web-0, namespace: shop}
spec: {nodeName: node1}
`
const free = Array.from({ length: 61 }, (_, i) => i + 3)
const STORED = JSON.stringify({
  apiVersion: 'crd.projectcalico.org/v1',
  kind: 'IPAMBlock',
  metadata: { name: '10-77-0-128-26' },
  spec: {
    cidr: '10.77.0.128/26',
    affinity: 'host:node1',
    allocations: [0, 1, 2, ...free.map(() => null)],
    unallocated: free,
    attributes: [
      { handle_id: 'ipip-tunnel-addr-node1', secondary: { node: 'node1', type: 'ipipTunnelAddress' } },
      { handle_id: 'k8s-pod-network.c1', secondary: { node: 'node2', namespace: 'shop', pod: 'web-0' } },
      { handle_id: 'k8s-pod-network.c2', secondary: { node: 'node1', namespace: 'shop', pod: 'gone' } },
    ],
  },
})
const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web-0, namespace: shop}\nspec: {nodeName: node2}\n'

describe('packetwalk ipam', () => {
  beforeAll(() => {
    cli.write('cluster.yaml', CLUSTER)
    cli.write('block.json', STORED)
    cli.write('pod.yaml', `${POD}status: {podIPs: [{ip: 10.77.0.129}]}\n`)
    cli.write('nodes.yaml', CLUSTER.slice(0, CLUSTER.lastIndexOf('---')))
  })

  it('shows pools and the blocks that Calico would make', () => {
    const { status, stdout, stderr } = cli.run(['ipam', 'show', '-f', 'cluster.yaml', '--show-blocks'])
    expect([status, stderr]).toEqual([
      0,
      'packetwalk: the files have no IPAMBlock: blocks are those that Calico would make\n',
    ])
    expect(stdout).toBe(`+----------+----------------+-----------+------------+--------------+-----------+
| GROUPING | CIDR           | IPS TOTAL | IPS IN USE | IPS RESERVED | IPS FREE  |
+----------+----------------+-----------+------------+--------------+-----------+
| IP Pool  | 10.77.0.0/24   |       256 |     3 (1%) |       0 (0%) | 253 (99%) |
| Block    | 10.77.0.0/26   |        64 |     1 (2%) |       0 (0%) |  63 (98%) |
| Block    | 10.77.0.128/26 |        64 |     2 (3%) |       0 (0%) |  62 (97%) |
+----------+----------------+-----------+------------+--------------+-----------+
`)
  })

  it('shows borrowed addresses of stored blocks, and who has one', () => {
    const files = ['-f', 'nodes.yaml', '-f', 'block.json']
    const { stdout } = cli.run(['ipam', 'show', ...files, '--show-borrowed'])
    expect(stdout.split('\n')[3]).toBe(
      '| 10.77.0.129 | node2          | 10.77.0.128/26 | node1       | pod  | shop/web-0   |',
    )
    expect(cli.run(['ipam', 'show', ...files, '--ip', '10.77.0.128']).stdout).toBe(
      'IP 10.77.0.128 is in use\nHandle ID: ipip-tunnel-addr-node1\nActive Owner Attributes:\n  node: node1\n  type: ipipTunnelAddress\n',
    )
  })

  it('finds a leak, and ends with 1', () => {
    const { status, stdout } = cli.run([
      'ipam',
      'check',
      '-f',
      'nodes.yaml',
      '-f',
      'block.json',
      '-f',
      'pod.yaml',
      '-q',
    ])
    expect(status).toBe(1)
    expect(stdout.split('\n')).toEqual([
      'leaked: 10.77.0.130: allocated for handle k8s-pod-network.c2 on node1, and nobody has it; remedy: calicoctl ipam release --ip=10.77.0.130, once nobody uses it',
      '1 blocks, 3 addresses allocated, 2 in use: 1 problem',
      '',
    ])
  })

  it('cannot check without blocks', () => {
    expect(cli.run(['ipam', 'check', '-f', 'cluster.yaml']).status).toBe(3)
  })

  it('says where the next pod goes, how many fit, and what smaller blocks change', () => {
    const ask = (...words: string[]): string =>
      cli.run(['ipam', 'what-if', '-q', '-f', 'cluster.yaml', ...words]).stdout
    expect(ask('--node', 'node1')).toBe('the next pod of node1 gets 10.77.0.130, of its own block 10.77.0.128/26\n')
    expect(ask().split('\n')[0]).toBe('more pods that fit: 253 (then: No IPs available in pools: [10.77.0.0/24])')
    expect(JSON.parse(ask('--block-size', '28', '-j'))).toEqual({
      pool: 'east',
      before: { blocks: 2, bound: 125, borrowed: 0, blockSize: 26, without: 0 },
      after: { blocks: 2, bound: 29, borrowed: 0, blockSize: 28, without: 0 },
    })
  })
})
