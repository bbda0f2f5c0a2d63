import { describe, expect, it } from 'vitest'
import {
  busyboxArp,
  busyboxIfconfig,
  conntrackLine,
  humanBytes,
  ifconfig,
  ipLink,
  ipRoute,
  parseNamespaceDump,
  procSys,
  wgShow,
  wgShowDump,
} from '../../src/linux/index.ts'
import { address, iface, type Namespace, namespace, neighbour, networkOf, route } from '../../src/model/index.ts'

const pod = namespace('pod', {
  role: 'pod',
  interfaces: [
    iface({
      name: 'eth0',
      mac: 'f2:00:00:00:00:01',
      mtu: 1440,
      txqlen: 0,
      addresses: [address('192.168.49.66/32', { broadcast: true })],
    }),
    iface({ name: 'tunl0', kind: 'ipip', up: false, mtu: 1480, ipip: { ttl: 0, tos: 0, pmtudisc: false } }),
  ],
  routes: [route('169.254.1.1', { dev: 'eth0' }), route('default', { via: '169.254.1.1', dev: 'eth0' })],
  neighbours: [
    neighbour('169.254.1.1', 'eth0', 'ee:ee:ee:ee:ee:ee', 'REACHABLE'),
    neighbour('10.0.0.7', 'eth0', 'ee:ee:ee:ee:ee:ee', 'FAILED'),
    neighbour('10.0.0.8', 'eth0', 'ee:ee:ee:ee:ee:ee'),
  ],
  sysctls: { 'net.ipv4.conf.eth0.proxy_arp': '1' },
})

function view(ns: Namespace) {
  return { network: networkOf([ns]), ns }
}

describe('a pod’s tools', () => {
  it('arp', () => {
    expect(busyboxArp(view(pod))).toBe(
      [
        '? (169.254.1.1) at ee:ee:ee:ee:ee:ee [ether]  on eth0',
        '? (10.0.0.7) at <incomplete>  on eth0',
        '? (10.0.0.8) at ee:ee:ee:ee:ee:ee [ether] PERM  on eth0',
        '',
      ].join('\n'),
    )
  })

  it('ip route', () => {
    expect(ipRoute(view(pod))).toBe('default via 169.254.1.1 dev eth0 \n169.254.1.1 dev eth0 scope link \n')
  })

  it('ifconfig', () => {
    const counters = { eth0: { rxPackets: 5, rxBytes: 446, txPackets: 6, txBytes: 2048 } }
    expect(busyboxIfconfig(view(pod), { counters })).toBe(`eth0      Link encap:Ethernet  HWaddr F2:00:00:00:00:01  
          inet addr:192.168.49.66  Bcast:192.168.49.66  Mask:255.255.255.255
          UP BROADCAST RUNNING MULTICAST  MTU:1440  Metric:1
          RX packets:5 errors:0 dropped:0 overruns:0 frame:0
          TX packets:6 errors:0 dropped:0 overruns:0 carrier:0
          collisions:0 txqueuelen:0 
          RX bytes:446 (446.0 B)  TX bytes:2048 (2.0 KiB)

lo        Link encap:Local Loopback  
          inet addr:127.0.0.1  Mask:255.0.0.0
          UP LOOPBACK RUNNING  MTU:65536  Metric:1
          RX packets:0 errors:0 dropped:0 overruns:0 frame:0
          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0
          collisions:0 txqueuelen:1000 
          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)

`)
  })

  it.each([
    ['/proc/sys/net/ipv4/conf/eth0/proxy_arp', '1\n'],
    ['/proc/sys/net/ipv4/conf/eth0/rp_filter', '0\n'],
    ['/proc/sys/net/ipv4/ip_default_ttl', '64\n'],
    ['/proc/sys/net/ipv4/conf/eth7/rp_filter', undefined],
    ['/proc/sys/net/ipv4/what', undefined],
    ['/etc/passwd', undefined],
  ])('cat %s', (path, expected) => expect(procSys(pod, path)).toBe(expected))
})

describe('tunnels', () => {
  const node = namespace('node', {
    interfaces: [
      iface({
        name: 'tunl0',
        kind: 'ipip',
        mtu: 1440,
        addresses: ['192.168.196.128/32'],
        ipip: { ttl: 0, tos: 0, pmtudisc: false },
      }),
      iface({
        name: 'wg0',
        kind: 'wireguard',
        mtu: 1420,
        wireguard: {
          publicKey: 'PUB=',
          listenPort: 51820,
          fwmark: 0x200000,
          peers: [{ publicKey: 'PEER=', allowedIps: ['10.0.0.0/8', 'fd00::/8'], persistentKeepalive: 25 }],
        },
      }),
    ],
  })

  it('in ip link', () => {
    expect(ipLink(view(node), { dev: 'tunl0', details: true })).toBe(
      '2: tunl0@NONE: <NOARP,UP,LOWER_UP> mtu 1440 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\n' +
        '    link/ipip 0.0.0.0 brd 0.0.0.0\n    ipip any remote any local any ttl inherit nopmtudisc \n',
    )
  })

  it('in ifconfig', () => {
    expect(ifconfig(view(node), { dev: 'tunl0' })).toContain(
      'tunl0: flags=193<UP,RUNNING,NOARP>  mtu 1440\n        inet 192.168.196.128  netmask 255.255.255.255\n        tunnel   txqueuelen 1000  (IPIP Tunnel)\n',
    )
  })

  it('in wg show, and back', () => {
    expect(wgShow(node)).toBe(`interface: wg0
  public key: PUB=
  private key: (hidden)
  listening port: 51820
  fwmark: 0x200000

peer: PEER=
  allowed ips: 10.0.0.0/8, fd00::/8
  persistent keepalive: every 25 seconds
`)
    for (const text of [wgShow(node), wgShowDump(node)]) {
      const link = { ifindex: 3, ifname: 'wg0', flags: ['UP'], mtu: 1420, linkinfo: { info_kind: 'wireguard' } }
      const again = parseNamespaceDump('n', 'node', { 'link.json': [link], 'wg.txt': text })
      expect(again.issues).toEqual([])
      expect(again.namespace.interfaces['wg0']?.wireguard).toEqual(node.interfaces['wg0']!.wireguard)
    }
  })
})

describe('small things', () => {
  it.each([
    [
      'ipv4     2 udp      17 27 src=172.18.0.2 dst=224.0.0.251 sport=5353 dport=5353 [UNREPLIED] src=224.0.0.251 dst=172.18.0.2 sport=5353 dport=5353 mark=0 use=1',
    ],
    [
      'ipv4     2 icmp     1 25 src=172.18.0.2 dst=172.18.0.3 type=8 code=0 id=16407 [UNREPLIED] src=172.18.0.3 dst=172.18.0.2 type=0 code=0 id=16407 mark=0 use=1',
    ],
    [
      'ipv4     2 tcp      6 97 TIME_WAIT src=1.2.3.4 dst=5.6.7.8 sport=40002 dport=7601 src=5.6.7.8 dst=1.2.3.4 sport=7601 dport=40002 [ASSURED] mark=0 use=1',
    ],
    [
      'ipv6     10 tcp      6 431999 ESTABLISHED src=fd00::1 dst=fd00::2 sport=1 dport=2 src=fd00::2 dst=fd00::1 sport=2 dport=1 [ASSURED] mark=16 zone=3 use=1',
    ],
  ])('a conntrack line reads and prints back: %s', (line) => {
    const { namespace: ns, issues } = parseNamespaceDump('n', 'node', { 'conntrack.txt': line })
    expect(issues).toEqual([])
    expect(conntrackLine(ns.conntrack![0]!)).toBe(line)
    const short = line.replace(/^ipv[46] +\d+ /, '')
    expect(conntrackLine(parseNamespaceDump('n', 'node', { 'conntrack.txt': short }).namespace.conntrack![0]!)).toBe(
      line,
    )
  })

  it('bytes for people', () => {
    expect([0, 1023, 1024, 1130, 1536, 5 * 2 ** 20].map(humanBytes)).toEqual([
      '(0.0 B)',
      '(1023.0 B)',
      '(1.0 KiB)',
      '(1.1 KiB)',
      '(1.5 KiB)',
      '(5.0 MiB)',
    ])
  })
})
