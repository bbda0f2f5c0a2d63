// Names are judged where they are read: what the API server or the kernel would not take is an issue, with its place and what would be right.
import { describe, expect, it } from 'vitest'
import { loadResources } from '../../src/input/index.ts'
import { parseNamespaceDump } from '../../src/linux/index.ts'
import { InputError, isInterfaceName } from '../../src/model/index.ts'

const CALICO = 'crd.projectcalico.org/v1'

function load(kind: string, apiVersion: string, metadata: object, spec: object = {}): string {
  const text = JSON.stringify({ apiVersion, kind, metadata, spec }, null, 1)
  try {
    loadResources([{ name: 'x.json', text }])
    return 'taken'
  } catch (error) {
    return error instanceof InputError ? error.message : String(error)
  }
}

describe('names of objects that real clusters have', () => {
  it.each([
    ['Node', 'v1', 'ip-10-0-1-7.eu-west-1.compute.internal'],
    ['Node', 'v1', 'gke-pool-1-abc12345-x1y2'],
    ['Node', 'v1', '1node'],
    ['Node', 'v1', `${'a'.repeat(63)}.${'b'.repeat(63)}`],
    ['Pod', 'v1', 'web-6d4cf56db6-x2x9p'],
    ['Pod', 'v1', 'kube-apiserver-master.example.com'],
    ['Namespace', 'v1', 'calico-system'],
    ['ConfigMap', 'v1', 'kubeadm-config'],
    ['NetworkPolicy', CALICO, 'knp.default.allow-dns'],
    ['GlobalNetworkPolicy', CALICO, 'default.deny_all'],
    ['BlockAffinity', CALICO, 'ip-10-0-1-7.eu-west-1.compute.internal-10-8-0-0-26'],
    ['HostEndpoint', CALICO, 'Compute_1-eth0'],
    ['IPPool', CALICO, 'default-ipv4-ippool'],
  ])('%s of %s called %s', (kind, apiVersion, name) => {
    // The content may be faulty; the name is not.
    expect(load(kind, apiVersion, { name })).not.toContain('metadata.name')
  })
})

describe('names that no API server takes', () => {
  it.each([
    ['Pod', 'v1', 'Web_0', 'e.g. web-0, received "Web_0"'],
    ['Pod', 'v1', '-web', 'e.g. web, received "-web"'],
    ['Pod', 'v1', 'a..b', 'letter or digit (RFC 1123)'],
    ['Pod', 'v1', 'x\nforged: answered', 'e.g. x-forged-answered, received'],
    ['Pod', 'v1', '\u001b[31mred', 'e.g. 31mred, received'],
    ['Pod', 'v1', 'a/b', 'e.g. a-b, received "a/b"'],
    ['Pod', 'v1', 'a'.repeat(254), 'at most 253 lower-case letters'],
    ['Pod', 'v1', '日本', '(RFC 1123), received "日本"'],
    ['Node', 'v1', 'Worker1', 'e.g. worker1, received "Worker1"'],
    ['Namespace', 'v1', 'a.b', 'at most 63 lower-case letters'],
    ['Namespace', 'v1', 'a'.repeat(64), 'at most 63 lower-case letters'],
    ['IPPool', CALICO, 'pool 1', 'e.g. pool-1, received "pool 1"'],
    ['Pod', 'v1', '', 'expected a name, received ""'],
  ])('%s of %s called %j', (kind, apiVersion, name, message) => {
    const said = load(kind, apiVersion, { name })
    expect(said).toMatch(/^x\.json:5:\d+: .* metadata\.name: expected a name/)
    expect(said).toContain(message)
  })

  it('nor of namespaces and nodes that are referred to', () => {
    expect(load('Pod', 'v1', { name: 'a', namespace: 'My_Shop' })).toMatch(
      /^x\.json:6:\d+: .* metadata\.namespace: expected a name .*, e\.g\. my-shop, received "My_Shop"/,
    )
    expect(load('Pod', 'v1', { name: 'a', namespace: '' })).toBe('taken')
    expect(load('Pod', 'v1', { name: 'a' }, { nodeName: 'w 1' })).toMatch(
      /^x\.json:8:\d+: Pod\/default\/a spec\.nodeName: expected a name .*, e\.g\. w-1, received "w 1"/,
    )
  })
})

describe('names of interfaces', () => {
  it.each([
    ['eth0', true],
    ['enp0s31f6', true],
    ['cali0123456789a', true],
    ['br-0a1b2c3d4e5f', true],
    ['veth.100', true],
    ['a', true],
    ['', false],
    ['.', false],
    ['..', false],
    ['eth 0', false],
    ['eth/0', false],
    ['eth0:1', false],
    ['abcdefghijklmnop', false],
    ['ööööööö', true],
    ['öööööööö', false],
  ])('%j: %s', (name, taken) => {
    expect(isInterfaceName(name)).toBe(taken)
  })

  const underlay = (device: object, node = 'w1', segment = 'lan'): string =>
    load(
      'Underlay',
      'packetwalk/v1',
      { name: 'u' },
      {
        segments: [{ name: segment, cidr: '10.0.0.0/24' }],
        nodes: [{ name: node, interfaces: [device] }],
      },
    )

  it('in an Underlay', () => {
    expect(underlay({ name: 'ens3', segment: 'lan' })).toBe('taken')
    expect(underlay({ name: 'ens3', segment: 'lan' }, 'w1.example.com', 'Rack 1 (left)')).toBe('taken')
    expect(underlay({ name: 'ens3\u001b[31m' })).toMatch(/name: expected an interface name of 1 to 15 bytes/)
    expect(underlay({ name: 'a-name-of-20-letters' })).toMatch(/name: expected an interface name of 1 to 15 bytes/)
    expect(underlay({ name: 'ens3' }, 'w1\nx')).toMatch(/nodes\.0\.name: expected a name of at most 63 characters/)
  })

  it('in a dump', () => {
    const link = (ifname: string): string =>
      JSON.stringify([
        { ifindex: 2, ifname, flags: ['UP'], mtu: 1500, address: '02:00:00:00:00:01', link_type: 'ether' },
      ])
    const dumped = (name: string) => parseNamespaceDump('n', 'node', { 'link.json': link(name) })
    expect(dumped('eth0').issues).toEqual([])
    expect(dumped('a-name-of-20-letters').issues).toMatchObject([
      {
        expected: 'an interface name of 1 to 15 bytes without "/", ":" and blanks',
        received: expect.stringContaining('a-name'),
      },
    ])
  })
})
