// What commands make of networks: every command with every option, right and wrong, each alone and one after the other. Of the
// network all that changed is kept, origins too.
import { describe } from 'vitest'
import { applyCommand } from '../../src/commands/index.ts'
import { type Namespace, type Network, validate } from '../../src/model/index.ts'
import { goldens } from '../support/golden.ts'
import { goldenLab } from '../support/golden-labs.ts'

/** A line, and what it reads. */
type Line = string | { readonly line: string; readonly stdin: string }

/** JSON whose keys stand in order: parts that are made late are last among the keys of what they belong to. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    one === null || typeof one !== 'object' || Array.isArray(one)
      ? one
      : Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))),
  )
}

/** Entries of a record, or whole values, that are others than before. */
function changesOf(
  before: Readonly<Record<string, unknown>> = {},
  after: Readonly<Record<string, unknown>> = {},
): string {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  const changed = keys.filter((key) => before[key] !== after[key])
  return changed
    .map((key) => {
      const [old, now] = [before[key], after[key]]
      if (
        [
          'interfaces',
          'sysctls',
          'ipsets',
          'iptables',
          'ip6tables',
          'tables',
          'filter',
          'nat',
          'mangle',
          'raw',
          'chains',
          'sysctlOrigins',
        ].includes(key)
      )
        return `${key} {\n${changesOf(old as Record<string, unknown>, now as Record<string, unknown>)}}\n`
      if (Array.isArray(old) && Array.isArray(now)) return `${key}: ${listChanges(old, now)}\n`
      return `${key}: ${jsonOf(now)}\n`
    })
    .join('')
}

/** What left a list, and where what came stands in it. */
function listChanges(old: readonly unknown[], now: readonly unknown[]): string {
  const [texts, next] = [old.map(jsonOf), now.map(jsonOf)]
  const gone = texts.filter((one) => !next.includes(one)).map((one) => `\n  - ${one}`)
  const come = next.flatMap((one, i) => (texts.includes(one) ? [] : [`\n  ${i} ${one}`]))
  return `${old.length} > ${now.length}${gone.join('')}${come.join('')}`
}

function applied(network: Network, netns: string, given: Line): { readonly network: Network; readonly text: string } {
  const { line, stdin } = typeof given === 'string' ? { line: given, stdin: '' } : given
  const done = applyCommand(network, netns, line, { stdin })
  const head = `${netns}$ ${line}\n`
  if ('refused' in done) return { network, text: `${head}${done.refused}\n` }
  const names = [...new Set([...Object.keys(network.namespaces), ...Object.keys(done.network.namespaces)])]
  const changed = names.filter((name) => network.namespaces[name] !== done.network.namespaces[name])
  const states = changed.map((name) => {
    const [before, after] = [network.namespaces[name], done.network.namespaces[name]] as unknown as Record<
      string,
      unknown
    >[]
    return `${name}\n${changesOf(before, after)}`
  })
  const wires = network.wires === done.network.wires ? '' : `wires: ${listChanges(network.wires, done.network.wires)}\n`
  return { network: done.network, text: `${head}${states.join('')}${wires}` }
}

/** Each line on the network as it is at first. */
const each = (network: Network, netns: string, lines: readonly Line[]): string =>
  lines.map((line) => applied(network, netns, line).text).join('\n')

/** Line after line. */
function inTurn(start: Network, netns: string, lines: readonly Line[]): string {
  let network = start
  return lines
    .map((line) => {
      const done = applied(network, netns, line)
      const faults = network === done.network ? [] : validate(done.network)
      network = done.network
      return done.text + faults.map((fault) => `fault: ${fault.received}\n`).join('')
    })
    .join('\n')
}

/** Names that lines are made of. */
interface Words {
  readonly card: string
  readonly other: string
  readonly all: readonly string[]
  readonly address: string
  readonly prefix: string
  readonly gateway: string
  readonly route: string
  readonly neighbour: string
  readonly netns: string
}

function wordsOf(network: Network, ns: Namespace): Words {
  const links = Object.values(ns.interfaces)
  const all = links.map(({ name }) => name)
  const cards = links.filter(
    ({ addresses, kind }) => kind !== 'loopback' && addresses.some(({ family }) => family === 'inet'),
  )
  const card = cards[0] ?? links[0]!
  const held = card.addresses.find(({ family }) => family === 'inet') ?? { local: '10.0.0.1', prefixlen: 24 }
  const subnet = ns.routes.find(
    ({ dev, protocol, dst }) => dev === card.name && protocol === 'kernel' && dst.includes('.') && !dst.endsWith('/32'),
  )
  const via = ns.routes.find(({ via: next, dst }) => next?.includes('.') && dst.includes('.'))
  return {
    card: card.name,
    other: all.filter((name) => name !== card.name && name !== 'lo').at(-1) ?? 'lo',
    all,
    address: `${held.local}/${held.prefixlen}`,
    prefix: subnet?.dst ?? '10.0.0.0/24',
    gateway: via?.via ?? '10.0.0.2',
    route: via?.dst ?? '10.0.0.0/24',
    neighbour: ns.neighbours[0]?.dst ?? '10.0.0.3',
    netns: Object.keys(network.namespaces).at(-1) as string,
  }
}

const linkSet = ({ card, other, all }: Words): string[] => [
  ...all.flatMap((dev) =>
    ['down', 'up', 'mtu 1000', 'mtu 9000', 'name new0'].map((what) => `ip link set ${dev} ${what}`),
  ),
  ...[
    'mtu 67',
    'mtu 68',
    'mtu 1279',
    'mtu 1280',
    'mtu 65535',
    'mtu 65536',
    'mtu x',
    'mtu',
    'mtu 1200 mtu 1500',
    'address 02:00:00:00:00:99',
    'addr 02:00:00:00:00:98',
    'address x',
    'txqueuelen 5',
    'txqlen 6',
    'qlen 7',
    'arp off',
    'arp on',
    'arp x',
    'addrgenmode none',
    'addrgenmode eui64',
    'addrgenmode stable_secret',
    'addrgenmode random',
    'addrgenmode x',
    'multicast off',
    'allmulticast on',
    'promisc on',
    'alias x',
    'group default',
    'trailers on',
    'dynamic on',
    'bogus',
    'down bogus',
    'down mtu 1300 up',
    'nomaster',
    `master ${other}`,
    'master bogus',
    `name ${other}`,
    'name a.b',
    'name',
    'type bridge stp_state 1',
    'type bridge_slave hairpin on',
    'type bogus x',
    'netns bogus',
    'up up',
  ].map((what) => `ip link set dev ${card} ${what}`),
  ...[
    'ip link set',
    'ip link set dev',
    'ip link set bogus0 up',
    'ip link',
    'ip link bogus',
    `ip -z link set ${card} up`,
    `ip -force -d -s link set ${card} down`,
    `ip l s ${card} down`,
    `/sbin/ip link set ${card} down`,
  ],
]

const VXLAN = [
  'id 7 dstport 4789',
  'id 7 dstport 4789 local 10.0.0.1 remote 10.0.0.2',
  'id 7 dstport 4789 dev CARD',
  'vni 7 dstport 8472 nolearning',
  'id 7 dstport 4789 learning ttl 3 tos 4 noudpcsum',
  'id 7 dstport 4789 udpcsum l2miss l3miss proxy rsc',
  'id 7 dstport 4789 group 239.0.0.1 dev CARD',
  'id 7 srcport 1 2 dstport 4789 ageing 300 maxaddress 5',
  'id 7 gbp',
  'id x',
  'id 16777216 dstport 4789',
  'dstport 4789',
  'id 7 ttl inherit df set',
  'id 7 dstport 4789 external',
  'id 7 dstport 0',
  'id 7 udp6zerocsumtx udp6zerocsumrx noudp6zerocsumtx',
  'id 7 dstport 4789 local fd00::1 remote fd00::2',
  'id 7 bogus',
  'id 7 dstport 4789 dev bogus0',
]
const IPIP = [
  '',
  'local 10.0.0.1 remote 10.0.0.2',
  'local any remote any',
  'remote 10.0.0.2 ttl 64 tos inherit',
  'local 10.0.0.1 dev CARD pmtudisc',
  'remote 10.0.0.2 nopmtudisc ttl inherit',
  'mode ipip local 10.0.0.1',
  'mode any',
  'ttl 0 remote 10.0.0.2',
  'ttl 300',
  'bogus',
  'local x',
  'ignore-df',
  'external',
  'remote fd00::1',
  'dev bogus0',
]
const BRIDGE = [
  '',
  'stp_state 1',
  'stp_state 0 ageing_time 100',
  'vlan_filtering 1',
  'vlan_filtering 0 mcast_snooping 0',
  'nf_call_iptables 1 nf_call_ip6tables 1',
  'forward_delay 0 hello_time 100 max_age 600 priority 5',
  'ageing_time x',
  'bogus',
  'stp_state 2',
  'fdb_flush',
]

const linkAdd = ({ card, other, all, netns }: Words): string[] => [
  ...[
    'new0',
    'name new0',
    'dev new0',
    'new0 mtu 1400',
    'new0 mtu 99999',
    'new0 address 02:00:00:00:00:77',
    'new0 address x',
    'new0 txqueuelen 0',
    'new0 numtxqueues 2 numrxqueues 2',
    `${card}`,
    '',
    'new0 bogus',
    `new0 netns ${netns}`,
    'new0 netns bogus',
    'a-name-that-is-too-long',
  ].flatMap((name) => ['dummy', 'bridge', 'veth'].map((kind) => `ip link add ${name} type ${kind}`)),
  ...[
    'peer name far0',
    `peer name far0 netns ${netns}`,
    'peer far0 mtu 1300',
    'peer name far0 address 02:00:00:00:00:78 txqlen 9',
    `peer name ${other}`,
    'peer',
    'peer bogus far0',
    'peer name new0',
    'bogus',
  ].map((peer) => `ip link add new0 type veth ${peer}`),
  ...VXLAN.map((what) => `ip link add new0 type vxlan ${what.replace('CARD', card)}`),
  ...IPIP.map((what) => `ip link add new0 type ipip ${what.replace('CARD', card)}`),
  ...BRIDGE.map((what) => `ip link add new0 type bridge ${what}`),
  ...[
    'ip link add',
    'ip link add new0',
    'ip link add new0 type',
    'ip link add new0 type bogus',
    'ip link add type dummy',
    'ip link add new0 type wireguard',
    `ip link add link ${card} new0 type vlan id 5`,
    'ip link add new0 type dummy bogus',
  ],
  ...all.map((dev) => `ip link del ${dev}`),
  ...['ip link del', 'ip link delete dev bogus0', `ip link d ${other}`, `ip link del dev ${other} type veth`],
]

const linksInTurn = ({ card, other }: Words): string[] => [
  'ip link add br9 type bridge',
  'ip link set br9 up',
  'ip link add v0 type veth peer name v1',
  'ip link add v2 type veth peer name v3 mtu 1400',
  'ip link set v0 master br9',
  'ip link set v2 master br9',
  'ip link set v0 up',
  'ip link set v1 up',
  'ip link set v2 up',
  'ip addr add 10.99.0.1/24 dev br9',
  'ip addr add fd99::1/64 dev br9',
  'ip link set v3 up',
  'ip addr add 10.99.0.2/24 dev v1',
  'bridge fdb add 02:00:00:00:00:55 dev v0 master static',
  'bridge fdb append 02:00:00:00:00:56 dev v0 master dynamic',
  'bridge link set dev v0 state 2 hairpin on learning off flood off mcast_flood off bcast_flood off isolated on neigh_suppress on cost 5 priority 3',
  'bridge link set v2 state blocking master',
  'ip link set v0 type bridge_slave hairpin off state forwarding',
  'ip link set v0 type bridge_slave bogus on',
  'ip link set br9 type bridge ageing_time 5 stp_state 1 vlan_filtering 1 fdb_flush',
  'ip link set v1 down',
  'ip link set v1 up',
  'ip link set v0 nomaster',
  'ip link set br9 mtu 1200',
  'ip link set br9 mtu 1500',
  'ip link set br9 down',
  'ip link set br9 up',
  'ip link set br9 name br8',
  'ip link set v2 name v.2',
  'sysctl -w net.ipv4.conf.v/2.rp_filter=1',
  'sysctl -w net/ipv4/conf/v.2/forwarding=1',
  'ip link set v.2 name v2',
  'ip link add vx type vxlan id 9 dstport 4789 dev br8 local 10.99.0.1 remote 10.99.0.9',
  'ip link set vx up',
  'bridge fdb append 00:00:00:00:00:00 dev vx dst 10.99.0.10',
  'bridge fdb add 02:00:00:00:00:57 dev vx dst 10.99.0.11 vni 8 port 4790 via br8',
  'ip link set br8 name br7',
  'ip link add t9 type ipip local 10.99.0.1 remote 10.99.0.9 dev br7',
  'ip link set t9 up',
  'ip route add 10.98.0.0/16 nexthop via 10.99.0.5 dev br7 weight 2 nexthop dev t9',
  'ip -6 route add fd98::/64 nexthop via fd99::5 dev br7 nexthop via fd99::6 dev br7 weight 3',
  'ip neigh add 10.99.0.5 lladdr 02:00:00:00:00:05 dev br7',
  'ip neigh add proxy 10.99.0.200 dev br7',
  'ip link set t9 down',
  'ip link set t9 up',
  'ip link set br7 name bb',
  'ip link del v1',
  'ip link del bb',
  'ip link del v2',
  `ip link set ${card} down`,
  `ip link set ${card} up`,
  `ip link set ${card} name wan0`,
  'ip addr flush dev wan0',
  'ip link set wan0 down',
  'ip link set lo down',
  'ip link set lo up',
  `ip link del ${other}`,
]

const addresses = ({ card, other, address, all }: Words): string[] => [
  ...all.flatMap((dev) => [
    `ip addr flush dev ${dev}`,
    `ip -6 addr flush ${dev}`,
    `ip -4 addr flush dev ${dev}`,
    `ip addr add 10.77.0.1/24 dev ${dev}`,
    `ip addr add fd77::1/64 dev ${dev}`,
  ]),
  ...[
    '10.77.0.1',
    '10.77.0.1/24 brd +',
    '10.77.0.1/24 broadcast 10.77.0.255',
    '10.77.0.1/24 brd -',
    '10.77.0.1/31 brd +',
    '10.77.0.1/24 brd x',
    '10.77.0.1/24 scope link',
    '10.77.0.1/24 scope host',
    '10.77.0.1/24 scope 50',
    '10.77.0.1/24 scope x',
    `10.77.0.1/24 label ${card}:1`,
    '10.77.0.1 peer 10.77.0.2',
    '10.77.0.1 remote 10.77.0.2/24',
    'local 10.77.0.1/32 peer 10.77.0.1',
    '127.0.0.2/8',
    '169.254.1.1/16',
    '10.77.0.1/24 noprefixroute',
    '10.77.0.1/24 nodad valid_lft forever preferred_lft forever metric 5',
    'fd77::1/64 nodad',
    'fd77::1',
    'fe80::77/64',
    'fd77::1/128',
    '::2/128',
    '10.77.0.1/33',
    'x',
    '',
    '10.77.0.1/24 bogus',
    address,
    `${address} brd +`,
  ].flatMap((what) => [`ip addr add ${what} dev ${card}`, `ip address replace ${what} dev ${other}`]),
  ...[
    `ip addr del ${address} dev ${card}`,
    `ip addr delete ${address} dev ${other}`,
    `ip addr del 10.77.0.1/24 dev ${card}`,
    `ip addr change ${address} scope link dev ${card}`,
    'ip addr add 10.77.0.1/24',
    'ip addr add 10.77.0.1/24 dev bogus0',
    'ip addr bogus',
    'ip addr',
    'ip a a 10.77.0.9/24 dev lo',
    'ip addr flush',
    'ip addr flush dev bogus0',
  ],
]

const addressesInTurn = ({ card, address }: Words): string[] => [
  ...[
    '10.77.0.1/24',
    '10.77.0.2/24',
    '10.77.0.3/24 scope link',
    '10.77.1.1/24 scope host',
    '10.77.0.1/25',
    '10.77.0.1/24',
    'fd77::1/64',
    'fd77::2/64',
    'fe80::5/64',
    '10.77.9.1 peer 10.77.9.2',
    'fd77::3/64 noprefixroute',
  ].map((what) => `ip addr add ${what} dev ${card}`),
  `ip addr change 10.77.0.2/24 brd + dev ${card}`,
  'ip route add 10.66.0.0/16 via 10.77.0.9 src 10.77.0.2',
  'ip route add fd66::/64 via fd77::9 src fd77::1',
  'sysctl -w net.ipv6.conf.all.forwarding=1',
  'sysctl -w net.ipv6.conf.all.forwarding=0',
  `sysctl -w net.ipv6.conf.${card}.forwarding=1`,
  `ip addr del 10.77.0.1/24 dev ${card}`,
  `ip addr del 10.77.0.2/24 dev ${card}`,
  `ip addr del fd77::1/64 dev ${card}`,
  `sysctl -w net.ipv6.conf.${card}.disable_ipv6=1`,
  `ip addr add fd77::5/64 dev ${card}`,
  `sysctl -w net.ipv6.conf.${card}.disable_ipv6=0`,
  'sysctl -w net.ipv6.conf.all.disable_ipv6=1',
  `ip addr del ${address} dev ${card}`,
]

const ROUTE_WORDS = [
  'dev CARD',
  'via GATEWAY',
  'via GATEWAY dev CARD',
  'via GATEWAY dev CARD onlink',
  'dev CARD scope link',
  'dev CARD scope host',
  'dev CARD scope 7',
  'dev CARD scope x',
  'dev CARD src ADDRESS',
  'dev CARD src x',
  'dev CARD src fd00::1',
  'dev CARD metric 5',
  'dev CARD preference 6',
  'dev CARD priority x',
  'dev CARD proto bird',
  'dev CARD protocol 80',
  'dev CARD proto static',
  'dev CARD table 100',
  'dev CARD table local',
  'dev CARD table default',
  'dev CARD table bogus',
  'dev CARD mtu 1300',
  'dev CARD mtu lock 1300',
  'dev CARD advmss 900',
  'dev CARD tos 4',
  'dev CARD dsfield 8',
  'oif CARD',
  'dev CARD pref high',
  'dev CARD pref low',
  'dev CARD pref x',
  'dev bogus0',
  'via 198.51.100.1',
  'via fd00::9',
  'via inet6 fe80::1 dev CARD',
  'nexthop via GATEWAY dev CARD weight 2 nexthop dev CARD',
  'nexthop via GATEWAY onlink dev CARD nexthop via GATEWAY',
  'nexthop dev bogus0',
  'nexthop',
  'encap mpls 5',
  'nhid 5',
  'from 10.0.0.0/8',
  'realm 5',
  'bogus',
  '',
  'dev',
  'via',
  'via x',
  'dev OTHER',
  'dev lo',
]
const ROUTE_HEADS = [
  '10.55.0.0/16',
  '10.55.0.1',
  'default',
  'to 10.55.0.0/16',
  'blackhole 10.55.0.0/16',
  'unreachable 10.55.0.0/16',
  'prohibit default',
  'throw 10.55.0.0/16',
  'local 10.55.0.1',
  'broadcast 10.55.0.255',
  'unicast 10.55.0.0/16',
  '10.55.0.1/16',
  'x',
]

function routes({ card, other, address, gateway, route, prefix }: Words): string[] {
  const filled = (text: string): string =>
    text
      .replaceAll('CARD', card)
      .replaceAll('OTHER', other)
      .replaceAll('GATEWAY', gateway)
      .replaceAll('ADDRESS', address.split('/')[0] as string)
  return [
    ...ROUTE_WORDS.map((words) => `ip route add 10.55.0.0/16 ${filled(words)}`),
    ...ROUTE_HEADS.flatMap((head) =>
      ['', 'dev CARD', 'via GATEWAY', 'metric 9'].map((words) => `ip route add ${head} ${filled(words)}`),
    ),
    ...['append', 'prepend', 'change', 'chg', 'replace', 'del', 'delete', 'add'].flatMap((verb) =>
      [route, prefix, '10.55.0.0/16', `${route} metric 7`].flatMap((dst) => [
        `ip route ${verb} ${dst} dev ${card}`,
        `ip route ${verb} ${dst} via ${gateway}`,
        `ip route ${verb} ${dst}`,
      ]),
    ),
    ...[
      '',
      'table main',
      'table local',
      'table cache',
      'cache',
      'cached',
      'dev CARD',
      'proto bird',
      'proto kernel',
      'scope link',
      'type blackhole',
      'default',
      route,
      'table 100',
      'bogus',
    ].map((words) => `ip route flush ${filled(words)}`),
    ...[
      'ip route',
      'ip route bogus',
      'ip r a 10.55.0.0/16 dev lo',
      'ip route del local 127.0.0.1',
      'ip route del blackhole 10.55.0.0/16',
      'ip route del',
      'ip -4 route add fd00::/64 dev lo',
      'ip -family inet6 route add fd55::/64 dev lo',
      'ip -f inet route flush scope link',
      'ip -V',
      'ip -Version',
      'ip',
      'ip bogus',
      'ip addrlabel add x',
      'ip maddress add x',
    ],
  ]
}

const routes6 = ({ card, other }: Words): string[] => [
  ...[
    'dev CARD',
    'via fe80::1 dev CARD',
    'via fe80::1',
    'via fd00:1::1',
    'via fd77::1',
    'dev CARD metric 5',
    'dev CARD pref high',
    'dev CARD table 100',
    'dev CARD src fd00::1',
    'dev CARD src 10.0.0.1',
    'via 10.0.0.1',
    'dev CARD mtu 1300',
    'nexthop via fe80::1 dev CARD nexthop via fe80::2 dev CARD weight 4',
    'nexthop via fe80::1',
    'dev lo',
    'dev OTHER',
    'dev bogus0',
    'via fe80::1 dev CARD onlink',
    '',
  ].map((words) => `ip -6 route add fd55::/64 ${words.replaceAll('CARD', card).replace('OTHER', other)}`),
  ...[
    'blackhole fd55::/64',
    'unreachable fd55::/64',
    'prohibit default',
    'throw fd55::/64',
    'local fd55::1 dev lo',
    'anycast fd55:: dev lo',
    'fd55::1/64',
    'default via fe80::1 dev CARD',
    'fe80::/64 dev CARD',
  ].flatMap((words) =>
    ['add', 'replace', 'append', 'del'].map((verb) => `ip -6 route ${verb} ${words.replaceAll('CARD', card)}`),
  ),
  ...[
    'ip -6 route flush',
    'ip -6 route flush proto kernel',
    `ip -6 route flush dev ${card}`,
    'ip -6 route del fd00:1::/64',
    'ip -6 route del default',
    'ip route del fe80::/64',
  ],
]

const RULES = [
  'from 10.0.0.0/8 table 100',
  'to 10.1.0.0/16 lookup 100',
  'from all table main',
  'not from 10.0.0.1 table 100',
  'iif CARD table 100',
  'dev CARD table 100',
  'oif CARD table 100',
  'fwmark 0x10 table 100',
  'fwmark 0x10/0xf0 table 100',
  'fwmark x table 100',
  'fwmark 1/x table 1',
  'tos 8 table 100',
  'dsfield 4 table 100',
  'ipproto tcp table 100',
  'ipproto x',
  'sport 80 table 100',
  'dport 80-90 table 100',
  'dport x',
  'pref 100 table 100',
  'priority 32766 blackhole',
  'preference 0 prohibit',
  'order 5 unreachable',
  'priority 40000 nop',
  'goto 200',
  'type blackhole',
  'table 100 suppress_prefixlength 0',
  'table main sup_pl 5',
  'suppress_ifgroup 3',
  'sup_group 1',
  'protocol kernel table 5',
  'table bogus',
  'bogus',
  '',
  'from x',
  'from default table 9',
  'to any table 9',
  'from',
  'uidrange 1-2',
]

const rules = ({ card }: Words): string[] => [
  ...['add', 'del', 'delete'].flatMap((verb) => RULES.map((words) => `ip rule ${verb} ${words.replace('CARD', card)}`)),
  ...[
    'ip -6 rule add from fd00::/16 table 100',
    'ip rule add from fd00::/16 table 100',
    'ip -6 rule add fwmark 5 table 5 pref 7',
    'ip -6 rule flush',
    'ip rule flush',
    'ip rule del pref 32766',
    'ip rule del table local',
    'ip rule del pref 1',
    'ip rule del from all',
    'ip rule',
    'ip rule bogus',
    'ip ru a table 3',
  ],
]

const rulesInTurn = (words: Words): string[] => {
  const all = rules(words)
  return all
    .filter((line) => line.startsWith('ip rule add'))
    .concat(all.filter((line) => !line.startsWith('ip rule add')))
}

const neighbours = ({ card, other, neighbour }: Words): string[] => {
  const entries = [
    'lladdr 02:00:00:00:00:01 dev CARD',
    'dev CARD',
    'lladdr 02:00:00:00:00:01 dev CARD nud stale',
    'lladdr 02:00:00:00:00:01 dev CARD nud reachable router',
    'dev CARD nud failed',
    'lladdr x dev CARD',
    'dev CARD nud bogus',
    'dev CARD state noarp',
    'dev CARD nud all extern_learn',
    'lladdr 02:00:00:00:00:01',
    'dev bogus0',
    '',
    'bogus',
  ]
  return [
    ...['add', 'change', 'chg', 'replace', 'delete', 'del'].flatMap((verb) =>
      [neighbour, 'to 10.0.0.99', 'fd00::9', 'proxy 10.0.0.98', 'x', ''].flatMap((dst) =>
        entries.map((entry) => `ip neigh ${verb} ${dst} ${entry.replace('CARD', card)}`),
      ),
    ),
    ...[
      '',
      `dev ${card}`,
      `dev ${other}`,
      neighbour,
      'nud permanent',
      'nud stale',
      'all',
      `to ${neighbour}`,
      'bogus',
    ].flatMap((words) => [`ip neigh flush ${words}`, `ip -6 neigh flush ${words}`, `ip -4 n f ${words}`]),
    ...['ip neigh', 'ip neigh bogus', `ip neighbor add 10.0.0.97 lladdr 02:00:00:00:00:02 dev ${card}`],
  ]
}

const neighboursInTurn = (words: Words): string[] => neighbours(words).filter((_, i) => i % 3 === 1)

const fdb = ({ card, other, all }: Words): string[] => [
  ...['add', 'append', 'replace', 'delete', 'del', 'flush'].flatMap((verb) =>
    all
      .slice(0, 6)
      .flatMap((dev) => [
        `bridge fdb ${verb} 02:00:00:00:00:66 dev ${dev}`,
        `bridge fdb ${verb} 00:00:00:00:00:00 dev ${dev} dst 10.9.9.9 self`,
        `bridge fdb ${verb} 02:00:00:00:00:66 dev ${dev} master static vlan 5`,
      ]),
  ),
  ...['add', 'del'].flatMap((verb) =>
    [
      `dst x dev ${card}`,
      `02:00:00:00:00:66 dev ${card} dst 10.9.9.9 port 5 vni 6 via ${other} temp extern_learn`,
      `02:00:00:00:00:66 dev ${card} local`,
      `02:00:00:00:00:66 dev ${card} permanent`,
      `02:00:00:00:00:66 dev ${card} dynamic`,
      '02:00:00:00:00:66',
      `dev ${card}`,
      'x',
      'dev bogus0 02:00:00:00:00:66',
      `02:00:00:00:00:66 dev ${card} port x`,
      '',
    ].map((words) => `bridge fdb ${verb} ${words}`),
  ),
  ...[
    'bridge',
    'bridge fdb',
    'bridge fdb bogus',
    'bridge link',
    'bridge link show',
    `bridge link set ${card} hairpin on`,
    'bridge link set dev bogus0 hairpin on',
    `bridge link set dev ${other} state 3`,
    `bridge link set dev ${other} state x`,
    `bridge link set dev ${other} hairpin x`,
    `bridge link set dev ${other} bogus on`,
    `bridge link set dev ${other} learning off self`,
    'bridge vlan add vid 5',
  ],
]

const sysctls = ({ card, all }: Words): string[] => [
  ...[
    'net.ipv4.ip_forward',
    'net.ipv4.conf.all.forwarding',
    'net.ipv6.conf.all.forwarding',
    'net.ipv6.conf.all.disable_ipv6',
    'net.ipv6.conf.default.disable_ipv6',
    'net.ipv4.conf.all.rp_filter',
    'net.ipv4.ip_default_ttl',
    'net.ipv4.fib_multipath_hash_policy',
    'net.ipv6.fib_multipath_hash_policy',
    'net.ipv4.ip_no_pmtu_disc',
    'net.ipv4.icmp_ratelimit',
    'net.ipv4.ip_local_port_range',
    'net.bogus.thing',
    'kernel.hostname',
    'bogus',
    'net.ipv4.conf.bogus0.rp_filter',
  ].flatMap((key) =>
    ['0', '1', '2', '4', '255', '256', '-1', 'x', '', '0x1', '32768 60999', '99999999999'].map(
      (value) => `sysctl -w "${key}=${value}"`,
    ),
  ),
  ...all.flatMap((dev) =>
    ['forwarding', 'disable_ipv6'].flatMap((key) =>
      ['0', '1'].map((value) => `sysctl net/ipv6/conf/${dev}/${key}=${value}`),
    ),
  ),
  ...all.flatMap((dev) => [
    `sysctl -q net.ipv4.conf.${dev.replaceAll('.', '/')}.forwarding=1`,
    `echo 1 > /proc/sys/net/ipv4/conf/${dev}/proxy_arp`,
  ]),
  ...[
    'sysctl -w x',
    'sysctl -a',
    'sysctl -w =1',
    'sysctl -w -z=1',
    'sysctl --write net.ipv4.ip_forward=0',
    'echo 1 > /proc/sys/net/bogus',
    "echo '0' > /proc/sys/net/ipv4/ip_forward",
    'echo -n 1 > /proc/sys/net/ipv4/ip_forward',
    `echo 5 >/proc/sys/net/ipv4/neigh/${card}/gc_stale_time`,
    'echo x',
    '"',
    '',
    'bogus',
  ],
]

const IPT = [
  '-A FORWARD -j DROP',
  '-I FORWARD -p tcp --dport 80 -j ACCEPT',
  '-I FORWARD 1 -s 10.0.0.0/8 -j DROP',
  '-I FORWARD 2 -j DROP',
  '-I FORWARD 0 -j DROP',
  '-I FORWARD 999 -j DROP',
  '-A FORWARD -j bogus',
  '-A bogus -j DROP',
  '-A FORWARD -g mine',
  '-A FORWARD --bogus',
  '-A FORWARD',
  '-R FORWARD 1 -j ACCEPT',
  '-R FORWARD 999 -j ACCEPT',
  '-D FORWARD 1',
  '-D FORWARD 999',
  '-D FORWARD x',
  '-D FORWARD -j DROP',
  '-D FORWARD -j cali-FORWARD',
  '-F',
  '-F FORWARD',
  '-F bogus',
  '-Z',
  '-Z FORWARD',
  '-N mine',
  '-N FORWARD',
  '-N',
  '-X',
  '-X mine',
  '-X FORWARD',
  '-X cali-FORWARD',
  '-X bogus',
  '-E mine yours',
  '-E cali-FORWARD yours',
  '-E bogus x',
  '-E FORWARD',
  '-P FORWARD DROP',
  '-P FORWARD bogus',
  '-P bogus DROP',
  '-P cali-FORWARD DROP',
  '-P',
  '-C FORWARD -j DROP',
  '-w -A INPUT -i lo -j ACCEPT',
  '--append OUTPUT -j REJECT --reject-with tcp-reset -p tcp',
  '--insert INPUT -j LOG',
  '--delete INPUT 1',
  '--flush',
  '--new-chain mine',
  '--policy INPUT ACCEPT',
  '--bogus',
  '',
  '-t nat -A POSTROUTING -j MASQUERADE',
  '-t nat -A PREROUTING -p tcp --dport 1 -j DNAT --to-destination 10.0.0.9:2',
  '-t nat -A POSTROUTING -j SNAT --to-source 10.0.0.9',
  '-t mangle -A PREROUTING -j MARK --set-xmark 0x1/0x1',
  '-t raw -A PREROUTING -j NOTRACK',
  '-t bogus -A FORWARD -j DROP',
  '-A FORWARD -m set --match-set mine src -j DROP',
  '-A FORWARD -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT',
  '-A FORWARD -m comment --comment "hello you" -j RETURN',
  '-A FORWARD ! -i lo ! -s 10.0.0.1 -m multiport --dports 1,2:3 -p tcp -j DROP',
]

const iptables = (): string[] =>
  ['iptables', 'ip6tables']
    .flatMap((tool) => IPT.map((words) => `${tool} ${words}`))
    .concat(['iptables-legacy -A FORWARD -j DROP', '/usr/sbin/iptables-nft -P FORWARD DROP'])

const iptablesInTurn = (): string[] => [
  ...[
    '-N mine',
    '-A mine -j DROP',
    '-A mine -s 10.0.0.1 -j RETURN',
    '-I mine 2 -d 10.0.0.2 -j ACCEPT',
    '-A FORWARD -j mine',
    '-X mine',
    '-E mine yours',
    '-F mine',
    '-X mine',
    '-D FORWARD -j mine',
    '-E mine yours',
    '-A FORWARD -g yours',
    '-X',
    '-N x',
    '-N y',
    '-A x -j y',
    '-X',
    '-X x',
    '-F x',
    '-X y',
    '-X x',
    '-P FORWARD DROP',
    '-Z',
    '-D yours 1',
    '-R FORWARD 1 -j RETURN',
    '-F',
  ].map((words) => `iptables ${words}`),
]

const restores = (): Line[] => {
  const texts = [
    '*filter\n:FORWARD DROP [0:0]\n:mine - [0:0]\n-A FORWARD -j mine\n-A mine -j RETURN\nCOMMIT\n',
    '*nat\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n*filter\n:cali-FORWARD - [0:0]\n-A cali-FORWARD -j DROP\nCOMMIT\n',
    '*filter\n-A FORWARD -j bogus\nCOMMIT\n',
    '*filter\n:FORWARD ACCEPT\n',
    '*bogus\nCOMMIT\n',
    '',
    '*filter\n-X mine\nCOMMIT\n',
    '*filter\n-A INPUT -j ACCEPT\nCOMMIT\n# end\n',
  ]
  const sets = [
    'create new hash:ip family inet\nadd new 10.0.0.1\n',
    'create new hash:net\nadd new 10.0.0.0/8\nadd new x\n',
    'bogus\n',
    'create new hash:ip -exist\ncreate new hash:ip\n',
    '',
  ]
  return [
    ...[
      'iptables-restore',
      'iptables-restore -n',
      'ip6tables-restore --noflush',
      'ip6tables-restore',
      'iptables-legacy-restore -n',
    ].flatMap((line) => texts.map((stdin) => ({ line, stdin }))),
    ...['ipset restore', 'ipset -! restore'].flatMap((line) => sets.map((stdin) => ({ line, stdin }))),
  ]
}

const SETS = [
  'create n1 hash:ip',
  'create n2 hash:net family inet6 maxelem 10 hashsize 64',
  'create n3 hash:ip,port',
  'create n4 hash:net,net',
  'create n5 bitmap:port range 0-100',
  'create n6 list:set',
  'create n7 hash:ip timeout 5',
  'create n1 hash:ip',
  'create n1 hash:ip -exist',
  '-! create n1 hash:ip',
  'create n1 hash:net -exist',
  'create n8 bogus',
  'create n8',
  'create',
  'create n9 hash:net,port family inet6',
  'add n1 10.0.0.1',
  'add n1 10.0.0.1',
  'add n1 10.0.0.1 -exist',
  'add n1 10.0.0.0/30',
  'add n1 10.0.0.5-10.0.0.7',
  'add n1 fd00::1',
  'add n1 x',
  'add n2 fd00::/16',
  'add n2 10.0.0.0/8',
  'add n3 10.0.0.1,tcp:80',
  'add n3 10.0.0.1,80',
  'add n3 10.0.0.1,udp:53',
  'add n4 10.0.0.0/8,10.1.0.0/16',
  'add n5 80',
  'add n6 n1',
  'add n2 fd01::/16 nomatch',
  'add bogus 1.2.3.4',
  'add n1',
  'del n1 10.0.0.1',
  'del n1 10.0.0.1',
  'del n1 10.0.0.9 -exist',
  '-q del n1 10.0.0.9',
  'del bogus 1.1.1.1',
  'flush n1',
  'flush',
  'flush bogus',
  'rename n1 m1',
  'rename n2 n3',
  'rename bogus x',
  'rename n1',
  'swap n3 m1',
  'swap m1 bogus',
  'swap m1 n2',
  'destroy m1',
  'destroy bogus',
  'destroy n1',
  'destroy',
  '-N n1 hash:ip',
  '-A n1 10.0.0.1',
  '-D n1 10.0.0.1',
  '-X n1',
  '-F n2',
  '-E n2 n9',
  '-W n3 n4',
  'bogus',
  '',
]
const ipsets = (): string[] => SETS.map((words) => `ipset ${words}`)

type Family = (network: Network, netns: string, words: Words) => string

const alone =
  (lines: (words: Words) => readonly Line[]): Family =>
  (network, netns, words) =>
    each(network, netns, lines(words))
const turns =
  (lines: (words: Words) => readonly Line[]): Family =>
  (network, netns, words) =>
    inTurn(network, netns, lines(words))

const FAMILIES: Readonly<Record<string, Family>> = {
  'link-set': alone(linkSet),
  'link-add': alone(linkAdd),
  'link-turns': turns(linksInTurn),
  addr: alone(addresses),
  'addr-turns': turns(addressesInTurn),
  route: alone(routes),
  route6: alone(routes6),
  'route-turns': turns((words) => [...routes(words), ...routes6(words)].filter((line) => !line.includes('flush'))),
  rule: alone(rules),
  'rule-turns': turns(rulesInTurn),
  neigh: alone(neighbours),
  'neigh-turns': turns(neighboursInTurn),
  fdb: alone(fdb),
  'fdb-turns': turns(fdb),
  sysctl: alone(sysctls),
  iptables: alone(iptables),
  'iptables-turns': turns(iptablesInTurn),
  restore: alone(restores),
  'restore-turns': turns(restores),
  ipset: alone(ipsets),
  'ipset-turns': turns(ipsets),
}

/** A machine of each kind. */
const PLACES = [
  'town n1',
  'town default/a',
  'shop-wireguard w1',
  'line-2 r1',
  'dump-20b-docker-bridge-brnf node01',
  'dump-21-policy-routing r',
  'dump-04-vxlan controlplane',
] as const

const networks = new Map<string, Network>()

/** No command changes a network: all of them see the same. */
function networkOf(lab: string): Network {
  const network = networks.get(lab) ?? goldenLab(lab).network
  networks.set(lab, network)
  return network
}

describe('commands change what they changed', () => {
  const keys = PLACES.flatMap((place) => Object.keys(FAMILIES).map((family) => `${place} ${family}`))
  goldens('edits', keys, (key) => {
    const [lab = '', netns = '', family = ''] = key.split(' ')
    const network = networkOf(lab)
    return (FAMILIES[family] as Family)(network, netns, wordsOf(network, network.namespaces[netns] as Namespace))
  })
})
