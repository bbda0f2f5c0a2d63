// What the kernel refuses or changes, and settings of one address family in the other.
import { describe, expect, test } from 'vitest'
import { buildCluster } from '../../src/control/index.ts'
import { Lab } from '../../src/index.ts'
import { loadResources } from '../../src/input/index.ts'
import { describeIssue, InputError } from '../../src/model/index.ts'

const NODES = ['n1', 'n2'].map(
  (name, i) =>
    `apiVersion: v1\nkind: Node\nmetadata: {name: ${name}}\nstatus: {addresses: [{type: InternalIP, address: 10.7.0.2${i}}, {type: InternalIP, address: "fd00:7::2${i}"}]}\n`,
)
const PODS = ['a', 'b'].map(
  (name, i) =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: default}\nspec: {nodeName: n${i + 1}}\n`,
)
const pool = (name: string, cidr: string, mode: string): string =>
  `apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: ${name}}\nspec: {cidr: "${cidr}", ${mode}}\n`
const IPIP = pool('p4', '10.244.0.0/16', 'ipipMode: Always')
const VXLAN = pool('p4', '10.244.0.0/16', 'vxlanMode: Always')
const VXLAN6 = pool('p6', 'fd00:244::/48', 'vxlanMode: Always')
const felix = (spec: string): string =>
  `apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: default}\nspec: {${spec}}\n`
const env = (name: string, value: string): string =>
  `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: calico-node}\nspec: {template: {spec: {containers: [{name: calico-node, env: [{name: ${name}, value: "${value}"}]}]}}}\n`
const underlay = (mtu: number, v6: boolean): string => {
  const nodes = [0, 1].map((i) => {
    const addresses = [`10.7.0.2${i}/24`, ...(v6 ? [`"fd00:7::2${i}/64"`] : [])]
    return `{name: n${i + 1}, interfaces: [{name: eth0, segment: l, addresses: [${addresses.join(', ')}]}]}`
  })
  return `apiVersion: packetwalk/v1\nkind: Underlay\nmetadata: {name: u}\nspec: {segments: [{name: l, cidrs: [10.7.0.0/24, "fd00:7::/64"], gateway: 10.7.0.1, mtu: ${mtu}}], nodes: [${nodes.join(', ')}]}\n`
}

const load = (...texts: string[]): Lab => Lab.load([...NODES, ...PODS, ...texts].join('---\n'))

describe('MTUs', () => {
  test.each([
    ['tunl0 takes what it can', [IPIP, felix('ipipMTU: 65515')], 'tunl0', 65515],
    ['tunl0 keeps its own when asked for more', [IPIP, felix('ipipMTU: 65516')], 'tunl0', 1480],
    ['vxlan.calico takes what the card carries', [VXLAN, felix('vxlanMTU: 9000')], 'vxlan.calico', 1450],
    ['vxlan-v6.calico, too', [VXLAN, VXLAN6, felix('vxlanMTUV6: 9000')], 'vxlan-v6.calico', 1430],
    ['a small one is taken', [VXLAN, felix('vxlanMTU: 576')], 'vxlan.calico', 576],
  ])('%s', (_, texts, dev, mtu) => {
    expect(load(...texts).network.namespaces['n1']!.interfaces[dev]!.mtu).toBe(mtu)
  })

  test('a card too small for IPv6 has none of it', () => {
    const { eth0 } = load(IPIP, underlay(1279, false)).network.namespaces['n1']!.interfaces
    expect(eth0!.addresses.map(({ family }) => family)).toEqual(['inet'])
    expect(load(IPIP, underlay(1280, false)).network.namespaces['n1']!.interfaces['eth0']!.addresses).toHaveLength(2)
  })
})

/** Input, and what is said of it: a fault or a warning with its place. */
const SAID: readonly (readonly [name: string, texts: readonly string[], words: string])[] = [
  [
    'IP of IPv6',
    [env('IP', 'fd00:7::20'), IPIP],
    'expected autodetect, none or an IPv4 address, as IP, received "fd00:7::20"',
  ],
  [
    'IP6 of IPv4',
    [env('IP6', '10.7.0.20/24'), IPIP],
    'expected autodetect, none or an IPv6 address, as IP6, received "10.7.0.20/24"',
  ],
  [
    'deviceRouteSourceAddress of IPv6',
    [felix('deviceRouteSourceAddress: "fd00::9"'), IPIP],
    'spec.deviceRouteSourceAddress: expected an IPv4 address',
  ],
  ['the same as a variable', [env('FELIX_DEVICEROUTESOURCEADDRESS', 'fd00::9'), IPIP], 'expected an IPv4 address'],
  [
    'an IPv4 pool of IPv6',
    [env('CALICO_IPV4POOL_CIDR', 'fd00::/48')],
    'expected an IPv4 CIDR, as CALICO_IPV4POOL_CIDR',
  ],
  [
    'an IPv6 pool of IPv4',
    [env('CALICO_IPV6POOL_CIDR', '10.9.0.0/16')],
    'expected an IPv6 CIDR, as CALICO_IPV6POOL_CIDR',
  ],
  ['IPIP of IPv6', [pool('p', 'fd00::/48', 'ipipMode: Always')], 'Never: IPIP does not carry IPv6'],
  [
    'pods with IPv6 on a small device',
    [VXLAN, VXLAN6, felix('vxlanMTU: 1000')],
    'expected an MTU of at least 1280 for pods with IPv6',
  ],
  ['IPv6 on a small card', [IPIP, underlay(1200, true)], 'expected an MTU of at least 1280 beside fd00:7::20'],
]

/** Faults as they are thrown, else warnings. */
function said(texts: readonly string[]): string {
  try {
    const { resources } = loadResources([{ name: 'c.yaml', text: [...NODES, ...PODS, ...texts].join('---\n') }])
    const { findings } = buildCluster(resources)
    return [...findings.faults, ...findings.warnings].map(describeIssue).join('\n')
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.issues.map(describeIssue).join('\n')
  }
}

describe('settings of one family in the other, and what is too small', () => {
  test.each(SAID)('%s', (_, texts, words) => {
    expect(said(texts)).toMatch(/^c\.yaml:\d+:\d+: /)
    expect(said(texts)).toContain(words)
  })
})

describe('pods with IPv6 on a device that is too small', () => {
  test.each([
    ['both families, below', [VXLAN, VXLAN6, felix('vxlanMTU: 1000')], true],
    ['both families, at the least', [VXLAN, VXLAN6, felix('vxlanMTU: 1280, vxlanMTUV6: 1280')], false],
    ['IPv4 alone', [VXLAN, felix('vxlanMTU: 1000')], false],
  ])('leave open what they say and hear, IPv4 among it: %s', (_, texts, isOpen) => {
    const lab = load(...texts)
    for (const [from, to] of [
      ['default/a', 'default/b'],
      ['node/n1', 'default/a'],
    ] as const) {
      const { trace } = lab.ping(from, to)
      expect(trace.notes.some(({ code }) => code === 'pod_mtu')).toBe(isOpen)
      expect(trace.certainty === 'undecided').toBe(isOpen)
    }
    expect(lab.ping('node/n1', 'node/n2').trace.certainty).not.toBe('undecided')
  })
})
