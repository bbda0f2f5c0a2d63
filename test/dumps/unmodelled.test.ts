// What sees packets on a dumped machine and is not modelled makes answers through it undecided, by name.
import { describe, expect, it } from 'vitest'
import { parseDump } from '../../src/dumps/node-files.ts'
import { Lab } from '../../src/lab/index.ts'
import { encodeUtf8 } from '../../src/wire/index.ts'
import { capturedState, dumpOf } from '../support/dumps.ts'

const BASE = {
  'n1/addr.json': JSON.stringify([{ ifindex: 1, ifname: 'lo', addr_info: [] }]),
  'n1/iptables.txt': '*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n',
}
const notesOf = (file: string, content: string): string[] => {
  const { nodes } = parseDump(new Map(Object.entries({ ...BASE, [`n1/${file}`]: content })))
  return nodes
    .flatMap(({ notes }) => notes)
    .filter(({ what }) => what.includes('not modelled'))
    .map(({ what, file: path }) => `${path}: ${what}`)
}
const chain = (family: string, table: string, name: string, policy = 'accept') => ({
  chain: { family, table, name, type: 'filter', hook: 'input', prio: 0, policy },
})
const rule = (family: string, table: string, chain: string) => ({ rule: { family, table, chain, expr: [] } })
const nft = (...items: object[]): string => JSON.stringify({ nftables: [{ metainfo: {} }, ...items] })

describe('on the machine of a dump', () => {
  it.each<[string, string, string, string[]]>([
    [
      'a base chain with rules',
      'nft.json',
      nft(chain('inet', 'fw', 'in'), rule('inet', 'fw', 'in')),
      ['n1/nft.json: nftables chain inet fw in (hook input, policy accept) is not modelled'],
    ],
    [
      'a base chain that drops',
      'nft.json',
      nft(chain('inet', 'fw', 'in', 'drop')),
      ['n1/nft.json: nftables chain inet fw in (hook input, policy drop) is not modelled'],
    ],
    [
      'a base chain beside which another has rules',
      'nft.json',
      nft(chain('inet', 'fw', 'in'), rule('inet', 'fw', 'other')),
      [],
    ],
    [
      'a flowtable, past which packets go',
      'nft.json',
      nft({ flowtable: { family: 'inet', table: 'fw', name: 'ft', hook: 'ingress', prio: 0, dev: ['eth0', 'eth1'] } }),
      ['n1/nft.json: nftables chain inet fw ft (hook ingress, policy accept) is not modelled'],
    ],
    ['a base chain without rules', 'nft.json', nft(chain('inet', 'fw', 'in')), []],
    ['chains that iptables-save prints as well', 'nft.json', nft(chain('ip', 'filter', 'INPUT', 'drop')), []],
    [
      'the text of nft',
      'nft.txt',
      'table inet fw {\n\tchain in {\n\t\ttype filter hook input priority filter; policy drop;\n\t\ttcp dport 22 accept\n\t}\n}\n',
      ['n1/nft.txt: nftables chain inet fw in (hook input, policy drop) is not modelled'],
    ],
    [
      'tc filters',
      'tc.json',
      '[{"protocol":"all","pref":1,"kind":"bpf","chain":0}]',
      ['n1/tc.json: tc filters are not modelled'],
    ],
    ['no tc filters', 'tc.json', '[]', []],
    [
      'eBPF programs',
      'bpftool-net.json',
      '[{"xdp":[],"tc":[{"devname":"eth0","ifindex":2,"kind":"clsact/ingress"}],"flow_dissector":[]}]',
      ['n1/bpftool-net.json: eBPF programs at xdp or tc of eth0 are not modelled'],
    ],
    [
      'the text of bpftool',
      'bpftool-net.txt',
      'xdp:\neth1(3) driver id 9\n\ntc:\neth0(2) clsact/ingress cali_tc id 12\n\nflow_dissector:\nid 5\n',
      [
        'n1/bpftool-net.txt: eBPF programs at xdp or tc of eth1 are not modelled',
        'n1/bpftool-net.txt: eBPF programs at xdp or tc of eth0 are not modelled',
      ],
    ],
    [
      'eBPF programs of netfilter',
      'bpf-net.json',
      '[{"xdp":[],"tc":[],"flow_dissector":[],"netfilter":[{"pf":"ip","hook":"input","prio":1,"id":3}]}]',
      ['n1/bpf-net.json: eBPF programs in the hooks of netfilter are not modelled'],
    ],
    [
      'tc filters by device, as collect asks for them',
      'tc-filter.jsonl',
      '{"dev":"lo","where":"root","filters":[]}\n{"dev":"eth0","where":"ingress","filters":[{"protocol":"ip","pref":1,"kind":"u32"}]}\n',
      ['n1/tc-filter.jsonl: tc filters of eth0 are not modelled'],
    ],
    [
      'queueing disciplines that lose packets of themselves',
      'qdisc.json',
      '[{"kind":"fq_codel","handle":"0:","dev":"eth0"},{"kind":"netem","handle":"1:","dev":"eth1"}]',
      ['n1/qdisc.json: the queueing discipline netem of eth1 is not modelled'],
    ],
    [
      'the text of tc qdisc',
      'tc-qdisc-show.txt',
      'qdisc noqueue 0: dev lo root refcnt 2 \nqdisc netem 8001: dev eth1 root refcnt 2 limit 1000 loss 50%\n',
      ['n1/tc-qdisc-show.txt: the queueing discipline netem of eth1 is not modelled'],
    ],
    ['how a card sums packets', 'ethtool.txt', 'Features for eth0:\nrx-checksumming: on\nloopback: off [fixed]\n', []],
    [
      'a card that returns what it sends',
      'ethtool_-k_eth0',
      'Features for eth0:\nrx-checksumming: on\nloopback: on\n',
      ['n1/ethtool_-k_eth0: eth0 returns what it sends (loopback: on), which is not modelled'],
    ],
    [
      'a VRF',
      'vrf.txt',
      'Name              Table\n-----------------------\nred                 10\n',
      ['n1/vrf.txt: the VRF red is not modelled'],
    ],
    ['no VRF', 'vrf.txt', 'Name              Table\n-----------------------\nNo VRF has been configured\n', []],
    ['no nft on the machine', 'nft.json', 'sh: nft: command not found\n', []],
    ['no eBPF programs', 'bpftool-net.json', '[{"xdp":[],"tc":[],"flow_dissector":[]}]', []],
  ])('%s', (_what, file, content, want) => {
    expect(notesOf(file, content)).toEqual(want)
  })
})

describe('a file that was gathered and is lost', () => {
  it.each([
    ['half of nft -j', 'nft.json', '{"nftables": [{"metainfo": {"vers', 'JSON that is cut off or damaged'],
    [
      'a refusal of bpftool',
      'bpf-net.json',
      'Error: bpftool must be run as root: operation not permitted\n',
      'operation not permitted',
    ],
    [
      'a refusal of iptables',
      'ip6tables.txt',
      'ip6tables-save: Permission denied (you must be root)\n',
      'Permission denied',
    ],
  ])('may hold what decides: %s', (_what, file, text, why) => {
    const { nodes } = parseDump(new Map(Object.entries({ ...BASE, [`n1/${file}`]: text })))
    const [found, ...more] = nodes[0]!.notes.filter(({ what }) => what.includes('could not be read'))
    expect(more).toEqual([])
    expect(found).toMatchObject({ code: 'dump_unread', file: `n1/${file}`, scope: { kind: 'through', netns: ['n1'] } })
    expect(found?.what).toContain(why)
  })

  it('rules of the older kind, which iptables-nft only mentions', () => {
    const text = '# Warning: iptables-legacy tables present, use iptables-legacy-save to see them\n*filter\nCOMMIT\n'
    const { nodes } = parseDump(new Map(Object.entries({ ...BASE, 'n1/iptables.txt': text })))
    expect(nodes[0]!.notes.map(({ what }) => what)).toContain(
      'rules that only iptables-legacy-save prints are not in n1/iptables.txt',
    )
  })

  it.each([
    ['what can be no member of a set is left out of it', 'create t hash:ip family inet\nadd t host.example\n', 0],
    ['a set of a type that is not modelled', 'create t hash:ip,mac family inet\nadd t 10.0.0.1,02:00:00:00:00:01\n', 1],
  ])('%s', (_what, text, open) => {
    const { nodes } = parseDump(new Map(Object.entries({ ...BASE, 'n1/ipset.txt': text })))
    expect(nodes[0]!.notes.filter(({ what }) => what.startsWith('ipset could not be read'))).toHaveLength(open)
  })

  it('a second file of rules that says otherwise', () => {
    const more = (name: string, text: string) =>
      parseDump(new Map(Object.entries({ ...BASE, [`n1/${name}`]: text }))).nodes[0]!
    const other = more('iptables-save.txt', '*filter\n:INPUT DROP [0:0]\nCOMMIT\n')
    expect(other.notes.map(({ what }) => what)).toContain(
      'its rules differ from those of another file of this machine, and are not read',
    )
    const same = more('iptables-save.txt', '# again\n*filter\n:INPUT ACCEPT [7:9]\nCOMMIT\n')
    expect(same.notes.filter(({ what }) => what.includes('differ'))).toEqual([])
    const nat = more('iptables-save-t-nat', '*nat\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n')
    expect(Object.keys(nat.namespace.iptables!.tables).sort()).toEqual(['filter', 'nat'])
  })
})

describe('what a machine has only concerns packets that meet it', () => {
  const captured = capturedState('02-noencap')
  const labWith = (node: string, file: string, text: string): Lab => {
    const files = dumpOf(captured, (role) => role !== 'switch')
    files.set(`${node}/${file}`, encodeUtf8(text))
    return Lab.fromDumps(files)
  }
  const pods = captured.namespaces.filter(({ role }) => role === 'pod').map(({ name }) => name)
  const nodeOf = (lab: Lab, pod: string): string =>
    lab.simulation.network.wires.flatMap(({ ends: [a, b] }) =>
      a.netns === pod ? [b.netns] : b.netns === pod ? [a.netns] : [],
    )[0]!
  const isOpen = (lab: Lab, from: string, to: string): boolean => lab.ping(from, to).certainty === 'undecided'
  const plain = Lab.fromDumps(dumpOf(captured, (role) => role !== 'switch'))
  const from = pods[0]!
  const near = pods.find((pod) => pod !== from && nodeOf(plain, pod) === nodeOf(plain, from))!
  const far = pods.find((pod) => nodeOf(plain, pod) !== nodeOf(plain, from))!
  const node = nodeOf(plain, from)

  it('nothing is open without', () => {
    for (const to of [near, far, `node/${node}`]) expect([to, isOpen(plain, from, to)]).toEqual([to, false])
  })

  it.each<[string, string, string, [boolean, boolean, boolean]]>([
    ['a chain of input', 'nft.json', nft(chain('inet', 'fw', 'c', 'drop')), [false, false, true]],
    [
      'a chain of forward',
      'nft.json',
      nft({ chain: { ...chain('ip', 'fw', 'c', 'drop').chain, hook: 'forward' } }),
      [true, true, false],
    ],
    [
      'a chain of forward, of IPv6',
      'nft.json',
      nft({ chain: { ...chain('ip6', 'fw', 'c', 'drop').chain, hook: 'forward' } }),
      [false, false, false],
    ],
    [
      'an ingress chain of ens3',
      'nft.json',
      nft({ chain: { ...chain('netdev', 'fw', 'c', 'drop').chain, hook: 'ingress', dev: 'ens3' } }),
      [false, true, false],
    ],
    ['a program at ens3', 'bpf-net.json', '[{"xdp":[{"devname":"ens3","ifindex":2}],"tc":[]}]', [false, true, false]],
    ['netem at ens3', 'qdisc.json', '[{"kind":"netem","handle":"1:","dev":"ens3"}]', [false, true, false]],
    ['filters of no named device', 'tc.json', '[{"protocol":"all","pref":1,"kind":"bpf"}]', [true, true, true]],
  ])('%s: [pod of the node, pod of another, the node]', (_what, file, text, want) => {
    const lab = labWith(node, file, text)
    expect([near, far, `node/${node}`].map((to) => isOpen(lab, from, to))).toEqual(want)
  })
})
