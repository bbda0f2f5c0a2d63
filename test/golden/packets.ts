// Frames of every protocol with fields from a seed: most of them as they should be, some not quite.
import * as wire from '../../src/wire/index.ts'
import { mutate, Random } from '../robustness/random.ts'

const { frame } = wire

const MACS = ['02:00:00:00:00:01', 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:fb', '33:33:ff:00:00:01', '00:00:00:00:00:00']
const IPV4S = ['0.0.0.0', '10.0.0.1', '127.0.0.1', '169.254.1.1', '192.168.255.1', '224.0.0.251', '255.255.255.255']
const IPV6S = [
  '::',
  '::1',
  'fe80::1',
  'fd00:10::1',
  'ff02::1',
  'ff02::1:ff00:1',
  '2001:db8::ffff:0:1',
  '::ffff:1.2.3.4',
]
const PORTS = [
  0, 22, 53, 67, 68, 80, 123, 179, 443, 500, 514, 546, 4789, 4784, 5353, 6081, 8472, 51820, 51821, 8080, 65535,
]
const TCP_FLAGS = [2, 18, 16, 17, 4, 20, 24, 25, 1, 0, 0x29, 0xc2, 0x52, 0x190, 0x1ff]
const WORDS = ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n', 'SSH-2.0-x\r\n', '']

/** Addresses to draw from. */
export interface Pool {
  readonly macs: readonly string[]
  readonly v4: readonly string[]
  readonly v6: readonly string[]
}

const ODD: Pool = { macs: MACS, v4: IPV4S, v6: IPV6S }

/** Draws fields. */
export class PacketDraw extends Random {
  private readonly pool: Pool

  constructor(seed: number, pool: Pool = ODD) {
    super(seed)
    this.pool = pool
  }
  mac(): wire.Mac {
    return this.pick(this.pool.macs) as wire.Mac
  }
  v4(): wire.Ipv4 {
    return this.pick(this.pool.v4) as wire.Ipv4
  }
  v6(): wire.Ipv6 {
    return this.pick(this.pool.v6) as wire.Ipv6
  }
  port(): number {
    return this.oneIn(4) ? this.below(65536) : this.pick(PORTS)
  }
  u32(): number {
    return this.pick([0, 1, 0x7fffffff, 0xffffffff, this.below(2 ** 32)])
  }
  bytes(most: number): Uint8Array {
    const all = this.oneIn(3) ? undefined : this.below(256)
    return Uint8Array.from({ length: this.below(most + 1) }, () => all ?? this.below(256))
  }
  content(): wire.FramePart {
    return wire.data(this.oneIn(3) ? this.pick(WORDS) : this.bytes(48))
  }
}

function ip(draw: PacketDraw, parts: readonly wire.FramePart[], six: boolean, more: object = {}): wire.FramePart[] {
  if (six) {
    const odd = draw.oneIn(3) ? { trafficClass: draw.below(256), flowLabel: draw.below(1 << 20) } : {}
    return [
      wire.ipv6({ source: draw.v6(), destination: draw.v6(), hopLimit: draw.pick([0, 1, 64, 255]), ...odd, ...more }),
      ...parts,
    ]
  }
  const odd = draw.oneIn(3)
    ? {
        tos: draw.below(256),
        identification: draw.below(65536),
        df: draw.oneIn(2),
        mf: draw.oneIn(3),
        fragmentOffset: draw.oneIn(3) ? draw.below(100) * 8 : 0,
        ...(draw.oneIn(2) ? { options: options4(draw) } : {}),
      }
    : {}
  return [
    wire.ipv4({ source: draw.v4(), destination: draw.v4(), ttl: draw.pick([0, 1, 64, 255]), ...odd, ...more }),
    ...parts,
  ]
}

/** Options of IPv4 as hosts send them: a route or times to record, a route to take, an alert, a security label. */
function goodOptions4(draw: PacketDraw): Uint8Array {
  const word = (): number[] =>
    wire
      .ipv4ToNumber(draw.v4())
      .toString(16)
      .padStart(8, '0')
      .match(/../g)!
      .map((pair) => Number.parseInt(pair, 16))
  const slots = 1 + draw.below(3)
  const words = Array.from({ length: slots }, word).flat()
  const at = 4 + 4 * draw.below(slots + 1)
  switch (draw.below(6)) {
    case 0:
      return Uint8Array.from([7, 3 + slots * 4, at, ...words.map(() => 0)])
    case 1:
      return Uint8Array.from([68, 4 + slots * 4, at + 1, draw.pick([0x00, 0x10, 0xf0]), ...words.map(() => 0)])
    case 2:
      return Uint8Array.from(
        [
          68,
          4 + slots * 8,
          draw.pick([5, 5 + slots * 8, 5 + 8]),
          draw.pick([1, 3, 0xe1, 0xf3]),
          ...words,
          ...words,
        ].slice(0, 36),
      )
    case 3:
      return Uint8Array.from([draw.pick([131, 137]), 3 + slots * 4, draw.pick([4, 4, at]), ...words])
    case 4:
      return Uint8Array.from([148, 4, 0, draw.pick([0, 0, 1]), 1, 1])
    default:
      return Uint8Array.from([1, 134, 10, 0, 0, 0, 1, 1, 4, 0, 1, 0])
  }
}

/** Options of IPv4: each known type with a length and a pointer that may be right. */
function options4(draw: PacketDraw): Uint8Array {
  if (!draw.oneIn(3)) return goodOptions4(draw)
  const out: number[] = []
  while (out.length < 30 && !draw.oneIn(4)) {
    const type = draw.pick([0, 1, 7, 68, 82, 130, 131, 134, 136, 137, 148, draw.below(256)])
    if (type < 2) out.push(type)
    else {
      const length = draw.pick([3, 4, 7, 8, 11, draw.below(12)])
      const rest = Array.from({ length: Math.max(0, length - 3) }, () => draw.below(256))
      out.push(type, length, draw.pick([0, 4, 5, 8, 12]), ...rest)
    }
  }
  return Uint8Array.from(out.slice(0, 40))
}

const SOME_OPTIONS: readonly (readonly wire.TcpOption[])[] = [
  [],
  [
    { kind: 'mss', value: 1460 },
    { kind: 'sackOk' },
    { kind: 'timestamps', value: 0xffffffff, echo: 0 },
    { kind: 'nop' },
    { kind: 'wscale', shift: 7 },
  ],
  [{ kind: 'nop' }, { kind: 'nop' }, { kind: 'timestamps', value: 1, echo: 0x80000000 }],
  [
    { kind: 'nop' },
    { kind: 'nop' },
    {
      kind: 'sack',
      blocks: [
        [1, 0xfffffff0],
        [100, 200],
      ],
    },
  ],
  [{ kind: 'mss', value: 65535 }, { kind: 'end' }],
]

const build = (draw: PacketDraw, parts: readonly wire.FramePart[]): Uint8Array =>
  frame(wire.ethernet({ source: draw.mac(), destination: draw.mac() }), ...parts)

/** The bytes of a header of a kind behind an IP header. */
function raw(protocol: number, bytes: Uint8Array): wire.FramePart {
  return { length: bytes.length, protocol, write: (to, at) => to.set(bytes, at) }
}

/** Frames of each kind. */
export const PACKETS: Readonly<Record<string, (draw: PacketDraw) => Uint8Array>> = {
  arp: (draw) =>
    build(draw, [
      wire.arp({
        operation: draw.pick([1, 2, 3, 4, 8, 9, 10, draw.below(65536)]),
        senderHardware: draw.mac(),
        senderProtocol: draw.v4(),
        targetHardware: draw.mac(),
        targetProtocol: draw.v4(),
      }),
      ...(draw.oneIn(2) ? [draw.content()] : []),
    ]),
  vlan: (draw) => {
    const inside = build(
      draw,
      ip(draw, [wire.udp({ sourcePort: draw.port(), destinationPort: draw.port() }), draw.content()], draw.oneIn(2)),
    )
    const tag = [0x81, 0, draw.below(256), draw.below(256)]
    return wire.concatBytes([
      inside.subarray(0, 12),
      Uint8Array.from(draw.oneIn(3) ? [...tag, ...tag] : tag),
      inside.subarray(12),
    ])
  },
  'other types': (draw) =>
    build(draw, [{ ...draw.content(), etherType: draw.pick([0x26, 0x5ff, 0x600, 0x88cc, 0x8847, draw.below(65536)]) }]),
  udp: (draw) =>
    build(
      draw,
      ip(
        draw,
        [wire.udp({ sourcePort: draw.port(), destinationPort: draw.port(), checksum: !draw.oneIn(4) }), draw.content()],
        draw.oneIn(2),
      ),
    ),
  tcp: (draw) => {
    const six = draw.oneIn(2)
    const header = wire.tcp({
      sourcePort: draw.port(),
      destinationPort: draw.port(),
      sequence: draw.u32(),
      acknowledgment: draw.u32(),
      flags: draw.pick(TCP_FLAGS),
      window: draw.pick([0, 502, 65535]),
      urgentPointer: draw.oneIn(4) ? draw.below(65536) : 0,
      options: draw.pick(SOME_OPTIONS),
    })
    return build(draw, ip(draw, [header, draw.content()], six))
  },
  'options of tcp': (draw) => {
    const out: number[] = []
    while (out.length < 36 && !draw.oneIn(5)) {
      const kind = draw.pick([0, 1, 2, 3, 4, 5, 8, 19, 28, 30, 34, 253, draw.below(256)])
      const usual: Readonly<Record<number, number>> = { 2: 4, 3: 3, 4: 2, 5: 10, 8: 10, 19: 18, 28: 4, 34: 10 }
      const length = draw.oneIn(5) ? draw.below(14) : (usual[kind] ?? 4)
      if (kind < 2) out.push(kind)
      else out.push(kind, length, ...Array.from({ length: Math.max(0, length - 2) }, () => draw.below(256)))
    }
    const options = out.slice(0, 40)
    while (options.length % 4 !== 0) options.push(draw.below(2))
    const header = new Uint8Array(20 + options.length)
    wire.writeU16(header, 0, draw.port())
    wire.writeU16(header, 2, draw.port())
    wire.writeU32(header, 4, draw.u32())
    header[12] = (header.length / 4) << 4
    header[13] = draw.pick([2, 18, 16])
    header.set(options, 20)
    return build(draw, ip(draw, [raw(6, header), draw.content()], draw.oneIn(2)))
  },
  icmp: (draw) => {
    const type = draw.oneIn(3) ? draw.below(45) : draw.pick([0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 17, 18])
    const quoted = ip(
      draw,
      [wire.udp({ sourcePort: draw.port(), destinationPort: draw.port() }), draw.content()],
      false,
    )
    const about = draw.oneIn(3) ? wire.data(draw.bytes(40)) : wire.data(frame(...quoted))
    return build(draw, ip(draw, [wire.icmp({ type, code: draw.below(17), restOfHeader: draw.u32() }), about], false))
  },
  icmpv6: (draw) => {
    const type = draw.oneIn(4) ? draw.below(256) : draw.pick([1, 2, 3, 4, 128, 129])
    const quoted = ip(draw, [wire.udp({ sourcePort: draw.port(), destinationPort: draw.port() }), draw.content()], true)
    const about = draw.oneIn(3) ? wire.data(draw.bytes(40)) : wire.data(frame(...quoted))
    return build(draw, ip(draw, [wire.icmpv6({ type, code: draw.below(9), restOfHeader: draw.u32() }), about], true))
  },
  'neighbour discovery': (draw) => {
    const type = draw.pick([130, 131, 132, 133, 134, 135, 136, 137, 143])
    const fixed = { 130: 16, 131: 16, 132: 16, 133: 0, 134: 8, 135: 16, 136: 16, 137: 32, 143: 0 }[type]!
    const body = Array.from({ length: fixed }, () => draw.below(256))
    while (!draw.oneIn(3)) {
      const option = draw.pick([1, 2, 3, 4, 5, 24, 25, 31, draw.below(256)])
      const units = draw.pick([0, 1, 1, 2, 4])
      body.push(option, units, ...Array.from({ length: Math.max(0, units * 8 - 2) }, () => draw.below(256)))
    }
    return build(
      draw,
      ip(
        draw,
        [
          wire.icmpv6({ type, code: draw.oneIn(5) ? 1 : 0, restOfHeader: draw.u32() }),
          wire.data(Uint8Array.from(body)),
        ],
        true,
        {
          hopLimit: 255,
        },
      ),
    )
  },
  'multicast listeners': (draw) => {
    const groups = Array.from({ length: draw.below(4) }, () => ({
      type: 1 + draw.below(7),
      group: wire.ipv6ToKey(draw.v6()),
    }))
    const report = new Uint8Array(wire.mld2ReportLength(groups.length))
    const header = frame(...ip(draw, [], true))
    wire.buildMld2Report(report, 0, groups, wire.pseudoHeaderSum6(header, 0, 58, report.length))
    return build(draw, ip(draw, [raw(58, report)], true))
  },
  extensions: (draw) => {
    const chain: number[] = []
    const kinds = Array.from({ length: 1 + draw.below(3) }, () => draw.pick([0, 43, 44, 60]))
    const last = draw.pick([6, 17, 58, 59, 41, 4, 132, 135])
    for (const [i, kind] of kinds.entries()) {
      const next = kinds[i + 1] ?? last
      if (kind === 44) chain.push(next, 0, ...(draw.oneIn(2) ? [0, 1] : [draw.below(256), draw.below(256)]), 0, 0, 1, 2)
      else {
        const type = draw.pick([0, 1, 5, 0xc2, 4, draw.below(256)])
        chain.push(next, 0, type, draw.pick([0, 2, 4]), ...Array.from({ length: 4 }, () => draw.below(256)))
      }
    }
    const part = raw(kinds[0]!, Uint8Array.from(chain))
    return build(draw, ip(draw, [part, draw.content()], true))
  },
  tunnels: (draw) => {
    const inner = ip(
      draw,
      [wire.echo({ identifier: draw.below(65536), sequence: draw.below(65536), reply: draw.oneIn(2) }), draw.content()],
      false,
    )
    const inner6 = ip(
      draw,
      [
        wire.echo6({ identifier: draw.below(65536), sequence: draw.below(65536), reply: draw.oneIn(2) }),
        draw.content(),
      ],
      true,
    )
    const inside = draw.oneIn(2) ? inner : inner6
    if (draw.oneIn(2)) return build(draw, ip(draw, inside, draw.oneIn(2)))
    const port = draw.pick([4789, 8472, 4789])
    const outer = [
      wire.udp({ sourcePort: draw.port(), destinationPort: port, checksum: false }),
      wire.vxlan({ vni: draw.below(1 << 24) }),
      wire.ethernet({ source: draw.mac(), destination: draw.mac() }),
    ]
    return build(draw, ip(draw, [...outer, ...inside], draw.oneIn(2)))
  },
  dns: (draw) => {
    const name = draw.pick([
      'a',
      'kubernetes.default.svc.cluster.local',
      'x.y.',
      'very-long-label-of-some-service.ns.svc',
    ])
    const query = wire.buildDnsQuery(draw.below(65536), { name, type: draw.pick([1, 28, 5, 12, 255]) })
    const answer = wire.buildDnsAnswer(query, draw.pick([undefined, draw.v4(), draw.v6()]), draw.below(1000))
    const message = draw.oneIn(2) ? query : (answer ?? query)
    const sent = draw.oneIn(4) ? mutate(draw, message, query) : message
    const [sourcePort, destinationPort] = draw.oneIn(2) ? [53, draw.port()] : [draw.port(), 53]
    return build(draw, ip(draw, [wire.udp({ sourcePort, destinationPort }), wire.data(sent)], draw.oneIn(2)))
  },
  'options of ip': (draw) => {
    const inside = draw.oneIn(2)
      ? wire.echo({ identifier: 1, sequence: 2 })
      : wire.udp({ sourcePort: draw.port(), destinationPort: 53 })
    const more = { options: options4(draw), fragmentOffset: 0, mf: draw.oneIn(6), ttl: draw.pick([1, 2, 64]) }
    return build(draw, ip(draw, [inside, draw.content()], false, more))
  },
  'headers of ipv6': (draw) => {
    const last = draw.pick([17, 58, 59, 6])
    const good = (kind: number, next: number): number[] => {
      switch (kind) {
        case 0:
          return [
            next,
            0,
            ...draw.pick([
              [5, 2, 0, 0, 1, 0],
              [1, 4, 0, 0, 0, 0],
              [0, 0, 0, 0, 0, 0],
              [0xc2, 4, 0, 1, 0, 0],
              [0xc2, 4, 0, 0, 0, 9],
              [0x45, 4, 0, 0, 0, 0],
              [0x85, 4, 0, 0, 0, 0],
              [0xc5, 4, 0, 0, 0, 0],
            ]),
          ]
        case 43:
          return [
            next,
            draw.pick([2, 2, 0]),
            draw.pick([0, 2, 2, 4]),
            draw.pick([0, 1]),
            0,
            0,
            0,
            0,
            ...wire.ipv6ToBytes(draw.v6()),
          ]
        case 44:
          return [next, 0, 0, draw.pick([0, 1]), 0, 0, 0, draw.below(3)]
        default:
          return [next, 0, 1, 4, 0, 0, 0, 0]
      }
    }
    const kinds = [[0], [43], [44], [60], [0, 43], [0, 60, 43], [60, 44], [43, 44, 60]][draw.below(8)]!
    const bytes = kinds.flatMap((kind, i) => good(kind, kinds[i + 1] ?? last))
    return build(
      draw,
      ip(draw, [raw(kinds[0]!, Uint8Array.from(bytes)), draw.content()], true, { hopLimit: draw.pick([1, 2, 64]) }),
    )
  },
  sctp: (draw) => {
    const bytes = new Uint8Array(wire.SCTP_PACKET_LENGTH)
    wire.buildSctp(bytes, { sourcePort: draw.port(), destinationPort: draw.port(), chunk: draw.pick(['INIT', 'DATA']) })
    return build(draw, ip(draw, [raw(132, bytes)], draw.oneIn(2)))
  },
  wireguard: (draw) => {
    const type = draw.pick([0, 1, 2, 3, 4, 5])
    const length = draw.pick([148, 92, 64, 32, 48, 3, draw.below(160)])
    const message = Uint8Array.from({ length }, (_, i) => (i === 0 ? type : i < 4 ? 0 : draw.below(256)))
    const [sourcePort, destinationPort] = [draw.pick([51820, 1000]), draw.pick([51820, 51821])]
    return build(draw, ip(draw, [wire.udp({ sourcePort, destinationPort }), wire.data(message)], draw.oneIn(2)))
  },
  'other protocols': (draw) => build(draw, ip(draw, [raw(draw.below(256), draw.bytes(40))], draw.oneIn(2))),
}
