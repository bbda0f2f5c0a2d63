// Dumps beside the objects of their cluster: machines are as they were dumped, everything has the names of the objects, what no dump holds
// is derived and said to be, and every difference is listed with where both sides come from.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { describeDifference, Lab } from '../../src/lab/index.ts'
import { describeNote, InputError } from '../../src/model/index.ts'
import type { Run } from '../../src/shell/index.ts'
import type { Trace } from '../../src/trace/index.ts'
import { decisionsOf } from '../../src/trace/index.ts'
import { simulatedDumps } from '../support/simulated-dumps.ts'

/** Two nodes on one LAN; `more` is added to the objects. */
function objects(more = '', pool = 'ipipMode: Always'): string {
  const pod = (name: string, node: string, ip: string): string => `
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: default, labels: {app: ${name}}}
spec: {nodeName: ${node}, containers: [{name: c, image: x}]}
status: {podIPs: [{ip: ${ip}}]}`
  const node = (name: string, ip: string): string => `
---
apiVersion: v1
kind: Node
metadata: {name: ${name}}
status: {addresses: [{type: InternalIP, address: ${ip}}]}`
  return `apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: pool}
spec: {cidr: 192.168.0.0/16, ${pool}, natOutgoing: true}${node('n1', '10.0.0.11')}${node('n2', '10.0.0.12')}${pod('a', 'n1', '192.168.1.10')}${pod('b', 'n1', '192.168.1.11')}${pod('c', 'n2', '192.168.2.10')}
${more}`
}

const OBJECTS = { name: 'cluster.yaml', text: objects() }
const real = Lab.load([OBJECTS])
const [CALI_A] = Object.keys(real.network.namespaces['n1']!.interfaces).filter((name) => name.startsWith('cali'))
/** The ways of request and answer. */
const pathOf = ({ packets }: Trace): (readonly string[])[] =>
  packets.filter(({ role }) => role === 'request' || role === 'reply').map(({ path }) => path)
const notesOf = (run: Run): string[] => run.notes.map(describeNote)

describe('objects and dumps together', () => {
  it.each(['ipip', 'vxlan', 'noencap'])('%s: no difference where Calico wrote it, and the same way', (name) => {
    const text = readFileSync(new URL(`../../examples/demo/${name}.yaml`, import.meta.url), 'utf8')
    const whole = Lab.load(text)
    const nodes = Object.values(whole.network.namespaces)
      .filter(({ role }) => role === 'node')
      .map((ns) => ns.name)
    for (const dumped of [nodes, nodes.slice(0, 1), nodes.slice(1)]) {
      const lab = Lab.fromDumps(simulatedDumps(whole, dumped), { objects: text })
      expect(lab.differences.map(describeDifference)).toEqual([])
      const [from, ...others] = whole.pods as [string, ...string[]]
      for (const to of [...others, '8.8.8.8']) {
        const wanted = whole.ping(from, to).trace
        const { trace } = lab.ping(from, to)
        expect([to, trace.ok, pathOf(trace)]).toEqual([to, true, pathOf(wanted)])
      }
    }
  })

  it('what no dump holds is derived, and said to be where it is on the way', () => {
    const lab = Lab.fromDumps(simulatedDumps(real, ['n1']), { objects: [OBJECTS] })
    const near = lab.ping('default/a', 'default/b')
    expect([near.ok, near.certainty]).toEqual([true, 'assumed'])
    expect(notesOf(near)).toEqual([
      'default/a: its inside was not dumped and is derived from the objects',
      'default/b: its inside was not dumped and is derived from the objects',
    ])
    expect(notesOf(lab.ping('default/a', 'default/c'))).toContain(
      'n2: it was not dumped: what Calico would write there is assumed',
    )
  })

  it('a namespace of a pod that was dumped is that pod, by its address', () => {
    const files = simulatedDumps(real, ['n1', 'default/a'], undefined, (name) => name.replace('default/a', 'n1.cni-7'))
    const lab = Lab.fromDumps(files, { objects: [OBJECTS] })
    expect(lab.notes).toContain('assumed: the dump n1.cni-7 is default/a, as its address says')
    expect(notesOf(lab.ping('default/a', 'default/b'))).toEqual([
      'default/b: its inside was not dumped and is derived from the objects',
    ])
  })

  it('… or by the hash in the name of its host end, where no object tells an address', () => {
    // As ip prints it: the other end is in a namespace of this number.
    const numbered = (text: string): string => text.replaceAll('"link_index":', '"link_netnsid":0,"link_index":')
    const unaddressed = objects().replace(/\nstatus: \{podIPs: .*\}/g, '')
    const lab = Lab.fromDumps(
      simulatedDumps(real, ['n1', 'default/a'], numbered, (name) => name.replace('default/a', 'n1.cni-7')),
      { objects: unaddressed },
    )
    expect(lab.notes).toContain('assumed: the dump n1.cni-7 is default/a, as the host end of its veth says')
    // What the machine routes to a host end is the pod's address.
    expect(lab.endpoint('default/b').address).toBe('192.168.1.11')
    expect(lab.ping('default/a', 'default/b').ok).toBe(true)
  })

  it.each([
    ['n1.example.com', 'n1'],
    ['ip-10-0-0-11', 'n1'],
  ])('a node may be called otherwise: %s', (folder, node) => {
    const lab = Lab.fromDumps(
      simulatedDumps(real, ['n1'], undefined, () => folder),
      { objects: [OBJECTS] },
    )
    expect(Object.keys(lab.network.namespaces)).not.toContain(folder)
    expect(lab.ping(`node/${node}`, 'default/c').ok).toBe(true)
  })

  it('a machine that is in no object is named, and kept as it is', () => {
    const files = simulatedDumps(
      real,
      ['n1', 'n2'],
      (text, path) => (path.startsWith('n2/') ? text.replaceAll('10.0.0.12', '10.0.0.99') : text),
      (name) => (name === 'n2' ? 'stranger' : name),
    )
    const lab = Lab.fromDumps(files, { objects: [OBJECTS] })
    expect(lab.notes).toContain('assumed: stranger is in no object: its dump is taken as it is')
    expect(lab.ping('n1', '10.0.0.99').trace.disposition).toMatchObject({ kind: 'answered', by: 'stranger' })
  })

  it('two dumps of one node are refused by name', () => {
    const twice = {
      ...simulatedDumps(real, ['n1']),
      ...simulatedDumps(real, ['n1'], undefined, () => 'n1.example.com'),
    }
    expect(() => Lab.fromDumps(twice, { objects: [OBJECTS] })).toThrow(InputError)
    expect(() => Lab.fromDumps(twice, { objects: [OBJECTS] })).toThrow('one dump of n1')
  })

  it('cards, masks and gateways are those of the machines, for the others as well', () => {
    const other = (text: string): string =>
      text
        .replaceAll('"eth0"', '"enp1s0"')
        .replaceAll('10.0.0.0/24', '10.0.0.0/20')
        .replaceAll('"prefixlen":24', '"prefixlen":20')
        .replaceAll('"10.0.0.1"', '"10.0.15.254"')
        .replaceAll('.eth0.', '.enp1s0.')
    const lab = Lab.fromDumps(simulatedDumps(real, ['n1'], other), { objects: [OBJECTS] })
    expect(lab.differences.map(describeDifference)).toEqual([])
    expect(lab.ping('default/a', 'default/c').trace.ok).toBe(true)
    const out = lab.ping('default/a', '8.8.8.8')
    expect(out.trace.ok).toBe(true)
    expect(out.trace.hops.some((hop) => hop.kind === 'route' && hop.via === '10.0.15.254')).toBe(true)
    const addresses = Object.values(lab.network.namespaces['n2']!.interfaces).flatMap((dev) => dev.addresses)
    expect(addresses.find(({ local }) => local === '10.0.0.12')?.prefixlen).toBe(20)
  })

  it('a machine nobody dumped answers at the link-layer address by which the dumps know it', () => {
    const known = JSON.stringify([{ dst: '10.0.0.12', dev: 'eth0', lladdr: '52:54:00:00:00:99', state: ['STALE'] }])
    const lab = Lab.fromDumps(
      simulatedDumps(real, ['n1'], (text, path) => (path === 'n1/neigh.json' ? known : text)),
      { objects: [OBJECTS] },
    )
    expect(lab.network.namespaces['n2']!.interfaces['eth0']?.mac).toBe('52:54:00:00:00:99')
    expect(lab.ping('default/a', 'default/c').ok).toBe(true)
  })

  it.each(['gw', 'tor1', 'router-x', 'zz'])(
    'routers and machines of an Underlay answer at the link-layer addresses that dumps know, whatever they are called: %s',
    (router) => {
      const underlay = `
---
apiVersion: packetwalk/v1
kind: Underlay
metadata: {name: u}
spec:
  segments:
  - {name: lan, cidr: 10.0.0.0/24}
  - {name: dmz, cidr: 10.9.0.0/24}
  nodes:
  - {name: n1, interfaces: [{name: eth0, segment: lan, address: 10.0.0.11/24}], routes: [default via 10.0.0.1]}
  - {name: n2, interfaces: [{name: eth0, segment: lan, address: 10.0.0.12/24}], routes: [default via 10.0.0.1]}
  - {name: files, interfaces: [{name: eth0, segment: lan, address: 10.0.0.50/24}], routes: [default via 10.0.0.1]}
  - {name: far, interfaces: [{name: eth0, segment: dmz, address: 10.9.0.5/24}], routes: [default via 10.9.0.1]}
  routers:
  - name: ${router}
    interfaces:
    - {name: a, segment: lan, address: 10.0.0.1/24}
    - {name: b, segment: dmz, address: 10.9.0.1/24}
`
      const text = objects(underlay)
      const whole = Lab.load(text)
      const entry = (dst: string, last: string) => ({
        dst,
        dev: 'eth0',
        lladdr: `52:54:00:00:00:${last}`,
        state: ['REACHABLE'],
      })
      const known = JSON.stringify([entry('10.0.0.1', '01'), entry('10.0.0.12', '12'), entry('10.0.0.50', '50')])
      const files = simulatedDumps(whole, ['n1'], (was, path) => (path === 'n1/neigh.json' ? known : was))
      const lab = Lab.fromDumps(files, { objects: text })
      const macOf = (netns: string, dev: string) => lab.network.namespaces[netns]?.interfaces[dev]?.mac
      expect([macOf(router, 'a'), macOf('n2', 'eth0'), macOf('files', 'eth0')]).toEqual([
        '52:54:00:00:00:01',
        '52:54:00:00:00:12',
        '52:54:00:00:00:50',
      ])
      expect(macOf(router, 'b')).toBe(whole.network.namespaces[router]?.interfaces['b']?.mac)
      for (const to of ['10.9.0.5', '10.0.0.50', 'default/c'])
        expect([to, lab.ping('node/n1', to).ok]).toEqual([to, true])
    },
  )

  it('a pod that only a dump knows is named by its address', () => {
    const fewer = objects().replace(/---\napiVersion: v1\nkind: Pod\nmetadata: \{name: b,[\s\S]*?(?=---)/, '')
    const lab = Lab.fromDumps(simulatedDumps(real, ['n1']), { objects: fewer })
    expect(lab.pods).toEqual(['default/a', 'default/c', 'pod-192.168.1.11'])
    expect(lab.ping('default/a', '192.168.1.11').trace.disposition).toMatchObject({ by: 'pod-192.168.1.11' })
    expect(lab.differences.map(({ table, kind }) => `${table} ${kind}`)).toEqual(['route extra', 'link extra'])
  })

  it('a pod whose host end is not in the dump is cut off, and a failure there is undecided', () => {
    const without = (text: string, path: string): string => {
      if (!path.endsWith('.json')) return text
      const rows = JSON.parse(text) as { ifname?: string; dev?: string }[]
      return JSON.stringify(rows.filter(({ ifname, dev }) => ifname !== CALI_A && dev !== CALI_A))
    }
    const lab = Lab.fromDumps(simulatedDumps(real, ['n1'], without), { objects: [OBJECTS] })
    const run = lab.ping('default/a', 'default/b')
    expect([run.ok, run.certainty]).toEqual([false, 'undecided'])
    expect(notesOf(run).join('\n')).toContain(`default/a: the dump of n1 has no ${CALI_A}, which is its host end`)
    expect(lab.differences.map(({ table, kind }) => `${table} ${kind}`)).toEqual(['route missing', 'link missing'])
  })
})

describe('what objects ask for and dumps decide', () => {
  const policy = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: default}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
apiVersion: v1
kind: Service
metadata: {name: s, namespace: default}
spec: {clusterIP: 10.96.0.10, selector: {app: a}, ports: [{port: 80}]}`
  const text = objects(policy)
  const undecided = (run: Run): string[] =>
    run.notes.filter(({ effect }) => effect === 'undecided').map(({ code }) => code)

  it('a policy is what the rules of the dump do; where an end was not dumped, what Felix makes of the objects', () => {
    const both = Lab.fromDumps(simulatedDumps(real, ['n1', 'n2']), { objects: text })
    expect(undecided(both.ping('default/a', 'default/c'))).toEqual([])
    const one = Lab.fromDumps(simulatedDumps(real, ['n1']), { objects: text })
    expect(undecided(one.ping('default/a', 'default/b'))).toEqual([])
    const derived = one.ping('default/a', 'default/c')
    expect([derived.ok, undecided(derived)]).toEqual([false, []])
  })

  it('rules that were dumped drop, and the answer is no longer open', () => {
    const drop = '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n'
    const lab = Lab.fromDumps(
      simulatedDumps(real, ['n1'], (content, path) => (path === 'n1/iptables.txt' ? drop : content)),
      { objects: text },
    )
    const run = lab.ping('default/a', 'default/b')
    expect(run.trace.disposition).toMatchObject({ kind: 'dropped', netns: 'n1' })
    expect(undecided(run)).toEqual([])
  })

  it('a Service is translated where the packet begins: by the rules of the dump, or those of the objects', () => {
    const lab = Lab.fromDumps(simulatedDumps(real, ['n1']), { objects: text })
    expect(undecided(lab.tcp('default/a', '10.96.0.10', 80))).not.toContain('service')
    const derived = lab.tcp('default/c', '10.96.0.10', 80)
    expect(undecided(derived)).toEqual([])
    expect(
      decisionsOf(derived.trace)
        .map(({ kind }) => kind)
        .slice(0, 3),
    ).toEqual(['service', 'nat', 'tier-end'])
  })
})

/** A change of a dump, and the difference it makes. */
const CHANGES: readonly [what: string, file: string, change: (text: string) => string, says: RegExp][] = [
  [
    'a route that BIRD would have written',
    'route.json',
    (text) => JSON.stringify((JSON.parse(text) as { dst: string }[]).filter(({ dst }) => dst !== '192.168.2.0/26')),
    /^n1: route missing: 192\.168\.2\.0\/26 via 10\.0\.0\.12 dev tunl0 proto bird .*onlink\s*\n {4}expected by bird, IPPool\/pool spec\.ipipMode Always \(cluster\.yaml:4\)/,
  ],
  [
    'another gateway',
    'route.json',
    (text) => text.replace('"gateway":"10.0.0.12"', '"gateway":"10.0.0.77"'),
    /^n1: route changed: 192\.168\.2\.0\/26 via 10\.0\.0\.77 dev tunl0 proto bird .*onlink, expected 192\.168\.2\.0\/26 via 10\.0\.0\.12 .*\n.*\n {4}found in n1\/route\.json \[\d+\]/,
  ],
  [
    'a route of BIRD that nobody expects',
    'route.json',
    (text) =>
      text.replace(
        '[',
        '[{"dst":"192.168.9.0/26","gateway":"10.0.0.12","dev":"tunl0","protocol":"bird","flags":["onlink"]},',
      ),
    /^n1: route extra: 192\.168\.9\.0\/26 via 10\.0\.0\.12 dev tunl0 proto bird onlink\s*\n {4}found in n1\/route\.json \[0\]$/,
  ],
  [
    'another MTU of the tunnel',
    'link.json',
    (text) => text.replace(/("ifname":"tunl0".*?"mtu":)\d+/, '$11440'),
    /^n1: link changed: tunl0 mtu 1440 up 192\.168\.1\.\d+\/32, expected tunl0 mtu 1480 up /,
  ],
  [
    'a policy rule of nobody',
    'rule.json',
    (text) => text.replace('[', '[{"priority":100,"src":"10.9.0.0","srclen":16,"table":"7"},'),
    /^n1: rule extra: 100: from 10\.9\.0\.0\/16 lookup 7/,
  ],
  [
    'a sysctl',
    'sysctl.txt',
    (text) => text.replace('net.ipv4.ip_forward = 1', 'net.ipv4.ip_forward = 0'),
    /^n1: sysctl changed: net\.ipv4\.ip_forward = 0, expected net\.ipv4\.ip_forward = 1\n/,
  ],
  [
    'a set without the pool',
    'ipset.txt',
    (text) => text.replace(/^add cali40all-ipam-pools .*\n/m, ''),
    /^n1: ipset changed: cali40all-ipam-pools hash:net: , expected cali40all-ipam-pools hash:net: 192\.168\.0\.0\/16/,
  ],
]

describe('every difference is listed, with where both sides come from', () => {
  it.each(CHANGES)('%s', (_what, file, change, says) => {
    const files = simulatedDumps(real, ['n1', 'n2'], (text, path) => {
      if (path !== `n1/${file}`) return text
      const changed = change(text)
      expect(changed).not.toBe(text)
      return changed
    })
    const lab = Lab.fromDumps(files, { objects: [OBJECTS] })
    const [first, ...more] = lab.differences.map(describeDifference)
    expect(first).toMatch(says)
    expect(more).toEqual([])
    expect(lab.notes.at(-1)).toBe(
      '1 difference between the dumps and what Calico would write (packetwalk diff shows them)',
    )
  })

  it('VXLAN: neighbours and forwarding entries of the tunnel', () => {
    const vxlan = objects('', 'vxlanMode: Always')
    const whole = Lab.load([{ name: 'cluster.yaml', text: vxlan }])
    const files = simulatedDumps(whole, ['n1'], (text, path) =>
      path === 'n1/neigh.json' || path === 'n1/fdb.json' ? '[]' : text,
    )
    const lab = Lab.fromDumps(files, { objects: vxlan })
    expect(
      lab.differences.map(({ table, kind, expected }) => `${table} ${kind} ${expected?.origin?.component}`),
    ).toEqual(['neighbour missing felix', 'fdb missing felix'])
    const run = lab.ping('default/a', 'default/c')
    expect(run.ok).toBe(false)
  })

  it('a route that is not there is what a failure is blamed on, as without a dump', () => {
    const files = simulatedDumps(real, ['n1'], (text, path) =>
      path === 'n1/route.json'
        ? JSON.stringify((JSON.parse(text) as { dst: string }[]).filter(({ dst }) => dst !== '192.168.2.0/26'))
        : text,
    )
    const run = Lab.fromDumps(files, { objects: [OBJECTS] }).ping('default/a', 'default/c')
    expect(run.diagnosis[0]).toMatchObject({ code: 'route_missing', netns: 'n1', by: 'bird' })
  })
})
