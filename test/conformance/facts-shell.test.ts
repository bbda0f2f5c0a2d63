// What the sheets of facts show as commands and their output, asked of the clusters of their examples.
import { describe, expect, it } from 'vitest'
import { collectResources, type KnownResource } from '../../src/control/index.ts'
import { Lab } from '../../src/lab/index.ts'
import { node, object, pod, pool } from '../control/cluster-objects.ts'

/** Three nodes on one Ethernet and a pod on each, the cluster of felix-routes.md; of IPv6, too, where a pool is given. */
const KIND = ['kind-control-plane', 'kind-worker', 'kind-worker2']
function kind(version: string, spec: object, six?: object, felix: object = {}, names = KIND): Lab {
  const items: KnownResource[] = [
    object('ClusterInformation', 'default', { calicoVersion: version }),
    object('FelixConfiguration', 'default', felix),
    pool('default', '192.168.0.0/16', { natOutgoing: true, ...spec }),
    ...(six === undefined ? [] : [pool('six', 'fd00:10:244::/64', six)]),
  ]
  for (const [i, name] of names.entries()) {
    const annotations = { 'projectcalico.org/IPv6Address': `fc00:f853:ccd:e793::${i + 2}/64` }
    items.push(node(name, `172.18.0.${i + 2}/16`, six === undefined ? {} : { annotations }))
    // Without a tunnel the first pod would have the first address: in the examples it has the second.
    items.push(pod(`web-${i}`, name, i === 0 && six === undefined && names === KIND ? { ip: '192.168.82.1' } : {}))
  }
  return Lab.fromResources(collectResources(items))
}

const [A, POD] = ['kind-control-plane', 'default/web-0']
const typed = (lab: Lab, at: string, command: string): string[] => {
  const { stdout, stderr } = lab.sh(at, command)
  return `${stdout}${stderr}`.split('\n').map((line) => line.trim())
}
const IPIP = { ipipMode: 'Always' }
const VXLAN = { vxlanMode: 'Always' }
const LOCAL = '192.168.82.1 dev cali0d7763386da scope link'
const [B, C] = ['192.168.162.128/26', '192.168.110.128/26']
const FELIX_OWN = 'blackhole 192.168.82.0/26 proto 80'
const BIRD_OWN = 'blackhole 192.168.82.0/26 proto bird'

describe('the routes of node A towards pods (felix-routes.md §3)', () => {
  it.each<[what: string, version: string, pool: object, lines: readonly string[]]>([
    [
      'IPIP by BIRD',
      'v3.30.0',
      IPIP,
      [
        BIRD_OWN,
        LOCAL,
        `${C} via 172.18.0.4 dev tunl0 proto bird onlink`,
        `${B} via 172.18.0.3 dev tunl0 proto bird onlink`,
      ],
    ],
    [
      'IPIP by BIRD, with metrics',
      'v3.32.1',
      IPIP,
      [
        BIRD_OWN,
        `${LOCAL} metric 1024`,
        `${C} via 172.18.0.4 dev tunl0 proto bird metric 1024 onlink`,
        `${B} via 172.18.0.3 dev tunl0 proto bird metric 1024 onlink`,
      ],
    ],
    [
      'IPIP by Felix',
      'v3.33.0',
      IPIP,
      [
        FELIX_OWN,
        `${LOCAL} metric 1024`,
        `${C} via 172.18.0.4 dev tunl0 proto 80 onlink mtu 1480`,
        `${B} via 172.18.0.3 dev tunl0 proto 80 onlink mtu 1480`,
      ],
    ],
    [
      'VXLAN without an MTU of routes',
      'v3.30.0',
      VXLAN,
      [
        FELIX_OWN,
        LOCAL,
        `${C} via 192.168.110.128 dev vxlan.calico onlink`,
        `${B} via 192.168.162.128 dev vxlan.calico onlink`,
      ],
    ],
    [
      'VXLAN with one',
      'v3.31.0',
      VXLAN,
      [
        FELIX_OWN,
        LOCAL,
        `${C} via 192.168.110.128 dev vxlan.calico onlink mtu 1450`,
        `${B} via 192.168.162.128 dev vxlan.calico onlink mtu 1450`,
      ],
    ],
    [
      'VXLAN, with metrics',
      'v3.34.0',
      VXLAN,
      [
        FELIX_OWN,
        `${LOCAL} metric 1024`,
        `${C} via 192.168.110.128 dev vxlan.calico onlink mtu 1450`,
        `${B} via 192.168.162.128 dev vxlan.calico onlink mtu 1450`,
      ],
    ],
    [
      'VXLAN where all are in one subnet',
      'v3.30.0',
      { vxlanMode: 'CrossSubnet' },
      [
        FELIX_OWN,
        LOCAL,
        `${C} via 172.18.0.4 dev eth0 proto 80 onlink`,
        `${B} via 172.18.0.3 dev eth0 proto 80 onlink`,
      ],
    ],
    [
      'IPIP where all are in one subnet, by BIRD',
      'v3.30.0',
      { ipipMode: 'CrossSubnet' },
      [BIRD_OWN, LOCAL, `${C} via 172.18.0.4 dev eth0 proto bird`, `${B} via 172.18.0.3 dev eth0 proto bird`],
    ],
    [
      'IPIP where all are in one subnet, by Felix',
      'v3.33.0',
      { ipipMode: 'CrossSubnet' },
      [
        FELIX_OWN,
        `${LOCAL} metric 1024`,
        `${C} via 172.18.0.4 dev eth0 proto 80 onlink`,
        `${B} via 172.18.0.3 dev eth0 proto 80 onlink`,
      ],
    ],
    [
      'no encapsulation',
      'v3.31.0',
      {},
      [BIRD_OWN, LOCAL, `${C} via 172.18.0.4 dev eth0 proto bird`, `${B} via 172.18.0.3 dev eth0 proto bird`],
    ],
    [
      'no encapsulation, with metrics',
      'v3.32.1',
      {},
      [
        BIRD_OWN,
        `${LOCAL} metric 1024`,
        `${C} via 172.18.0.4 dev eth0 proto bird metric 1024`,
        `${B} via 172.18.0.3 dev eth0 proto bird metric 1024`,
      ],
    ],
  ])('%s, %s', (_what, version, spec, lines) => {
    const found = typed(kind(version, spec), A, 'ip route').filter((line) => line.includes('192.168.'))
    expect(found).toEqual(lines)
  })

  it.each<[what: string, lines: readonly string[]]>([
    ['the way out', ['default via 172.18.0.1 dev eth0']],
    ['the subnet of nodes', ['172.18.0.0/16 dev eth0 proto kernel scope link src 172.18.0.2']],
  ])('common to all: %s', (_what, lines) => {
    for (const mode of [IPIP, VXLAN, {}])
      for (const line of lines) expect(typed(kind('v3.34.0', mode), A, 'ip route')).toContain(line)
  })
})

describe('what commands show in the examples', () => {
  it.each<[name: string, lab: () => Lab, at: string, command: string, line: string]>([
    [
      '[cni.md §3] a pod has a default route',
      () => kind('v3.30.0', IPIP),
      POD,
      'ip route',
      'default via 169.254.1.1 dev eth0',
    ],
    [
      '[cni.md §3] and one to its gateway',
      () => kind('v3.30.0', IPIP),
      POD,
      'ip route',
      '169.254.1.1 dev eth0 scope link',
    ],
    [
      '[cni.md §3] of IPv6, by the link-local address of its node',
      () => kind('v3.30.0', VXLAN, VXLAN),
      POD,
      'ip -6 route',
      'default via fe80::ecee:eeff:feee:eeee dev eth0 metric 1024 pref medium',
    ],
    [
      '[cni.md §3] of IPv6, its own address is of the kernel',
      () => kind('v3.30.0', VXLAN, VXLAN),
      POD,
      'ip -6 route',
      'fe80::/64 dev eth0 proto kernel metric 256 pref medium',
    ],
    [
      '[cni.md §3] the node has the address of a pod behind its card',
      () => kind('v3.30.0', VXLAN, VXLAN),
      A,
      'ip route',
      '192.168.82.1 dev cali0d7763386da scope link',
    ],
    [
      '[felix-routes.md §3] an address nobody has yet is none to go to',
      () => kind('v3.30.0', IPIP),
      A,
      'ip route get 192.168.82.9',
      'RTNETLINK answers: Invalid argument',
    ],
    [
      '[felix-routes.md §3] of IPv6, the own block has a device',
      () => kind('v3.34.0', VXLAN, VXLAN, {}, ['node1', 'node2']),
      'node1',
      'ip -6 route',
      'blackhole fd00:10:244:0:c11:b42f:f17e:a680/122 dev lo proto 80 metric 1024 pref medium',
    ],
    [
      '[felix-routes.md §3] of IPv6, those of others are behind tunnels',
      () => kind('v3.34.0', VXLAN, VXLAN, {}, ['node1', 'node2']),
      'node1',
      'ip -6 route',
      'fd00:10:244:0:d460:b250:45:b00/122 via fd00:10:244:0:d460:b250:45:b00 dev vxlan-v6.calico metric 1024 onlink mtu 1430 pref medium',
    ],
    [
      '[felix-routes.md §5] a neighbour for each other node',
      () => kind('v3.34.0', VXLAN),
      A,
      'ip neigh show dev vxlan.calico',
      '192.168.162.128 lladdr 66:46:b3:ce:05:5d PERMANENT',
    ],
    [
      '[felix-routes.md §5] and an entry of its bridge',
      () => kind('v3.34.0', VXLAN),
      A,
      'bridge fdb show dev vxlan.calico',
      '66:46:b3:ce:05:5d dst 172.18.0.3 self permanent',
    ],
    [
      '[felix-routes.md §7] WireGuard has a rule, by its bit of the mark up to v3.29',
      () => kind('v3.29.0', VXLAN, undefined, { wireguardEnabled: true }),
      A,
      'ip rule',
      '99:	not from all fwmark 0x100000/0x100000 lookup 1',
    ],
    [
      '[felix-routes.md §7] and by the next bit from v3.30 on',
      () => kind('v3.30.0', VXLAN, undefined, { wireguardEnabled: true }),
      A,
      'ip rule',
      '99:	not from all fwmark 0x200000/0x200000 lookup 1',
    ],
    [
      '[felix-routes.md §7] the blocks of others are behind its device',
      () => kind('v3.30.0', VXLAN, undefined, { wireguardEnabled: true }),
      A,
      'ip route show table 1',
      '192.168.162.128/26 dev wireguard.cali scope link',
    ],
    [
      '[felix-routes.md §7] the own one is not',
      () => kind('v3.30.0', VXLAN, undefined, { wireguardEnabled: true }),
      A,
      'ip route show table 1',
      'throw 192.168.82.0/26',
    ],
  ])('%s', (_name, lab, at, command, line) => expect(typed(lab(), at, command)).toContain(line))

  it.each<[name: string, spec: object, dev: string, address: string]>([
    ['[ipam.md §9] the first address is the tunnel’s: IPIP', IPIP, 'tunl0', '192.168.82.0/32'],
    ['[ipam.md §9] the first address is the tunnel’s: VXLAN', VXLAN, 'vxlan.calico', '192.168.82.0/32'],
  ])('%s', (_name, spec, dev, address) => {
    expect(typed(kind('v3.30.0', spec), A, `ip addr show dev ${dev}`).join(' ')).toContain(`inet ${address}`)
  })

  it.each<[name: string, spec: object, mtu: number]>([
    ['[felix-routes.md §11] no encapsulation', {}, 1500],
    ['[felix-routes.md §11] IPIP', IPIP, 1480],
    ['[felix-routes.md §11] VXLAN', VXLAN, 1450],
    ['[cni.md §5] CrossSubnet counts as encapsulation', { vxlanMode: 'CrossSubnet' }, 1450],
  ])('%s leaves pods as many bytes', (_name, spec, mtu) => {
    expect(typed(kind('v3.30.0', spec), POD, 'ip link show dev eth0').join(' ')).toContain(`mtu ${mtu} `)
  })

  it('[felix-routes.md §11] WireGuard leaves pods 1440 bytes, beside VXLAN, too', () => {
    const lab = kind('v3.30.0', VXLAN, undefined, { wireguardEnabled: true })
    expect(typed(lab, POD, 'ip link show dev eth0').join(' ')).toContain('mtu 1440 ')
  })

  it('[cni.md §5] up to v3.16 pods have 1440 bytes by the manifest, whatever the encapsulation', () => {
    const items = kind('v3.16.0', {}).cluster!.resources
    const config = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'calico-config', namespace: 'kube-system' },
    }
    const all = [...Object.values(items).flat(), { ...config, data: { veth_mtu: '1440' } }] as KnownResource[]
    const lab = Lab.fromResources(collectResources(all))
    expect(typed(lab, POD, 'ip link show dev eth0').join(' ')).toContain('mtu 1440 ')
  })
})
