// The script of `packetwalk collect`, run with made-up tools, and what is read of the files it writes.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectScript, loadDump } from '../../src/dumps/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'collect-'))
const bin = join(folder, 'bin')
const out = join(folder, 'out')

const LINKS =
  '[{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP"],"mtu":65536,"link_type":"loopback","address":"00:00:00:00:00:00"}]'

/** What each tool answers; `$*` are its words. */
const TOOLS: Readonly<Record<string, string>> = {
  hostname: 'echo node01',
  ip: `case "$*" in
    "netns list") echo "cni-a (id: 0)";;
    "netns exec "*) shift 3; exec "$@";;
    "-j -d link show") echo '${LINKS}';;
    "-o link show") printf '1: lo: <UP>\\n2: eth0@if7: <UP>\\n';;
    "vrf show") printf 'Name              Table\\n-----------------------\\n';;
    *rule*) echo '[{"priority":0,"src":"all","table":"local"}]';;
    *) echo '[]';; esac`,
  nsenter: 'shift 3; exec "$@"',
  readlink: 'case $1 in /proc/self/*) echo "net:[1]";; /proc/1/*) echo "net:[7]";; *) echo "net:[1]";; esac',
  bridge: "echo '[]'",
  sysctl:
    'printf "net.ipv4.ip_forward = 1\\nnet.ipv4.tcp_fastopen_key = SECRET\\nnet.ipv6.conf.all.stable_secret = SECRET\\nkernel.x = y\\n"',
  wg: 'printf "wg0\\tSECRET\\tPUB\\t51820\\toff\\nwg0\\tPEER\\tSECRET\\t10.0.0.1:1\\t10.0.0.0/8\\t0\\t0\\t0\\toff\\nwg0\\tPEER2\\t(none)\\t(none)\\t(none)\\t0\\t0\\t0\\toff\\n"',
  'iptables-save': 'printf "*filter\\nCOMMIT\\n"',
  'ip6tables-save': 'exit 1',
  ipset: 'exit 0',
  conntrack: 'exit 1',
  nft: `echo '{"nftables":[{"metainfo":{}}]}'`,
  tc: `case "$*" in
    "-j qdisc show") echo '[{"kind":"noqueue","handle":"0:","dev":"lo"}]';;
    "-j filter show dev eth0 ingress") echo '[{"protocol":"ip","pref":1,"kind":"u32"}]';;
    *) echo '[]';; esac`,
  bpftool: `echo '[{"xdp":[],"tc":[],"flow_dissector":[]}]'`,
  ethtool: 'printf "Features for $2:\\nloopback: off\\n"',
  crictl: `case "$*" in
    "ps --name calico-node -q") echo abc;;
    "exec abc birdcl -s /var/run/calico/bird.ctl show protocols") printf 'name proto table state since info\\nMesh_1 BGP master start 12:00 Active\\n';;
    *) exit 1;; esac`,
}

beforeAll(() => {
  mkdirSync(bin)
  for (const [name, body] of Object.entries(TOOLS)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  writeFileSync(join(folder, 'collect.sh'), collectScript())
  execFileSync('sh', [join(folder, 'collect.sh'), out], { env: { PATH: `${bin}:${process.env['PATH']}` } })
})
afterAll(() => rmSync(folder, { recursive: true }))

const read = (file: string): string => readFileSync(join(out, file), 'utf8')

/** What is asked in every namespace. */
const FILES = [
  'addr.json',
  'bpf-net.json',
  'ethtool.txt',
  'fdb.json',
  'iptables.txt',
  'ipset.txt',
  'link.json',
  'neigh-proxy.json',
  'neigh.json',
  'nft.json',
  'qdisc.json',
  'route.json',
  'route6.json',
  'rule.json',
  'rule6.json',
  'sysctl.txt',
  'tc-filter.jsonl',
  'vrf.txt',
  'wg.txt',
].sort()

describe('the script of collect', () => {
  it('gathers the node, its named namespaces and those that only processes hold', () => {
    expect(readdirSync(out).sort()).toEqual(['node01', 'node01.cni-a', 'node01.net-7'])
    expect(readdirSync(folder)).toContain('out.tar.gz')
  })

  it.each(['node01.cni-a', 'node01.net-7'])('asks the same everywhere: %s', (name) => {
    expect(readdirSync(join(out, name)).sort()).toEqual(FILES)
  })

  it('asks the machine for its tables and for BIRD as well; what could not be asked leaves no file', () => {
    const own = readdirSync(join(out, 'node01')).filter((file) => !FILES.includes(file))
    expect(own.filter((file) => file !== 'rt_tables')).toEqual(['bird-protocols.txt'])
  })

  it('takes no secrets', () => {
    for (const name of readdirSync(out)) {
      for (const file of readdirSync(join(out, name))) expect(read(`${name}/${file}`)).not.toContain('SECRET')
    }
    expect(read('node01/wg.txt').split('\n')[1]).toBe('wg0\tPEER\t(hidden)\t10.0.0.1:1\t10.0.0.0/8\t0\t0\t0\toff')
    expect(read('node01/wg.txt').split('\n')[2]).toContain('\t(none)\t')
    expect(read('node01/sysctl.txt')).toBe('net.ipv4.ip_forward = 1\n')
  })

  it('writes nothing that the reader does not know', () => {
    const dump = loadDump(new Map([['out.tar.gz', readFileSync(`${out}.tar.gz`)]]))
    expect(dump.issues).toEqual([])
    expect(dump.nodes.map(({ name }) => name)).toEqual(['node01', 'node01.cni-a', 'node01.net-7'])
    expect(dump.nodes[0]!.remarks).toEqual([
      'the BGP session Mesh_1 of BIRD is not up (Active): its routes are not there',
    ])
    expect(dump.nodes[0]!.notes.map(({ what }) => what)).toContain('tc filters of eth0 are not modelled')
  })
})
