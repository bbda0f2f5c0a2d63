import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ipipDecapsulate,
  ipipEncapsulate,
  overheadBytes,
  vxlanDecapsulate,
  vxlanEncapsulate,
  vxlanSourcePort,
  wireguardDataLength,
  wireguardPadding,
} from '../../src/encap/index.ts'
import { buildIpv4Header, checksumHolds, Ipv4View } from '../../src/wire/index.ts'

const packets = fc
  .record({
    payload: fc.uint8Array({ maxLength: 1400 }),
    tos: fc.integer({ min: 0, max: 255 }),
    ttl: fc.integer({ min: 1, max: 255 }),
    df: fc.boolean(),
    source: fc.integer({ min: 0, max: 0xffffffff }),
    destination: fc.integer({ min: 0, max: 0xffffffff }),
  })
  .map(({ payload, ...fields }) => {
    const bytes = new Uint8Array(20 + payload.length)
    buildIpv4Header(bytes, 0, { ...fields, protocol: 17, totalLength: bytes.length })
    bytes.set(payload, 20)
    return bytes
  })
const addresses = fc.record({
  source: fc.integer({ min: 1, max: 0xffffffff }),
  destination: fc.integer({ min: 1, max: 0xffffffff }),
})

describe('IPIP', () => {
  it('encapsulate then decapsulate is the identity on the inner packet', () => {
    fc.assert(
      fc.property(packets, addresses, (inner, outer) => {
        const wrapped = ipipEncapsulate(inner, outer, { ttl: 0, tos: 'inherit', pmtudisc: false })
        expect(wrapped.length - inner.length).toBe(overheadBytes('ipip', 4))
        expect(ipipDecapsulate(wrapped)).toEqual(inner)
      }),
    )
  })

  it('inherits TTL and DF, and its header checksum is right', () => {
    fc.assert(
      fc.property(packets, addresses, (inner, outer) => {
        const view = new Ipv4View(ipipEncapsulate(inner, outer, { ttl: 0, tos: 0, pmtudisc: false }))
        const was = new Ipv4View(inner)
        expect([view.ttl, view.df, view.protocol, view.tos >> 2]).toEqual([was.ttl, was.df, 4, 0])
        expect(checksumHolds(view.bytes, 0, 20)).toBe(true)
      }),
    )
  })

  it('fixed TTL and pmtudisc set TTL and DF whatever is inside', () => {
    const inner = new Uint8Array(28)
    buildIpv4Header(inner, 0, { source: 1, destination: 2, protocol: 1, ttl: 7, totalLength: 28 })
    const view = new Ipv4View(
      ipipEncapsulate(inner, { source: 3, destination: 4 }, { ttl: 33, tos: 0x20, pmtudisc: true }),
    )
    expect([view.ttl, view.df, view.tos]).toEqual([33, true, 0x20])
  })

  it('gives nothing for bytes that are not IPIP', () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(60), Uint8Array.of(0x45, 0, 0, 20)]) {
      expect(ipipDecapsulate(bytes)).toBeUndefined()
    }
  })
})

describe('VXLAN', () => {
  const device = { id: 4096, dstport: 4789, ttl: 0, tos: 'inherit', df: 'unset', udpcsum: true } as const

  it('encapsulate then decapsulate is the identity on the inner frame', () => {
    fc.assert(
      fc.property(packets, addresses, fc.integer({ min: 0, max: 0xffffff }), (packet, outer, id) => {
        const frame = new Uint8Array(14 + packet.length)
        frame.set([0x66, 1, 2, 3, 4, 5, 0x66, 6, 7, 8, 9, 10, 8, 0])
        frame.set(packet, 14)
        const wrapped = vxlanEncapsulate(frame, outer, 40000, { ...device, id })
        expect(wrapped.length - packet.length).toBe(overheadBytes('vxlan', 4))
        expect(vxlanDecapsulate(wrapped)).toEqual({ vni: id, frame })
      }),
    )
  })

  it('takes its source port from the range, the same for the same hash', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (hash) => {
        const port = vxlanSourcePort(hash, 32768, 60999)
        expect(port).toBeGreaterThanOrEqual(32768)
        expect(port).toBeLessThan(60999)
        expect(vxlanSourcePort(hash, 32768, 60999)).toBe(port)
      }),
    )
  })
})

describe('WireGuard padding', () => {
  for (const [length, mtu, padding] of [
    [84, 1440, 12],
    [96, 1440, 0],
    [1440, 1440, 0],
    [1433, 1440, 7],
    [1419, 1420, 1],
    [1420, 1420, 0],
    [1500, 1440, 4],
    [84, 0, 12],
    [0, 1440, 0],
  ] as const) {
    it(`${length} bytes at MTU ${mtu}: ${padding}`, () => {
      expect(wireguardPadding(length, mtu)).toBe(padding)
      expect(wireguardDataLength(length, mtu)).toBe(32 + length + padding)
    })
  }
})
