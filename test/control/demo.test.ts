import { describe, expect, test } from 'vitest'
import { buildCluster, type Cluster } from '../../src/control/index.ts'
import { neighboursOf, type Route, routesOf } from '../../src/model/index.ts'
import { demoResources } from './demo-resources.ts'

/** A route as `ip route` prints it, as far as the demo's lines go. */
function line(route: Route): string {
  const dst = route.dst === '0.0.0.0/0' ? 'default' : route.dst.replace('/32', '')
  return [
    route.type === 'unicast' ? dst : `${route.type} ${dst}`,
    route.via && `via ${route.via}`,
    route.dev && `dev ${route.dev}`,
    route.protocol !== 'boot' && `proto ${route.protocol}`,
    route.scope !== 'global' && `scope ${route.scope}`,
    route.src && `src ${route.src}`,
    route.metric !== undefined && `metric ${route.metric}`,
    route.onlink && 'onlink',
    route.mtu !== undefined && `mtu ${route.mtu}`,
  ]
    .filter(Boolean)
    .join(' ')
}

function ipRoute(cluster: Cluster, netns: string): string[] {
  const namespace = cluster.network.namespaces[netns]!
  return routesOf(cluster.network, namespace)
    .filter((route) => route.family === 'inet' && route.table === 'main')
    .map(line)
}

describe('the published demo', () => {
  test('ipip: routes of both nodes and of a pod', () => {
    const cluster = buildCluster(demoResources('ipip'))
    expect(cluster.findings.faults).toEqual([])
    expect(ipRoute(cluster, 'controlplane')).toEqual([
      'default via 172.17.0.1 dev ens3',
      '172.17.0.0/16 dev ens3 proto kernel scope link src 172.17.0.32',
      '172.18.0.0/24 dev docker0 proto kernel scope link src 172.18.0.1',
      'blackhole 192.168.49.64/26 proto bird',
      '192.168.49.65 dev calic22dbe57533 scope link',
      '192.168.49.66 dev cali9861acf9f07 scope link',
      '192.168.196.128/26 via 172.17.0.40 dev tunl0 proto bird onlink',
    ])
    expect(ipRoute(cluster, 'node01')).toEqual([
      'default via 172.17.0.1 dev ens3',
      '172.17.0.0/16 dev ens3 proto kernel scope link src 172.17.0.40',
      '172.18.0.0/24 dev docker0 proto kernel scope link src 172.18.0.1',
      '192.168.49.64/26 via 172.17.0.32 dev tunl0 proto bird onlink',
      'blackhole 192.168.196.128/26 proto bird',
      '192.168.196.129 dev calid4f00d97cb5 scope link',
      '192.168.196.130 dev cali257578b48b6 scope link',
      '192.168.196.131 dev calib673e730d42 scope link',
    ])
    expect(ipRoute(cluster, 'default/busybox-deployment-8c7dc8548-x6ljh')).toEqual([
      'default via 169.254.1.1 dev eth0',
      '169.254.1.1 dev eth0 scope link',
    ])
  })

  test('ipip: workload endpoints, MTU and the sysctl that makes proxy ARP work', () => {
    const cluster = buildCluster(demoResources('ipip'))
    const endpoints = cluster.workloadEndpoints
      .filter((endpoint) => endpoint.namespace === 'default')
      .map(({ pod, node, addresses, interfaceName, mtu }) => [
        pod.metadata.name,
        node,
        addresses[0],
        interfaceName,
        mtu,
      ])
    expect(endpoints).toEqual([
      ['busybox-deployment-8c7dc8548-btnkv', 'node01', '192.168.196.131', 'calib673e730d42', 1440],
      ['busybox-deployment-8c7dc8548-x6ljh', 'controlplane', '192.168.49.66', 'cali9861acf9f07', 1440],
    ])
    const node = cluster.network.namespaces['controlplane']!
    expect(node.sysctls['net.ipv4.conf.cali9861acf9f07.proxy_arp']).toBe('1')
    expect(node.interfaces['tunl0']!.mtu).toBe(1440)
  })

  test('noencap: pods keep their addresses, the route leaves by the machine’s interface', () => {
    const cluster = buildCluster(demoResources('noencap'))
    expect(ipRoute(cluster, 'controlplane')).toEqual([
      'default via 172.17.0.1 dev ens3',
      '172.17.0.0/16 dev ens3 proto kernel scope link src 172.17.0.32',
      '172.18.0.0/24 dev docker0 proto kernel scope link src 172.18.0.1',
      'blackhole 192.168.49.64/26 proto bird',
      '192.168.49.65 dev calic22dbe57533 scope link',
      '192.168.49.66 dev cali9861acf9f07 scope link',
      '192.168.196.128/26 via 172.17.0.40 dev ens3 proto bird',
    ])
  })

  test('vxlan: Felix’s route without a blackhole, the VTEP of the other node, addresses', () => {
    const cluster = buildCluster(demoResources('vxlan'))
    const lines = ipRoute(cluster, 'controlplane').map((text) => text.replace(/cali[0-9a-f]{11}/, '<any>'))
    expect(lines).toEqual([
      'default via 172.17.0.1 dev ens3',
      '172.17.0.0/16 dev ens3 proto kernel scope link src 172.17.0.15',
      '172.18.0.0/24 dev docker0 proto kernel scope link src 172.18.0.1',
      '192.168.49.65 dev <any> scope link',
      '192.168.49.66 dev <any> scope link',
      '192.168.49.67 dev <any> scope link',
      '192.168.196.128/26 via 192.168.196.128 dev vxlan.calico onlink',
    ])
    const vtep = cluster.network.namespaces['node01']!.interfaces['vxlan.calico']!
    expect([vtep.mac, vtep.mtu, vtep.txqlen]).toEqual(['66:aa:99:2f:dc:24', 1440, 0])
    const [inet, inet6] = vtep.addresses
    expect([inet?.local, inet?.broadcast, inet6?.prefixlen]).toEqual(['192.168.196.128', '192.168.196.128', 64])
    const neighbours = neighboursOf(cluster.network, cluster.network.namespaces['controlplane']!)
    expect(neighbours.find((entry) => entry.dev === 'vxlan.calico')).toMatchObject({
      dst: '192.168.196.128',
      lladdr: '66:aa:99:2f:dc:24',
      state: 'PERMANENT',
    })
  })
})
