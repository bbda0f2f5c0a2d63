// A hook remembers how the packets of a flow passed it. Random rules, random traffic: a simulation that remembers and one that is made
// to forget before every step record the same, count the same and track the same.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RawSock, Recorder, SECOND, Simulation, TcpListener, TcpSock, UdpSock } from '../../../src/dataplane/index.ts'
import { parseNamespaceDump } from '../../../src/linux/index.ts'
import {
  cable,
  iface,
  type Lookup,
  type Network,
  namespace,
  networkOf,
  type PacketEvent,
  route,
  type Stamped,
} from '../../../src/model/index.ts'
import { addressKey, checksum, type Ip, toHex, writeU16 } from '../../../src/wire/index.ts'
import { runs } from '../../properties/run.ts'

/** What a rule of any chain may test. */
const ANYWHERE = [
  '',
  '-p icmp',
  '-p icmp -m icmp --icmp-type 8',
  '-p udp',
  '-p udp -m udp --dport 53',
  '-p udp -m udp --sport 1000:2001',
  '-p udp -m multiport --dports 53,80',
  '-p tcp',
  '-p tcp -m tcp --dport 80',
  '-p tcp -m tcp --tcp-flags SYN,ACK SYN',
  '-s 10.0.0.0/24',
  '-d 10.1.0.1/32',
  '! -d 10.1.0.1/32',
  '-m iprange --src-range 10.0.0.1-10.0.0.1',
  '-m mark --mark 0x1/0x1',
  '-m mark ! --mark 0x2/0x3',
  '-m connmark --mark 0x4/0x4',
  '-m conntrack --ctstate NEW',
  '-m conntrack --ctstate RELATED,ESTABLISHED',
  '-m conntrack --ctstate INVALID',
  '-m conntrack --ctstate UNTRACKED',
  '-m conntrack --ctdir REPLY',
  '-m statistic --mode nth --every 3 --packet 0',
  '-m limit --limit 5/sec --limit-burst 2',
  '-m length --length 0:90',
  '-m ttl --ttl-gt 62',
  '-m tos --tos 0x10/0x3f',
  '-m dscp --dscp 0x04',
  '-m pkttype --pkt-type unicast',
  '-m recent --update --name seen --rsource',
  '-m set --match-set some src',
  '-m set --match-set grows src',
  '-m addrtype --dst-type LOCAL',
  '-m addrtype --src-type LOCAL',
]
/** And where there is a device of that side. */
const SIDED: Readonly<Record<string, readonly string[]>> = {
  PREROUTING: ['-i eth0', '! -i eth1', '-m rpfilter'],
  INPUT: ['-i eth+'],
  FORWARD: ['-i eth0', '-o eth1', '-i eth0 -o eth1'],
  OUTPUT: ['-o eth1'],
  POSTROUTING: ['-o eth0'],
}
const TARGETS = [
  '',
  '-j ACCEPT',
  '-j RETURN',
  '-j MARK --set-xmark 0x1/0x1',
  '-j MARK --set-xmark 0x2/0x3',
  '-j CONNMARK --set-xmark 0x4/0x4',
  '-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff',
  '-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff',
  '-j SET --add-set grows src',
  '-j SET --del-set grows src',
  '-j LOG',
  '-j U1',
  '-g U2',
]
const OF_TABLE: Readonly<Record<string, readonly string[]>> = {
  raw: ['-j CT --notrack', '-j CT --zone 3'],
  mangle: [
    '-j TTL --ttl-set 40',
    '-j TOS --set-tos 0x10/0x3f',
    '-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 700',
  ],
  filter: ['-j REJECT', '-j DROP', '-p udp -j REJECT'],
  nat: [],
}
const CHAINS: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
}
const NAT: Readonly<Record<string, readonly string[]>> = {
  PREROUTING: ['-d 10.9.9.9/32 -j DNAT --to-destination 10.1.0.1', '-d 10.9.9.8/32 -j REDIRECT'],
  OUTPUT: ['-d 10.9.9.9/32 -j DNAT --to-destination 10.1.0.1'],
  POSTROUTING: ['-s 10.0.0.0/24 -o eth1 -j MASQUERADE', '-p udp -j MASQUERADE'],
}

/** One rule of a chain. */
function rule(table: string, chain: string): fc.Arbitrary<string> {
  if (table === 'nat') return fc.constantFrom(...(NAT[chain] ?? [])).map((text) => `-A ${chain} ${text}`)
  const tests = fc.constantFrom(...ANYWHERE, ...(SIDED[chain] ?? []))
  const isUser = chain.startsWith('U')
  const targets = TARGETS.filter((text) => !isUser || !/-[jg] U/.test(text))
  const target = fc.constantFrom(...targets, ...(OF_TABLE[table] ?? []))
  return fc
    .tuple(tests, target)
    .filter(
      ([test, to]) =>
        !(to.startsWith('-p ') && test.includes('-p ')) && !(to.includes('REJECT') && test.includes('! -p')),
    )
    .map(([test, to]) => `-A ${chain} ${test} ${to}`.replaceAll(/ +/g, ' ').trim())
}

/** A table in the words of `iptables-save`. */
function table(name: string): fc.Arbitrary<string> {
  const chains = CHAINS[name] ?? []
  const users = name === 'nat' ? [] : ['U1', 'U2']
  const rules = [...chains, ...users].map((chain) => fc.array(rule(name, chain), { maxLength: name === 'nat' ? 1 : 3 }))
  return fc.tuple(...rules).map((all) => {
    const names = [...chains.map((chain) => `:${chain} ACCEPT [0:0]`), ...users.map((chain) => `:${chain} - [0:0]`)]
    return [`*${name}`, ...names, ...all.flat(), 'COMMIT', ''].join('\n')
  })
}

const firewall = fc.tuple(table('raw'), table('mangle'), table('nat'), table('filter')).map((tables) => tables.join(''))

const IPSETS = {
  some: { name: 'some', type: 'hash:net', family: 'inet', members: ['10.0.0.0/28', '10.1.0.1'] },
  grows: { name: 'grows', type: 'hash:ip', family: 'inet', members: [] },
} as const

/** An event as text, a lookup by what it found. */
function textOf(event: Stamped<PacketEvent>): string {
  if (event.kind === 'network') return event.kind
  return JSON.stringify(event, (_, value) => {
    if (value instanceof Uint8Array) return toHex(value)
    if (typeof value !== 'object' || value === null || !('candidates' in value)) return value
    const { result, dst, src, via, dev } = value as Lookup
    return { result, dst, src, via, dev }
  })
}

/** Two hosts and the router between them, which has the rules. */
function build(rules: string): Network {
  const { iptables } = parseNamespaceDump('r', 'host', { 'iptables.txt': rules }).namespace
  const host = (name: string, address: string, via: string) =>
    namespace(name, {
      interfaces: [iface({ name: 'eth0', mac: `02:00:00:00:00:0${name}`, addresses: [address] })],
      routes: [route('default', { via, dev: 'eth0' })],
    })
  const r = namespace('r', {
    forwarding: true,
    interfaces: [
      iface({ name: 'eth0', mac: '0a:00:00:00:00:01', addresses: ['10.0.0.254/24'] }),
      iface({ name: 'eth1', mac: '0a:00:00:00:00:02', addresses: ['10.1.0.254/24'] }),
    ],
    ...(iptables === undefined ? {} : { iptables }),
    ipsets: IPSETS as never,
  })
  const wires = [cable(['r', 'eth0'], ['a', 'eth0']), cable(['r', 'eth1'], ['b', 'eth0'])]
  return networkOf([r, host('a', '10.0.0.1/24', '10.0.0.254'), host('b', '10.1.0.1/24', '10.1.0.254')], wires)
}

/** Something that happens. */
type Step =
  | { readonly kind: 'udp' | 'ping' | 'tcp'; readonly from: number; readonly to: number; readonly size: number }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'rules' }
  | { readonly kind: 'back' }

const FROM = ['a', 'b', 'r'] as const
const TO = ['10.1.0.1', '10.0.0.1', '10.0.0.254', '10.9.9.9', '10.9.9.8'] as const

const talk = {
  from: fc.constantFrom(0, 0, 0, 1, 2),
  to: fc.constantFrom(0, 0, 0, 1, 2, 3, 3, 4),
  size: fc.constantFrom(8, 8, 8, 60, 3000),
}
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom('udp', 'udp', 'ping', 'ping', 'tcp'), ...talk }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(0.1, 1, 31, 200) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'rules' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'back' as const }) },
)

/** A simulation in which these things happen; `forgets` before each. */
class Scene {
  private readonly recorder = new Recorder()
  private readonly sim: Simulation
  private readonly udp: UdpSock[]
  private readonly raw: RawSock[]
  private readonly others: readonly Network[]
  private readonly forgets: boolean
  private turn = 0
  private saved: ReturnType<Simulation['snapshot']>

  constructor(rules: readonly string[], forgets: boolean) {
    this.others = rules.map(build)
    this.forgets = forgets
    this.sim = new Simulation(this.others[0]!, { seed: 7, recorder: this.recorder })
    this.udp = FROM.map((name, i) => {
      const sock = new UdpSock(this.sim.netns(name), 'inet')
      sock.bind(0, 2000 + i)
      return sock
    })
    this.raw = FROM.map((name) => new RawSock(this.sim.netns(name), 'inet', 1))
    for (const name of ['a', 'b', 'r']) this.serve(name)
    this.saved = this.sim.snapshot()
  }

  private serve(name: string): void {
    const echo = new UdpSock(this.sim.netns(name), 'inet')
    echo.bind(0, 53)
    echo.onReceive = ({ payload, saddr, sport }) => void echo.sendTo(payload, saddr, sport)
    const listener = new TcpListener(this.sim.netns(name), 'inet')
    listener.listen(0, 80)
    listener.onAccept = (peer) => {
      peer.onReadable = () => {
        peer.send(peer.read())
        if (peer.finReceived) peer.close()
      }
    }
  }

  private forget(): void {
    // The same network again: nothing is compiled anew, but what was remembered counts no more.
    if (this.forgets) this.sim.setNetwork(this.sim.network)
  }

  private send({ kind, from, to, size }: Extract<Step, { kind: 'udp' | 'ping' | 'tcp' }>): void {
    const address = addressKey(TO[to] as Ip) as number
    if (kind === 'udp') this.udp[from]!.sendTo(new Uint8Array(size).fill(7), address, 53)
    if (kind === 'ping') {
      const echo = new Uint8Array(8 + size)
      echo[0] = 8
      writeU16(echo, 4, 9)
      writeU16(echo, 2, checksum(echo, 0, echo.length))
      this.raw[from]!.sendTo(echo, address)
    }
    if (kind !== 'tcp') return
    const sock = new TcpSock(this.sim.netns(FROM[from]!), 'inet')
    sock.onConnect = () => sock.send(new Uint8Array(size))
    sock.onReadable = () => {
      sock.read()
      sock.close()
    }
    sock.connect(address, 80)
  }

  private take(one: Step): void {
    switch (one.kind) {
      case 'wait':
        this.sim.run(this.sim.clock.now + one.seconds * SECOND)
        break
      case 'rules':
        this.turn = (this.turn + 1) % this.others.length
        this.sim.setNetwork(this.others[this.turn]!)
        break
      case 'back':
        if (this.turn === 0) this.sim.restore(this.saved)
        break
      default:
        this.send(one)
    }
  }

  /** What the steps leave behind: every event, then counters and connections. */
  told(steps: readonly Step[]): string[] {
    const told: string[] = []
    for (const one of steps) {
      // A flow is remembered from its fourth packet on.
      for (let i = 0; i < 6; i++) {
        this.forget()
        this.take(one)
        this.sim.drain()
      }
      for (let i = 0; i < this.recorder.length; i++) {
        told.push(textOf(this.recorder.eventAt(i)))
      }
      this.recorder.clear()
      const { nf } = this.sim.netns('r')
      told.push(JSON.stringify(nf?.conntrack()), JSON.stringify(nf?.counters('inet').map((c) => [c.packets, c.bytes])))
    }
    return told
  }
}

it('passes a hook by what is remembered as it would without', () => {
  let events = 0
  fc.assert(
    fc.property(firewall, firewall, fc.array(step, { minLength: 3, maxLength: 8 }), (one, other, steps) => {
      const [remembers, forgets] = [new Scene([one, other], false), new Scene([one, other], true)]
      const expected = forgets.told(steps)
      const got = remembers.told(steps)
      const at = expected.findIndex((line, i) => line !== got[i])
      if (at >= 0) expect(got.slice(at, at + 2)).toEqual(expected.slice(at, at + 2))
      expect(got).toHaveLength(expected.length)
      events += got.length
    }),
    runs(60),
  )
  expect(events).toBeGreaterThan(4_000)
}, 120_000)
