// Runs in networks that work and in networks that are broken in every way, and all that is told of them in every form.
import { describe } from 'vitest'
import type { Lab } from '../../src/lab/index.ts'
import { InputError } from '../../src/model/index.ts'
import type { LabSnapshot, Run } from '../../src/shell/index.ts'
import { diffTraces } from '../../src/trace/index.ts'
import { goldens } from '../support/golden.ts'
import { goldenLab, placesOf } from '../support/golden-labs.ts'
import { told, toldInAllForms, toldInShort } from '../support/told.ts'

type Ask = (lab: Lab, from: string, to: string) => Run

const ASKS: Readonly<Record<string, Ask>> = {
  ping: (lab, from, to) => lab.ping(from, to),
  tcp: (lab, from, to) => lab.tcp(from, to, 80, { timeout: 2 }),
  udp: (lab, from, to) => lab.udp(from, to, 9999, { timeout: 1 }),
  refused: (lab, from, to) => lab.tcp(from, to, 81, { server: false }),
  closed: (lab, from, to) => lab.udp(from, to, 9998, { server: false, timeout: 1 }),
  traceroute: (lab, from, to) => lab.traceroute(from, to, { maxHops: 5 } as never),
  big: (lab, from, to) => lab.ping(from, to, { size: 3000 }),
  unfragmented: (lab, from, to) => lab.ping(from, to, { size: 1472, pmtudisc: 'do' }),
  transfer: (lab, from, to) => lab.tcp(from, to, 80, { request: 3000, reply: 5000 }),
  datagrams: (lab, from, to) => lab.udp(from, to, 53, { size: 2000, count: 2, sourcePort: 4000 }),
  'short-lived': (lab, from, to) => lab.ping(from, to, { ttl: 1 }),
  raw: (lab, from, to) => lab.raw(from, to, 47),
  'raw-unheard': (lab, from, to) => lab.raw(from, to, 132, { server: false, timeout: 1 }),
}

/** Lines typed before; `NODE` is where the first pod is, `OTHER` the last node, `POD` the first pod. */
const BREAKAGES: Readonly<Record<string, readonly string[]>> = {
  nothing: [],
  'no forwarding': ['NODE$ sysctl -w net.ipv4.ip_forward=0'],
  'no forwarding there': ['OTHER$ sysctl -w net.ipv4.ip_forward=0'],
  'no proxy arp': ['NODE$ sysctl -w net.ipv4.conf.VETH.proxy_arp=0'],
  'strict reverse path': ['OTHER$ sysctl -w net.ipv4.conf.all.rp_filter=1'],
  'routes gone': ['NODE$ ip route flush proto bird'],
  'routes gone there': ['OTHER$ ip route flush proto bird'],
  'no default route': ['POD$ ip route del default'],
  'default unreachable': ['NODE$ ip route add unreachable TO'],
  'default prohibited': ['NODE$ ip route add prohibit TO'],
  'default blackhole': ['OTHER$ ip route add blackhole FROM'],
  throw: ['NODE$ ip route add throw TO'],
  'rule refuses': ['NODE$ ip rule add to TO prohibit pref 10'],
  'rule to an empty table': [
    'NODE$ ip rule add to TO table 100 pref 10',
    'NODE$ ip route add unreachable default table 100',
  ],
  'card down': ['NODE$ ip link set CARD down'],
  'card down there': ['OTHER$ ip link set CARD down'],
  'pod down': ['POD$ ip link set eth0 down'],
  'small card': ['NODE$ ip link set CARD mtu 600'],
  'small card there': ['OTHER$ ip link set CARD mtu 700'],
  'wrong neighbour': ['POD$ ip neigh replace 169.254.1.1 lladdr 02:00:00:00:00:99 dev eth0'],
  dropped: ['NODE$ iptables -I FORWARD 1 -j DROP'],
  'dropped there': ['OTHER$ iptables -A INPUT -j DROP', 'OTHER$ iptables -I FORWARD 1 -d TO -j DROP'],
  'answers dropped': ['NODE$ iptables -I FORWARD 1 -s TO -j DROP'],
  rejected: ['NODE$ iptables -I FORWARD 1 -j REJECT --reject-with icmp-admin-prohibited'],
  reset: ['NODE$ iptables -I FORWARD 1 -p tcp -j REJECT --reject-with tcp-reset'],
  'dropped by policy of a chain': ['OTHER$ iptables -P FORWARD DROP', 'OTHER$ iptables -F FORWARD'],
  'dropped on the way out': ['POD$ iptables -A OUTPUT -j DROP'],
  'dropped on the way in': ['TOPOD$ iptables -A INPUT -j DROP'],
  'dropped early': ['NODE$ iptables -t raw -I PREROUTING 1 -j DROP'],
  'dropped late': ['NODE$ iptables -t mangle -A POSTROUTING -j DROP'],
  translated: [
    'NODE$ iptables -t nat -I PREROUTING 1 -d 198.51.100.7 -j DNAT --to-destination TO',
    'NODE$ iptables -t nat -A POSTROUTING -j MASQUERADE',
  ],
  marked: [
    'NODE$ iptables -t mangle -A PREROUTING -j MARK --set-xmark 0x99/0xff',
    'NODE$ ip rule add fwmark 0x99/0xff blackhole pref 9',
  ],
  'user chain': [
    'NODE$ iptables -N mine',
    'NODE$ iptables -A mine -p icmp -j RETURN',
    'NODE$ iptables -A mine -j ACCEPT',
    'NODE$ iptables -I FORWARD 1 -j mine',
  ],
  untracked: [
    'NODE$ iptables -t raw -I PREROUTING 1 -j NOTRACK',
    'NODE$ iptables -I FORWARD 1 -m conntrack --ctstate INVALID -j DROP',
  ],
  'address gone': ['OTHER$ ip addr flush dev CARD'],
  'tunnel down': [
    'NODE$ ip link set tunl0 down',
    'NODE$ ip link set vxlan.calico down',
    'NODE$ ip link set wireguard.cali down',
  ],
  'two ways': ['NODE$ ip route replace TO nexthop via FROM dev VETH nexthop via FROM dev VETH weight 2'],
}

/** What is asked in a network that is broken: the ends, and every third time something else. */
const BROKEN: Readonly<Record<string, (i: number) => readonly string[]>> = {
  'demo-ipip': () => ['ping'],
  'shop-vxlan': (i) => [['udp', 'big', 'tcp'][i % 3] as string],
  'shop-wireguard': (i) => (i % 3 === 0 ? ['traceroute'] : []),
}
const WHOLE = [
  'demo-noencap',
  'demo-vxlan',
  'policy-shop',
  'random-ipip-cross-subnet',
  'random-vxlan-always',
  'line-1',
  'line-2',
  'dump-03-ipip',
  'dump-08-wireguard',
  'dump-17c-ipv6-vxlan',
  'dump-18-services-ipip',
  'dump-19b-policy-noencap-reject',
  'dump-20b-docker-bridge-brnf',
  'dump-21-policy-routing',
  'dump-22-vxlan-faults',
] as const

/** What is asked in a town: all ends there are, and a few ports. */
const TOWN: Readonly<Record<string, (lab: Lab) => Run>> = Object.fromEntries([
  ...[
    'svc/default/web',
    'svc/default/near',
    'svc/default/none',
    'svc/default/only',
    'svc/default/lb',
    'svc/default/waiting',
    'svc/default/six',
    'svc/shop/db',
    'svc/shop/heads',
    'svc/shop/hollow',
    'svc/shop/elsewhere',
    '203.0.113.5',
    '10.96.0.99',
    'web.default',
    'svc/default/manual',
  ].flatMap((to) =>
    ['default/a', 'shop/web-0', 'node/n1', 'client'].map((from): [string, (lab: Lab) => Run] => [
      `${from} ${to}`,
      (lab) => lab.tcp(from, to, to.includes('/db') ? 5432 : to.includes('manual') ? 443 : 80, { timeout: 2 }),
    ]),
  ),
  ...[
    'default/b',
    'default/alone',
    'shop/db-0',
    'node/n2',
    'node/n3',
    'internet',
    'client',
    '198.51.100.9',
    'fd00:10::81',
    'fd00:1::12',
    'router',
    'default/a',
  ].flatMap((to) =>
    ['default/a', 'shop/web-0', 'node/n3'].map((from): [string, (lab: Lab) => Run] => [
      `${from} ${to} ping`,
      (lab) => lab.ping(from, to),
    ]),
  ),
  ...['node/n1', 'node/n2', 'node/n3'].flatMap((to) =>
    [30080, 30082, 30083, 8081, 22, 23].map((port): [string, (lab: Lab) => Run] => [
      `client ${to} ${port}`,
      (lab) => lab.tcp('client', to, port, { timeout: 2 }),
    ]),
  ),
  ...['kube-system/dns-0', 'svc/kube-system/kube-dns', 'node/n2'].map((to): [string, (lab: Lab) => Run] => [
    `shop/web-0 ${to} dns`,
    (lab) => lab.udp('shop/web-0', to, 53),
  ]),
  ...[23, 8000, 8050, 80].map((port): [string, (lab: Lab) => Run] => [
    `default/a default/alone ${port}`,
    (lab) => lab.tcp('default/a', 'default/alone', port, { timeout: 2 }),
  ]),
  ['default/a default/c http', (lab) => lab.tcp('default/a', 'default/c', 'http')],
  ['default/a default/c bogus', (lab) => lab.tcp('default/a', 'default/c', 'bogus')],
  ['default/a bogus', (lab) => lab.ping('default/a', 'bogus')],
  ['bogus default/a', (lab) => lab.ping('bogus', 'default/a')],
])

/** Names in the lines of a breakage. */
interface Names {
  readonly from: string
  readonly to: string
  readonly fill: (line: string) => string
}

function namesOf(lab: Lab): Names {
  const { pods, nodes, others } = placesOf(lab)
  const ends = pods.length >= 2 ? pods : [...pods, ...nodes, ...others]
  const [from = '', to = ''] = [ends[0], ends.at(-1)]
  const addressOf = (name: string): string =>
    Object.values(lab.network.namespaces[name]?.interfaces ?? {})
      .flatMap(({ addresses }) => addresses)
      .find(({ family, scope }) => family === 'inet' && scope === 'global')?.local ?? '10.0.0.1'
  const wire = (name: string) => lab.network.wires.find(({ ends: [a, b] }) => a.netns === name || b.netns === name)
  const nodeOf = (name: string): { netns: string; dev: string } | undefined =>
    wire(name)?.ends.find(({ netns }) => netns !== name)
  const [near, far] = [nodeOf(from), nodeOf(to)]
  const card = (netns = ''): string =>
    Object.values(lab.network.namespaces[netns]?.interfaces ?? {}).find(({ kind }) => kind === 'ethernet')?.name ??
    'eth0'
  const fill = (line: string): string => {
    const netns = line.startsWith('NODE') ? near?.netns : far?.netns
    return line
      .replace('TOPOD$', `${to}$`)
      .replace('POD$', `${from}$`)
      .replace('NODE$', `${near?.netns}$`)
      .replace('OTHER$', `${far?.netns}$`)
      .replaceAll('CARD', card(netns))
      .replaceAll('VETH', near?.dev ?? 'eth0')
      .replaceAll('FROM', addressOf(from))
      .replaceAll('TO', addressOf(to))
  }
  return { from, to, fill }
}

/** What comes of it, or why nothing does. */
function answer(ask: () => string): string {
  try {
    return ask()
  } catch (error) {
    if (error instanceof InputError) return `${error.message}\n`
    throw error
  }
}

const labs = new Map<string, { readonly lab: Lab; readonly start: LabSnapshot }>()

/** A lab at its beginning. */
function fresh(name: string): Lab {
  const known = labs.get(name)
  if (known !== undefined) return known.lab.restore(known.start)
  const lab = goldenLab(name)
  labs.set(name, { lab, start: lab.snapshot() })
  return lab
}

function broken(labName: string, breakage: string, asked: string): string {
  const lab = fresh(labName)
  const { from, to, fill } = namesOf(lab)
  const ask = ASKS[asked] as Ask
  const target = breakage === 'translated' ? '198.51.100.7' : to
  const before = ask(lab, from, target).trace
  fresh(labName)
  const typed = (BREAKAGES[breakage] as readonly string[]).map((line) => {
    const [where = '', command = ''] = fill(line).split('$ ')
    const { stdout, stderr } = lab.sh(where, command)
    return `${where}$ ${command}\n${stdout}${stderr}`
  })
  const run = ask(lab, from, target)
  const diff = diffTraces(before, run.trace)
  return [...typed, JSON.stringify(diff, null, 1), toldInAllForms(run, lab)].join('\n')
}

function whole(labName: string, asked: string): string {
  const lab = fresh(labName)
  const { from, to } = namesOf(lab)
  const ask = ASKS[asked] as Ask
  return answer(() => {
    const there = ask(lab, from, to)
    const again = ask(lab, from, to)
    const back = ask(lab, to, from)
    const diffs = [diffTraces(there.trace, again.trace), diffTraces(there.trace, back.trace)]
    return [told(there), JSON.stringify(diffs, null, 1), toldInAllForms(back, lab)].join('\n')
  })
}

function inTown(asked: string): string {
  const town = fresh('town')
  const tell = Object.keys(TOWN).indexOf(asked) % 4 === 0 ? toldInAllForms : toldInShort
  return answer(() => tell((TOWN[asked] as (lab: Lab) => Run)(town), town))
}

describe('runs are told as they were', () => {
  const keys = [
    ...Object.entries(BROKEN).flatMap(([lab, asked]) =>
      Object.keys(BREAKAGES).flatMap((breakage, i) => asked(i).map((one) => `${lab}: ${breakage}: ${one}`)),
    ),
    ...WHOLE.flatMap((lab, i) =>
      Object.keys(ASKS)
        .filter((_, j) => (i + j) % 4 === 0)
        .map((asked) => `${lab}: ${asked}`),
    ),
    ...Object.keys(TOWN).map((asked) => `town: ${asked}`),
  ]
  goldens('traces', keys, (key) => {
    const [lab = '', one = '', two] = key.split(': ')
    if (lab === 'town') return inTown(one)
    return two === undefined ? whole(lab, one) : broken(lab, one, two)
  })
})
