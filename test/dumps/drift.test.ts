// What a machine has otherwise than Calico would have written it, and what likely caused it: nothing where it is right, the cause where
// one thing was broken.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hostInterfaceName } from '../../src/control/index.ts'
import type { DriftFinding } from '../../src/dumps/index.ts'
import { describeDrift, Lab } from '../../src/lab/index.ts'
import { encodeUtf8 } from '../../src/wire/index.ts'
import { readScenario, scenarioText } from '../support/captures.ts'
import { simulatedDumps } from '../support/simulated-dumps.ts'

interface Wanted {
  readonly pool?: object
  readonly version?: string
  readonly felix?: object
  readonly more?: readonly object[]
}

const node = (name: string, address: string, annotations: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, annotations: { 'projectcalico.org/IPv4Address': address, ...annotations } },
  status: { addresses: [{ type: 'InternalIP', address: address.split('/')[0] }] },
})

const pod = (name: string, nodeName: string, ip: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: name } },
  spec: { nodeName, containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] },
  status: { podIP: ip, podIPs: [{ ip }], conditions: [{ type: 'Ready', status: 'True' }] },
})

const calico = (kind: string, name: string, spec: object): object => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata: { name },
  spec,
})

const listOf = (items: readonly object[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items })

const settings = ({ pool = { ipipMode: 'Always' }, version = 'v3.28.0', felix = {} }: Wanted): object[] => [
  calico('IPPool', 'pool', { cidr: '192.168.0.0/16', natOutgoing: true, ...pool }),
  calico('ClusterInformation', 'default', { calicoVersion: version }),
  calico('FelixConfiguration', 'default', felix),
]

/** Three nodes on one LAN, a policy and a Service. */
function objects(wanted: Wanted = {}): string {
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'a', namespace: 'default' },
    spec: { podSelector: { matchLabels: { app: 'a' } }, ingress: [{ ports: [{ port: 80 }] }] },
  }
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: 'default' },
    spec: { clusterIP: '10.96.0.10', selector: { app: 'c' }, ports: [{ name: 'http', port: 80 }] },
  }
  return listOf([
    ...settings(wanted),
    node('n1', '10.0.0.11/24'),
    node('n2', '10.0.0.12/24'),
    node('n3', '10.0.0.13/24'),
    pod('a', 'n1', '192.168.1.10'),
    pod('b', 'n1', '192.168.1.11'),
    pod('c', 'n2', '192.168.2.10'),
    pod('d', 'n3', '192.168.3.10'),
    policy,
    service,
    ...(wanted.more ?? []),
  ])
}

type Files = Readonly<Record<string, (text: string) => string>>

/** The drift of n1 after its files were changed; each change has to change something. */
function driftOf(changes: Files, { by = {}, is = by }: { readonly by?: Wanted; readonly is?: Wanted } = {}) {
  const files = simulatedDumps(Lab.load(objects(is)), ['n1'], (text, path) => {
    const change = changes[path.replace('n1/', '')]
    if (change === undefined) return text
    const changed = change(text)
    expect([path, changed]).not.toEqual([path, text])
    return changed
  })
  return Lab.fromDumps(files, { objects: objects(by) }).drift
}

const said = (findings: readonly DriftFinding[]): string[] =>
  findings.map(({ cause, subject }) => (subject === undefined ? cause : `${cause} ${subject}`))

type Row = Record<string, unknown>
const rows =
  (change: (all: Row[]) => Row[]) =>
  (text: string): string =>
    JSON.stringify(change(JSON.parse(text) as Row[]))
const without = (isGone: (row: Row) => boolean) => rows((all) => all.filter((row) => !isGone(row)))
const withRow = (row: Row) => rows((all) => [...all, row])
const edited = (isMeant: (row: Row) => boolean, change: Row) =>
  rows((all) => all.map((row) => (isMeant(row) ? { ...row, ...change } : row)))
const to = (dst: string) => (row: Row) => row['dst'] === dst
const isBirds = ({ protocol }: Row): boolean => protocol === 'bird'
const dev = (name: string) => (row: Row) => row['ifname'] === name || row['dev'] === name
const line = (pattern: RegExp) => (text: string) => text.replace(pattern, '')
/** Everything of a writer: rules of its chains, their declarations, jumps to them. */
const chainsGone = (prefix: string) => (text: string) =>
  text
    .split('\n')
    .filter((one) => !one.includes(prefix))
    .join('\n')

const A = hostInterfaceName('cali', 'default', 'a')
const B = hostInterfaceName('cali', 'default', 'b')
const OTHER = 'cali0123456789a'
const VXLAN: Wanted = { pool: { vxlanMode: 'Always' } }
const isFelix = (row: Row): boolean => `${row['dev']}`.startsWith('cali') || `${row['ifname']}`.startsWith('cali')

const CASES: readonly [what: string, changes: Files, said: readonly string[], how?: Parameters<typeof driftOf>[1]][] = [
  ['no route of BIRD: it does not run', { 'route.json': without(isBirds) }, ['bird_not_running']],
  [
    'only the own blackhole: no session',
    { 'route.json': without((row) => isBirds(row) && row['type'] !== 'blackhole') },
    ['no_bgp_session'],
  ],
  ['nothing of one node: its session', { 'route.json': without(to('192.168.2.0/26')) }, ['bgp_session_down n2']],
  [
    'nothing of Felix: it does not run',
    {
      'route.json': without((row) => isFelix(row)),
      'link.json': edited(dev('tunl0'), { flags: ['NOARP'], operstate: 'DOWN' }),
      'iptables.txt': chainsGone('cali-'),
      'ipset.txt': () => '',
    },
    ['felix_not_running'],
  ],
  ['a pod without its route', { 'route.json': without(to('192.168.1.10')) }, ['not_programmed default/a']],
  [
    'a pod without its host end',
    { 'route.json': without(dev(A)), 'link.json': without(dev(A)), 'addr.json': without(dev(A)) },
    ['pod_not_wired default/a'],
  ],
  [
    'a host end and a route without a pod',
    {
      'route.json': withRow({ dst: '192.168.1.20', dev: OTHER, scope: 'link', flags: [] }),
    },
    ['stale_endpoint'],
  ],
  ['a pod behind another host end', { 'route.json': edited(to('192.168.1.10'), { dev: B }) }, ['moved default/a']],
  [
    'a block by way of another node',
    { 'route.json': edited(to('192.168.2.0/26'), { gateway: '10.0.0.13' }) },
    ['moved 192.168.2.0/26'],
  ],
  [
    'a gateway that is no node',
    { 'route.json': edited(to('192.168.2.0/26'), { gateway: '10.0.0.77' }) },
    ['edited 192.168.2.0/26'],
  ],
  [
    'a block of nobody by way of a node',
    {
      'route.json': withRow({
        dst: '192.168.9.0/26',
        gateway: '10.0.0.12',
        dev: 'tunl0',
        protocol: 'bird',
        flags: ['onlink'],
      }),
    },
    ['stale_route 192.168.9.0/26'],
  ],
  [
    'a block by way of a node that is gone',
    {
      'route.json': withRow({
        dst: '192.168.9.0/26',
        gateway: '10.0.0.19',
        dev: 'tunl0',
        protocol: 'bird',
        flags: ['onlink'],
      }),
    },
    ['stale_node 10.0.0.19'],
  ],
  [
    'a route of BIRD outside of the pools',
    { 'route.json': withRow({ dst: '203.0.113.0/24', gateway: '10.0.0.1', dev: 'eth0', protocol: 'bird', flags: [] }) },
    ['external_route'],
  ],
  [
    'a static route in place of BIRD’s',
    { 'route.json': edited(to('192.168.2.0/26'), { protocol: 'static', dev: 'eth0', flags: [] }) },
    ['foreign_route'],
  ],
  [
    'a static route to one pod besides',
    {
      'route.json': withRow({ dst: '192.168.2.10', gateway: '10.0.0.13', dev: 'eth0', protocol: 'static', flags: [] }),
    },
    ['foreign_route'],
  ],
  [
    'a route of flannel',
    { 'route.json': withRow({ dst: '192.168.2.0/24', gateway: '192.168.2.0', dev: 'flannel.1', flags: ['onlink'] }) },
    ['other_component flannel'],
  ],
  [
    'without the tunnel where the pool asks for it',
    { 'route.json': edited(to('192.168.2.0/26'), { dev: 'eth0', flags: [] }) },
    ['other_encapsulation'],
  ],
  ['routes of pods with another protocol', { 'route.json': edited(isFelix, { protocol: '100' }) }, ['other_setting']],
  ['another MTU', { 'link.json': edited(dev('tunl0'), { mtu: 1440 }) }, ['mtu']],
  [
    'the tunnel is down',
    { 'link.json': edited(dev('tunl0'), { flags: ['NOARP'], operstate: 'DOWN' }) },
    ['link_down tunl0'],
  ],
  [
    'a sysctl',
    { 'sysctl.txt': (text) => text.replace('net.ipv4.ip_forward = 1', 'net.ipv4.ip_forward = 0') },
    ['sysctl_edited'],
  ],
  ['a set without a member', { 'ipset.txt': line(/^add cali40all-hosts-net 10\.0\.0\.12.*\n/m) }, ['stale_set']],
  [
    'a policy rule of nobody',
    { 'rule.json': withRow({ priority: 100, src: '10.9.0.0', srclen: 16, table: '7' }) },
    ['foreign_rule'],
  ],
  [
    'a policy rule of Amazon’s plugin',
    { 'rule.json': withRow({ priority: 1024, src: 'all', fwmark: '0x80', fwmask: '0x80', table: 'main' }) },
    ['other_component the AWS VPC CNI'],
  ],
  ['all chains of Calico flushed', { 'iptables.txt': chainsGone('cali-') }, ['rules_flushed']],
  ['the jump to them taken away', { 'iptables.txt': line(/^.*-A FORWARD .*-j cali-FORWARD\n/m) }, ['rules_flushed']],
  [
    'an ACCEPT put in front of FORWARD',
    {
      'iptables.txt': (text) =>
        text.replace(/^(\[0:0\] )?-A cali-FORWARD /m, '-A cali-FORWARD -s 10.9.0.0/16 -j ACCEPT\n$&'),
    },
    ['rules_edited'],
  ],
  [
    'a rule of a policy taken away',
    { 'iptables.txt': line(/^.*-A cali-pi-.* -m multiport --dports 80 .*\n/m) },
    ['stale_policy'],
  ],
  ['an endpoint of a Service taken away', { 'iptables.txt': line(/^.*-A KUBE-SEP-.*-j DNAT.*\n/m) }, ['stale_service']],
  ['no chain of kube-proxy', { 'iptables.txt': chainsGone('KUBE-') }, ['kube_proxy_not_running']],
  [
    'VXLAN: a node that Felix did not write',
    {
      'route.json': without(to('192.168.2.0/26')),
      'neigh.json': without(dev('vxlan.calico')),
      'fdb.json': without(dev('vxlan.calico')),
    },
    ['not_programmed n2', 'not_programmed n3'],
    { by: VXLAN },
  ],
  [
    'VXLAN: another MAC address of a node',
    { 'neigh.json': edited(to('192.168.2.0'), { lladdr: '66:00:00:00:00:01' }) },
    ['moved n2'],
    { by: VXLAN },
  ],
]

describe('what likely caused a difference', () => {
  it.each(CASES)('%s', (_what, changes, wanted, how) => {
    expect(said(driftOf(changes, how))).toEqual(wanted)
  })

  it('every finding says what it means, why, how to make sure, and where both sides come from', () => {
    const [one, ...more] = driftOf({ 'route.json': without(to('192.168.2.0/26')) })
    expect(more).toEqual([])
    expect(one).toMatchObject({
      node: 'n1',
      differences: [{ kind: 'missing', expected: { origin: { component: 'bird' } } }],
    })
    expect(describeDrift(one!).split('\n')).toEqual([
      'n1: no BGP session: n2 (bgp_session_down)',
      '  means:  Packets to pods of that node take the default route, or none',
      '  likely: The session with that node is down, or its BIRD is: the routes to other nodes are there',
      '  check:  calicoctl node status   (on n1)',
      '          calicoctl get node n2 -o yaml',
      '          kubectl get pods -A -l k8s-app=calico-node --field-selector spec.nodeName=n2',
      '  - n1: route missing: 192.168.2.0/26 via 10.0.0.12 dev tunl0 proto bird onlink',
      expect.stringMatching(/^ {6}expected by bird, IPPool\/pool spec\.ipipMode Always \(input:1\)/),
    ])
  })
})

describe('a thousand nodes', () => {
  it('half of which a machine has no route to: each is named, soon', () => {
    const more = Array.from({ length: 1000 }, (_, i) => {
      const [high, low] = [Math.floor(i / 250), i % 250]
      const name = `m${i}`
      return [node(name, `10.0.${high + 1}.${low + 1}/16`), pod(`on-${name}`, name, `192.168.${high + 100}.${low}`)]
    }).flat()
    // Their blocks hold several nodes each, so that one of them owns it and the others borrow.
    const started = performance.now()
    const isLost = (row: Row): boolean => isBirds(row) && /^192\.168\.10[01]\./.test(`${row['dst']}`)
    const findings = driftOf({ 'route.json': without(isLost) }, { by: { more } })
    expect(findings.length).toBeGreaterThan(100)
    expect(new Set(findings.map(({ cause }) => cause)).has('bgp_session_down')).toBe(true)
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})

describe('routes that tell another release than the objects', () => {
  const of = (version: string, rest: Wanted = {}): Wanted => ({ ...rest, version })
  it.each([
    ['metrics of v3.32, objects of v3.28', of('v3.32.0'), of('v3.28.0'), 'v3.32'],
    ['no metric, objects of v3.32', of('v3.28.0'), of('v3.32.0'), 'v3.28 or older'],
    ['MTUs of routes', of('v3.31.0', VXLAN), of('v3.28.0', VXLAN), 'v3.31'],
    ['the pools’ set and Felix’ IPIP', of('v3.34.0'), of('v3.32.0'), 'v3.33 or newer'],
    ['blackholes of VXLAN', of('v3.22.0', VXLAN), of('v3.18.0', VXLAN), 'v3.20 to v3.28'],
    ['none, and addresses of tunnels as of old', of('v3.18.0', VXLAN), of('v3.28.0', VXLAN), 'v3.19 or older'],
  ])('%s', (_what, is, by, tells) => {
    const [first, ...more] = driftOf({}, { is, by })
    expect([first?.cause, said(more)]).toEqual(['other_release', []])
    expect(first?.because).toContain(`tells ${tells}`)
    expect(first?.because).toContain(`${by.version} was expected`)
  })

  it.each(['v3.18.0', 'v3.22.0', 'v3.28.0', 'v3.30.0', 'v3.31.0', 'v3.32.0', 'v3.34.0'])(
    '%s: nothing where they say it',
    (version) => {
      for (const pool of [{ ipipMode: 'Always' }, { vxlanMode: 'Always' }, { ipipMode: 'CrossSubnet' }, {}])
        expect([pool, said(driftOf({}, { by: { pool, version } }))]).toEqual([pool, []])
    },
  )
})

describe('nothing, where the objects are right', () => {
  it.each(['ipip', 'vxlan', 'noencap'])('the demo, %s', (name) => {
    const text = readFileSync(new URL(`../../examples/demo/${name}.yaml`, import.meta.url), 'utf8')
    const whole = Lab.load(text)
    const nodes = Object.values(whole.network.namespaces).flatMap((ns) => (ns.role === 'node' ? [ns.name] : []))
    expect(said(Lab.fromDumps(simulatedDumps(whole, nodes), { objects: text }).drift)).toEqual([])
  })
})

/** Host ends of the captures, and the pods behind them. */
const ENDS = {
  cali3593afd424a: ['pod65a', 'controlplane', '192.168.49.65'],
  cali81c4f903bf4: ['pod66a', 'controlplane', '192.168.49.66'],
  cali43e63c74d2c: ['pod129b', 'node01', '192.168.196.129'],
  caliedb5e8f426b: ['pod130b', 'node01', '192.168.196.130'],
} as const

/** The objects under which the kernel was captured; `macs`: link-layer addresses of the VXLAN devices. */
function ofCapture(wanted: Wanted, captured: string): string {
  const mac = (address: string): object => ({ 'projectcalico.org/VXLANTunnelMACAddr': address })
  return listOf([
    ...settings({ version: 'v3.27.0', ...wanted }),
    node('controlplane', '172.17.0.32/16', mac('66:a4:1f:a0:b2:8a')),
    node('node01', '172.17.0.40/16', mac('66:6a:11:82:80:de')),
    ...Object.entries(ENDS).flatMap(([end, [name, on, ip]]) => (captured.includes(end) ? [pod(name, on, ip)] : [])),
  ])
}

function driftOfCapture(scenario: string, wanted: Wanted): readonly DriftFinding[] {
  const state = JSON.parse(scenarioText(readScenario(scenario), 'state.json')) as Record<
    string,
    Record<string, unknown>
  >
  const files = ['controlplane', 'node01'].flatMap((name) =>
    Object.entries(state[name]!).map(([file, content]) => {
      let text = typeof content === 'string' ? content : JSON.stringify(content)
      for (const [end, [of]] of Object.entries(ENDS))
        text = text.replaceAll(end, hostInterfaceName('cali', 'default', of))
      return [`${name}/${file}`, encodeUtf8(text)] as const
    }),
  )
  return Lab.fromDumps(Object.fromEntries(files), { objects: ofCapture(wanted, JSON.stringify(state)) }).drift
}

describe('captures run backwards: the objects that can be written down give their state', () => {
  it.each([
    ['02-noencap', {}],
    ['03-ipip', { ipipMode: 'Always' }],
    ['10-pods-and-nodes', { ipipMode: 'Always' }],
    ['10c-pods-and-nodes-noencap', {}],
    ['12-l4', { ipipMode: 'Always' }],
  ])('%s', (scenario, pool) => {
    expect(said(driftOfCapture(scenario, { pool }))).toEqual([])
  })

  it.each(['04-vxlan', '10b-pods-and-nodes-vxlan'])(
    '%s: whoever made them gave routes into the tunnel Felix’ own protocol',
    (scenario) => {
      const findings = driftOfCapture(scenario, { pool: { vxlanMode: 'Always' } })
      expect(said(findings)).toEqual(['other_setting', 'other_setting'])
      expect(findings.flatMap(({ differences }) => differences.map(({ found }) => found?.text))).toEqual([
        expect.stringMatching(/dev vxlan\.calico proto 80/),
        expect.stringMatching(/dev vxlan\.calico proto 80/),
      ])
    },
  )

  it.each([
    ['02b-noencap-felix', {}, ['stale_set', 'stale_policy']],
    ['03b-ipip-felix', { ipipMode: 'Always' }, ['stale_policy']],
    ['18-services-ipip', { ipipMode: 'Always' }, ['stale_policy']],
  ])(
    '%s: of Felix’ rules only the profiles of service accounts are missing, which nobody wrote down',
    (scenario, pool, causes) => {
      const findings = driftOfCapture(scenario, { pool })
      expect(said(findings)).toEqual([...causes, ...causes])
      const chains = findings.flatMap(({ differences }) => differences).filter(({ table }) => table === 'chain')
      expect(chains.length).toBe(8)
      for (const { found, expected } of chains) {
        expect(found?.text).toMatch(/: without these$/)
        expect(expected?.text).toMatch(/-j cali-pr[io]-ksa\.default\.default; -A \S+ -m mark --mark \S+ -j RETURN$/)
      }
    },
  )
})
