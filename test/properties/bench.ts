// A small network with a bridge, NAT, WireGuard, several ways and narrow wires, and random traffic in it.
import fc from 'fast-check'
import { type Recorder, SECOND, Simulation, TcpListener, TcpSock, UdpSock } from '../../src/dataplane/index.ts'
import { parseNamespaceDump } from '../../src/linux/index.ts'
import {
  cable,
  iface,
  type Neighbour,
  type Network,
  namespace,
  networkOf,
  route,
  type WireguardPeer,
} from '../../src/model/index.ts'
import { addressKey, buildIpv4Header, type Ip } from '../../src/wire/index.ts'
import { inject } from '../dataplane/link/lan.ts'

const KEY = { sw: `${'a'.repeat(43)}=`, far: `${'b'.repeat(43)}=` }
const RULES = `*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d 10.0.0.99/32 -j DNAT --to-destination 10.0.0.2
-A POSTROUTING -s 10.0.0.0/24 -o eth0 -j MASQUERADE --random-fully
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -p udp -m statistic --mode nth --every 5 --packet 0 -j REJECT
COMMIT
`

const wg = (me: 'sw' | 'far', peer: 'sw' | 'far', host: string, allowedIps: readonly string[]) => {
  const peers: WireguardPeer[] = [
    { publicKey: KEY[peer], endpoint: { address: host as never, port: 51820 }, allowedIps },
  ]
  return iface({
    name: 'wg0',
    kind: 'wireguard',
    mtu: 1420,
    noarp: true,
    wireguard: { publicKey: KEY[me], listenPort: 51820, fwmark: 0, peers },
  })
}

/** The bridge rewrites this destination while a frame to c passes. */
const SERVICE: Neighbour = {
  dst: '10.0.0.99',
  dev: 'eth0',
  lladdr: '02:00:00:00:00:0c',
  state: 'PERMANENT',
} as Neighbour

/** A host behind a bridge or a router. */
function host(name: string, addresses: readonly string[], gateways: readonly string[], mtu = 1500) {
  return namespace(name, {
    interfaces: [iface({ name: 'eth0', mac: `02:00:00:00:00:0${name}`, mtu, addresses })],
    routes: gateways.map((via) => route('default', { via, dev: 'eth0' })),
    neighbours: name === 'a' ? [SERVICE] : [],
  })
}

/**
 * Hosts a and c on a bridge of sw that shows its frames to iptables; sw masquerades and has two equal default routes, both to
 * far; d is behind far on a narrower wire; sw and far talk WireGuard. a and c have two equal default routes, too.
 */
function build(): Network {
  const { iptables } = parseNamespaceDump('sw', 'host', { 'iptables.txt': RULES }).namespace
  const port = (name: string) => iface({ name: `p-${name}`, mac: `0a:00:00:00:00:0${name}`, master: 'br0' })
  const sw = namespace('sw', {
    forwarding: true,
    sysctls: { 'net.bridge.bridge-nf-call-iptables': '1' },
    interfaces: [
      iface({
        name: 'br0',
        kind: 'bridge',
        mac: '0a:00:00:00:00:ff',
        addresses: ['10.0.0.254/24', '10.0.0.253/24', 'fd00::254/64'],
      }),
      port('a'),
      port('c'),
      iface({ name: 'eth0', mac: '0a:00:00:00:00:fe', addresses: ['192.0.2.1/24'] }),
      wg('sw', 'far', '192.0.2.2', ['10.2.0.0/24']),
    ],
    routes: [
      route('default', { via: '192.0.2.2', dev: 'eth0' }),
      route('default', { via: '192.0.2.3', dev: 'eth0' }),
      route('10.2.0.0/24', { dev: 'wg0' }),
    ],
    ...(iptables === undefined ? {} : { iptables }),
  })
  const far = namespace('far', {
    forwarding: true,
    interfaces: [
      iface({ name: 'eth0', mac: '0e:00:00:00:00:01', addresses: ['192.0.2.2/24', '192.0.2.3/24'] }),
      iface({ name: 'eth1', mac: '0e:00:00:00:00:02', mtu: 1300, addresses: ['198.51.100.254/24'] }),
      wg('far', 'sw', '192.0.2.1', ['10.0.0.0/24', '192.0.2.1/32']),
      iface({ name: 'dummy0', kind: 'dummy', addresses: ['10.2.0.1/24'] }),
    ],
    routes: [route('10.0.0.0/24', { dev: 'wg0' })],
  })
  return networkOf(
    [
      sw,
      far,
      host('a', ['10.0.0.1/24', 'fd00::1/64'], ['10.0.0.254', '10.0.0.253']),
      host('c', ['10.0.0.2/24', 'fd00::2/64'], ['10.0.0.254', '10.0.0.253']),
      host('d', ['198.51.100.1/24'], ['198.51.100.254'], 1300),
    ],
    [
      cable(['sw', 'p-a'], ['a', 'eth0']),
      cable(['sw', 'p-c'], ['c', 'eth0']),
      cable(['sw', 'eth0'], ['far', 'eth0']),
      cable(['far', 'eth1'], ['d', 'eth0']),
    ],
  )
}

const HOSTS = ['a', 'c', 'd'] as const
/** Each other, by rewritten destination, through NAT, through WireGuard; and where nobody is. */
const TARGETS = [
  '10.0.0.1',
  '10.0.0.2',
  '10.0.0.99',
  '10.0.0.99',
  '198.51.100.1',
  '10.2.0.1',
  '10.0.0.77',
  '203.0.113.1',
  'fd00::1',
  'fd00::2',
  'fd00::77',
] as const
/** Nanoseconds: between two hand-overs, within a handshake, timers of TCP, neighbours, WireGuard, fragments. */
const WAITS = [0, 500, 1500, 4000, 20_000, 1_000_000, 50_000_000, 300_000_000, SECOND, 6 * SECOND, 40 * SECOND] as const

/** Something that happens in it. */
export type Step =
  | {
      readonly kind: 'udp'
      readonly from: (typeof HOSTS)[number]
      readonly to: (typeof TARGETS)[number]
      readonly size: number
    }
  | {
      readonly kind: 'tcp'
      readonly from: (typeof HOSTS)[number]
      readonly to: (typeof TARGETS)[number]
      readonly size: number
    }
  | { readonly kind: 'more'; readonly which: number; readonly size: number }
  | { readonly kind: 'close'; readonly which: number }
  | { readonly kind: 'fragment'; readonly id: number; readonly at: number; readonly last: boolean }
  | { readonly kind: 'mute' }
  | { readonly kind: 'wait'; readonly time: number }

const size = fc.oneof(
  fc.integer({ min: 1, max: 100 }),
  fc.integer({ min: 1300, max: 1472 }),
  fc.integer({ min: 1000, max: 6000 }),
)
const ends = { from: fc.constantFrom(...HOSTS), to: fc.constantFrom(...TARGETS), size }
/** Anything that may happen next. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('udp' as const), ...ends }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('tcp' as const), ...ends }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('more' as const), which: fc.nat(5), size }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), which: fc.nat(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('fragment' as const), id: fc.nat(2), at: fc.nat(3), last: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'mute' as const }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('wait' as const), time: fc.constantFrom(...WAITS) }) },
)

/** What is seen from outside: frames with their times, what sockets got, packets that ended. */
export class Bench {
  readonly sim: Simulation
  readonly seen: string[] = []
  connections: TcpSock[] = []

  constructor(seed: number, recorder: Recorder | null = null) {
    this.sim = new Simulation(build(), { seed, recorder })
    this.sim.taps.push((dev, direction, bytes, start, end) => {
      this.say(`${dev.ns.name}/${dev.name} ${direction} ${Buffer.from(bytes.subarray(start, end)).toString('hex')}`)
    })
    this.sim.onDrop = (cause, skb, ns) => this.say(`${ns.name} drops ${skb.id}: ${cause}`)
    for (const name of [...HOSTS, 'far']) for (const family of ['inet', 'inet6'] as const) this.serve(name, family)
  }

  private say(what: string): void {
    this.seen.push(`${this.sim.clock.now} ${what}`)
  }

  private serve(name: string, family: 'inet' | 'inet6'): void {
    const any = family === 'inet' ? 0 : ''
    const echo = new UdpSock(this.sim.netns(name), family)
    echo.bind(any, 53)
    echo.onReceive = ({ payload, saddr, sport }) => {
      this.say(`${name} got ${payload.length} of ${sport}`)
      echo.sendTo(payload.subarray(0, 2000), saddr, sport)
    }
    const listener = new TcpListener(this.sim.netns(name), family)
    listener.listen(any, 80)
    listener.onAccept = (peer) => {
      peer.onReadable = () => {
        const data = peer.read()
        this.say(`${name} read ${data.length}`)
        peer.send(data.subarray(0, 3000))
        if (peer.finReceived) peer.close()
      }
    }
  }

  private udp(from: string, to: string, length: number): void {
    const sock = new UdpSock(this.sim.netns(from), to.includes(':') ? 'inet6' : 'inet')
    sock.recvErr = true
    sock.onReceive = ({ payload }) => this.say(`${from}:${sock.sport} got ${payload.length} back`)
    sock.onError = () => this.say(`${from}:${sock.sport} error ${sock.errorQueue.map((e) => `${e.errno} ${e.info}`)}`)
    const failed = sock.sendTo(new Uint8Array(length).fill(length), addressKey(to as Ip), 53)
    if (failed !== null) this.say(`${from} ${failed}`)
  }

  private tcp(from: string, to: string, length: number): void {
    const sock = new TcpSock(this.sim.netns(from), to.includes(':') ? 'inet6' : 'inet')
    sock.onConnect = () => sock.send(new Uint8Array(length))
    sock.onReadable = () => this.say(`${from}:${sock.sport} read ${sock.read().length}`)
    sock.onFail = () => this.say(`${from}:${sock.sport} ${sock.err}`)
    if (sock.connect(addressKey(to as Ip), 80) === null) this.connections.push(sock)
  }

  /** A fragment from a to sw, 64 bytes long, whose fellows may never come. */
  private fragment(id: number, at: number, isLast: boolean): void {
    const bytes = new Uint8Array(20 + 64)
    const fields = {
      source: 0x0a000001,
      destination: 0xc6336401,
      protocol: 17,
      ttl: 9,
      totalLength: 84,
      identification: id,
    }
    buildIpv4Header(bytes, 0, { ...fields, fragmentOffset: at * 8, mf: !isLast })
    inject(this.sim, 'a/eth0', `0a00000000ff 02000000000a 0800 ${Buffer.from(bytes).toString('hex')}`)
  }

  /** c stops answering who asks for its address, or does so again: packets wait for it meanwhile. */
  private mute(): void {
    const key = 'net.ipv4.conf.eth0.arp_ignore'
    const edited = this.sim.network.edit((draft) => {
      const { sysctls } = draft.namespaces['c']!
      draft.namespaces['c']!.sysctls = { ...sysctls, [key]: sysctls[key] === '8' ? '0' : '8' }
    })
    this.sim.setNetwork(edited)
  }

  /** What waits at this moment. */
  waiting(): Record<string, number> {
    const all = this.sim.compiledNamespaces()
    const neighbours = all.flatMap((ns) => ns.neigh.entries())
    const queued = neighbours.flatMap(({ queue }) => queue)
    return {
      fragments: all.reduce((n, ns) => n + ns.frags4.size, 0),
      connections: all.reduce((n, ns) => n + ns.sockets.tcp.size, 0),
      exceptions: all.reduce((n, ns) => n + ns.cache4.save().entries.length, 0),
      tracked: all.reduce((n, ns) => n + (ns.nf?.conns.size ?? 0), 0),
      probes: neighbours.filter(({ probes }) => probes > 0).length,
      queued: queued.length,
      bridgedDnat: queued.filter((skb) => skb.bridgedDnat !== 0).length,
      wireguard: all.filter((ns) => ns.devices.some((dev) => dev.kind === 'wireguard' && dev.txPackets > 0)).length,
    }
  }

  run(steps: readonly Step[]): void {
    for (const one of steps) {
      const { clock } = this.sim
      switch (one.kind) {
        case 'udp':
          this.udp(one.from, one.to, one.size)
          break
        case 'tcp':
          this.tcp(one.from, one.to, one.size)
          break
        case 'more':
          this.connections[one.which]?.send(new Uint8Array(one.size))
          break
        case 'close':
          this.connections[one.which]?.close()
          break
        case 'fragment':
          this.fragment(one.id, one.at * 8, one.last)
          break
        case 'mute':
          this.mute()
          break
        case 'wait':
          this.sim.run(clock.now + one.time)
          break
      }
      this.sim.drain()
    }
  }

  /** What commands would print, a line a namespace. */
  private state(): string[] {
    return ['a', 'c', 'd', 'sw', 'far'].map((name) => {
      const ns = this.sim.netns(name)
      return JSON.stringify([
        name,
        ns.neigh.dump(),
        ns.nf?.conntrack(),
        ns.nf?.counters('inet').map(({ packets, bytes }) => [packets, bytes]),
        ns.cache4.dump(),
        ns.devices.map(({ bridge }) => bridge?.fdb.learned().map(({ mac, port, age }) => [mac, port.name, age])),
        ns.devices.map((dev) => [dev.name, dev.rxPackets, dev.txPackets, dev.rxDropped, dev.txDropped]),
      ])
    })
  }

  /** Runs these steps and a while longer; what was seen meanwhile, and the state afterwards. */
  journey(steps: readonly Step[]): string[] {
    const from = this.seen.length
    this.run(steps)
    this.sim.run(this.sim.clock.now + 130 * SECOND)
    return [
      ...this.seen.slice(from),
      ...this.state(),
      `${this.sim.clock.pending} ${this.sim.random()} ${this.sim.nextPacketId()}`,
    ]
  }
}
