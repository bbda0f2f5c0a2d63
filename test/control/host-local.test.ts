// Pods that Calico wires, with addresses of host-local out of the nodes' podCIDRs.
import { describe, expect, it } from 'vitest'
import { buildCluster, type Cluster } from '../../src/control/index.ts'
import { loadResources } from '../../src/input/index.ts'
import { Lab } from '../../src/lab/index.ts'

const NODES = ['1', '2'].map(
  (n) => `
apiVersion: v1
kind: Node
metadata: {name: node${n}, annotations: {projectcalico.org/IPv4Address: 192.0.2.${n}/24}}
spec: {podCIDR: 10.42.${n}.0/24, podCIDRs: [10.42.${n}.0/24]}`,
)
const pod = (name: string, node: string, status = ''): string =>
  `\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop}\nspec: {nodeName: ${node}}${status}`
const PODS = [pod('a', 'node1'), pod('b', 'node2'), pod('c', 'node2')]
const POOL = `
apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: pods}
spec: {cidr: 10.42.0.0/16, ipipMode: Always, natOutgoing: true}`
const CONFIG = `
apiVersion: v1
kind: ConfigMap
metadata: {name: calico-config}
data: {cni_network_config: '{"plugins": [{"type": "calico", "ipam": {"type": "host-local", "subnet": "usePodCidr"}}]}'}`

function build(...texts: string[]): Cluster {
  return buildCluster(loadResources([{ name: 'x.yaml', text: texts.join('\n---') }]).resources)
}

function addresses({ ipam }: Cluster): string[] {
  return ipam.pods.map(
    ({ pod: { metadata }, allocations }) => `${metadata.name} ${allocations.map((one) => one.address).join()}`,
  )
}

describe('addresses of host-local [ipam.md §9]', () => {
  const cluster = build(...NODES, POOL, CONFIG, ...PODS)

  it('are the third of the range of the node and those behind it', () => {
    expect(cluster.findings.faults).toEqual([])
    expect(addresses(cluster)).toEqual(['a 10.42.1.2', 'b 10.42.2.2', 'c 10.42.2.3'])
  })

  it('the second one is the address of the IPIP tunnel, whatever an annotation says', () => {
    const other = NODES[0]!.replace(
      'annotations: {',
      'annotations: {projectcalico.org/IPv4IPIPTunnelAddr: 10.42.1.77, ',
    )
    expect([...build(other, NODES[1]!, POOL, CONFIG).ipam.tunnels.values()]).toEqual([
      { ipip: '10.42.1.1' },
      { ipip: '10.42.2.1' },
    ])
  })

  it('the ranges are what nodes have routes to', () => {
    const blocks = cluster.ipam.blocks.map(({ cidr, affinity }) => `${cidr} ${affinity}`)
    expect(blocks).toEqual(['10.42.1.0/24 node1', '10.42.2.0/24 node2'])
    expect(cluster.findings.notes.filter(({ code }) => code === 'other_cni')).toEqual([])
  })

  it('pods reach each other through the tunnel', () => {
    const lab = Lab.fromResources(
      loadResources([{ name: 'x', text: [...NODES, POOL, CONFIG, ...PODS].join('\n---') }]).resources,
    )
    const trace = lab.ping('shop/a', 'shop/c')
    expect([trace.ok, trace.certainty]).toEqual([true, 'certain'])
    expect(lab.network.namespaces['node1']?.interfaces['tunl0']?.addresses).toMatchObject([{ local: '10.42.1.1' }])
  })

  it('what a pod has already it keeps', () => {
    const stated = pod('d', 'node1', '\nstatus: {podIPs: [{ip: 10.42.1.2}]}')
    expect(addresses(build(...NODES, POOL, CONFIG, pod('a', 'node1'), stated))).toEqual(['a 10.42.1.3', 'd 10.42.1.2'])
  })

  it('a range without an IPPool does as well', () => {
    expect(addresses(build(...NODES, CONFIG, ...PODS))).toEqual(['a 10.42.1.2', 'b 10.42.2.2', 'c 10.42.2.3'])
  })

  it('a full range gives none: the network, the gateway and the broadcast address are no pod’s', () => {
    const small = NODES.map((text) => text.replaceAll('.0/24', '.0/29'))
    const many = Array.from({ length: 6 }, (_, i) => pod(`p${i}`, 'node1'))
    const { ipam, findings } = build(...small, POOL, CONFIG, ...many)
    expect(ipam.pods.length).toBe(5)
    expect(findings.faults.map(({ received }) => received)).toEqual(['10.42.1.0/29, which is full'])
  })

  it('a node without a range: somebody else gives addresses', () => {
    const { findings } = build(NODES[0]!, NODES[1]!.replace(/\nspec:.*/, ''), POOL, CONFIG)
    expect(findings.notes.map(({ code }) => code)).toContain('other_cni')
  })
})
