// Devices that no program touches again when what is stored is another.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'

const node = (name: string, address: string): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: ${name}, annotations: {projectcalico.org/IPv4Address: ${address}/24}}}`
const pod = (name: string, on: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {nodeName: ${on}, containers: [{name: c}]}}`
const pool = (ipip: string, vxlan = 'Never'): string =>
  `{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.0.0.0/16, ipipMode: ${ipip}, vxlanMode: ${vxlan}}}`

const open = (delays: 'calico' | 'instant', pools = pool('Always')): Lab =>
  Lab.load(
    [node('node1', '192.168.0.1'), node('node2', '192.168.0.2'), pools, pod('a', 'node1'), pod('b', 'node2')].join(
      '\n---\n',
    ),
    { delays },
  )
const link = (lab: Lab, netns: string, dev: string): string => lab.sh(netns, `ip addr show ${dev}`).stdout
const mtu = (lab: Lab, netns: string, dev: string): string => /mtu (\d+)/.exec(link(lab, netns, dev))![1]!
const cali = (lab: Lab, address: string): string =>
  new RegExp(`${address} dev (cali\\w+)`).exec(lab.sh('node1', 'ip route').stdout)![1]!

describe.each(['calico', 'instant'] as const)('delays: %s; tunl0', (delays) => {
  it('stays without its address when no pool has IPIP any more, and in pods', () => {
    const lab = open(delays)
    expect(link(lab, 'node1', 'tunl0')).toContain('inet 10.0.166.128/32')
    lab.apply(pool('Never')).quiet()
    expect(link(lab, 'node1', 'tunl0')).toMatch(/tunl0@NONE: <NOARP,UP,LOWER_UP>/)
    expect(link(lab, 'node1', 'tunl0')).not.toContain('inet ')
    expect(link(lab, 'default/a', 'tunl0')).toMatch(/tunl0@NONE: <NOARP>/)
    expect(lab.log.filter(({ op, what }) => op === 'delete' && what.startsWith('tunl0 '))).toEqual([])
    expect(lab.ping('default/a', 'default/b').ok).toBe(true)
  })

  it('is there in pods that are made later: the module is loaded', () => {
    const lab = open(delays)
    lab.apply(pool('Never')).quiet()
    lab.apply(pod('c', 'node1')).quiet()
    expect(link(lab, 'default/c', 'tunl0')).toMatch(/tunl0@NONE: <NOARP>/)
    expect(lab.ping('default/c', 'default/b').ok).toBe(true)
  })

  it('has its address again when a pool has IPIP again', () => {
    const lab = open(delays)
    lab.apply(pool('Never')).quiet()
    lab.apply(pool('Always')).quiet()
    expect(link(lab, 'node1', 'tunl0')).toMatch(/inet 10\.0\.166\.\d+\/32/)
    expect(lab.network).toBe(lab.cluster?.network)
  })

  it('goes with its module, and nobody who has no use for it loads that again', () => {
    const lab = open(delays)
    lab.apply(pool('Never')).quiet()
    expect(lab.sh('node1', 'modprobe -r ipip').stderr).toBe('')
    expect(lab.isQuiet).toBe(true)
    lab.apply(pod('c', 'node1')).quiet()
    expect(lab.network.namespaces['node1']!.interfaces['tunl0']).toBeUndefined()
    expect(lab.network.namespaces['default/c']!.interfaces['tunl0']).toBeUndefined()
    expect(lab.network.namespaces['node2']!.interfaces['tunl0']).toBeDefined()
  })

  it('is not there after a reboot', () => {
    const lab = open(delays)
    lab.apply(pool('Never')).quiet()
    lab.occur({ kind: 'machine', node: 'node1', action: 'reboot' }).quiet()
    expect(lab.network.namespaces['node1']!.interfaces['tunl0']).toBeUndefined()
    expect(lab.network.namespaces['node2']!.interfaces['tunl0']).toBeDefined()
  })
})

describe.each(['calico', 'instant'] as const)('delays: %s; vxlan.calico', (delays) => {
  it('is deleted when no pool has VXLAN any more', () => {
    const lab = open(delays, pool('Never', 'Always'))
    lab.apply(pool('Never')).quiet()
    expect(Object.keys(lab.network.namespaces['node1']!.interfaces)).toEqual([
      'lo',
      'eth0',
      expect.stringMatching(/^cali/),
    ])
  })
})

describe.each(['calico', 'instant'] as const)('delays: %s; the MTU', (delays) => {
  it('of a pod is the one it was made with, at both ends; new pods have the new one', () => {
    const lab = open(delays, pool('Always'))
    expect(mtu(lab, 'default/a', 'eth0')).toBe('1480')
    lab.apply(pool('Never', 'Always')).quiet()
    lab.apply(pod('c', 'node1')).quiet()
    expect(mtu(lab, 'default/a', 'eth0')).toBe('1480')
    expect(mtu(lab, 'node1', cali(lab, '10.0.166.129'))).toBe('1480')
    expect(mtu(lab, 'node1', 'vxlan.calico')).toBe('1450')
    const [address] = lab.network.namespaces['default/c']!.interfaces['eth0']!.addresses
    expect(mtu(lab, 'default/c', 'eth0')).toBe('1450')
    expect(mtu(lab, 'node1', cali(lab, address!.local))).toBe('1450')
  })

  it('of a tunnel follows FelixConfiguration, that of pods does not', () => {
    const lab = open(delays)
    lab
      .apply(
        '{apiVersion: projectcalico.org/v3, kind: FelixConfiguration, metadata: {name: default}, spec: {ipipMTU: 1400}}',
      )
      .quiet()
    expect(mtu(lab, 'node1', 'tunl0')).toBe('1400')
    expect(mtu(lab, 'default/a', 'eth0')).toBe('1480')
  })

  it('of a pod that is made anew is the new one', () => {
    const lab = open(delays)
    lab.apply(pool('Never', 'Always')).quiet()
    lab.delete({ kind: 'Pod', name: 'a' }).quiet()
    lab.apply(pod('a', 'node1')).quiet()
    expect(mtu(lab, 'default/a', 'eth0')).toBe('1450')
  })
})
