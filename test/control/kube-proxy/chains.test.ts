// Names, chains and their order, as iptables-save prints them (facts/services.md A1–A4, pkg/proxy/iptables/proxier.go).
import { describe, expect, it } from 'vitest'
import { endpointChain, portHash } from '../../../src/control/kube-proxy/names.ts'
import { probability } from '../../../src/control/kube-proxy/service-chains.ts'
import { iptablesSave, parseIptablesSave } from '../../../src/linux/index.ts'
import { chains, clusterWith, lines, pod, proxyConfig, rules, service } from './scene.ts'

describe('names (services.md §A1)', () => {
  it.each([
    ['default/kubernetes:https', 'tcp', 'NPX46M4PTMTKRN6Y'],
    ['kube-system/kube-dns:dns', 'udp', 'TCOU7JCQXEZGVUNU'],
    ['kube-system/kube-dns:dns-tcp', 'tcp', 'ERIFXISQEP7F7OF4'],
    ['kube-system/kube-dns:metrics', 'tcp', 'JD5MR3NA4I4DYORP'],
    ['default/nginx', 'tcp', '2CMXP7HKUVJN7L6M'],
    ['default/web:http', 'tcp', 'CDGGSHYLG3RE2FKL'],
  ])('%s %s', (name, protocol, hash) => expect(portHash(name, protocol)).toBe(hash))

  it.each([
    ['192.168.82.1:80', 'KUBE-SEP-CYOFMYPKIVDHWFWQ'],
    ['192.168.162.129:80', 'KUBE-SEP-HYT6ZNCM6WTQX2QG'],
    ['192.168.110.131:80', 'KUBE-SEP-IGSBDC35IMOKNAFC'],
  ])('default/nginx tcp %s', (endpoint, chain) => expect(endpointChain('default/nginx', 'tcp', endpoint)).toBe(chain))
})

it.each([
  [3, '0.33333333349'],
  [2, '0.50000000000'],
  [7, '0.14285714272'],
])('1 of %i is %s', (of, text) => expect(probability(of).toFixed(11)).toBe(text))

const PODS = [pod('a', 'n1', '192.168.1.1'), pod('b', 'n2', '192.168.2.1')]
const WEB = { clusterIP: '10.96.0.10', ports: [{ name: 'http', port: 80, targetPort: 8080 }] }
const H = 'CDGGSHYLG3RE2FKL'
const [SEP_A, SEP_B] = ['192.168.1.1:8080', '192.168.2.1:8080'].map((end) =>
  endpointChain('default/web:http', 'tcp', end),
)
const NODE_PORT = { type: 'NodePort', ports: [{ name: 'http', port: 80, targetPort: 8080, nodePort: 30080 }] }
const at = (ip: string, comment: string, port = 80) =>
  `-d ${ip}/32 -p tcp -m comment --comment "default/web:http ${comment}" -m tcp --dport ${port}`

/** A cluster with the Service web, and pods a on n1 and b on n2. */
const web = (spec: object = {}, rest: object = {}, more: readonly object[] = []) =>
  clusterWith([...PODS, service('web', { ...WEB, ...spec }, rest), ...more])

describe('jumps from chains of the kernel (services.md §A2)', () => {
  const NEW = '-m conntrack --ctstate NEW '
  const comment = (text: string) => `-m comment --comment "${text}" `
  const FIREWALL = `${NEW}${comment('kubernetes load balancer firewall')}-j KUBE-PROXY-FIREWALL`
  const EXTERNAL = `${NEW}${comment('kubernetes externally-visible service portals')}-j KUBE-EXTERNAL-SERVICES`
  const SERVICES = `${comment('kubernetes service portals')}-j KUBE-SERVICES`
  const withoutFelix = (list: string[]) => list.filter((line) => !line.includes('cali'))

  it.each([
    [
      'filter',
      'INPUT',
      ['-j KUBE-FIREWALL', FIREWALL, `${comment('kubernetes health check service ports')}-j KUBE-NODEPORTS`, EXTERNAL],
    ],
    [
      'filter',
      'FORWARD',
      [FIREWALL, `${comment('kubernetes forwarding rules')}-j KUBE-FORWARD`, NEW + SERVICES, EXTERNAL],
    ],
    ['filter', 'OUTPUT', ['-j KUBE-FIREWALL', FIREWALL, NEW + SERVICES]],
    ['nat', 'PREROUTING', [SERVICES]],
    ['nat', 'OUTPUT', [SERVICES]],
    ['nat', 'POSTROUTING', [`${comment('kubernetes postrouting rules')}-j KUBE-POSTROUTING`]],
  ] as const)('%s %s', (table, chain, want) => {
    const found = withoutFelix(lines(web(), table, chain))
    expect(found.filter((line) => line.includes('KUBE'))).toEqual(want)
  })

  it.each([
    ['3.28', [true, false]],
    ['3.29', [false, true]],
  ])('Felix of v%s: before them in PREROUTING, and in POSTROUTING', (version, [first, last]) => {
    const cluster = clusterWith([...PODS, service('web', WEB)], { version })
    const where = (chain: string) => lines(cluster, 'nat', chain).map((line) => line.includes('cali'))
    expect([where('PREROUTING'), where('OUTPUT'), where('POSTROUTING')]).toEqual([
      [true, false],
      [true, false],
      [first, last],
    ])
  })
})

describe('chains that are always there (services.md §A3)', () => {
  it.each([
    ['nat', 'KUBE-MARK-MASQ', ['-j MARK --set-xmark 0x4000/0x4000']],
    [
      'nat',
      'KUBE-POSTROUTING',
      [
        '-m mark ! --mark 0x4000/0x4000 -j RETURN',
        '-j MARK --set-xmark 0x4000/0x0',
        '-m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
      ],
    ],
    [
      'filter',
      'KUBE-FORWARD',
      [
        '-m conntrack --ctstate INVALID -j DROP',
        '-m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT',
        '-m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      ],
    ],
    [
      'filter',
      'KUBE-FIREWALL',
      [
        '! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
      ],
    ],
    ['mangle', 'KUBE-PROXY-CANARY', []],
  ] as const)('%s %s', (table, chain, want) => expect(lines(web(), table, chain)).toEqual(want))

  it('with another bit, and everything masqueraded', () => {
    const cluster = web({}, {}, [
      proxyConfig({ iptables: { masqueradeBit: 4, masqueradeAll: true }, conntrack: { tcpBeLiberal: true } }),
    ])
    expect(lines(cluster, 'nat', 'KUBE-MARK-MASQ')).toEqual(['-j MARK --set-xmark 0x10/0x10'])
    expect(lines(cluster, 'filter', 'KUBE-FORWARD')).toHaveLength(2)
    expect(lines(cluster, 'nat', `KUBE-SVC-${H}`)[0]).toBe(`${at('10.96.0.10', 'cluster IP')} -j KUBE-MARK-MASQ`)
  })
})

const LAST = '-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain"'
const LOCAL = `${LAST} -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS`

describe('a ClusterIP (services.md §A4)', () => {
  it('leads to a chain that chooses, and one for each endpoint', () => {
    const cluster = web()
    expect(lines(cluster, 'nat', 'KUBE-SERVICES')).toEqual([
      `${at('10.96.0.10', 'cluster IP')} -j KUBE-SVC-${H}`,
      LOCAL,
    ])
    expect(lines(cluster, 'nat', `KUBE-SVC-${H}`)).toEqual([
      `! -s 192.168.0.0/16 ${at('10.96.0.10', 'cluster IP')} -j KUBE-MARK-MASQ`,
      `-m comment --comment "default/web:http -> 192.168.1.1:8080" -m statistic --mode random --probability 0.50000000000 -j ${SEP_A}`,
      `-m comment --comment "default/web:http -> 192.168.2.1:8080" -j ${SEP_B}`,
    ])
    expect(lines(cluster, 'nat', SEP_A!)).toEqual([
      '-s 192.168.1.1/32 -m comment --comment "default/web:http" -j KUBE-MARK-MASQ',
      '-p tcp -m comment --comment "default/web:http" -m tcp -j DNAT --to-destination 192.168.1.1:8080',
    ])
  })

  it('is refused without endpoints, and leads nowhere', () => {
    const cluster = web({ selector: { app: 'none' } })
    expect(lines(cluster, 'filter', 'KUBE-SERVICES')).toEqual([
      `${at('10.96.0.10', 'has no endpoints')} -j REJECT --reject-with icmp-port-unreachable`,
    ])
    expect(lines(cluster, 'nat', 'KUBE-SERVICES')).toEqual([LOCAL])
    expect(chains(cluster, 'nat').filter((name) => /^KUBE-(SVC|SVL|SEP|EXT)/.test(name))).toEqual([])
  })

  it('with the internal policy Local leads to endpoints of the node, or is dropped', () => {
    const cluster = clusterWith([PODS[0]!, service('web', { ...WEB, internalTrafficPolicy: 'Local' })])
    expect(lines(cluster, 'nat', 'KUBE-SERVICES')[0]).toBe(`${at('10.96.0.10', 'cluster IP')} -j KUBE-SVL-${H}`)
    expect(lines(cluster, 'nat', `KUBE-SVL-${H}`)).toEqual([
      `! -s 192.168.0.0/16 ${at('10.96.0.10', 'cluster IP')} -j KUBE-MARK-MASQ`,
      `-m comment --comment "default/web:http -> 192.168.1.1:8080" -j ${SEP_A}`,
    ])
    expect(lines(cluster, 'nat', 'KUBE-SERVICES', 'n2')).toEqual([LOCAL])
    expect(lines(cluster, 'filter', 'KUBE-SERVICES', 'n2')).toEqual([
      `${at('10.96.0.10', 'has no local endpoints')} -j DROP`,
    ])
  })

  it('remembers clients', () => {
    const cluster = web({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } })
    const list = (name: string) => `--name ${name} --mask 255.255.255.255 --rsource`
    expect(lines(cluster, 'nat', `KUBE-SVC-${H}`).slice(1, 3)).toEqual([
      `-m comment --comment "default/web:http -> 192.168.1.1:8080" -m recent --rcheck --seconds 60 --reap ${list(SEP_A!)} -j ${SEP_A}`,
      `-m comment --comment "default/web:http -> 192.168.2.1:8080" -m recent --rcheck --seconds 60 --reap ${list(SEP_B!)} -j ${SEP_B}`,
    ])
    expect(lines(cluster, 'nat', SEP_A!)[1]).toBe(
      `-p tcp -m comment --comment "default/web:http" -m recent --set ${list(SEP_A!)} -m tcp -j DNAT --to-destination 192.168.1.1:8080`,
    )
  })

  it('has no comments on endpoints where there are more than 1,000', () => {
    const pods = Array.from({ length: 1001 }, (_, i) => pod(`p${i}`, 'n1', `192.168.${i >> 8}.${i & 255}`))
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 's', labels: { 'kubernetes.io/service-name': 'web' } },
      ports: [{ name: 'http', port: 8080 }],
      endpoints: pods.map((_, i) => ({ addresses: [`192.168.${i >> 8}.${i & 255}`] })),
    }
    const cluster = clusterWith([service('web', WEB), slice])
    expect(lines(cluster, 'nat', `KUBE-SVC-${H}`)[1]).toMatch(
      /^-m statistic --mode random --probability 0\.00099900\d\d\d -j KUBE-SEP-/,
    )
    expect(lines(cluster, 'nat', endpointChain('default/web:http', 'tcp', '192.168.0.1:8080'))).toEqual([
      '-s 192.168.0.1/32 -j KUBE-MARK-MASQ',
      '-p tcp -m tcp -j DNAT --to-destination 192.168.0.1:8080',
    ])
  })
})

describe('what is asked from outside (services.md §A4)', () => {
  const externals = `-m comment --comment "masquerade traffic for default/web:http external destinations" -j KUBE-MARK-MASQ`

  it('a NodePort', () => {
    const cluster = web(NODE_PORT)
    expect(lines(cluster, 'nat', 'KUBE-NODEPORTS')).toEqual([
      `-p tcp -m comment --comment "default/web:http" -m tcp --dport 30080 -j KUBE-EXT-${H}`,
    ])
    expect(lines(cluster, 'nat', `KUBE-EXT-${H}`)).toEqual([externals, `-j KUBE-SVC-${H}`])
  })

  it('a NodePort without endpoints', () => {
    expect(lines(web({ ...NODE_PORT, selector: { app: 'none' } }), 'filter', 'KUBE-EXTERNAL-SERVICES')).toEqual([
      '-p tcp -m comment --comment "default/web:http has no endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 30080 -j REJECT --reject-with icmp-port-unreachable',
    ])
  })

  it('with the external policy Local, on a node with an endpoint and on one without', () => {
    const cluster = clusterWith([PODS[0]!, service('web', { ...WEB, ...NODE_PORT, externalTrafficPolicy: 'Local' })])
    const common = [
      `-s 192.168.0.0/16 -m comment --comment "pod traffic for default/web:http external destinations" -j KUBE-SVC-${H}`,
      '-m comment --comment "masquerade LOCAL traffic for default/web:http external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ',
      `-m comment --comment "route LOCAL traffic for default/web:http external destinations" -m addrtype --src-type LOCAL -j KUBE-SVC-${H}`,
    ]
    expect(lines(cluster, 'nat', `KUBE-EXT-${H}`)).toEqual([...common, `-j KUBE-SVL-${H}`])
    expect(lines(cluster, 'nat', `KUBE-SVL-${H}`)).toEqual([
      `-m comment --comment "default/web:http -> 192.168.1.1:8080" -j ${SEP_A}`,
    ])
    expect(lines(cluster, 'nat', `KUBE-EXT-${H}`, 'n2')).toEqual(common)
    expect(lines(cluster, 'filter', 'KUBE-EXTERNAL-SERVICES', 'n2')).toEqual([
      '-p tcp -m comment --comment "default/web:http has no local endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 30080 -j DROP',
    ])
    expect(lines(cluster, 'filter', 'KUBE-EXTERNAL-SERVICES')).toEqual([])
  })

  const BALANCED = { type: 'LoadBalancer', externalIPs: ['198.51.100.7'] }
  const INGRESS = { status: { loadBalancer: { ingress: [{ ip: '203.0.113.5' }] } } }

  it('externalIPs and a load balancer', () => {
    expect(lines(web(BALANCED, INGRESS), 'nat', 'KUBE-SERVICES')).toEqual([
      `${at('10.96.0.10', 'cluster IP')} -j KUBE-SVC-${H}`,
      `${at('198.51.100.7', 'external IP')} -j KUBE-EXT-${H}`,
      `${at('203.0.113.5', 'loadbalancer IP')} -j KUBE-EXT-${H}`,
      LOCAL,
    ])
    expect(lines(web({ ...BALANCED, selector: { app: 'none' } }, INGRESS), 'filter', 'KUBE-EXTERNAL-SERVICES')).toEqual(
      ['198.51.100.7', '203.0.113.5'].map(
        (ip) => `${at(ip, 'has no endpoints')} -j REJECT --reject-with icmp-port-unreachable`,
      ),
    )
  })

  it('a load balancer that only some may ask, the node among them or not', () => {
    const cluster = web({ ...BALANCED, loadBalancerSourceRanges: ['172.18.0.1/32', '10.0.0.0/8'] }, INGRESS)
    const from = (source: string) =>
      `-s ${source} -m comment --comment "default/web:http loadbalancer IP" -j KUBE-EXT-${H}`
    const rest = '-m comment --comment "other traffic to default/web:http will be dropped by KUBE-PROXY-FIREWALL"'
    expect(lines(cluster, 'nat', 'KUBE-SERVICES')[2]).toBe(`${at('203.0.113.5', 'loadbalancer IP')} -j KUBE-FW-${H}`)
    expect(lines(cluster, 'nat', `KUBE-FW-${H}`)).toEqual([
      from('172.18.0.1/32'),
      from('10.0.0.0/8'),
      from('203.0.113.5/32'),
      rest,
    ])
    expect(lines(cluster, 'nat', `KUBE-FW-${H}`, 'n2')).toEqual([from('172.18.0.1/32'), from('10.0.0.0/8'), rest])
    expect(lines(cluster, 'filter', 'KUBE-PROXY-FIREWALL')).toEqual([
      `${at('203.0.113.5', `traffic not accepted by KUBE-FW-${H}`)} -j DROP`,
    ])
  })

  it('a port for health checks', () => {
    const spec = { ...BALANCED, externalTrafficPolicy: 'Local', healthCheckNodePort: 31000 }
    expect(lines(web(spec, INGRESS), 'filter', 'KUBE-NODEPORTS')).toEqual([
      '-p tcp -m comment --comment "default/web:http health check node port" -m tcp --dport 31000 -j ACCEPT',
    ])
  })
})

describe('IPv6, UDP and SCTP', () => {
  const POOL6 = {
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPool',
    metadata: { name: 'p6' },
    spec: { cidr: 'fd00:10::/64' },
  }
  const six = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 's', labels: { app: 'web' } },
    spec: { nodeName: 'n1' },
    status: { podIPs: [{ ip: '192.168.1.1' }, { ip: 'fd00:10::1' }] },
  }
  const ports = [
    { name: 'u', port: 53, protocol: 'UDP' },
    { name: 's', port: 9, protocol: 'SCTP' },
  ]
  const cluster = clusterWith([
    POOL6,
    six,
    service('web', { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10', 'fd00:96::10'], ports }),
  ])

  it.each([
    [4, ['10.96.0.10/32', '192.168.1.1:9'], LOCAL],
    [6, ['fd00:96::10/128', '[fd00:10::1]:9'], `! -d ::1/128 ${LOCAL}`],
  ] as const)('rules of IPv%i', (family, [ip, end], last) => {
    const on = (comment: string, protocol: string, port: number) =>
      `-d ${ip} -p ${protocol} -m comment --comment "default/web:${comment} cluster IP" -m ${protocol} --dport ${port} -j KUBE-SVC-${portHash(`default/web:${comment}`, protocol)}`
    expect(lines(cluster, 'nat', 'KUBE-SERVICES', 'n1', family)).toEqual([on('s', 'sctp', 9), on('u', 'udp', 53), last])
    const sep = endpointChain('default/web:s', 'sctp', end)
    expect(lines(cluster, 'nat', sep, 'n1', family)[1]).toBe(
      `-p sctp -m comment --comment "default/web:s" -m sctp -j DNAT --to-destination ${end}`,
    )
  })
})

describe('settings', () => {
  const svc = (config: object, on = 'n1') => lines(web({}, {}, [proxyConfig(config)]), 'nat', `KUBE-SVC-${H}`, on)[0]

  it.each<[string, object, string]>([
    ['clusterCIDR', { clusterCIDR: '10.1.0.0/16' }, '! -s 10.1.0.0/16 -d'],
    ['of both families', { clusterCIDR: 'fd00::/48,10.1.0.0/16' }, '! -s 10.1.0.0/16 -d'],
    ['host bits, which iptables clears', { clusterCIDR: '10.1.2.3/16' }, '! -s 10.1.0.0/16 -d'],
    ['no clusterCIDR', {}, '-m comment'],
    [
      'interfaces by prefix',
      { detectLocalMode: 'InterfaceNamePrefix', detectLocal: { interfaceNamePrefix: 'cali' } },
      '-d 10.96.0.10/32 ! -i cali+ -p tcp',
    ],
    [
      'a bridge',
      { detectLocalMode: 'BridgeInterface', detectLocal: { bridgeInterface: 'br0' } },
      '-d 10.96.0.10/32 ! -i br0 -p tcp',
    ],
    ['podCIDR of the node, which has none', { detectLocalMode: 'NodeCIDR' }, '-m comment'],
  ])('pods are told by %s', (_name, config, start) => expect(svc(config)?.slice(0, start.length)).toBe(start))

  it.each<[string, object, string[]]>([
    ['all', { nodePortAddresses: ['0.0.0.0/0'] }, [LOCAL]],
    ['a range', { nodePortAddresses: ['172.18.0.0/16'] }, [`-d 172.18.0.1/32 ${LAST} -j KUBE-NODEPORTS`]],
    ['127.0.0.1, too', { nodePortAddresses: ['127.0.0.0/8'] }, [`-d 127.0.0.1/32 ${LAST} -j KUBE-NODEPORTS`]],
    ['… unless it is turned off', { nodePortAddresses: ['127.0.0.0/8'], iptables: { localhostNodePorts: false } }, []],
    ['the primary one', { nodePortAddresses: ['primary'] }, [`-d 172.18.0.1/32 ${LAST} -j KUBE-NODEPORTS`]],
    ['all but 127.0.0.0/8', { iptables: { localhostNodePorts: false } }, [`! -d 127.0.0.0/8 ${LOCAL}`]],
  ])('node ports at %s', (_name, config, want) => {
    expect(lines(web({}, {}, [proxyConfig(config)]), 'nat', 'KUBE-SERVICES').slice(1)).toEqual(want)
  })

  it.each<[string, readonly object[], string | undefined]>([
    ['Services', [service('web', WEB)], '1'],
    ['neither', [], undefined],
    ['node ports at other addresses', [proxyConfig({ nodePortAddresses: ['172.18.0.0/16'] })], undefined],
    ['mode ipvs', [service('web', WEB), proxyConfig({ mode: 'ipvs' })], undefined],
  ])('route_localnet with %s', (_name, objects, want) => {
    expect(clusterWith(objects).network.namespaces['n1']!.sysctls['net.ipv4.conf.all.route_localnet']).toBe(want)
  })

  it.each(['ipvs', 'nftables', 'kernelspace'])('mode %s: no rules', (mode) => {
    expect(() => rules(web({}, {}, [proxyConfig({ mode })]), 'nat', 'KUBE-SERVICES')).toThrow('no chain')
  })
})

describe('rules as values', () => {
  const cluster = web({ ...NODE_PORT, sessionAffinity: 'ClientIP' }, {}, [
    service('none', { clusterIP: '10.96.0.11', selector: { app: 'x' } }),
  ])

  it('say what they stand for, and from which object', () => {
    const service = { namespace: 'default', name: 'web', portName: 'http', protocol: 'tcp', port: 80 }
    expect(rules(cluster, 'nat', 'KUBE-SERVICES')[0]).toMatchObject({
      meaning: { kind: 'service', service, door: 'ClusterIP' },
      origin: { component: 'kube-proxy', object: 'Service/default/web', field: 'spec.ports.0', file: 'cluster.json' },
    })
    const backends = [
      { address: '192.168.1.1', port: 8080, pod: 'default/a', node: 'n1' },
      { address: '192.168.2.1', port: 8080, pod: 'default/b', node: 'n2' },
    ]
    expect(rules(cluster, 'nat', `KUBE-SVC-${H}`).map(({ meaning }) => meaning)).toMatchObject([
      { kind: 'masquerade-mark', why: 'off-cluster' },
      { kind: 'backend', service, chosen: 1, backends, affinity: true },
      { kind: 'backend', chosen: 2, affinity: true },
      { kind: 'backend', chosen: 1, backends },
      { kind: 'backend', chosen: 2, backends },
    ])
    expect(rules(cluster, 'nat', SEP_B!).map(({ meaning }) => meaning)).toMatchObject([
      { kind: 'masquerade-mark', why: 'hairpin' },
      { kind: 'service-dnat', backend: backends[1] },
    ])
    expect(rules(cluster, 'nat', SEP_B!)[1]!.origin).toMatchObject({ object: 'Pod/default/b' })
    expect(rules(cluster, 'filter', 'KUBE-SERVICES')[0]!.meaning).toMatchObject({ kind: 'no-backend', local: false })
  })

  it('are read back from what is printed', () => {
    const { iptables } = cluster.network.namespaces['n1']!
    const text = iptablesSave(iptables)
    const back = parseIptablesSave(text, { file: 'x', path: [], issues: [] }, 'inet')
    for (const table of ['nat', 'filter'] as const) {
      for (const chain of chains(cluster, table)) {
        const parsed = back.tables[table]?.chains[chain]?.rules ?? []
        const bare = (list: typeof parsed) => list.map(({ matches, target }) => ({ matches, target }))
        expect([chain, bare(parsed)]).toEqual([chain, bare(rules(cluster, table, chain))])
      }
    }
  })

  it('are shared between nodes where they are the same', () => {
    for (const chain of [`KUBE-SVC-${H}`, SEP_A!]) {
      const of = (on: string) => cluster.network.namespaces[on]!.iptables!.tables.nat!.chains[chain]
      expect(of('n1')).toBe(of('n2'))
    }
  })

  it('are all named when listed, and found by name before', () => {
    const listed = chains(cluster, 'nat')
    expect(listed).toContain(SEP_B)
    expect(listed).toEqual([...listed.slice(0, 4), ...listed.slice(4).sort()])
    const fresh = web()
    expect(lines(fresh, 'nat', SEP_B!)).toHaveLength(2)
    expect(
      Object.hasOwn(fresh.network.namespaces['n1']!.iptables!.tables.nat!.chains, 'KUBE-SEP-AAAAAAAAAAAAAAAA'),
    ).toBe(false)
  })
})
