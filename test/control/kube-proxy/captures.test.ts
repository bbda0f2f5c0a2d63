// The rules of Services under which the kernel was captured come out of objects that describe them. They were made by hand; what
// they have otherwise than kube-proxy writes it stands here, each with its reason.
import { describe, expect, test } from 'vitest'
import { buildCluster } from '../../../src/control/index.ts'
import { loadResources } from '../../../src/input/index.ts'
import { iptablesSave } from '../../../src/linux/index.ts'
import { readScenario, scenarioText } from '../../support/captures.ts'
import { pod, proxyConfig, service } from './scene.ts'

const POD = {
  '65a': ['controlplane', '192.168.49.65'],
  '66a': ['controlplane', '192.168.49.66'],
  '129b': ['node01', '192.168.196.129'],
  '130b': ['node01', '192.168.196.130'],
} as const

/** A port of a Service on these pods: they bear its name as a label. */
interface Served {
  readonly on: readonly (keyof typeof POD)[]
  readonly clusterIP: string
  readonly port: object
  readonly rest?: object
}

const http = (targetPort: number, rest: object = {}) => ({ name: 'http', port: 80, targetPort, ...rest })

const SERVICES: Readonly<Record<string, Served>> = {
  remote: { on: ['129b'], clusterIP: '10.96.0.100', port: http(8080, { nodePort: 30080 }) },
  local: { on: ['66a'], clusterIP: '10.96.0.101', port: http(8080, { nodePort: 30081 }) },
  self: { on: ['65a'], clusterIP: '10.96.0.102', port: http(8080) },
  dns: {
    on: ['129b'],
    clusterIP: '10.96.0.103',
    port: { name: 'dns', protocol: 'UDP', port: 53, targetPort: 5353, nodePort: 30053 },
  },
  empty: { on: [], clusterIP: '10.96.0.104', port: http(8080) },
  two: { on: ['66a', '130b'], clusterIP: '10.96.0.105', port: http(9000, { protocol: 'UDP' }) },
  localonly: {
    on: ['129b'],
    clusterIP: '10.96.0.106',
    port: http(8080, { nodePort: 30090 }),
    rest: { externalTrafficPolicy: 'Local' },
  },
}

function objects(encapsulation: object): object[] {
  const labelsOf = (name: string) =>
    Object.entries(SERVICES).flatMap(([of, { on }]) => ((on as readonly string[]).includes(name) ? [[of, 'yes']] : []))
  const node = (name: string, address: string) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, annotations: { 'projectcalico.org/IPv4Address': `${address}/16` } },
  })
  return [
    node('controlplane', '172.17.0.32'),
    node('node01', '172.17.0.40'),
    {
      apiVersion: 'projectcalico.org/v3',
      kind: 'IPPool',
      metadata: { name: 'p' },
      spec: { cidr: '192.168.0.0/16', natOutgoing: true, ...encapsulation },
    },
    proxyConfig({ clusterCIDR: '192.168.0.0/16' }),
    ...Object.entries(POD).map(([name, [on, ip]]) =>
      pod(`pod${name}`, on, ip, { labels: Object.fromEntries(labelsOf(name)) }),
    ),
    ...Object.entries(SERVICES).map(([name, { clusterIP, port, rest = {} }]) =>
      service(name, {
        type: 'nodePort' in port ? 'NodePort' : 'ClusterIP',
        selector: { [name]: 'yes' },
        clusterIP,
        ports: [port],
        ...rest,
      }),
    ),
  ]
}

/** Rules that jump to chains of kube-proxy or stand in them, by table; hashes of their names as what they are of. */
function kubeLines(text: string): Map<string, string[]> {
  const tables = new Map<string, string[]>()
  let table = ''
  for (const line of named(text).split('\n')) {
    if (line.startsWith('*')) table = line.slice(1)
    const rule = line.replace(/^\[\d+:\d+\] /, '')
    if (/^-A .*KUBE-/.test(rule)) tables.set(table, [...(tables.get(table) ?? []), plain(rule)])
  }
  return tables
}

/** A dump with its chains called after what they are of: whoever made the captures hashed otherwise. */
function named(text: string): string {
  const names = new Map<string, string>()
  for (const [, name = '', kind, hash = ''] of text.matchAll(
    /--comment "(\S+) cluster IP" .*-j KUBE-(SVC|SVL)-(\w+)$/gm,
  )) {
    for (const of of [kind, 'EXT', 'SVL']) names.set(`KUBE-${of}-${hash}`, `KUBE-${of}-${name}`)
  }
  for (const [, chain = '', sep = ''] of text.matchAll(/-A (KUBE-SV[CL]-\w+) .*-j (KUBE-SEP-\w+)$/gm)) {
    const [, target = ''] = new RegExp(`-A ${sep} .*--to-destination (\\S+)`).exec(text) ?? []
    names.set(sep, `KUBE-SEP-${names.get(chain)?.replace(/^KUBE-SV[CL]-/, '')}-${target}`)
  }
  return text.replaceAll(/KUBE-(?:SVC|SVL|EXT|SEP)-\w+/g, (name) => names.get(name) ?? name)
}

/** What both say: whoever made the captures wrote few comments, and asked for no random ports. */
function plain(line: string): string {
  return line.replace(/ -m comment --comment ("[^"]*"|\S+)/g, '').replace(' --random-fully', '')
}

/** Rules that no kube-proxy writes. */
const HAND_MADE: Readonly<Record<string, readonly string[]>> = {
  // It has no business in INPUT any more: a ClusterIP without endpoints is refused where packets are forwarded or sent.
  filter: ['-A INPUT -m conntrack --ctstate NEW -j KUBE-SERVICES'],
  nat: [
    // Where the choice should be known, it was made in turns, the pod of the first node first.
    '-A KUBE-SVC-default/two:http -m statistic --mode nth --every 2 --packet 0 -j KUBE-SEP-default/two:http-192.168.49.66:9000',
    '-A KUBE-SVC-default/two:http -j KUBE-SEP-default/two:http-192.168.196.130:9000',
  ],
}

/** Rules a kube-proxy of today writes and the captures do not have. */
const MISSING: Readonly<Record<string, readonly string[]>> = {
  filter: [
    // Sources of load balancers, ports of health checks, and 127.0.0.0/8 behind `route_localnet`: nothing of them was tried.
    '-A INPUT -j KUBE-FIREWALL',
    '-A INPUT -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL',
    '-A INPUT -j KUBE-NODEPORTS',
    '-A FORWARD -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL',
    '-A OUTPUT -j KUBE-FIREWALL',
    '-A OUTPUT -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL',
    '-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
  ],
  nat: [
    // By chance, and in the order of their texts.
    '-A KUBE-SVC-default/two:http -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-default/two:http-192.168.196.130:9000',
    '-A KUBE-SVC-default/two:http -j KUBE-SEP-default/two:http-192.168.49.66:9000',
  ],
}

/** Where a node has no endpoint of its own, kube-proxy writes no jump to a chain that would be empty. */
const TO_NOTHING = '-A KUBE-EXT-default/localonly:http -j KUBE-SVL-default/localonly:http'

/** Of the order of Services kube-proxy's own maps decide; that of all else is the same. */
const inOrder = (lines: readonly string[]): string[] => {
  const isOfService = (line: string): boolean => /^-A KUBE-(SERVICES|NODEPORTS|EXTERNAL-SERVICES) .*--dport/.test(line)
  const others = lines.filter((line) => !isOfService(line))
  const chainOf = (line: string): string => line.split(' ')[1]!
  return [
    ...lines.filter(isOfService).sort(),
    ...others.sort((a, b) => (chainOf(a) < chainOf(b) ? -1 : chainOf(a) > chainOf(b) ? 1 : 0)),
  ]
}

describe('rules of Services in captures', () => {
  test.each([
    ['18-services-ipip', { ipipMode: 'Always' }],
    ['18b-services-noencap', { ipipMode: 'Never' }],
    ['18c-services-vxlan', { vxlanMode: 'Always' }],
  ])('%s', (scenario, encapsulation) => {
    const state = JSON.parse(scenarioText(readScenario(scenario), 'state.json'))
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects(encapsulation) })
    const { network } = buildCluster(loadResources([{ name: 'objects', text }]).resources)
    for (const node of ['controlplane', 'node01']) {
      const captured = kubeLines(state[node]['iptables.txt'])
      const rendered = kubeLines(iptablesSave(network.namespaces[node]!.iptables))
      for (const table of ['filter', 'nat']) {
        const odd = [...HAND_MADE[table]!, ...(node === 'controlplane' && table === 'nat' ? [TO_NOTHING] : [])]
        const common = captured.get(table)!.filter((line) => !odd.includes(line))
        expect(captured.get(table)).toEqual(expect.arrayContaining(odd))
        expect(rendered.get(table)).toEqual(expect.arrayContaining([...MISSING[table]!]))
        const own = rendered.get(table)!.filter((line) => !MISSING[table]!.includes(line))
        expect([node, table, inOrder(own)]).toEqual([node, table, inOrder(common)])
      }
    }
  })
})
