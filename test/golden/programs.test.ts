// Programs with options from seeds, over four kinds of ways between two hosts: every event, every word, and what is left.
import { describe } from 'vitest'
import { Recorder, SECOND, Simulation } from '../../src/dataplane/index.ts'
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
import { KINDS, type Kind, lineOf } from './line.ts'
import { recordText, stateText } from './texts.ts'

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
    const sim = new Simulation(lineOf(kind as Kind, draw), {
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
