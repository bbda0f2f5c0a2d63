// What people gather: other tools, other names, other folders. Each row: files, and what is read of them.
import { describe, expect, it } from 'vitest'
import { loadDump, parseDump } from '../../src/dumps/index.ts'
import { InputError, type Namespace } from '../../src/model/index.ts'
import { encodeUtf8 } from '../../src/wire/index.ts'

const ADDR = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP
    link/ether 52:54:00:00:01:12 brd ff:ff:ff:ff:ff:ff
    inet 10.5.0.12/24 brd 10.5.0.255 scope global eth0
`
const ROUTE = 'default via 10.5.0.1 dev eth0\n10.5.0.0/24 dev eth0 proto kernel scope link src 10.5.0.12\n'

function only(files: Readonly<Record<string, string>>): Namespace {
  return parseDump(new Map(Object.entries(files))).nodes[0]!.namespace
}

describe('forms of tools', () => {
  it.each([
    ['ip -br addr', 'eth0@if7         UP             10.5.0.12/24 fe80::1/64 \n', ['10.5.0.12/24', 'fe80::1/64']],
    [
      'ip -o addr',
      '2: eth0    inet 10.5.0.12/24 brd 10.5.0.255 scope global eth0\\       valid_lft forever\n',
      ['10.5.0.12/24'],
    ],
    [
      'ifconfig',
      'eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 9001\n        inet 10.5.0.12  netmask 255.255.255.0  broadcast 10.5.0.255\n        ether 52:54:00:00:01:12  txqueuelen 1000  (Ethernet)\n',
      ['10.5.0.12/24'],
    ],
    [
      'ifconfig of old',
      'eth0      Link encap:Ethernet  HWaddr 52:54:00:00:01:12\n          inet addr:10.5.0.12  Bcast:10.5.0.255  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:9001  Metric:1\n',
      ['10.5.0.12/24'],
    ],
  ] as const)('%s: interfaces and addresses', (_form, text, addresses) => {
    const eth0 = only({ 'n/addr.txt': text }).interfaces['eth0']
    expect(eth0?.addresses.map(({ local, prefixlen }) => `${local}/${prefixlen}`)).toEqual(addresses)
    expect(eth0?.up).toBe(true)
  })

  it('route -n: destinations, masks, gateways, metrics', () => {
    const text = `Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         10.5.0.1        0.0.0.0         UG    100    0        0 eth0
10.5.0.0        0.0.0.0         255.255.255.0   U     0      0        0 eth0
10.1.135.128    0.0.0.0         255.255.255.192 !     0      -        0 -
`
    const routes = only({ 'n/whatever.txt': text }).routes.map(({ type, dst, via, dev }) => [type, dst, via, dev])
    expect(routes).toEqual([
      ['unicast', '0.0.0.0/0', '10.5.0.1', 'eth0'],
      ['unicast', '10.5.0.0/24', undefined, 'eth0'],
      ['unreachable', '10.1.135.128/26', undefined, undefined],
    ])
  })

  it('iptables -S, a table a file', () => {
    const ns = only({
      'n/iptables_-S': '-P INPUT ACCEPT\n-P FORWARD DROP\n-P OUTPUT ACCEPT\n-N a\n-A FORWARD -j a\n',
      'n/iptables_-t_nat_-S':
        '-P PREROUTING ACCEPT\n-P POSTROUTING ACCEPT\n-A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE\n',
    })
    expect(Object.keys(ns.iptables?.tables ?? {}).sort()).toEqual(['filter', 'nat'])
    expect(ns.iptables?.tables.filter?.chains['FORWARD']?.policy).toBe('DROP')
    expect(ns.iptables?.tables.nat?.chains['POSTROUTING']?.rules[0]?.origin).toMatchObject({
      file: 'n/iptables_-t_nat_-S',
      line: 3,
    })
  })

  it('ipset list and ipset save say the same; ranges are spread, what is no member is named', () => {
    const list = 'Name: t\nType: hash:ip\nHeader: family inet hashsize 64\nMembers:\n10.0.0.1\n10.0.0.2\n'
    const dump = parseDump(
      new Map([
        ['n/ipset.txt', 'create t hash:ip family inet hashsize 64\nadd t 10.0.0.1-10.0.0.2\nadd t host.example\n'],
      ]),
    )
    expect(dump.nodes[0]!.namespace.ipsets?.['t']?.members).toEqual(['10.0.0.1', '10.0.0.2'])
    expect(dump.issues.map(({ file, line, received }) => [file, line, received])).toEqual([
      ['n/ipset.txt', 3, 'host.example'],
    ])
    expect(only({ 'n/ipset.txt': list }).ipsets?.['t']?.members).toEqual(['10.0.0.1', '10.0.0.2'])
  })

  it('an empty file beside one that says something', () => {
    const text = '10.5.0.1 dev eth0 lladdr 52:54:00:00:01:01 PERMANENT\n'
    expect(only({ 'n/neigh.json': '[]', 'n/ip-neigh.txt': text }).neighbours).toHaveLength(1)
  })

  it('JSON Lines', () => {
    const lines =
      '{"dst":"default","gateway":"10.5.0.1","dev":"eth0","flags":[]}\n{"dst":"10.9.0.0/16","dev":"eth0","flags":[]}\n'
    expect(only({ 'n/route.json': lines }).routes.map(({ dst }) => dst)).toEqual(['0.0.0.0/0', '10.9.0.0/16'])
  })
})

describe('what cannot be read counts as missing', () => {
  it.each([
    ['iptables.txt', 'sudo: iptables-save: command not found\n', 'iptables.txt'],
    ['route.json', '[{"dst": "default", "gateway', 'route.json'],
    ['link.json', '<!DOCTYPE html><html></html>', 'link.json'],
    [
      'iptables.txt',
      'Chain INPUT (policy ACCEPT)\ntarget     prot opt source               destination\n',
      'iptables.txt',
    ],
  ])('%s: %s', (file, text, missing) => {
    const [node] = parseDump(
      new Map([
        [`n/${file}`, text],
        ['n/addr.txt', ADDR],
      ]),
    ).nodes
    expect(node?.missing).toContain(missing)
  })

  it.each([
    [
      'a listing',
      'Chain INPUT (policy ACCEPT 1 packets, 2 bytes)\n pkts bytes target prot\n',
      /iptables-save is needed/,
    ],
    ['a table cut off', '*filter\n:INPUT ACCEPT [0:0]\n', /COMMIT/],
    ['chains in a loop', '*filter\n:INPUT ACCEPT [0:0]\n:a - [0:0]\n-A INPUT -j a\n-A a -j a\nCOMMIT\n', /loop.*a > a/],
  ])('rules that are there and are lost make answers through the machine undecided: %s', (_what, text, words) => {
    const [node] = parseDump(
      new Map([
        ['n/iptables.txt', text],
        ['n/addr.txt', ADDR],
      ]),
    ).nodes
    const found = node?.notes.filter(({ code }) => code === 'dump_unread')
    expect(found?.map(({ what }) => what).join()).toMatch(words)
    expect(found?.[0]?.scope).toEqual({ kind: 'through', netns: ['n'] })
  })
})

describe('what follows is added and said', () => {
  it('table local, where only table main was dumped', () => {
    const [node] = parseDump(
      new Map([
        ['n/addr.txt', ADDR],
        ['n/route.txt', ROUTE],
      ]),
    ).nodes
    const local = node?.namespace.routes
      .filter(({ table }) => table === 'local')
      .map(({ type, dst }) => `${type} ${dst}`)
    expect(local).toContain('local 10.5.0.12/32')
    expect(local).toContain('broadcast 10.5.0.255/32')
    expect(node?.assumed.join()).toMatch(/table local/)
  })

  it('numbers of tables, from rt_tables or free ones', () => {
    const files = new Map([
      [
        'n/rule.txt',
        '0:\tfrom all lookup local\n500:\tfrom 10.0.0.1 lookup isp\n600:\tfrom 10.0.0.2 lookup adm\n700:\tfrom 10.0.0.3 lookup lan\n',
      ],
      ['n/route.txt', `default via 10.5.0.1 dev eth0 table isp\ndefault via 10.5.0.2 dev eth0 table adm\n${ROUTE}`],
      ['n/etc/iproute2/rt_tables', '255\tlocal\n254\tmain\n7\tisp\n'],
      ['n/etc/iproute2/rt_tables.d/lan.conf', '0x2a lan\n'],
    ])
    const [node] = parseDump(files).nodes
    expect(node?.namespace.rules.map(({ table }) => table)).toEqual(['local', '7', '1', '42'])
    expect(node?.namespace.routes.slice(0, 2).map(({ table }) => table)).toEqual(['7', '1'])
    expect(node?.assumed.join()).toMatch(/table adm/)
  })
})

describe('machines are named by their bundle', () => {
  it.each([
    ['EKS', ['eks_n1/networking/ipaddr.txt', 'eks_n1/sysctls/sysctl_all.txt'], ['eks_n1']],
    ['Rancher', ['n1-2024/networking/ipaddrshow', 'n1-2024/networking/iptablessave'], ['n1-2024']],
    [
      'sosreport',
      [
        'sosreport-n1/sos_commands/networking/ip_-d_address',
        'sosreport-n1/sos_commands/networking/ip_route_show_table_all',
      ],
      ['sosreport-n1'],
    ],
    [
      'namespaces of sosreport',
      ['s/sos_commands/networking/ip_netns_exec_cni-1_ip_-d_address_show', 's/sos_commands/networking/ip_-d_address'],
      ['s', 's.cni-1'],
    ],
    ['two of one layout', ['a/networking/ipaddr.txt', 'b/networking/ipaddr.txt'], ['a', 'b']],
  ])('%s', (_collector, paths, names) => {
    const dump = parseDump(new Map(paths.map((path) => [path, path.includes('route') ? ROUTE : ADDR])))
    expect(dump.nodes.map(({ name }) => name)).toEqual(names)
  })

  it('or by a file hostname', () => {
    const dump = parseDump(
      new Map([
        ['diags-1/ipv4_addr', ADDR],
        ['diags-1/hostname', 'node-7\n'],
      ]),
    )
    expect(dump.nodes.map(({ name }) => name)).toEqual(['node-7'])
  })

  it('and two of one name with the same file are refused', () => {
    const files = new Map([
      ['x/n/ipaddr.txt', ADDR],
      ['y/n/ipaddr.txt', ADDR],
    ])
    expect(() => parseDump(files)).toThrow(InputError)
    expect(() => parseDump(files)).toThrow(/two folders of this name/)
  })
})

describe('pods nobody dumped are as their plugin makes them', () => {
  it.each([
    ['cali0123456789a', undefined],
    ['eni2a8f21b0c11', 'PERMANENT'],
    ['azv1234567', 'PERMANENT'],
  ])('behind %s', (dev, state) => {
    const link = `3: ${dev}@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP\n    link/ether 36:7c:1a:22:0b:01 brd ff:ff:ff:ff:ff:ff link-netnsid 0\n`
    const files = { 'n/addr.txt': ADDR + link, 'n/route.txt': `${ROUTE}10.80.36.229 dev ${dev} scope link\n` }
    const dump = loadDump(new Map(Object.entries(files).map(([path, text]) => [path, encodeUtf8(text)])))
    expect(dump.network.namespaces['pod-10.80.36.229']?.neighbours[0]?.state).toBe(state)
  })
})

describe('files nobody knows', () => {
  const read = (count: number): string[] => {
    const names = Array.from({ length: count }, (_, i) => `sos/var/log/journal-${i}.md`)
    const files = new Map([
      ['sos/sos_commands/networking/ip_-d_address', ADDR],
      ...names.map((name) => [name, 'x'] as const),
    ])
    return parseDump(files).issues.map(({ file, received }) => `${file}: ${received}`)
  }

  it('up to ten are named', () => {
    expect(read(10)).toEqual(Array.from({ length: 10 }, (_, i) => `sos/var/log/journal-${i}.md: journal-${i}.md`))
  })

  it('more are counted, with the folder they have in common', () => {
    expect(read(11)).toEqual([
      `sos/var/log: 11 other files: ${Array.from({ length: 10 }, (_, i) => `journal-${i}.md`).join(', ')}, …`,
    ])
  })

  it('programs and hidden files are among them', () => {
    const files = new Map<string, Uint8Array | string>([
      ['n/addr.txt', ADDR],
      ['n/core', new Uint8Array([1, 0, 2])],
      ['n/.env', 'TOKEN=x'],
    ])
    const dump = parseDump(files)
    expect(dump.issues.map(({ file }) => file)).toEqual(['n/core', 'n/.env'])
    expect(JSON.stringify(dump)).not.toContain('TOKEN')
  })
})

describe('secrets of a machine are not kept', () => {
  it('keys among the sysctls, even in lines that are none', () => {
    const text =
      'net.ipv4.tcp_fastopen_key = 00000000-canary\nnet.ipv6.conf.all.stable_secret = canary::1\nnet/ipv6/conf/eth0/stable_secret = canary\nnet.ipv4.tcp_fastopen_key: canary\nnet.ipv4.tcp_keepalive_time = 7200\n'
    const dump = loadDump(new Map([['n/sysctl.txt', encodeUtf8(text)]]))
    expect(dump.nodes[0]!.namespace.sysctls).toEqual({ 'net.ipv4.tcp_keepalive_time': '7200' })
    expect(JSON.stringify([dump.nodes, dump.issues, dump.notes])).not.toContain('canary')
  })
})

describe('what BIRD says', () => {
  it('its sessions that are not up are named; its routes are those of the kernel', () => {
    const protocols = `BIRD v0.3.3+birdv1.6.8 ready.
name     proto    table    state  since       info
static1  Static   master   up     12:01:31
Mesh_10_5_0_13 BGP      master   up     12:01:32    Established
Mesh_10_5_0_14 BGP      master   start  12:05:10    Active        Socket: Connection refused
`
    const routes = `BIRD v0.3.3+birdv1.6.8 ready.
0.0.0.0/0          via 10.5.0.1 on eth0 [kernel1 12:01:31] * (10)
10.1.2.0/26        via 10.5.0.13 on eth0 [Mesh_10_5_0_13 12:01:34] * (100/0) [i]
`
    const { nodes, issues } = parseDump(
      new Map([
        ['n/addr.txt', ADDR],
        ['n/bird-protocols.txt', protocols],
        ['n/birdcl_show_route', routes],
      ]),
    )
    expect(issues).toEqual([])
    expect(nodes[0]!.remarks).toEqual([
      'the BGP session Mesh_10_5_0_14 of BIRD is not up (Active Socket: Connection refused): its routes are not there',
    ])
    expect(nodes[0]!.namespace.routes).toEqual([])
  })
})
