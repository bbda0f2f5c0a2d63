// A dump without one of its files: which answers that leaves open, and the command that would say it.
import { describe, expect, it } from 'vitest'
import { loadDump } from '../../src/dumps/index.ts'
import { printNamespaceDump } from '../../src/linux/index.ts'
import { iface, namespace, neighbour, networkOf, route } from '../../src/model/index.ts'
import { encodeUtf8 } from '../../src/wire/index.ts'

const machine = namespace('n', {
  interfaces: [
    iface({ name: 'eth0', kind: 'ethernet', mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24', 'fd00::1/64'] }),
    iface({
      name: 'vx',
      kind: 'vxlan',
      mac: '02:00:00:00:00:02',
      vxlan: {
        id: 7,
        dstport: 4789,
        ttl: 0,
        tos: 0,
        df: 'unset',
        learning: true,
        udpcsum: true,
        udp6zerocsumtx: false,
        udp6zerocsumrx: false,
      },
    }),
    iface({
      name: 'wg0',
      kind: 'wireguard',
      wireguard: { publicKey: 'PUB=', listenPort: 51820, fwmark: 0, peers: [] },
    }),
  ],
  routes: [route('default', { via: '10.0.0.9', dev: 'eth0' }), route('::/0', { via: 'fe80::1', dev: 'eth0' })],
  neighbours: [neighbour('10.0.0.9', 'eth0', '02:00:00:00:00:09')],
  sysctls: { 'net.ipv4.ip_forward': '1' },
})
const RULES = '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m set --match-set s src -j DROP\nCOMMIT\n'
const files: Readonly<Record<string, unknown>> = {
  ...printNamespaceDump(networkOf([machine]), machine),
  'fdb.json': [{ mac: '02:00:00:00:00:aa', ifname: 'vx', dst: '10.0.0.2', flags: ['self'], state: 'permanent' }],
  'iptables.txt': RULES,
  'ip6tables.txt': '*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n',
  'ipset.txt': 'create s hash:ip family inet\nadd s 10.0.0.7\n',
}

function notesWithout(absent?: string): string[] {
  const left = Object.entries(files).filter(([name]) => name !== absent)
  const bytes = left.map(([name, content]): [string, Uint8Array] => [
    `n/${name}`,
    encodeUtf8(typeof content === 'string' ? content : JSON.stringify(content)),
  ])
  const { notes } = loadDump(new Map(bytes))
  return notes
    .filter(({ code }) => code === 'dump_missing' || code === 'dump_rules_missing')
    .map(({ code, what, scope, check }) => `${code}: ${what} (${JSON.stringify(scope)}): ${check}`)
}

describe('a dump', () => {
  it('that has all leaves nothing open for want of a file', () => expect(notesWithout()).toEqual([]))

  const dropped = '{"kind":"dropped","netns":"n"}'
  const link = '{"kind":"dropped","netns":"n","layer":"link"}'
  it.each([
    ['addr.json', dropped, 'ip -j addr'],
    ['route.json', dropped, 'ip -j route show table all'],
    ['rule.json', dropped, 'ip -j rule'],
    ['rule6.json', dropped, 'ip -6 -j rule'],
    ['sysctl.txt', dropped, 'sysctl -a'],
    ['wg.txt', dropped, 'wg show all dump'],
    ['ipset.txt', dropped, 'ipset save'],
    ['neigh.json', link, 'ip -j neigh'],
    ['fdb.json', link, 'bridge -j fdb'],
  ])('without %s', (file, scope, command) => {
    expect(notesWithout(file)).toContain(`dump_missing: its dump lacks ${file} (${scope}): ${command}   (on n)`)
  })

  it.each([
    ['iptables.txt', 'iptables-save'],
    ['ip6tables.txt', 'ip6tables-save'],
  ])('without %s: what passes, and what would be translated', (file, command) => {
    expect(notesWithout(file)).toEqual([
      `dump_rules_missing: its dump lacks ${file}; no rules are assumed ({"kind":"through","netns":["n"]}): ${command}   (on n)`,
      `dump_missing: its dump lacks ${file}, and its rules may translate addresses ({"kind":"dropped","netns":"n","layer":"translation"}): ${command}   (on n)`,
    ])
  })
})
