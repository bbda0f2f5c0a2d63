// What tunnels do to a packet: outer headers of packets of all kinds under all settings, overheads, and what is taken out again.
import { describe } from 'vitest'
import * as encap from '../../src/encap/index.ts'
import { toHex } from '../../src/wire/index.ts'
import { mutate } from '../robustness/random.ts'
import { goldens } from '../support/golden.ts'
import { PACKETS, PacketDraw } from './packets.ts'

const text = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) => (one instanceof Uint8Array ? toHex(one) : one)) ?? 'nothing'

const ENDS = { source: 0xc0000201, destination: 0xc0000202 }
const KINDS = ['udp', 'tcp', 'icmp', 'icmpv6', 'arp', 'vlan', 'options of ip', 'tunnels']
const VALUES = [0, 1, 2, 3, 0x10, 0x13, 0xb8, 0xbb, 0xff]
const TOS = ['inherit', 0, 3, 0xb8] as const

function ipip(draw: PacketDraw, packet: Uint8Array): string[] {
  const settings = { ttl: draw.pick([0, 1, 9]), tos: draw.pick(TOS), pmtudisc: draw.oneIn(2) }
  const outer = encap.ipipEncapsulate(packet, { ...ENDS, identification: draw.below(65536) }, settings)
  return [
    text(encap.ipipOuter(packet, 0, settings)),
    text(outer),
    text(encap.ipipDecapsulate(outer)),
    text(encap.ipipDecapsulate(mutate(draw, outer, packet))),
  ]
}

function vxlan(draw: PacketDraw, frame: Uint8Array): string[] {
  const settings = {
    id: draw.below(1 << 24),
    dstport: draw.pick([4789, 8472]),
    ttl: draw.pick(['inherit', 0, 1, 9] as const),
    tos: draw.pick(TOS),
    df: draw.pick(['unset', 'set', 'inherit'] as const),
    udpcsum: draw.oneIn(2),
  }
  const outer = encap.vxlanEncapsulate(frame, ENDS, draw.below(65536), settings)
  const damaged = mutate(draw, outer, frame)
  return [
    text(encap.vxlanOuter(frame, 0, settings)),
    text(outer),
    ...[4789, 8472].flatMap((port) => [
      text(encap.vxlanDecapsulate(outer, port)),
      text(encap.vxlanDecapsulate(damaged, port)),
    ]),
    ...[28, 34, 35, 36, outer.length].map((end) =>
      text(encap.vxlanHeaderFault(damaged, 28, Math.min(end, damaged.length))),
    ),
  ]
}

const TABLES: Readonly<Record<string, () => string[]>> = {
  ecn: () =>
    VALUES.flatMap((outer) =>
      VALUES.map((inner) =>
        text([outer, inner, encap.ecnEncapsulate(outer, inner), encap.ecnDecapsulate(outer, inner)]),
      ),
    ),
  'source ports': () =>
    [0, 1, 0x8000, 0x7fffffff, 0x80000000, 0xffffffff].flatMap((hash) =>
      [
        [32768, 61000],
        [1, 2],
        [5, 5],
      ].map(([low, high]) => text(encap.vxlanSourcePort(hash, low!, high!))),
    ),
  overheads: () =>
    (['none', 'ipip', 'vxlan', 'wireguard'] as const).flatMap((kind) =>
      ([4, 6] as const).map((family) =>
        text([
          kind,
          family,
          encap.OVERHEAD[kind][family],
          encap.overheadBytes(kind, family),
          encap.tunnelMtu(kind, family, 1500),
        ]),
      ),
    ),
  wireguard: () =>
    [0, 1, 15, 16, 17, 1279, 1280, 1281, 1407, 1420, 1421, 3000].flatMap((length) =>
      [0, 1280, 1420, 1425].map((mtu) =>
        text([encap.wireguardPadding(length, mtu), encap.wireguardDataLength(length, mtu)]),
      ),
    ),
  marks: () => {
    const draw = new PacketDraw(3)
    return Array.from({ length: 40 }, (_, i) => {
      const [four, six] = [PACKETS['udp']!(draw).slice(14), PACKETS['icmpv6']!(draw).slice(14)]
      const before = [encap.innerTos(four, 0), encap.innerTos(six, 0)]
      encap.setEcn4(four, 0, i & 3)
      encap.setEcn6(six, 0, i & 3)
      return text([before, four, six, encap.innerTos(new Uint8Array(4), 0)])
    })
  },
}

describe('what a tunnel does is as it was', () => {
  goldens('encap', [...KINDS, ...Object.keys(TABLES)], (key) => {
    if (TABLES[key] !== undefined) return TABLES[key]!().join('\n')
    const draw = new PacketDraw(key.length)
    const lines: string[] = []
    for (let i = 0; i < 80; i++) {
      const frame = PACKETS[key]!(draw)
      lines.push(...vxlan(draw, frame), ...ipip(draw, frame.subarray(14)))
    }
    return lines.join('\n')
  })
})
