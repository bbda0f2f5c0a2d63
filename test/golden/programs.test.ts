// Programs with options from seeds, over four kinds of ways between two hosts: every event, every word, and what is left.
import { describe } from 'vitest'
import { Recorder, SECOND, Simulation } from '../../src/dataplane/index.ts'
import { parseNamespaceDump } from '../../src/linux/index.ts'
import {
  cable,
  type InterfaceParts,
  iface,
  type Namespace,
  type NamespaceParts,
  type Network,
  namespace,
  networkOf,
  type Route,
  route,
} from '../../src/model/index.ts'
import {
  Inject,
  Ping,
  type Process,
  RawSend,
  RawServer,
  TcpConnect,
  TcpServer,
  Traceroute,
  UdpEchoServer,
  UdpSend,
} from '../../src/programs/index.ts'
import { addressKey, type Ip } from '../../src/wire/index.ts'
import { Random } from '../robustness/random.ts'
import { goldens } from '../support/golden.ts'
import { recordText, stateText } from './texts.ts'

const RULES = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -p tcp -m tcp --dport 81 -j REJECT --reject-with tcp-reset
-A FORWARD -p udp -m udp --dport 54 -j REJECT --reject-with icmp-port-unreachable
-A FORWARD -p tcp -m tcp --dport 82 -j DROP
-A FORWARD -p udp -m statistic --mode nth --every 7 --packet 3 -j DROP
-A FORWARD -p tcp -m length --length 100:65535 -m statistic --mode nth --every 5 --packet 2 -j DROP
-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d 10.9.9.9/32 -j DNAT --to-destination 10.2.0.2
-A POSTROUTING -d 10.2.0.0/24 -s 10.0.0.3/32 -j MASQUERADE
COMMIT
`

const KINDS = ['plain', 'ipip', 'vxlan', 'wireguard'] as const
type Kind = (typeof KINDS)[number]

const KEYS = { r1: `${'a'.repeat(43)}=`, r2: `${'b'.repeat(43)}=` }
const OVERHEAD: Readonly<Record<Kind, number>> = { plain: 0, ipip: 20, vxlan: 50, wireguard: 60 }

/** The device between the routers over their wire, and the routes through it. */
function tunnel(
  kind: Kind,
  me: 'r1' | 'r2',
  mtu: number,
): { readonly devices: InterfaceParts[]; readonly routes: Route[]; readonly more: NamespaceParts } {
  const [own, other, far] = me === 'r1' ? [1, 2, 2] : [2, 1, 0]
  const peer = me === 'r1' ? 'r2' : 'r1'
  const remote = `172.16.0.${other}` as Ip
  const narrow = mtu - OVERHEAD[kind]
  const six = route(`fd00:${far}::/64`, { via: `fd00:ff::${other}`, dev: 'eth1' })
  switch (kind) {
    case 'plain':
      return { devices: [], routes: [route(`10.${far}.0.0/24`, { via: remote, dev: 'eth1' }), six], more: {} }
    case 'ipip': {
      const info = { local: `172.16.0.${own}` as Ip, ttl: 0, tos: 'inherit' as const, pmtudisc: true }
      const devices: InterfaceParts[] = [
        { name: 'tunl0', kind: 'ipip', mtu: narrow, noarp: true, ipip: info, addresses: [`192.168.7.${own}/32`] },
      ]
      return {
        devices,
        routes: [route(`10.${far}.0.0/24`, { via: remote, dev: 'tunl0', onlink: true }), six],
        more: {},
      }
    }
    case 'vxlan': {
      const info = {
        id: 4096,
        local: `172.16.0.${own}` as Ip,
        link: 'eth1',
        dstport: 4789,
        learning: false,
        ttl: 'inherit' as const,
        tos: 'inherit' as const,
        df: 'unset' as const,
        udpcsum: false,
        udp6zerocsumtx: false,
        udp6zerocsumrx: false,
      }
      const devices: InterfaceParts[] = [
        {
          name: 'vxlan.calico',
          kind: 'vxlan',
          mtu: narrow,
          mac: `66:00:00:00:00:0${own}`,
          vxlan: info,
          addresses: [`192.168.7.${own}/32`],
        },
      ]
      const lladdr = `66:00:00:00:00:0${other}`
      const more = {
        neighbours: [{ dst: `192.168.7.${other}`, dev: 'vxlan.calico', lladdr, state: 'PERMANENT' }],
        fdb: [{ mac: lladdr, dev: 'vxlan.calico', dst: remote, self: true, state: 'permanent' }],
      } as unknown as NamespaceParts
      return {
        devices,
        routes: [route(`10.${far}.0.0/24`, { via: `192.168.7.${other}`, dev: 'vxlan.calico', onlink: true }), six],
        more,
      }
    }
    case 'wireguard': {
      const peers = [
        {
          publicKey: KEYS[peer],
          endpoint: { address: remote, port: 51820 },
          allowedIps: [`10.${far}.0.0/24`],
          ...(me === 'r1' ? { persistentKeepalive: 9 } : {}),
        },
      ]
      const wireguard = { publicKey: KEYS[me], listenPort: 51820, fwmark: 0, peers }
      return {
        devices: [{ name: 'wg0', kind: 'wireguard', mtu: narrow, noarp: true, wireguard }],
        routes: [route(`10.${far}.0.0/24`, { dev: 'wg0' }), six],
        more: {},
      }
    }
  }
}

function router(kind: Kind, me: 'r1' | 'r2', mtus: readonly [number, number, number]): Namespace {
  const at = me === 'r1' ? 0 : 2
  const made = tunnel(kind, me, mtus[1])
  const { iptables } = parseNamespaceDump(me, 'host', { 'iptables.txt': RULES }).namespace
  return namespace(me, {
    role: 'router',
    forwarding: true,
    interfaces: [
      iface({
        name: 'eth0',
        mtu: mtus[at]!,
        mac: `02:00:00:0${at}:00:01`,
        addresses: [`10.${at}.0.1/24`, `fd00:${at}::1/64`],
      }),
      iface({
        name: 'eth1',
        mtu: mtus[1],
        mac: `02:00:00:01:00:0${at}`,
        addresses: [`172.16.0.${me === 'r1' ? 1 : 2}/24`, `fd00:ff::${me === 'r1' ? 1 : 2}/64`],
      }),
      ...made.devices.map(iface),
    ],
    routes: [
      ...made.routes,
      route('10.66.0.0/16', { type: 'blackhole' }),
      route('10.67.0.0/16', { type: 'unreachable' }),
      route('10.68.0.0/16', { type: 'prohibit' }),
      route('fd00:67::/32', { type: 'unreachable' }),
      route('10.69.0.0/16', me === 'r1' ? { via: '172.16.0.2', dev: 'eth1' } : { via: '172.16.0.1', dev: 'eth1' }),
      route('10.70.0.0/16', { via: `10.${at}.0.77`, dev: 'eth0' }),
      route('10.71.0.0/16', { via: `10.${at}.0.2`, dev: 'eth0' }),
    ],
    ...made.more,
    ...(me === 'r1' && iptables !== undefined ? { iptables } : {}),
  })
}

function host(name: string, at: number, mtu: number, sysctls: Readonly<Record<string, string>>): Namespace {
  return namespace(name, {
    interfaces: [
      iface({
        name: 'eth0',
        mtu,
        mac: `02:00:00:0${at}:00:02`,
        addresses: [`10.${at}.0.2/24`, `10.${at}.0.3/24`, `fd00:${at}::2/64`],
      }),
    ],
    routes: [
      route('default', { via: `10.${at}.0.1`, dev: 'eth0' }),
      route('default', { via: `fd00:${at}::1`, dev: 'eth0' }),
    ],
    sysctls,
  })
}

const SYSCTLS: readonly Readonly<Record<string, string>>[] = [
  {},
  {},
  { 'net.ipv4.ip_no_pmtu_disc': '1' },
  { 'net.ipv4.tcp_sack': '0' },
  { 'net.ipv4.tcp_timestamps': '0' },
  { 'net.ipv4.tcp_window_scaling': '0' },
  { 'net.ipv4.tcp_rmem': '4096 8192 16384' },
  { 'net.ipv4.tcp_syn_retries': '2', 'net.ipv4.tcp_retries2': '3' },
  { 'net.ipv4.tcp_mtu_probing': '1' },
  { 'net.ipv4.tcp_ecn': '1' },
]

function networkFor(kind: Kind, random: Random): Network {
  const mtu = (): number => random.pick([1280, 1400, 1500, 1500, 9000])
  const mtus = [mtu(), mtu(), mtu()] as const
  return networkOf(
    [
      host('left', 0, mtus[0], random.pick(SYSCTLS)),
      router(kind, 'r1', mtus),
      router(kind, 'r2', mtus),
      host('right', 2, mtus[2], random.pick(SYSCTLS)),
    ],
    [
      cable(['left', 'eth0'], ['r1', 'eth0']),
      cable(['r1', 'eth1'], ['r2', 'eth1']),
      cable(['r2', 'eth0'], ['right', 'eth0']),
    ],
  )
}

/** The other host, routers, nobody, what routes refuse, a loop, a redirect, groups, itself. */
const TARGETS = [
  '10.2.0.2',
  '10.2.0.2',
  '10.2.0.2',
  '10.2.0.3',
  '10.0.0.1',
  '172.16.0.2',
  '10.2.0.88',
  '10.0.0.88',
  '10.66.0.1',
  '10.67.0.1',
  '10.68.0.1',
  '10.69.0.1',
  '10.70.0.1',
  '10.71.0.1',
  '10.9.9.9',
  '192.0.2.1',
  '10.0.0.2',
  '127.0.0.1',
  '224.0.0.1',
  '10.0.0.255',
  '255.255.255.255',
  '0.0.0.0',
] as const
const TARGETS6 = [
  'fd00:2::2',
  'fd00:2::2',
  'fd00::1',
  'fd00:2::88',
  'fd00:67::1',
  'fd00:dead::1',
  'fd00::2',
  '::1',
  'ff02::1',
  'fe80::9',
] as const

class Draw extends Random {
  maybe(key: string, values: readonly unknown[], often = 3): object {
    return this.oneIn(often) ? { [key]: this.pick(values) } : {}
  }
  target(): Ip {
    return (this.oneIn(3) ? this.pick(TARGETS6) : this.pick(TARGETS)) as Ip
  }
}

const sizes = [0, 1, 8, 56, 100, 1232, 1372, 1392, 1452, 1472, 1473, 2000, 5000, 9000] as const

type Ns = ConstructorParameters<typeof Ping>[0]

const PROGRAMS: Readonly<Record<string, (draw: Draw, ns: Ns) => Process>> = {
  ping: (draw, ns) =>
    new Ping(ns, {
      destination: draw.target(),
      count: 1 + draw.below(3),
      ...draw.maybe('interval', [0.2, 0.5]),
      ...draw.maybe('size', sizes, 2),
      ...draw.maybe('ttl', [1, 2, 3]),
      ...draw.maybe('tos', [0x10, 0xb8, 3]),
      ...draw.maybe('pmtudisc', ['do', 'want', 'dont']),
      ...draw.maybe('source', ['10.0.0.3', '10.0.0.2', '10.0.0.99'], 6),
      ...draw.maybe('dev', ['eth0', 'lo', 'eth7'], 8),
      ...draw.maybe('ident', [77]),
      ...draw.maybe('broadcast', [true]),
      ...draw.maybe('recordRoute', [true], 6),
      ...draw.maybe('mark', [5], 6),
      ...draw.maybe('quiet', [true], 6),
      ...draw.maybe('dialect', ['busybox', 'iputils']),
      ...draw.maybe('hostname', ['name'], 6),
      ...draw.maybe('deadline', [1, 3], 6),
      ...draw.maybe('linger', [0.5, 2], 6),
    } as ConstructorParameters<typeof Ping>[1]),
  traceroute: (draw, ns) =>
    new Traceroute(ns, {
      destination: draw.target(),
      maxHops: 2 + draw.below(5),
      ...draw.maybe('method', ['udp', 'icmp', 'tcp'], 2),
      ...draw.maybe('firstHop', [1, 2]),
      ...draw.maybe('probes', [1, 2]),
      ...draw.maybe('simultaneous', [1, 3, 16]),
      ...draw.maybe('wait', [0.5, 1, 2]),
      ...draw.maybe('sport', [4000]),
      ...draw.maybe('port', [80, 81, 53, 54, 40000]),
      ...draw.maybe('source', ['10.0.0.3'], 6),
      ...draw.maybe('dev', ['eth0', 'eth7'], 8),
      ...draw.maybe('tos', [0x10]),
      ...draw.maybe('dontFragment', [true]),
      ...draw.maybe('packetLength', [28, 40, 60, 1400, 1500, 3000]),
      ...draw.maybe('hostname', ['name'], 6),
    } as ConstructorParameters<typeof Traceroute>[1]),
  tcp: (draw, ns) =>
    new TcpConnect(ns, {
      daddr: addressKey(draw.target()),
      dport: draw.pick([80, 80, 80, 80, 81, 82, 83]),
      sport: 40000 + draw.below(1000),
      request: draw.pick([0, 1, 64, 1000, 1460, 3000, 20_000, 100_000]),
      reply: draw.pick([0, 64, 1460, 4000, 30_000]),
      ...draw.maybe('saddr', [addressKey('10.0.0.3' as Ip)], 6),
      ...draw.maybe('ttl', [1, 2, 30], 6),
      ...draw.maybe('tos', [0x10], 6),
      ...draw.maybe('pmtudisc', ['do', 'want', 'dont'], 4),
      ...draw.maybe('timeout', [1, 4, 20]),
    } as ConstructorParameters<typeof TcpConnect>[1]),
  udp: (draw, ns) =>
    new UdpSend(ns, {
      daddr: addressKey(draw.target()),
      dport: draw.pick([53, 53, 53, 54, 55]),
      sport: draw.pick([0, 40001]),
      size: draw.pick(sizes),
      count: 1 + draw.below(4),
      ...draw.maybe('saddr', [addressKey('10.0.0.3' as Ip)], 6),
      ...draw.maybe('ttl', [1, 2, 30], 6),
      ...draw.maybe('tos', [0x10], 6),
      ...draw.maybe('pmtudisc', ['do', 'want', 'dont', 'probe'], 4),
      ...draw.maybe('terse', [true], 4),
      ...draw.maybe('timeout', [0.5, 2]),
    } as ConstructorParameters<typeof UdpSend>[1]),
  raw: (draw, ns) =>
    new RawSend(ns, {
      daddr: addressKey(draw.target()),
      protocol: draw.pick([4, 47, 50, 112, 132, 253]),
      size: draw.pick(sizes),
      ...draw.maybe('ttl', [1, 2]),
      ...draw.maybe('pmtudisc', ['do', 'dont'], 4),
      ...draw.maybe('timeout', [1]),
    } as ConstructorParameters<typeof RawSend>[1]),
  inject: (draw, ns) =>
    new Inject(ns, draw.pick(['eth0', 'eth0', 'eth7']), [
      Uint8Array.from({ length: draw.pick([10, 14, 60, 100]) }, (_, i) => (i < 6 ? 255 : draw.below(256))),
    ]),
}

/** Whoever answers at the other end, and on the host itself. */
function serve(sim: Simulation, draw: Draw): Process[] {
  const servers = ['left', 'right', 'r1'].flatMap((name) => {
    const ns = sim.netns(name)
    return (['inet', 'inet6'] as const).flatMap((family): Process[] => [
      new UdpEchoServer(ns, family, 53),
      new TcpServer(ns, { family, port: 80, request: draw.pick([0, 64, 1000]), reply: draw.pick([0, 64, 5000]) }),
      new RawServer(ns, family, 253),
    ])
  })
  for (const server of servers) server.start()
  return servers
}

const wordsOf = (program: Process): string =>
  JSON.stringify([
    program.stdout,
    program.stderr,
    program.exitCode,
    program.outcome,
    program.refused,
    program.refusal,
    program.tooLong,
  ])

const SEEDS = Array.from({ length: 6 }, (_, seed) => seed)

describe('what programs do is as it was', () => {
  const keys = KINDS.flatMap((kind) =>
    Object.keys(PROGRAMS).flatMap((program) => SEEDS.map((seed) => `${kind} ${program} ${seed}`)),
  )
  goldens('programs', keys, (key) => {
    const [kind, name, seed] = key.split(' ')
    const draw = new Draw(Number(seed) + 1)
    const recorder = new Recorder()
    const sim = new Simulation(networkFor(kind as Kind, draw), {
      seed: Number(seed),
      recorder,
      epoch: 1_600_000_000_000,
    })
    const servers = serve(sim, draw)
    const words: string[] = []
    for (let i = 0; i < 5; i++) {
      const program = PROGRAMS[name!]!(draw, sim.netns(draw.oneIn(5) ? 'right' : 'left'))
      program.start()
      sim.run(sim.clock.now + (draw.oneIn(8) ? 1 : 40) * SECOND)
      if (program.exitCode === null) program.interrupt()
      words.push(wordsOf(program))
    }
    for (const server of servers) server.exit(0)
    return `${[...words, ...servers.map(wordsOf)].join('\n')}\n${recordText(recorder)}${stateText(sim)}`
  })
})
