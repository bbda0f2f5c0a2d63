// What kube-proxy is told by flags of its DaemonSet or pods is what a KubeProxyConfiguration would say.
import { describe, expect, it } from 'vitest'
import { loadResources } from '../../src/input/index.ts'
import { InputError } from '../../src/model/index.ts'

const container = (command: readonly string[], args: readonly string[] = []) => ({ name: 'kube-proxy', command, args })
const daemonSet = (...containers: readonly object[]): object => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'kube-proxy', namespace: 'kube-system' },
  spec: { template: { spec: { containers } } },
})
const pod = (name: string, ...containers: readonly object[]): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'kube-system' },
  spec: { hostNetwork: true, nodeName: 'n1', containers },
})
const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'kube-proxy', namespace: 'kube-system' },
  data: { 'config.conf': 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: ipvs\n' },
}

function load(...objects: readonly object[]) {
  const text = objects.map((one) => JSON.stringify(one)).join('\n---\n')
  const { resources, warnings } = loadResources([{ name: 'c.yaml', text }])
  return { settings: resources.kubeProxyConfigurations, warnings }
}

/** Fields of the only settings. */
function fields(...objects: readonly object[]): object | undefined {
  const { settings } = load(...objects)
  expect(settings.length).toBeLessThanOrEqual(1)
  const [found] = settings
  if (found === undefined) return undefined
  const { apiVersion: _a, kind: _k, metadata: _m, placeOf: _p, ...rest } = found
  return rest
}

describe('flags of kube-proxy', () => {
  it.each<[string, object]>([
    ['--proxy-mode=iptables', { mode: 'iptables' }],
    ['--cluster-cidr=10.0.0.0/14', { clusterCIDR: '10.0.0.0/14' }],
    ['--detect-local-mode=NodeCIDR', { detectLocalMode: 'NodeCIDR' }],
    ['--pod-bridge-interface=cbr0', { detectLocal: { bridgeInterface: 'cbr0' } }],
    ['--pod-interface-name-prefix=cali', { detectLocal: { interfaceNamePrefix: 'cali' } }],
    ['--nodeport-addresses=10.0.0.0/8,127.0.0.0/8', { nodePortAddresses: ['10.0.0.0/8', '127.0.0.0/8'] }],
    ['--masquerade-all', { iptables: { masqueradeAll: true } }],
    ['--masquerade-all=false', { iptables: { masqueradeAll: false } }],
    ['--iptables-masquerade-bit=15', { iptables: { masqueradeBit: 15 } }],
    ['--iptables-localhost-nodeports=false', { iptables: { localhostNodePorts: false } }],
    ['--conntrack-tcp-be-liberal', { conntrack: { tcpBeLiberal: true } }],
    ['--v=2', {}],
  ])('%s', (flag, want) => {
    expect(fields(daemonSet(container(['/usr/local/bin/kube-proxy', flag])))).toEqual(want)
  })

  it.each<[string, readonly string[], readonly string[]]>([
    ['a flag and its value as two words', ['kube-proxy', '--cluster-cidr', '10.0.0.0/14', '--masquerade-all'], []],
    ['as arguments of the image', [], ['--cluster-cidr=10.0.0.0/14', '--masquerade-all']],
    [
      'as a text for a shell',
      ['/bin/sh', '-c', 'kube-proxy --cluster-cidr=10.0.0.0/14 --masquerade-all 1>>/var/log/x 2>&1'],
      [],
    ],
  ])('are read %s', (_name, command, args) => {
    const want = { clusterCIDR: '10.0.0.0/14', iptables: { masqueradeAll: true } }
    expect(fields(daemonSet(container(command, args)))).toEqual(want)
  })

  it('are those of the container that is called so, and of static pods, too', () => {
    const other = { name: 'sidecar', command: ['x', '--proxy-mode=ipvs'] }
    expect(fields(daemonSet(other, container(['kube-proxy', '--proxy-mode=nftables'])))).toEqual({ mode: 'nftables' })
    expect(fields(pod('kube-proxy-n1', container(['kube-proxy', '--proxy-mode=nftables'])))).toEqual({
      mode: 'nftables',
    })
    expect(fields(daemonSet(other))).toBeUndefined()
    expect(fields(daemonSet(container([])))).toBeUndefined()
  })

  it.each<[string, readonly object[]]>([
    ['behind it', [configMap, daemonSet(container(['kube-proxy', '--proxy-mode=nftables']))]],
    ['before it', [daemonSet(container(['kube-proxy', '--proxy-mode=nftables'])), configMap]],
  ])('without --config nobody reads the file, be it %s', (_name, objects) => {
    expect(fields(...objects)).toEqual({ mode: 'nftables' })
  })

  it.each(['--config=/var/lib/kube-proxy/config.conf', '--config'])('with %s the file says all', (flag) => {
    const objects = [configMap, daemonSet(container(['kube-proxy', flag, '/x', '--proxy-mode=nftables']))]
    expect(fields(...objects)).toEqual({ mode: 'ipvs' })
    expect(fields(objects[1]!)).toBeUndefined()
  })

  it('of a DaemonSet count before those of its pods; who has others is named', () => {
    const same = pod('a', container(['kube-proxy', '--proxy-mode=iptables', '--v=4']))
    const other = pod('b', container(['kube-proxy', '--proxy-mode=ipvs']))
    const set = daemonSet(container(['kube-proxy', '--proxy-mode=iptables']))
    expect(load(same, set).warnings).toEqual([])
    const { settings, warnings } = load(other, same, set)
    expect(settings).toMatchObject([{ mode: 'iptables' }])
    expect(warnings).toMatchObject([{ object: 'Pod/kube-system/b', line: 1, received: 'others' }])
  })

  it.each([
    ['--iptables-masquerade-bit=many', 'iptables.masqueradeBit'],
    ['--masquerade-all=perhaps', 'iptables.masqueradeAll'],
  ])('%s is a fault at its line', (flag, path) => {
    const text = `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: kube-proxy, namespace: kube-system}
spec:
  template:
    spec:
      containers:
      - name: kube-proxy
        command:
        - kube-proxy
        - ${flag}
`
    let issues: InputError['issues'] = []
    try {
      loadResources([{ name: 'c.yaml', text }])
    } catch (error) {
      if (error instanceof InputError) issues = error.issues
    }
    expect(issues.map((one) => [one.line, one.path.join('.')])).toEqual([[11, path]])
  })
})
