// conntrack, wg, cached routes, and the names of numbers: a row a case.
import { describe, expect, it } from 'vitest'
import {
  conntrackLine,
  conntrackList,
  parseNamespaceDump,
  parseRouteCache,
  placeIn,
  protocolNumber,
  routeCacheJson,
  routeProtocolName,
  routeTableName,
  sysctlKey,
  wgShow,
  wgShowDump,
} from '../../src/linux/index.ts'
import type { Namespace } from '../../src/model/index.ts'

const read = (files: Readonly<Record<string, unknown>>): Namespace => {
  const { namespace, issues } = parseNamespaceDump('n', 'host', files)
  expect(issues).toEqual([])
  return namespace
}

describe('conntrack', () => {
  const tuples = 'src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1'
  it.each([
    [6, 'tcp'],
    [17, 'udp'],
    [1, 'icmp'],
    [58, 'icmpv6'],
    [132, 'sctp'],
    [33, 'dccp'],
    [47, 'gre'],
    [136, 'udplite'],
    [50, 'unknown'],
  ])('protocol %i is %s', (number, name) => {
    const line = `ipv4     2 ${name.padEnd(8)} ${number} 30 ${tuples} mark=0 use=1`
    const entry = read({ 'conntrack.txt': line.replace('unknown ', 'esp     ') }).conntrack![0]!
    expect(entry.protocol).toBe(number)
    expect(conntrackLine(entry)).toBe(line)
  })

  it.each([
    ['no time, as in a list of events', `udp 17 ${tuples}`, { timeout: 0, protocol: 17 }],
    [
      'IPv6 by its addresses',
      'udp 17 5 src=fd00::1 dst=fd00::2 sport=1 dport=2 src=fd00::2 dst=fd00::1 sport=2 dport=1',
      { family: 'inet6' },
    ],
    ['a zone', `udp 17 5 ${tuples} zone=3`, { zone: 3, original: { src: '10.0.0.1' } }],
    ['a mark', `udp 17 5 ${tuples} mark=65536`, { mark: 65536 }],
    ['one half', `udp 17 5 ${tuples.replace(' src=10.0.0.2', ' [UNREPLIED] src=10.0.0.2')}`, { unreplied: true }],
    ['a state', `tcp 6 5 SYN_SENT2 ${tuples} [ASSURED]`, { state: 'SYN_SENT2', assured: true }],
  ])('%s', (_what, line, expected) => {
    expect(
      read({ 'conntrack.txt': `# head\n${line}\nconntrack v1.4.7 (conntrack-tools): 1 flow entries\n` }).conntrack,
    ).toMatchObject([expected])
  })

  it.each([
    ['an unknown protocol', `what 300 5 ${tuples}`],
    ['one tuple', 'udp 17 5 src=10.0.0.1 dst=10.0.0.2'],
    ['a tuple without an address', 'udp 17 5 src=10.0.0.1 sport=1 src=10.0.0.2 dst=10.0.0.1'],
    ['an answer without an address', 'udp 17 5 src=10.0.0.1 dst=10.0.0.2 src=10.0.0.2 sport=1'],
  ])('%s is no line of it', (_what, line) => {
    const { issues } = parseNamespaceDump('n', 'host', { 'conntrack.txt': line })
    expect(issues).toMatchObject([{ kind: 'syntax', expected: 'a line of conntrack -L' }])
  })

  it('a list, with or without the family', () => {
    const line = `udp      17 30 ${tuples} use=1`
    const { conntrack } = read({ 'conntrack.txt': line })
    expect(conntrackList(conntrack)).toBe(`ipv4     2 ${line}\n`)
    expect(conntrackList(conntrack, false)).toBe(`${line}\n`)
    expect(conntrackList(undefined)).toBe('')
  })
})

describe('wg', () => {
  const LINK = { ifindex: 3, ifname: 'wg0', flags: ['UP'], mtu: 1420, linkinfo: { info_kind: 'wireguard' } }
  const wg = (text: string) => parseNamespaceDump('n', 'host', { 'link.json': [LINK], 'wg.txt': text })
  const dump = (...columns: readonly string[][]) => columns.map((row) => `${row.join('\t')}\n`).join('')
  const HEAD = ['wg0', '(hidden)', 'PUB=', '51820', '0x200000']
  const peer = (endpoint: string, allowed: string, keepalive: string) => [
    'wg0',
    'PEER=',
    '(none)',
    endpoint,
    allowed,
    '0',
    '0',
    '0',
    keepalive,
  ]

  it.each([
    [
      'all',
      HEAD,
      peer('10.0.0.2:51820', '10.1.0.0/16,fd00::/8', '25'),
      {
        publicKey: 'PUB=',
        listenPort: 51820,
        fwmark: 0x200000,
        peers: [
          {
            publicKey: 'PEER=',
            endpoint: { address: '10.0.0.2', port: 51820 },
            allowedIps: ['10.1.0.0/16', 'fd00::/8'],
            persistentKeepalive: 25,
          },
        ],
      },
    ],
    [
      'nothing',
      ['wg0', '(none)', '(none)', '0', 'off'],
      peer('(none)', '(none)', 'off'),
      { listenPort: 0, fwmark: 0, peers: [{ publicKey: 'PEER=', allowedIps: [] }] },
    ],
    [
      'an end of IPv6',
      HEAD,
      peer('[fd00::2]:1', '10.0.0.1/32', 'off'),
      {
        publicKey: 'PUB=',
        listenPort: 51820,
        fwmark: 0x200000,
        peers: [{ publicKey: 'PEER=', endpoint: { address: 'fd00::2', port: 1 }, allowedIps: ['10.0.0.1/32'] }],
      },
    ],
  ])('%s: read from both forms, printed in both', (_what, head, one, info) => {
    const text = dump(head, one)
    const { namespace: ns, issues } = wg(text)
    expect(issues).toEqual([])
    expect(ns.interfaces['wg0']?.wireguard).toEqual(info)
    expect(wgShowDump(ns)).toBe(text.replace('\t(none)\t(none)\t0\toff', '\t(hidden)\t(none)\t0\toff'))
    expect(wg(wgShow(ns)).namespace.interfaces['wg0']?.wireguard).toEqual(info)
  })

  it('an end of a link-local address, the highest port, host bits', () => {
    const { namespace: ns, issues } = wg(dump(HEAD, peer('[fe80::2%eth0]:65535', '10.1.2.3/16', 'off')))
    expect(issues).toEqual([])
    expect(ns.interfaces['wg0']?.wireguard?.peers[0]).toEqual({
      publicKey: 'PEER=',
      endpoint: { address: 'fe80::2', port: 65535 },
      allowedIps: ['10.1.0.0/16'],
    })
  })

  it.each([
    ['a port above all', dump(HEAD, peer('10.0.0.2:65536', '(none)', 'off')), 'ADDRESS:PORT', 2],
    ['no end', dump(HEAD, peer('here', '(none)', 'off')), 'ADDRESS:PORT', 2],
    ['no prefix', dump(HEAD, peer('(none)', '10.0.0.0/8,x', 'off')), 'a prefix', 2],
    ['a peer of nobody', dump(peer('(none)', '(none)', 'off')), 'a line of wg show all dump', 1],
    ['columns', dump(['wg0', 'x']), 'a line of wg show all dump', 1],
  ])('%s', (_what, text, expected, line) => {
    expect(wg(text).issues).toMatchObject([{ expected, line }])
  })
})

describe('ip route show cache', () => {
  it.each([
    { family: 'inet', dst: '10.0.0.1', via: '10.0.0.9', dev: 'eth0', mtu: 1400, expires: 500 },
    { family: 'inet', dst: '10.0.0.1', from: '10.0.0.2', dev: 'eth0', redirected: true, uid: 0 },
    { family: 'inet6', dst: 'fd00::1', dev: 'eth0', mtu: 1280 },
    { family: 'inet', dst: '10.0.0.1' },
  ] as const)('%j', (entry) => {
    const issues: never[] = []
    expect(parseRouteCache(routeCacheJson([entry as never]), placeIn('f', issues))).toEqual([entry])
    expect(issues).toEqual([])
  })

  it('a locked MTU', () => {
    const cache = [{ dst: '10.0.0.1', metrics: [{ mtu: 552, mtu_lock: true }] }]
    expect(parseRouteCache(cache, placeIn('f', []))).toEqual([
      { family: 'inet', dst: '10.0.0.1', mtu: 552, mtuLock: true },
    ])
  })
})

describe('names and numbers', () => {
  it.each([
    ['1', 'redirect'],
    ['2', 'kernel'],
    ['3', 'boot'],
    ['4', 'static'],
    ['8', 'gated'],
    ['9', 'ra'],
    ['10', 'mrt'],
    ['11', 'zebra'],
    ['12', 'bird'],
    ['13', 'dnrouted'],
    ['14', 'xorp'],
    ['15', 'ntk'],
    ['16', 'dhcp'],
    ['18', 'keepalived'],
    ['42', 'babel'],
    ['186', 'bgp'],
    ['187', 'isis'],
    ['188', 'ospf'],
    ['189', 'rip'],
    ['192', 'eigrp'],
    ['80', '80'],
    ['bird', 'bird'],
  ])('a route of protocol %s is of %s', (number, name) => expect(routeProtocolName(number)).toBe(name))

  it.each([
    ['254', 'main'],
    ['255', 'local'],
    ['253', 'default'],
    ['100', '100'],
    ['main', 'main'],
  ])('table %s is %s', (number, name) => expect(routeTableName(number)).toBe(name))

  it.each([
    ['all', 0],
    ['ip', 0],
    ['icmp', 1],
    ['igmp', 2],
    ['ipencap', 4],
    ['ipip', 4],
    ['tcp', 6],
    ['egp', 8],
    ['igp', 9],
    ['udp', 17],
    ['dccp', 33],
    ['ipv6', 41],
    ['ipv6-route', 43],
    ['ipv6-frag', 44],
    ['rsvp', 46],
    ['gre', 47],
    ['esp', 50],
    ['ipsec-esp', 50],
    ['ah', 51],
    ['ipsec-ah', 51],
    ['ipv6-icmp', 58],
    ['icmpv6', 58],
    ['icmp6', 58],
    ['ipv6-nonxt', 59],
    ['ipv6-opts', 60],
    ['eigrp', 88],
    ['ospf', 89],
    ['ospfigp', 89],
    ['pim', 103],
    ['ipcomp', 108],
    ['vrrp', 112],
    ['l2tp', 115],
    ['sctp', 132],
    ['mh', 135],
    ['mobility-header', 135],
    ['udplite', 136],
    ['TCP', 6],
    ['0', 0],
    ['255', 255],
    ['256', undefined],
    ['nothing', undefined],
    ['constructor', undefined],
  ])('protocol %s is %s', (name, number) => expect(protocolNumber(name)).toBe(number))

  it.each([
    ['net.ipv4.ip_forward', 'net.ipv4.ip_forward'],
    ['net/ipv4/ip_forward', 'net.ipv4.ip_forward'],
    ['net/ipv4/conf/eth0.1/proxy_arp', 'net.ipv4.conf.eth0/1.proxy_arp'],
    ['net.ipv4.conf.eth0/1.proxy_arp', 'net.ipv4.conf.eth0/1.proxy_arp'],
    ['ip_forward', 'ip_forward'],
  ])('sysctl %s is %s', (written, key) => expect(sysctlKey(written)).toBe(key))
})
