import { describe, expect, test } from 'vitest'
import { neighboursOf, routesOf } from '../../src/model/index.ts'
import { build, node, object, pod, pool, routesMatching, routeWords } from './cluster-objects.ts'

const NODES = [node('node1', '172.18.0.2/16'), node('node2', '172.18.0.3/16'), node('node3', '172.18.0.4/16')]
const WIREGUARD = object('FelixConfiguration', 'default', { wireguardEnabled: true })
const PODS = [pod('a', 'node1'), pod('b', 'node2'), pod('c', 'node3')]

describe('WireGuard (facts/felix-routes.md §7)', () => {
  const items = [...NODES, pool('p', '10.244.0.0/16'), WIREGUARD, ...PODS]

  test('device, rule, table 1 and peers', () => {
    const cluster = build(items, 'v3.30.0')
    expect(cluster.findings.faults).toEqual([])
    const node1 = cluster.network.namespaces['node1']!
    const device = node1.interfaces['wireguard.cali']!
    expect([device.mtu, device.noarp, device.addresses[0]?.local]).toEqual([1440, true, '10.244.166.128'])
    expect(device.wireguard).toMatchObject({ listenPort: 51820, fwmark: 0x200000 })
    expect(device.wireguard!.peers.map((peer) => [peer.endpoint, peer.allowedIps])).toEqual([
      [{ address: '172.18.0.3', port: 51820 }, ['10.244.104.0/32', '10.244.104.0/26']],
      [{ address: '172.18.0.4', port: 51820 }, ['10.244.135.0/32', '10.244.135.0/26']],
    ])
    const rule = node1.rules.find((each) => each.priority === 99)
    expect(rule).toMatchObject({ family: 'inet', not: true, fwmark: 0x200000, fwmask: 0x200000, table: '1' })
    expect(node1.rules.map((each) => `${each.family} ${each.priority}`)).toEqual([
      'inet 0',
      'inet 99',
      'inet 32766',
      'inet 32767',
      'inet6 0',
      'inet6 32766',
    ])
    expect(routesMatching(cluster, 'node1', /./, '1')).toEqual([
      '10.244.104.0/26 dev wireguard.cali scope link',
      '10.244.135.0/26 dev wireguard.cali scope link',
      'throw 10.244.166.128/26',
    ])
  })

  test('pods get the WireGuard MTU', () => {
    expect(build(items, 'v3.30.0').workloadEndpoints[0]?.mtu).toBe(1440)
  })

  test('up to v3.29: other mark, only blocks in AllowedIPs', () => {
    const device = build(items, 'v3.29.0').network.namespaces['node1']!.interfaces['wireguard.cali']!
    expect(device.wireguard!.fwmark).toBe(0x100000)
    expect(device.wireguard!.peers.map((peer) => peer.allowedIps)).toEqual([['10.244.104.0/26'], ['10.244.135.0/26']])
  })

  test('a node without a key stays in the clear on both sides', () => {
    const keyed = (name: string, address: string) =>
      node(name, address, { annotations: { 'projectcalico.org/WireguardPublicKey': `${name}${'A'.repeat(38)}=` } })
    const cluster = build([
      keyed('node1', '172.18.0.2/16'),
      keyed('node2', '172.18.0.3/16'),
      NODES[2]!,
      ...items.slice(3),
    ])
    expect(routesMatching(cluster, 'node1', /./, '1').filter((line) => line.includes('10.244.135'))).toEqual([
      'throw 10.244.135.0/26',
    ])
    expect(cluster.network.namespaces['node3']!.interfaces['wireguard.cali']).toBeUndefined()
    expect(cluster.network.namespaces['node3']!.rules).toEqual([])
  })

  test('v3.33: BIRD leaves the blocks of WireGuard peers out', () => {
    const cluster = build(items, 'v3.33.0')
    expect(routesMatching(cluster, 'node1', /via.*proto bird/)).toEqual([])
  })
})

/** A node with both families. */
function dual(name: string, v4: string, v6: string) {
  return node(name, v4, { annotations: { 'projectcalico.org/IPv6Address': v6 } })
}

describe('IPv6 (facts/felix-routes.md §3, §13)', () => {
  const nodes = [dual('node1', '172.18.0.2/16', 'fd00:17::2/64'), dual('node2', '172.18.0.3/16', 'fd00:17::3/64')]
  const pods = [pod('a', 'node1'), pod('b', 'node2')]

  test('VXLAN: its own device, routes with metric, MTU and pref', () => {
    const cluster = build([...nodes, pool('six', 'fd00:10:244::/64', { vxlanMode: 'Always' }), ...pods], 'v3.31.0')
    expect(cluster.findings.faults).toEqual([])
    expect(routesMatching(cluster, 'node1', /fd00:10:244.*(vxlan-v6.*onlink|blackhole|lo proto)/)).toEqual([
      'blackhole fd00:10:244:0:c11:b42f:f17e:a680/122 dev lo proto 80 metric 1024 pref medium',
      'fd00:10:244:0:d460:b250:45:b00/122 via fd00:10:244:0:d460:b250:45:b00 dev vxlan-v6.calico metric 1024 onlink mtu 1430 pref medium',
    ])
    const device = cluster.network.namespaces['node1']!.interfaces['vxlan-v6.calico']!
    expect([device.mac, device.mtu, device.vxlan?.local]).toEqual(['66:0f:35:f2:60:df', 1430, 'fd00:17::2'])
    const neighbours = neighboursOf(cluster.network, cluster.network.namespaces['node1']!)
    expect(neighbours.map(({ dst, lladdr, dev }) => [dst, lladdr, dev])).toEqual([
      ['fd00:10:244:0:d460:b250:45:b00', '66:32:42:ed:de:d5', 'vxlan-v6.calico'],
    ])
  })

  test('a pod with both families: addresses, routes, no static neighbour for IPv6', () => {
    const pools = [pool('four', '10.244.0.0/16', { ipipMode: 'Always' }), pool('six', 'fd00:10:244::/112')]
    const cluster = build([...nodes, ...pools, ...pods], 'v3.30.0')
    const [a] = cluster.workloadEndpoints
    expect(a!.addresses).toEqual(['10.244.166.129', 'fd00:10:244::a680'])
    const namespace = cluster.network.namespaces['default/a']!
    expect(
      routesOf(cluster.network, namespace)
        .filter((route) => route.table === 'main')
        .map(routeWords),
    ).toEqual([
      'default via 169.254.1.1 dev eth0',
      '169.254.1.1 dev eth0 scope link',
      'fd00:10:244::a680 dev eth0 proto kernel metric 256 pref medium',
      'fe80::/64 dev eth0 proto kernel metric 256 pref medium',
      '::/0 via fe80::ecee:eeff:feee:eeee dev eth0 metric 1024 pref medium',
    ])
    const node1 = cluster.network.namespaces['node1']!
    expect(node1.neighbours.map((entry) => entry.dst)).toEqual(['10.244.166.129'])
    expect(routesMatching(cluster, 'node1', /^fd00:10:244/)).toEqual([
      'fd00:10:244::6800/122 via fd00:17::3 dev eth0 proto bird metric 1024 pref medium',
      `fd00:10:244::a680 dev ${a!.interfaceName} metric 1024 pref medium`,
    ])
    expect(node1.sysctls[`net.ipv6.conf.${a!.interfaceName}.proxy_ndp`]).toBe('1')
    expect(node1.ip6tables).toBeDefined()
  })

  test('before v3.23 there is no VXLAN over IPv6', () => {
    const cluster = build([...nodes, pool('six', 'fd00:10:244::/64', { vxlanMode: 'Always' }), ...pods], 'v3.22.0')
    expect(cluster.network.namespaces['node1']!.interfaces['vxlan-v6.calico']).toBeUndefined()
  })
})
