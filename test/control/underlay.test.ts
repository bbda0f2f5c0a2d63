import { describe, expect, test } from 'vitest'
import { buildCluster, type NodeResource } from '../../src/control/index.ts'
import { planDerived } from '../../src/control/underlay/derive.ts'
import { routesOf, sysctlOf, validate } from '../../src/model/index.ts'
import { build, node, object, pod, pool, routeWords } from './cluster-objects.ts'
import { demoResources } from './demo-resources.ts'

/** A node with one address, of either family. */
function nodeAt(name: string, address: string): NodeResource {
  const key = address.includes(':') ? 'IPv6Address' : 'IPv4Address'
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, annotations: { [`projectcalico.org/${key}`]: address } } }
}

describe('a derived underlay', () => {
  const cluster = build([
    node('a', '10.0.1.10/24'),
    node('b', '10.0.1.11/24'),
    node('c', '10.0.2.10/24'),
    node('gw', '10.0.2.1/24'),
    pool('p', '192.168.0.0/16'),
  ])
  const { namespaces, wires } = cluster.network

  test('a switch for every subnet, a router that joins them, an internet behind it', () => {
    expect(Object.values(namespaces).map((ns) => `${ns.role} ${ns.name}`)).toEqual([
      'node a',
      'node b',
      'node c',
      'node gw',
      'switch switch-lan1',
      'switch switch-lan2',
      'router router',
      'external internet',
    ])
    expect(wires.map((wire) => wire.ends.map((end) => `${end.netns}:${end.dev}`).join(' – '))).toEqual([
      'a:eth0 – switch-lan1:port1',
      'b:eth0 – switch-lan1:port2',
      'router:eth0 – switch-lan1:port3',
      'c:eth0 – switch-lan2:port1',
      'gw:eth0 – switch-lan2:port2',
      'router:eth1 – switch-lan2:port3',
      'router:wan0 – internet:eth0',
    ])
  })

  test('the gateway is the first address, or the last one when a node has the first', () => {
    const addresses = Object.values(namespaces['router']!.interfaces).map((dev) => dev.addresses[0]?.local)
    expect(addresses).toEqual(['127.0.0.1', '10.0.1.1', '10.0.2.254', '203.0.113.1'])
  })

  test('nodes of one subnet: one switch, which needs no number', () => {
    const { network } = build([node('a', '10.0.1.10/24'), node('b', '10.0.1.11/24')])
    expect(Object.keys(network.namespaces)).toEqual(['a', 'b', 'switch-lan', 'router', 'internet'])
  })

  test.each([
    ['10.0.2.9/24', [], '10.0.2.1'],
    ['10.0.2.1/24', ['10.0.2.254/24'], '10.0.2.253'],
    ['10.0.2.1/30', [], '10.0.2.2'],
    ['10.0.2.1/30', ['10.0.2.2/30'], undefined],
    ['10.0.2.0/31', [], undefined],
    ['10.0.2.1/32', [], '10.0.2.254'], // no subnet: taken to be in a /24
    ['fd00::9/64', [], 'fd00::1'],
    ['fd00::1/126', [], 'fd00::3'],
    ['fd00::1/126', ['fd00::3/126'], 'fd00::2'],
    ['fd00::1/126', ['fd00::3/126', 'fd00::2/126'], undefined],
    ['fd00::/127', [], 'fd00::1'],
    ['fd00::1/127', [], undefined],
  ])('the gateway of %s %s is %s: first, else last, else between, else none', (address, others, gateway) => {
    const nodes = [address, ...others].map((one, i) => nodeAt(`n${i}`, one))
    const { machines } = planDerived(nodes, 1)
    const segment = machines.get('n0')?.interfaces[0]?.segment
    expect(segment?.nets.map((net) => net.gateway)).toEqual([gateway])
  })

  test('the internet answers everywhere and finds the way back', () => {
    const internet = namespaces['internet']!
    const v4 = routesOf(cluster.network, internet).filter((route) => route.family === 'inet')
    expect(v4.filter((route) => route.table === 'main').map(routeWords)).toEqual([
      '10.0.1.0/24 via 203.0.113.1 dev eth0 proto static',
      '10.0.2.0/24 via 203.0.113.1 dev eth0 proto static',
      '203.0.113.0/30 dev eth0 proto kernel scope link src 203.0.113.2',
    ])
    const local = v4.filter((route) => route.protocol === 'static' && route.table === 'local').map(routeWords)
    expect(local).toEqual(['local default dev lo proto static scope host'])
  })

  test('nodes and router forward', () => {
    expect(sysctlOf(namespaces['a']!, 'net.ipv4.ip_forward')).toBe('1')
    expect(sysctlOf(namespaces['router']!, 'net.ipv4.conf.eth0.forwarding')).toBe('1')
    expect(sysctlOf(namespaces['internet']!, 'net.ipv4.ip_forward')).toBe('0')
  })
})

describe('a described underlay', () => {
  test('no gateway: no router, no default route', () => {
    const underlay = object('Underlay', 'u', {
      segments: [{ name: 'lan', cidr: '10.0.1.0/24', mtu: 9000 }],
      nodes: [
        {
          name: 'a',
          interfaces: [{ name: 'ens3', segment: 'lan', address: '10.0.1.10/24', mac: '02:00:00:00:00:01' }],
        },
        { name: 'client', interfaces: [{ name: 'ens3', segment: 'lan', address: '10.0.1.99/24' }] },
      ],
    })
    const cluster = build([
      node('a', '10.0.1.10/24'),
      pool('p', '192.168.0.0/16', { ipipMode: 'Always' }),
      underlay,
      pod('x', 'a'),
    ])
    expect(cluster.findings.faults).toEqual([])
    expect(Object.values(cluster.network.namespaces).map((ns) => `${ns.role} ${ns.name}`)).toEqual([
      'node a',
      'pod default/x',
      'switch switch-lan',
      'host client',
    ])
    const a = cluster.network.namespaces['a']!
    expect([a.interfaces['ens3']!.mac, a.interfaces['ens3']!.mtu, a.interfaces['tunl0']!.mtu]).toEqual([
      '02:00:00:00:00:01',
      9000,
      8980,
    ])
    expect(a.routes.some((route) => route.dst === '0.0.0.0/0')).toBe(false)
  })

  test('docker0 has an address and no carrier', () => {
    const { network } = buildCluster(demoResources('ipip'))
    const docker0 = network.namespaces['controlplane']!.interfaces['docker0']!
    expect(docker0).toMatchObject({ kind: 'bridge', up: true, carrier: false, mac: '02:42:ac:12:00:01' })
    expect(docker0.origin).toMatchObject({ component: 'docker', field: 'spec.nodes.0.interfaces.1' })
  })

  test.each(['ipip', 'noencap', 'vxlan'] as const)('the model finds nothing wrong with %s', (name) => {
    expect(validate(buildCluster(demoResources(name)).network)).toEqual([])
  })
})
