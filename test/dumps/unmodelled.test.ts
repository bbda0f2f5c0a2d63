// What sees packets on a dumped machine and is not modelled makes answers through it undecided, by name.
import { describe, expect, it } from 'vitest'
import { parseDump } from '../../src/dumps/node-files.ts'

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
const rule = (family: string, table: string) => ({ rule: { family, table, chain: 'c', expr: [] } })
const nft = (...items: object[]): string => JSON.stringify({ nftables: [{ metainfo: {} }, ...items] })

describe('on the machine of a dump', () => {
  it.each<[string, string, string, string[]]>([
    [
      'a base chain with rules',
      'nft.json',
      nft(chain('inet', 'fw', 'in'), rule('inet', 'fw')),
      ['n1/nft.json: nftables chain inet fw in (hook input, policy accept) is not modelled'],
    ],
    [
      'a base chain that drops',
      'nft.json',
      nft(chain('inet', 'fw', 'in', 'drop')),
      ['n1/nft.json: nftables chain inet fw in (hook input, policy drop) is not modelled'],
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
      ['n1/bpftool-net.json: eBPF programs at xdp or tc are not modelled'],
    ],
    ['no eBPF programs', 'bpftool-net.json', '[{"xdp":[],"tc":[],"flow_dissector":[]}]', []],
  ])('%s', (_what, file, content, want) => {
    expect(notesOf(file, content)).toEqual(want)
  })
})
