// What calico-node does when it starts, asked as `packetwalk calico` is asked.
import { describe, expect, it } from 'vitest'
import { answerCalico } from '../../src/calico/index.ts'

const LO = { name: 'lo', index: 1, addresses: ['127.0.0.1/8', '::1/128'] }
const ENS3 = { name: 'ens3', index: 2, addresses: ['192.0.2.10/24', '2001:db8:2::10/64', 'fe80::10/64'] }
const ENS4 = { name: 'ens4', index: 3, addresses: ['198.51.100.10/26'] }
const DOCKER = { name: 'docker0', index: 4, addresses: ['172.31.0.1/16'] }
const MACHINE = [LO, ENS3, ENS4, DOCKER]
const NO_POOLS = { CALICO_IPV4POOL_CIDR: 'none', CALICO_IPV6POOL_CIDR: 'none' }
const V6 = 'fd20:1::/64'

interface Given {
  readonly interfaces?: readonly object[]
  readonly objects?: readonly object[]
  readonly ipv6?: boolean
}

function start(env: Record<string, string>, { interfaces = MACHINE, objects = [], ipv6 = true }: Given = {}) {
  return answerCalico({ verb: 'startup', env, host: { hostname: 'Box-7', ipv6, interfaces }, objects })
}

const node = (name: string, annotations: Record<string, string> = {}, internal: string[] = []) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([key, text]) => [`projectcalico.org/${key}`, text]),
    ),
  },
  status: { addresses: internal.map((address) => ({ type: 'InternalIP', address })) },
})
const kubeadm = (text: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'kubeadm-config', namespace: 'kube-system' },
  data: { ClusterConfiguration: text },
})

describe('the address of a node', () => {
  const detected = (method: string) => ({ IP: 'autodetect', IP_AUTODETECTION_METHOD: method })
  const at = (address: string, dev: string | null) => ({ exit: 0, ipv4: { address, interface: dev } })
  it.each<[string, Record<string, string>, object, Given?]>([
    [
      'is looked for from the highest index down, docker0 passed over [components.md §1]',
      {},
      at('198.51.100.10/26', 'ens4'),
    ],
    ['by a pattern, docker0 too', detected('interface=nothing, docker'), at('172.31.0.1/16', 'docker0')],
    ['by a pattern that is not anchored [resources.md §4]', detected('interface=ns3'), at('192.0.2.10/24', 'ens3')],
    ['past a pattern, and past the usual names', detected('skip-interface=.*4'), at('192.0.2.10/24', 'ens3')],
    [
      'in a range, whatever the interface is called',
      detected('cidr=203.0.113.0/24,172.16.0.0/12'),
      at('172.31.0.1/16', 'docker0'),
    ],
    [
      'of the Node',
      detected('kubernetes-internal-ip'),
      at('192.0.2.10/24', 'ens3'),
      { objects: [node('box-7', {}, ['2001:db8::1', '192.0.2.10'])] },
    ],
    ['towards a neighbour', detected('can-reach=192.0.2.77'), at('192.0.2.10/24', 'ens3')],
    ['given with its length', { IP: '192.0.2.10/25' }, at('192.0.2.10/25', 'ens3')],
    [
      'given without, with that of the interface [resources.md §4]',
      { IP: '198.51.100.10' },
      at('198.51.100.10/26', 'ens4'),
    ],
    ['given, and nobody has it', { IP: '198.51.100.99' }, at('198.51.100.99', null)],
    [
      'as it is stored, when nobody asks',
      { IP: '' },
      at('192.0.2.10/28', 'ens3'),
      { objects: [node('box-7', { IPv4Address: '192.0.2.10/28' })] },
    ],
    [
      'as it is stored, when detection finds nothing',
      detected('interface=wlan'),
      at('192.0.2.9/28', null),
      { objects: [node('box-7', { IPv4Address: '192.0.2.9/28' })] },
    ],
    [
      'as it is stored, when it is off',
      { IP: 'none' },
      at('192.0.2.10/28', 'ens3'),
      { objects: [node('box-7', { IPv4Address: '192.0.2.10/28' })] },
    ],
    [
      'as it is stored, without a length',
      { IP: 'none' },
      at('192.0.2.10', 'ens3'),
      { objects: [node('box-7', { IPv4Address: '192.0.2.10' })] },
    ],
    [
      'looked for when what is stored is none',
      {},
      at('198.51.100.10/26', 'ens4'),
      { objects: [node('box-7', { IPv4Address: 'ens3' })] },
    ],
    ['not of the link', { IP6: 'autodetect' }, { ipv6: { address: '2001:db8:2::10/64', interface: 'ens3' } }],
    ['not without being asked for', {}, { exit: 0, ipv6: null }],
    [
      'none, when Calico does no networking',
      { CALICO_NETWORKING_BACKEND: 'none' },
      { exit: 0, ipv4: null, ipv6: null },
    ],
  ])('%s', (_name, env, want, given) => {
    expect(start({ ...NO_POOLS, ...env }, given)).toMatchObject({ result: want })
  })

  it.each<[string, Record<string, string>, Given?, object?]>([
    ['nothing to find', detected('interface=wlan0')],
    ['a pattern that is none', detected('interface=ens(')],
    ['a range that is none', detected('cidr=192.0.2.0/24, lan')],
    ['a method that is none', detected('fastest')],
    ['no Kubernetes to ask', detected('kubernetes-internal-ip')],
    [
      'an InternalIP that no interface has',
      detected('kubernetes-internal-ip'),
      { objects: [node('box-7', {}, ['192.0.2.4'])] },
    ],
    ['an address of the other family', { IP: '2001:db8:2::10' }],
    ['neither family', { IP: 'none' }],
    [
      'IPv6 asked for and not there, IPv4 found before',
      { IP6: 'autodetect' },
      { interfaces: [ENS4] },
      { ipv4: { address: '198.51.100.10/26', interface: 'ens4' }, ipv6: null },
    ],
    [
      'an address another node has',
      {},
      { objects: [node('box-8', { IPv4Address: '198.51.100.10/24' })] },
      { ipv4: { interface: 'ens4' } },
    ],
    ['an AS number that is none', { AS: '1.2.3' }],
  ])('gives up: %s', (_name, env, given, want = { ipv4: null }) => {
    const found = env['AS'] === undefined ? want : {}
    expect(start({ ...NO_POOLS, ...env }, given)).toMatchObject({ result: { exit: 1, pools: [], ...found } })
  })

  it.each<[string, Record<string, string>, Given]>([
    [
      'when it has not changed',
      {},
      {
        objects: [
          node('box-7', { IPv4Address: '198.51.100.10/26' }),
          node('box-8', { IPv4Address: '198.51.100.10/26' }),
        ],
      },
    ],
    [
      'when the check is off',
      { DISABLE_NODE_IP_CHECK: 'true' },
      { objects: [node('box-8', { IPv4Address: '198.51.100.10/26' })] },
    ],
  ])('is not held against others %s', (_name, env, given) => {
    expect(start({ ...NO_POOLS, ...env }, given)).toMatchObject({ result: { exit: 0 } })
  })

  it('tells what was passed over', () => {
    expect(start({ ...NO_POOLS })).toMatchObject({
      result: { messages: expect.arrayContaining(['Skipped interface docker0: name-excluded']) },
    })
  })

  it('towards the world is the only one of a machine with one', () => {
    const one = { interfaces: [LO, ENS4] }
    expect(start({ ...NO_POOLS, ...detected('can-reach=www.example.org') }, one)).toMatchObject({
      result: { ipv4: { address: '198.51.100.10/26', interface: 'ens4' } },
    })
  })

  it('is not guessed where the routes of the machine decide', () => {
    expect(start({ ...NO_POOLS, ...detected('can-reach=203.0.113.1') })).toEqual({
      unsupported: 'can-reach=203.0.113.1: the routes of the machine',
    })
  })
})

describe('the name of a node', () => {
  it.each([
    [{ NODENAME: ' Rack.One ', HOSTNAME: 'x' }, 'Rack.One'],
    [{ NODENAME: ' ', HOSTNAME: 'Rack-2' }, 'rack-2'],
    [{}, 'box-7'],
  ])('%o gives %s', (env, nodeName) => {
    expect(start({ ...NO_POOLS, ...env })).toMatchObject({ result: { nodeName } })
  })
})

describe('the ranges of kubeadm', () => {
  it.each<[string, string, object]>([
    [
      'of both families, the first of each',
      'a: b\n  podSubnet: 10.80.0.0/16,10.81.0.0/16,fd80::/48,fd81::/48',
      { ipv4: '10.80.0.0/16', ipv6: 'fd80::/48' },
    ],
    ['up to one that is none', 'podSubnet: 10.80.0.0/16, fd80::/48', { ipv4: '10.80.0.0/16', ipv6: null }],
    ['not in quotation marks', 'podSubnet: "10.80.0.0/16"', { ipv4: null, ipv6: null }],
    ['none', 'serviceSubnet: 10.96.0.0/12', { ipv4: null, ipv6: null }],
  ])('%s', (_name, text, podSubnets) => {
    expect(start({}, { objects: [kubeadm(text)] })).toMatchObject({ result: { podSubnets } })
  })

  it('are null without it', () => {
    expect(start({})).toMatchObject({ result: { podSubnets: null } })
  })
})

describe('the pools', () => {
  const four = {
    cidr: '192.168.0.0/16',
    ipipMode: 'Never',
    vxlanMode: 'Never',
    natOutgoing: true,
    blockSize: 26,
    nodeSelector: 'all()',
    disableBGPExport: false,
  }
  const six = { ...four, cidr: V6, natOutgoing: false, blockSize: 122 }
  const ONLY_4 = { CALICO_IPV6POOL_CIDR: 'none' }
  const RANGE_6 = { CALICO_IPV6POOL_CIDR: V6 }

  it.each<[string, Record<string, string>, object[], Given?]>([
    ['of a machine with nothing said', RANGE_6, [four, six]],
    ['without IPv6 in the kernel', RANGE_6, [four], { ipv6: false }],
    ['without IPv6 in Felix', { ...RANGE_6, FELIX_IPV6SUPPORT: 'No' }, [four]],
    [
      'clear of the machine',
      ONLY_4,
      [{ ...four, cidr: '172.17.0.0/16' }],
      { interfaces: [ENS3, { name: 'a', addresses: ['192.168.9.1/24', '172.16.5.5/24'] }] },
    ],
    [
      'of kubeadm',
      {},
      [
        { ...four, cidr: '10.80.0.0/16' },
        { ...six, cidr: 'fd80::/48' },
      ],
      { objects: [kubeadm('podSubnet: 10.80.0.0/16,fd80::/48')] },
    ],
    [
      'of the environment before kubeadm, host bits cleared',
      { ...ONLY_4, CALICO_IPV4POOL_CIDR: '10.90.1.2/16' },
      [{ ...four, cidr: '10.90.0.0/16' }],
      { objects: [kubeadm('podSubnet: 10.80.0.0/16')] },
    ],
    [
      'with modes in any case',
      { ...RANGE_6, CALICO_IPV4POOL_IPIP: 'CROSS-subnet', CALICO_IPV6POOL_VXLAN: 'crossSubnet' },
      [
        { ...four, ipipMode: 'CrossSubnet' },
        { ...six, vxlanMode: 'CrossSubnet' },
      ],
    ],
    [
      'with all else',
      {
        ...ONLY_4,
        CALICO_IPV4POOL_BLOCK_SIZE: '+24',
        CALICO_IPV4POOL_NAT_OUTGOING: 'N',
        CALICO_IPV4POOL_NODE_SELECTOR: "rack == 'a'",
        CALICO_IPV4POOL_DISABLE_BGP_EXPORT: 'on',
      },
      [{ ...four, blockSize: 24, natOutgoing: false, nodeSelector: "rack == 'a'", disableBGPExport: true }],
    ],
    [
      'not where there is one of the family',
      RANGE_6,
      [six],
      { objects: [{ kind: 'IPPool', metadata: { name: 'own' }, spec: { cidr: '10.1.0.0/16' } }] },
    ],
    ['none, when told so', { NO_DEFAULT_POOLS: 'TRUE' }, []],
  ])('%s', (_name, env, specs, given) => {
    expect(start(env, given)).toMatchObject({
      result: { exit: 0, pools: specs.map((spec) => ({ kind: 'IPPool', spec })) },
    })
  })

  it('of IPv6 are drawn where nobody names a range, the same every time [resources.md §4]', () => {
    const drawn = start({ CALICO_IPV4POOL_CIDR: 'none' })
    expect(drawn).toEqual(start({ CALICO_IPV4POOL_CIDR: 'none' }))
    expect(JSON.stringify(drawn)).toMatch(/"cidr":"fd[0-9a-f]{2}:[0-9a-f]+:[0-9a-f]+::\/48"/)
  })

  it.each<[string, Record<string, string>, string[]?, object[]?]>([
    ['a range that is none', { CALICO_IPV4POOL_CIDR: '10.0.0/8' }],
    ['a range of the other family', { CALICO_IPV6POOL_CIDR: '10.0.0.0/8' }],
    ['a range smaller than a block', { CALICO_IPV4POOL_CIDR: '10.0.0.0/28' }],
    ['a range of the link', { CALICO_IPV4POOL_CIDR: '169.254.16.0/20' }],
    ['a block size out of bounds', { CALICO_IPV6POOL_BLOCK_SIZE: '64' }],
    ['a block size that is no number', { CALICO_IPV4POOL_BLOCK_SIZE: '26.0' }],
    ['a selector that is none', { CALICO_IPV6POOL_NODE_SELECTOR: 'rack =' }],
    ['both encapsulations', { CALICO_IPV4POOL_IPIP: 'always', CALICO_IPV4POOL_VXLAN: 'cross-subnet' }],
    ['a mode that is none', { CALICO_IPV4POOL_VXLAN: 'sometimes' }],
    ['a range beside NO_DEFAULT_POOLS', { NO_DEFAULT_POOLS: 'true', CALICO_IPV6POOL_CIDR: V6 }],
    [
      'blocks of another size',
      { CALICO_IPV4POOL_CIDR: '10.7.0.0/16' },
      [],
      [{ kind: 'IPAMBlock', metadata: { name: 'b' }, spec: { cidr: '10.7.1.0/24' } }],
    ],
    [
      'a range of IPv6 smaller than a block, after the IPv4 pool was made',
      { CALICO_IPV6POOL_CIDR: 'fd00::/123' },
      ['192.168.0.0/16'],
    ],
  ])('are not made: %s', (_name, env, cidrs = [], objects = []) => {
    const pools = cidrs.map((cidr) => ({ spec: { cidr } }))
    expect(start(env, { objects })).toMatchObject({ result: { exit: 1, ipv4: { interface: 'ens4' }, pools } })
  })
})
