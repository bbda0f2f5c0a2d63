// hostPort as the portmap plugin writes it (facts/cni.md §8).
import { describe, expect, it } from 'vitest'
import { containerChain, sandboxId } from '../../src/control/portmap/names.ts'
import { chains, clusterWith, lines, pod, rules, service } from './kube-proxy/scene.ts'

const ID = sandboxId('default', 'a')
const CHAIN = containerChain('k8s-pod-network', ID)
const withPorts = (ports: readonly object[], more: readonly object[] = []) =>
  clusterWith([pod('a', 'n1', '192.168.1.1', { ports }), ...more])

describe('a pod with hostPort', () => {
  const cluster = withPorts([
    { containerPort: 80, hostPort: 8080 },
    { containerPort: 53, hostPort: 5353, protocol: 'UDP' },
  ])

  it('has a chain of its own, marked from itself and from 127.0.0.1', () => {
    expect(CHAIN).toMatch(/^CNI-DN-[0-9a-f]{21}$/)
    expect(lines(cluster, 'nat', CHAIN)).toEqual([
      '-s 192.168.1.1/32 -p tcp -m tcp --dport 8080 -j CNI-HOSTPORT-SETMARK',
      '-s 127.0.0.1/32 -p tcp -m tcp --dport 8080 -j CNI-HOSTPORT-SETMARK',
      '-p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.1.1:80',
      '-s 192.168.1.1/32 -p udp -m udp --dport 5353 -j CNI-HOSTPORT-SETMARK',
      '-s 127.0.0.1/32 -p udp -m udp --dport 5353 -j CNI-HOSTPORT-SETMARK',
      '-p udp -m udp --dport 5353 -j DNAT --to-destination 192.168.1.1:53',
    ])
    expect(rules(cluster, 'nat', CHAIN)[2]).toMatchObject({
      meaning: { kind: 'host-port', pod: 'default/a', port: 8080 },
      origin: { component: 'cni', object: 'Pod/default/a', field: 'spec.containers.0.ports.0.hostPort' },
    })
  })

  it('is found by its ports, a rule a protocol', () => {
    const comment = `-m comment --comment "dnat name: \\"k8s-pod-network\\" id: \\"${ID}\\""`
    expect(lines(cluster, 'nat', 'CNI-HOSTPORT-DNAT')).toEqual([
      `-p tcp ${comment} -m multiport --dports 8080 -j ${CHAIN}`,
      `-p udp ${comment} -m multiport --dports 5353 -j ${CHAIN}`,
    ])
  })

  it('only on its node', () => {
    expect(chains(cluster, 'nat').filter((name) => name.startsWith('CNI'))).toEqual([
      CHAIN,
      'CNI-HOSTPORT-DNAT',
      'CNI-HOSTPORT-MASQ',
      'CNI-HOSTPORT-SETMARK',
    ])
    expect(chains(cluster, 'nat', 'n2').filter((name) => name.startsWith('CNI'))).toEqual([])
  })

  it('marks and masquerades', () => {
    expect(lines(cluster, 'nat', 'CNI-HOSTPORT-SETMARK')).toEqual([
      '-m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark 0x2000/0x2000',
    ])
    expect(lines(cluster, 'nat', 'CNI-HOSTPORT-MASQ')).toEqual(['-m mark --mark 0x2000/0x2000 -j MASQUERADE'])
  })
})

it('15 ports a rule, then the next', () => {
  const ports = Array.from({ length: 16 }, (_, i) => ({ containerPort: 80 + i, hostPort: 8000 + i }))
  const found = lines(withPorts(ports), 'nat', 'CNI-HOSTPORT-DNAT')
  expect(found.map((line) => /--dports (\S+)/.exec(line)?.[1]?.split(',').length)).toEqual([15, 1])
})

it.each([
  ['an address of the node', '172.18.0.1', '-d 172.18.0.1/32 '],
  ['any', '0.0.0.0', ''],
  ['none', '', ''],
])('hostIP: %s', (_name, hostIP, want) => {
  const cluster = withPorts([{ containerPort: 80, hostPort: 8080, hostIP }])
  expect(lines(cluster, 'nat', CHAIN)[2]).toBe(
    `${want}-p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.1.1:80`,
  )
})

it('stands behind Felix and kube-proxy, but for POSTROUTING', () => {
  const cluster = withPorts([{ containerPort: 80, hostPort: 8080 }], [service('web', { clusterIP: '10.96.0.1' })])
  const targets = (chain: string) => lines(cluster, 'nat', chain).map((line) => line.slice(line.lastIndexOf(' ') + 1))
  expect(targets('PREROUTING')).toEqual(['cali-PREROUTING', 'KUBE-SERVICES', 'CNI-HOSTPORT-DNAT'])
  expect(targets('OUTPUT')).toEqual(['cali-OUTPUT', 'KUBE-SERVICES', 'CNI-HOSTPORT-DNAT'])
  expect(targets('POSTROUTING')).toEqual(['cali-POSTROUTING', 'CNI-HOSTPORT-MASQ', 'KUBE-POSTROUTING'])
})

it('nothing for a pod on its node’s network', () => {
  const cluster = clusterWith([
    pod('a', 'n1', '172.18.0.1', { hostNetwork: true, ports: [{ containerPort: 80, hostPort: 80 }] }),
  ])
  expect(chains(cluster, 'nat').filter((name) => name.startsWith('CNI'))).toEqual([])
})

describe('the plugin as the input has it', () => {
  const PORTS = [{ containerPort: 80, hostPort: 8080 }]
  const cni = (plugins: readonly object[], name?: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'calico-config', namespace: 'kube-system' },
    data: { cni_network_config: JSON.stringify({ name, plugins }).replace('"MTU"', '__CNI_MTU__') },
  })
  const calico = { type: 'calico', mtu: 'MTU' }
  const portmap = (more: object = {}) => ({
    type: 'portmap',
    snat: true,
    capabilities: { portMappings: true },
    ...more,
  })
  const installation = (hostPorts: string) => ({
    apiVersion: 'operator.tigera.io/v1',
    kind: 'Installation',
    metadata: { name: 'default' },
    spec: { calicoNetwork: { hostPorts } },
  })
  const own = (cluster: ReturnType<typeof withPorts>) => chains(cluster, 'nat').filter((name) => name.startsWith('CNI'))
  const ALL = ['CNI-HOSTPORT-DNAT', 'CNI-HOSTPORT-MASQ', 'CNI-HOSTPORT-SETMARK']
  const NEEDED = ['CNI-HOSTPORT-DNAT']

  it.each<[what: string, objects: readonly object[], found: readonly string[]]>([
    ['of the manifest', [cni([calico, portmap()], 'k8s-pod-network')], [CHAIN, ...ALL]],
    ['of a network with another name', [cni([portmap()], 'mine')], [containerChain('mine', ID), ...ALL]],
    ['that masquerades nothing', [cni([portmap({ snat: false })])], [CHAIN, ...NEEDED]],
    ['that has others masquerade', [cni([portmap({ externalSetMarkChain: 'KUBE-MARK-MASQ' })])], [CHAIN, ...NEEDED]],
    ['of the operator', [installation('Enabled')], [CHAIN, ...ALL]],
    ['that the operator leaves out', [installation('Disabled')], []],
    ['that is not in the configuration', [cni([calico])], []],
    ['that is told no ports', [cni([portmap({ capabilities: {} })])], []],
    ['that writes for nftables', [cni([portmap({ backend: 'nftables' })])], []],
    ['with conditions of its own', [cni([portmap({ conditionsV4: ['-d', '10.0.0.0/8'] })])], []],
    ['with conditions that ask nothing', [cni([portmap({ conditionsV4: [], backend: 'iptables' })])], [CHAIN, ...ALL]],
  ])('%s', (_what, objects, found) => {
    expect(own(withPorts(PORTS, objects as never))).toEqual(found)
  })

  it.each<[string, object, string[]]>([
    ['nothing', { snat: false }, []],
    ['itself and 127.0.0.1', {}, ['-s 192.168.1.1/32', '-s 127.0.0.1/32']],
    ['everybody', { masqAll: true }, ['']],
  ])('marks %s', (_what, more, sources) => {
    const marks = lines(withPorts(PORTS, [cni([portmap(more)])] as never), 'nat', CHAIN).slice(0, -1)
    expect(marks).toEqual(
      sources.map((source) => `${source} -p tcp -m tcp --dport 8080 -j CNI-HOSTPORT-SETMARK`.trim()),
    )
  })

  it('has a mark of its own', () => {
    const cluster = withPorts(PORTS, [cni([portmap({ markMasqBit: 9 })])] as never)
    expect(lines(cluster, 'nat', 'CNI-HOSTPORT-MASQ')).toEqual(['-m mark --mark 0x200/0x200 -j MASQUERADE'])
    expect(lines(cluster, 'nat', 'CNI-HOSTPORT-SETMARK')[0]).toContain('--set-xmark 0x200/0x200')
  })

  it('that does not run is told at the pod; one that is not modelled leaves the port open', () => {
    const none = withPorts(PORTS, [installation('Disabled')] as never).findings
    expect(none.warnings.map(({ object, received }) => [object, received])).toContainEqual(['Pod/default/a', '8080'])
    const open = withPorts(PORTS, [cni([portmap({ backend: 'nftables' })])] as never).findings
    expect(open.notes).toContainEqual(
      expect.objectContaining({
        code: 'not_modelled',
        what: 'backend nftables of the portmap plugin is not modelled',
        scope: expect.objectContaining({ kind: 'destination', protocol: 'tcp', port: 8080 }),
      }),
    )
  })
})
