// What tools print on every kind of place of every lab after some traffic: all their options and words, right and wrong.
import { describe } from 'vitest'
import type { Lab } from '../../src/lab/index.ts'
import { goldens } from '../support/golden.ts'
import { GOLDEN_LABS, goldenLab, type Places, placesOf } from '../support/golden-labs.ts'
import { eachOf, typed } from '../support/session.ts'

/** Where lines are typed. */
interface Place {
  readonly lab: Lab
  readonly name: string
  /** Interfaces there, `lo` last. */
  readonly devs: readonly string[]
  /** Addresses of pods, nodes and what is neither. */
  readonly addresses: readonly string[]
}

const IP_FLAGS = [
  '-4',
  '-6',
  '-d',
  '-j',
  '-j -d',
  '-j -6',
  '-br',
  '-br -6',
  '-o',
  '-o -6',
  '-s',
  '-c',
  '-p -j',
  '-details -4',
  '-json',
  '-brief',
  '-oneline',
]

function ipLines({ devs }: Place): string[] {
  const [first = 'lo', second = 'lo'] = devs
  const shown = [
    'addr',
    'address show',
    'a s',
    `addr show ${first}`,
    `addr show dev ${second}`,
    'addr show up',
    'addr show scope global',
    'link',
    'l list',
    `link show dev ${first}`,
    `link ls ${second}`,
    'link show type veth',
    'route',
    'r',
    'route list',
    'route show table all',
    'route show table local',
    'route show table main',
    'route show table 100',
    'route show cache',
    `route show dev ${first}`,
    'route show default',
    'route show proto bird',
    'route show proto kernel',
    'route show scope link',
    'route show type blackhole',
    'route show root 192.168.0.0/16',
    'route show match 192.168.1.1',
    'route show exact 10.0.1.0/24',
    'route show 10.0.0.0/8',
    'rule',
    'rule show',
    'rule list table main',
    'neigh',
    'neighbour show',
    'neighbor ls',
    `neigh show dev ${first}`,
    'neigh show proxy',
    'neigh show nud stale',
    'neigh show to 10.0.0.0/8',
  ]
  return [
    ...shown.map((words) => `ip ${words}`),
    ...eachOf(
      IP_FLAGS.map((flag) => `ip ${flag}`),
      shown,
    ),
  ]
}

const WRONG = [
  'ip',
  'ip -4',
  'ip bogus',
  'ip -z addr',
  'ip rul',
  'ip ad bogus',
  'ip addr show bogus0',
  'ip addr show dev bogus0',
  'ip addr show lo lo',
  'ip link bogus',
  'ip link show lo bogus',
  'ip link show bogus0',
  'ip rule bogus',
  'ip rule show bogus',
  'ip rule show from',
  'ip neigh bogus',
  'ip neigh show bogus',
  'ip neigh show dev',
  'ip neigh show 10.0.0.1',
  'ip neigh show default',
  'ip route bogus',
  'ip route show bogus',
  'ip route show table bogus',
  'ip route show proto',
  'ip route show scope bogus',
  'ip route show dev bogus0',
  'ip route get',
  'ip route get bogus',
  'ip route get 10.0.0.1 iif bogus0',
  'ip route get 10.0.0.1 oif bogus0',
  'ip route get 10.0.0.1 mark',
  'ip route get 10.0.0.1 mark x',
  'ip route get 10.0.0.1 ipproto bogus',
  'ip route get 10.0.0.1 from fd00::1',
  'ip route get 10.0.0.1 vrf blue',
  'ip -6 route get 10.0.0.1',
  'ip route get 10.0.0.1/24/1',
]

function routeGets({ devs, addresses }: Place): string[] {
  const asked = addresses.flatMap((to) => [
    `ip route get ${to}`,
    `ip -j route get ${to}`,
    `ip -d route get to ${to}`,
    `ip route get ${to} mark 0x10 uid 1000 tos 0x10`,
    `ip route get ${to} ipproto tcp sport 4000 dport 80`,
    `ip route get ${to}/24`,
    `ip route get fibmatch ${to}`,
    `ip route get ${to} connected notify dsfield 4`,
    ...devs.flatMap((dev) => [`ip route get ${to} oif ${dev}`, `ip route get ${to} from 198.51.100.9 iif ${dev}`]),
    `ip -6 route get ${to}`,
  ])
  return [
    ...asked,
    'ip route get default',
    'ip -6 route get default',
    'ip route get 224.0.0.5',
    'ip route get 127.0.0.1',
  ]
}

function bridgeLines({ devs }: Place): string[] {
  const fdb = ['', ...devs.map((dev) => `dev ${dev}`), ...devs.slice(0, 2).map((dev) => `br ${dev}`)]
  return [
    ...eachOf(
      [
        'bridge fdb show',
        'bridge -j fdb show',
        'bridge fdb',
        'bridge -json fdb',
        'bridge -d fdb',
        'bridge link',
        'bridge link show',
        'bridge -d link show',
      ],
      fdb,
    ),
    'bridge',
    'bridge vlan show',
  ]
}

const netTools = ({ devs }: Place): string[] => [
  ...['arp', 'arp -n', 'arp -a', 'ifconfig', 'ifconfig -a', 'ifconfig -s', 'ifconfig -z', 'ifconfig bogus0'],
  ...devs.map((dev) => `ifconfig ${dev}`),
  ...['route', 'route -n', 'route -e', 'route -ee', 'route -4', 'route add default', 'route -z'],
  ...[
    'hostname',
    'wg',
    'wg show',
    'wg show wireguard.cali',
    'bogus',
    'pnig 10.0.0.1',
    '',
    '# a remark',
    'echo "',
    'ip a; ip r',
    'ip a && ip r',
    'ip a || ip r',
    'ip a > x',
  ],
]

function sysctlLines({ devs }: Place): string[] {
  const keys = [...devs, 'all', 'default', 'bogus0'].flatMap((dev) => [
    `net.ipv4.conf.${dev.replaceAll('.', '/')}.rp_filter`,
    `net/ipv4/conf/${dev}/proxy_arp`,
    `net.ipv6.conf.${dev.replaceAll('.', '/')}.disable_ipv6`,
    `net.ipv4.neigh.${dev.replaceAll('.', '/')}.gc_stale_time`,
  ])
  const paths = [...devs, 'all', 'bogus0'].map((dev) => `/proc/sys/net/ipv4/conf/${dev}/forwarding`)
  return [
    'sysctl -a',
    'sysctl',
    'sysctl net.ipv4.ip_forward net.bogus net.ipv6.conf.all.forwarding',
    'sysctl kernel.hostname',
    `sysctl ${keys.join(' ')}`,
    ...keys.map((key) => `sysctl -n ${key}`),
    `cat ${paths.join(' ')} /proc/sys/net/ipv4/ip_forward`,
    ...paths.map((path) => `cat ${path}`),
    'cat /etc/passwd',
    'cat',
  ]
}

const TABLES = ['', '-t filter', '-t nat', '-t mangle', '-t raw', '--table nat', '-t security', '-t bogus', '-t']

function firewallLines(): string[] {
  const listed = [
    '-L',
    '-nL',
    '-nvL',
    '-nvxL',
    '-S',
    '--list',
    '--list-rules',
    '-L -n --line-numbers',
    '-L -v --exact',
    '-L FORWARD',
    '-nL FORWARD 1',
    '-S INPUT',
    '-S FORWARD 2',
    '-L FORWARD 0',
    '-L FORWARD 1 2',
    '-L bogus',
    '-S bogus',
    '-L FORWARD x',
    '-L --bogus',
    '-w -nL OUTPUT',
    '-L cali-FORWARD',
    '-nvL KUBE-SERVICES',
    '-S cali-FORWARD',
    '-nvL POSTROUTING',
    '-S PREROUTING',
  ]
  const saves = [
    '',
    '-c',
    '--counters',
    '-t nat',
    '-t filter -c',
    '--table raw',
    '-t bogus',
    '-t',
    'bogus',
    '--bogus',
    '-z',
    '--table=nat',
    '-tnat',
  ]
  return [
    ...['iptables', 'ip6tables'].flatMap((tool) =>
      TABLES.flatMap((table) => listed.map((words) => `${tool} ${table} ${words}`)),
    ),
    ...eachOf(['iptables-save', 'ip6tables-save'], saves),
  ]
}

const setLines = ({ lab, name }: Place): string[] => {
  const [first = 'bogus', second = 'bogus'] = Object.keys(lab.network.namespaces[name]?.ipsets ?? {})
  return [
    ...eachOf(
      ['ipset list', 'ipset save', 'ipset -L', 'ipset -S'],
      ['', first, `${second} -t`, '-n', '-name', '-terse', '--terse', 'bogus', `${first} ${second}`, '-z'],
    ),
    'ipset',
    `ipset test ${first} 10.0.0.1`,
    `ipset test ${first} 192.168.1.1`,
    `ipset test ${first}`,
    'ipset version',
    ...eachOf(
      ['conntrack -L', 'conntrack'],
      [
        '',
        '-p tcp',
        '-p udp',
        '-p icmp',
        '-s 10.0.0.1',
        '-d 10.0.0.1',
        '-f ipv6',
        '-f ipv4',
        '-n',
        '-j',
        '-z',
        '-o extended',
        '--dport 80',
        'bogus',
        '-p',
      ],
    ),
  ]
}

const TOOLS: Readonly<Record<string, (place: Place) => readonly string[]>> = {
  ip: ipLines,
  wrong: () => WRONG,
  'route-get': routeGets,
  bridge: bridgeLines,
  'net-tools': netTools,
  sysctl: sysctlLines,
  firewall: firewallLines,
  sets: setLines,
}

/** Traffic that leaves traces in tables and counters. */
function afterTraffic(name: string): Lab {
  const lab = goldenLab(name)
  const { pods, nodes, others } = placesOf(lab)
  const all = [...pods.slice(0, 4), ...nodes.slice(0, 2)]
  const pairs = all.flatMap((from, i) => all.slice(i + 1).map((to) => [from, to] as const)).slice(0, 8)
  const end = (place: string): string => (lab.network.namespaces[place]?.role === 'node' ? `node/${place}` : place)
  for (const [from, to] of pairs) {
    lab.ping(end(from), end(to))
    lab.tcp(end(from), end(to), 80, { timeout: 1 })
    lab.udp(end(from), end(to), 9999, { timeout: 0.5 })
  }
  const [outside] = others
  if (outside !== undefined) lab.ping(end(all[0] as string), outside, { timeout: 1 } as never)
  return lab
}

const labs = new Map<string, Lab>()

/** Which place: the first pod, the first and the last node, the first of what is neither. */
const KINDS: Readonly<Record<string, (places: Places) => string | undefined>> = {
  pod: ({ pods }) => pods[0],
  first: ({ nodes }) => nodes[0],
  last: ({ nodes }) => nodes.at(-1),
  other: ({ others }) => others[0],
}

function placeOf(labName: string, kind: string): Place | undefined {
  const lab = labs.get(labName) ?? afterTraffic(labName)
  labs.set(labName, lab)
  const places = placesOf(lab)
  const name = KINDS[kind]?.(places)
  if (name === undefined) return undefined
  const devs = Object.keys(lab.network.namespaces[name]?.interfaces ?? {}).sort(
    (a, b) => Number(a === 'lo') - Number(b === 'lo'),
  )
  const far = [places.pods.at(-1), places.nodes[0], places.others.at(-1)].flatMap((place) =>
    Object.values(lab.network.namespaces[place ?? '']?.interfaces ?? {}).flatMap((link) =>
      link.addresses.filter(({ scope }) => scope === 'global').map(({ local }) => local),
    ),
  )
  return { lab, name, devs: [...devs.slice(0, 4), 'lo'], addresses: [...new Set([...far.slice(0, 6), '203.0.113.77'])] }
}

describe('tools print what they printed', () => {
  const keys = GOLDEN_LABS.flatMap((lab) =>
    Object.keys(KINDS).flatMap((kind) => Object.keys(TOOLS).map((tool) => `${lab} ${kind} ${tool}`)),
  )
  goldens('shell', keys, (key) => {
    const [labName = '', kind = '', tool = ''] = key.split(' ')
    const place = placeOf(labName, kind)
    if (place === undefined) return 'no such place\n'
    return typed(place.lab, place.name, (TOOLS[tool] as (place: Place) => readonly string[])(place))
  })
})
