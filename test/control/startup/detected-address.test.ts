// Which address a node of a simulated cluster has, by its cards and the way calico-node is told to look.
import { describe, expect, it } from 'vitest'
import { buildCluster } from '../../../src/control/index.ts'
import { loadResources } from '../../../src/input/index.ts'

const UNDERLAY = `apiVersion: packetwalk/v1
kind: Underlay
metadata: {name: lab}
spec:
  segments:
  - {name: front, cidr: 10.7.0.0/24, gateway: 10.7.0.1}
  - {name: back, cidr: 10.8.0.0/24}
  nodes:
  - name: n1
    interfaces:
    - {name: lo, address: 10.99.0.1/32}
    - {name: ens3, segment: front, address: 10.7.0.21/24}
    - {name: ens4, segment: back, address: 10.8.0.21/24}
    - {name: docker0, kind: bridge, address: 172.17.0.1/16}
    - {name: vip0, kind: dummy, address: 10.7.0.99/32}
`
const NODE =
  'apiVersion: v1\nkind: Node\nmetadata: {name: n1}\nstatus: {addresses: [{type: InternalIP, address: 10.7.0.21}]}\n'

function manifest(env: Readonly<Record<string, string>>): string {
  const lines = Object.entries(env).map(([name, value]) => `{name: ${name}, value: "${value}"}`)
  return `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: calico-node}\nspec: {template: {spec: {containers: [{name: calico-node, env: [${lines.join(', ')}]}]}}}\n`
}

function installation(way: string): string {
  return `apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata: {name: default}\nspec: {calicoNetwork: {nodeAddressAutodetectionV4: ${way}}}\n`
}

function addressIn(...texts: readonly string[]): string | undefined {
  const text = [UNDERLAY, NODE, ...texts].join('---\n')
  const { nodes, findings } = buildCluster(loadResources([{ name: 'c.yaml', text }]).resources)
  expect(findings.faults.filter(({ kind }) => kind !== 'missing_reference')).toEqual([])
  const ipv4 = nodes[0]?.ipv4
  return ipv4 && `${ipv4.address}/${ipv4.length}`
}

describe('a node’s address, of calico-node', () => {
  it.each<[string, string, string | undefined]>([
    ['the highest index whose name is not passed over: a virtual address', 'first-found', '10.7.0.99/32'],
    ['the highest of all that match, docker0 among them', 'interface=^(docker|ens)', '172.17.0.1/16'],
    ['lo, when it is asked for', 'interface=^lo', '10.99.0.1/32'],
    ['past the virtual one', 'skip-interface=vip.*', '10.8.0.21/24'],
    ['in ranges, in the order of interfaces', 'cidr=10.7.0.0/24,10.8.0.0/24', '10.7.0.99/32'],
    ['that of the Node, with the mask of its card', 'kubernetes-internal-ip', '10.7.0.21/24'],
    ['towards a neighbour', 'can-reach=10.8.0.7', '10.8.0.21/24'],
    ['towards the world, by the default route', 'can-reach=9.9.9.9', '10.7.0.21/24'],
    ['towards a name, likewise', 'can-reach=www.example.org', '10.7.0.21/24'],
    ['none', 'interface=eth.*', undefined],
  ])('%s [resources.md §4]', (_name, method, want) => {
    expect(addressIn(manifest({ IP: 'autodetect', IP_AUTODETECTION_METHOD: method }))).toBe(want)
  })

  it.each([
    ['with its mask', '10.8.0.21', '10.8.0.21/24'],
    ['alone, when no card has it', '10.8.0.77', '10.8.0.77/32'],
    ['as it is written', '10.8.0.21/28', '10.8.0.21/28'],
  ])('given by IP %s', (_name, ip, want) => {
    expect(addressIn(manifest({ IP: ip }))).toBe(want)
  })
})

describe('a node’s address, of the operator', () => {
  it.each([
    ['{firstFound: true}', '10.7.0.99/32'],
    ['{kubernetes: NodeInternalIP}', '10.7.0.21/24'],
    ['{interface: docker0}', '172.17.0.1/16'],
    ['{skipInterface: "vip0"}', '10.8.0.21/24'],
    ['{canReach: 10.7.0.1}', '10.7.0.21/24'],
    ['{cidrs: [10.8.0.0/24]}', '10.8.0.21/24'],
  ])('%s gives %s [resources.md §3]', (way, want) => {
    expect(addressIn(installation(way))).toBe(want)
  })
})
