// How a cluster is put together: what is told of machines, Ethernets, tunnels, sessions, pools; as text in a few lines.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { clusterResources } from '../../bench/cluster.ts'
import { InputError, Lab } from '../../src/index.ts'
import { renderTopology, type TopologyView, topologyOf } from '../../src/views/index.ts'

const demo = (mode: string): Lab => {
  const name = `examples/demo/${mode}.yaml`
  return Lab.load({ name, text: readFileSync(name, 'utf8') })
}

/** Nodes with their addresses and labels, and objects besides. */
function clusterOf(nodes: readonly (readonly [string, string, object?])[], ...others: object[]): Lab {
  const items = [
    ...nodes.map(([name, cidr, labels = {}]) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels, annotations: { 'projectcalico.org/IPv4Address': cidr } },
      status: { addresses: [{ type: 'InternalIP', address: cidr.split('/')[0] }] },
    })),
    ...nodes.map(([name]) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `web-${name}`, namespace: 'default' },
      spec: { nodeName: name },
      status: { phase: 'Running' },
    })),
    ...others,
  ]
  return Lab.load(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
}

const pool = (name: string, cidr: string, spec: object): object => ({
  apiVersion: 'projectcalico.org/v3',
  kind: 'IPPool',
  metadata: { name },
  spec: { cidr, natOutgoing: true, ...spec },
})

const RACKS = [
  ['a1', '10.0.1.11/24'],
  ['a2', '10.0.1.12/24'],
  ['b1', '10.0.2.11/24'],
] as const
const ways = ({ tunnels }: TopologyView): unknown => tunnels.map(({ kind, when, pairs }) => [kind, when, pairs])

describe('the topology of a cluster', () => {
  const ipip = topologyOf(demo('ipip'))

  it('has Services with their endpoints, and what policies select', () => {
    const service = (name: string, spec: object): object => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { selector: { on: 'a1' }, ...spec },
    })
    const ofCalico = (kind: string, name: string, spec: object, labels = {}): object => ({
      apiVersion: 'projectcalico.org/v3',
      kind,
      metadata: { name, labels, ...(kind === 'NetworkPolicy' ? { namespace: 'default' } : {}) },
      spec,
    })
    const pods = RACKS.map(([node]) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `db-${node}`, namespace: 'default', labels: { on: node } },
      spec: { nodeName: node },
      status: { phase: 'Running' },
    }))
    const view = topologyOf(
      clusterOf(
        RACKS,
        pool('p', '10.64.0.0/16', {}),
        ...pods,
        service('inside', { clusterIP: '10.96.0.9', ports: [{ port: 80 }] }),
        service('outside', {
          type: 'LoadBalancer',
          clusterIP: '10.96.0.10',
          loadBalancerIP: '203.0.113.5',
          ports: [{ port: 443, protocol: 'TCP', nodePort: 30443 }],
        }),
        ofCalico('NetworkPolicy', 'db', { selector: "on == 'a1'", ingress: [] }),
        ofCalico('HostEndpoint', 'card', { node: 'a2', interfaceName: 'eth0' }, { guard: 'yes' }),
        ofCalico('GlobalNetworkPolicy', 'hosts', { selector: 'has(guard)', ingress: [{ action: 'Allow' }] }),
        ofCalico('HostEndpoint', 'free', { node: 'b1', interfaceName: '*' }),
      ),
    )
    const podOf = (name: string): unknown => view.machines.flatMap((one) => one.pods).find((pod) => pod.name === name)
    const address = (podOf('default/db-a1') as { addresses: string[] }).addresses[0]
    const endpoints = [{ address, pod: 'default/db-a1', node: 'a1', ready: true }]
    const none = { outside: [], endpoints }
    expect(view.services).toEqual([
      {
        ...none,
        name: 'default/inside',
        type: 'ClusterIP',
        addresses: ['10.96.0.9'],
        ports: [{ protocol: 'tcp', port: 80 }],
      },
      {
        name: 'default/outside',
        type: 'LoadBalancer',
        addresses: ['10.96.0.10'],
        outside: ['203.0.113.5'],
        ports: [{ protocol: 'tcp', port: 443, nodePort: 30443 }],
        endpoints,
      },
    ])
    expect(podOf('default/db-a1')).toMatchObject({ policies: ['NetworkPolicy/default/db'] })
    expect(podOf('default/db-a2')).not.toHaveProperty('policies')
    expect(view.machines.map(({ name, hostEndpoints }) => [name, hostEndpoints]).slice(0, 3)).toEqual([
      ['a1', undefined],
      ['a2', [{ name: 'card', dev: 'eth0', policies: ['GlobalNetworkPolicy/hosts'] }]],
      ['b1', [{ name: 'free', dev: '*', policies: [] }]],
    ])
    const text = renderTopology(view, { width: 400 })
    expect(text).toContain('default/outside LoadBalancer 10.96.0.10 tcp 443, node port 30443, outside 203.0.113.5 →')
    expect(text).toContain('host endpoint card on eth0, 1 policy')
    expect(renderTopology(view, { format: 'svg' })).toContain('>◆ db-a1 10.64.')
  })

  it('has its machines on their Ethernets, and no switch', () => {
    expect(ipip.machines.map(({ name, kind, podCount }) => [name, kind, podCount])).toEqual([
      ['controlplane', 'node', 2],
      ['node01', 'node', 3],
      ['router', 'router', 0],
      ['internet', 'internet', 0],
    ])
    expect(ipip.segments).toEqual([
      { name: 'lan', subnets: ['172.17.0.0/16'], switched: true, stations: ['controlplane', 'node01', 'router'] },
      { name: 'router–internet', subnets: expect.anything(), switched: false, stations: ['router', 'internet'] },
    ])
  })

  it('has pods with their addresses, each in a block of its node', () => {
    const node = ipip.machines.find(({ name }) => name === 'node01')
    const [block] = ipip.blocks.filter(({ owner }) => owner === 'node01')
    expect(node?.pods).toHaveLength(3)
    expect(block).toMatchObject({ pool: 'default-ipv4-ippool', size: 64 })
    expect(block?.used).toBe((node?.podCount ?? 0) + 1)
  })

  it.each([
    ['ipip', [['ipip', 'always', 1]]],
    ['vxlan', [['vxlan', 'always', 1]]],
    ['noencap', [['none', 'always', 1]]],
  ])('of the demo %s says how packets travel between its nodes', (mode, expected) => {
    expect(ways(topologyOf(demo(mode)))).toEqual(expected)
  })

  it('joins only nodes of different subnets where a pool says CrossSubnet', () => {
    const view = topologyOf(clusterOf(RACKS, pool('p', '10.64.0.0/16', { ipipMode: 'CrossSubnet' })))
    expect(ways(view)).toEqual([['ipip', 'crossSubnet', 2]])
    expect(view.tunnels[0]?.groups).toEqual([
      { subnet: '10.0.1.0/24', nodes: ['a1', 'a2'] },
      { subnet: '10.0.2.0/24', nodes: ['b1'] },
    ])
  })

  it('agrees with the tunnels that packets take', () => {
    const lab = clusterOf(RACKS, pool('p', '10.64.0.0/16', { vxlanMode: 'CrossSubnet' }))
    const groups = topologyOf(lab).tunnels[0]?.groups ?? []
    const groupOf = (node: string): number => groups.findIndex(({ nodes }) => nodes.includes(node))
    for (const [a] of RACKS) {
      for (const [b] of RACKS) {
        if (a === b) continue
        const { trace } = lab.ping(`default/web-${a}`, `default/web-${b}`, { count: 1 })
        expect(
          trace.hops.some(({ kind }) => kind === 'encap'),
          `${a} to ${b}`,
        ).toBe(groupOf(a) !== groupOf(b))
      }
    }
  })

  it('counts a mesh, and draws sessions of peers by name', () => {
    const mesh = topologyOf(clusterOf(RACKS, pool('p', '10.64.0.0/16', {})))
    expect(mesh.meshes.map(({ family, sessions }) => [family, sessions])).toEqual([[4, 3]])
    expect(mesh.sessions).toEqual([])
    const reflected = topologyOf(
      clusterOf(
        [
          ['rr', '10.0.1.11/24', { rr: 'true' }],
          ['n1', '10.0.1.12/24'],
          ['n2', '10.0.1.13/24'],
        ],
        pool('p', '10.64.0.0/16', {}),
        {
          apiVersion: 'projectcalico.org/v3',
          kind: 'BGPConfiguration',
          metadata: { name: 'default' },
          spec: { nodeToNodeMeshEnabled: false },
        },
        {
          apiVersion: 'projectcalico.org/v3',
          kind: 'BGPPeer',
          metadata: { name: 'to-rr' },
          spec: { nodeSelector: 'all()', peerSelector: 'has(rr)' },
        },
      ),
    )
    expect(reflected.meshes).toEqual([])
    expect(reflected.sessions.map(({ a, b }) => [a, b].sort().join(' ')).sort()).toEqual(['n1 rr', 'n2 rr'])
  })

  it('of a network without objects has what cables and devices show', () => {
    const lab = demo('ipip')
    const bare = topologyOf({ network: lab.network, cluster: null })
    expect(bare.machines.map(({ name, podCount }) => [name, podCount])).toEqual(
      expect.arrayContaining([
        ['controlplane', 2],
        ['node01', 3],
      ]),
    )
    expect(bare.segments.map(({ name }) => name)).toEqual(topologyOf(lab).segments.map(({ name }) => name))
    expect(ways(bare)).toEqual([['ipip', 'always', 1]])
  })

  it('is plain data', () => {
    expect(JSON.parse(JSON.stringify(ipip))).toEqual(ipip)
  })
})

describe('a topology as text', () => {
  it('is a few lines for a small cluster', () => {
    expect(renderTopology(demo('ipip'))).toBe(`Calico v3.16.3: 2 nodes, 5 pods
lan 172.17.0.0/16
├ controlplane ens3 172.17.0.32 · 2 pods in 192.168.49.64/26
├ node01       ens3 172.17.0.40 · 3 pods in 192.168.196.128/26
└ router       eth0 172.17.0.1 · cable to internet
between  IPIP between both nodes (default-ipv4-ippool)
BGP      mesh of 2 nodes, AS 64512: 1 session
pool     default-ipv4-ippool 192.168.0.0/16, IPIP Always, natOutgoing: 2 blocks of /26, 7 addresses
`)
  })

  it.each([20, 1000])('folds %i nodes, and loses none of them', (nodes) => {
    const lab = Lab.fromResources(clusterResources(nodes, 3), { record: false })
    const text = renderTopology(lab)
    expect(text.split('\n').length).toBeLessThanOrEqual(13)
    const more = Number(/… (\d+) more nodes/.exec(text)?.[1])
    expect(more + (text.match(/^├ node-/gm) ?? []).length).toBe(nodes)
  })

  it.each([40, 60, 100])('keeps to a width of %i', (width) => {
    const lines = renderTopology(demo('vxlan'), { width }).split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width)
  })

  it('refuses what is no lab, no form, no width, by name', () => {
    const anything = (value: unknown): never => value as never
    expect(() => renderTopology(anything('x'))).toThrow(InputError)
    expect(() => renderTopology(demo('ipip'), { format: anything('gif') })).toThrow('options.format')
    expect(() => renderTopology(demo('ipip'), { width: 3 })).toThrow('options.width')
  })
})
