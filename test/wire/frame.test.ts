import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  arp,
  assertNever,
  concatBytes,
  data,
  decodeUtf8,
  describeFrame,
  dissectFrame,
  echo,
  echo6,
  encodeUtf8,
  equalBytes,
  ethernet,
  frame,
  InvariantError,
  type Ipv4,
  type Ipv6,
  ipv4,
  ipv6,
  type Layer,
  type Mac,
  parseHex,
  pseudoSumOf,
  readU16,
  readU24,
  readU32,
  readU48,
  tcp,
  toHex,
  udp,
  vxlan,
  writeU16,
  writeU24,
  writeU32,
  writeU48,
} from '../../src/wire/index.ts'

const a = '10.65.0.1' as Ipv4
const b = '10.65.0.2' as Ipv4
const node1 = '172.17.0.32' as Ipv4
const node2 = '172.17.0.40' as Ipv4
const a6 = 'fd00::1' as Ipv6
const b6 = 'fd00::2' as Ipv6
const here = '02:00:00:00:00:01' as Mac
const there = '02:00:00:00:00:02' as Mac

function faults(layers: readonly Layer[]): string[] {
  return layers.flatMap((layer) => [
    ...(layer.fault === undefined ? [] : [`${layer.protocol}: ${layer.fault}`]),
    ...faults(layer.inner ?? []),
  ])
}

describe('frames from parts', () => {
  const link = ethernet({ source: here, destination: there })
  const ping = [ipv4({ source: a, destination: b }), echo({ identifier: 7, sequence: 1 }), data(56)]

  it.each([
    ['ping', frame(link, ...ping), 'IP 10.65.0.1 > 10.65.0.2: ICMP echo request, id 7, seq 1, length 64'],
    [
      'IPIP',
      frame(link, ipv4({ source: node1, destination: node2 }), ...ping),
      'IP 172.17.0.32 > 172.17.0.40: IP 10.65.0.1 > 10.65.0.2: ICMP echo request, id 7, seq 1, length 64',
    ],
    [
      'VXLAN',
      frame(
        link,
        ipv4({ source: node1, destination: node2 }),
        udp({ sourcePort: 50000, destinationPort: 4789, checksum: false }),
        vxlan({ vni: 4096 }),
        link,
        ...ping,
      ),
      'IP 172.17.0.32.50000 > 172.17.0.40.4789: VXLAN, flags [I] (0x08), vni 4096\n' +
        'IP 10.65.0.1 > 10.65.0.2: ICMP echo request, id 7, seq 1, length 64',
    ],
    [
      'ARP',
      frame(
        link,
        arp({ operation: 2, senderHardware: here, senderProtocol: a, targetHardware: there, targetProtocol: b }),
      ),
      'ARP, Reply 10.65.0.1 is-at 02:00:00:00:00:01, length 28',
    ],
    [
      'TCP over IPv6 in IPv4',
      frame(
        link,
        ipv4({ source: node1, destination: node2 }),
        ipv6({ source: a6, destination: b6 }),
        tcp({
          sourcePort: 40000,
          destinationPort: 443,
          sequence: 1,
          flags: 2,
          options: [{ kind: 'mss', value: 1220 }],
        }),
      ),
      'IP 172.17.0.32 > 172.17.0.40: IP6 fd00::1.40000 > fd00::2.443: Flags [S], seq 1, win 64240, options [mss 1220], length 0',
    ],
    [
      'UDP over IPv6',
      frame(link, ipv6({ source: a6, destination: b6 }), udp({ sourcePort: 5, destinationPort: 6 }), data('hello')),
      'IP6 fd00::1.5 > fd00::2.6: UDP, length 5',
    ],
    [
      'echo over IPv6',
      frame(link, ipv6({ source: a6, destination: b6 }), echo6({ identifier: 1, sequence: 2, reply: true })),
      'IP6 fd00::1 > fd00::2: ICMP6, echo reply, id 1, seq 2, length 8',
    ],
  ])('%s has right lengths, checksums and names', (_name, bytes, line) => {
    expect(describeFrame(bytes, 1)).toBe(line)
    expect(faults(dissectFrame(bytes, 1))).toEqual([])
  })

  it('a field that is given is not derived', () => {
    const bytes = frame(ipv4({ source: a, destination: b, protocol: 253, totalLength: 99, ttl: 3 }), data(4))
    expect(describeFrame(bytes, 101)).toBe(
      'IP truncated-ip - 75 bytes missing! 10.65.0.1 > 10.65.0.2:  ip-proto-253 79',
    )
  })

  it('a checksum needs addresses', () => {
    expect(() => frame(udp({ sourcePort: 1, destinationPort: 2 }))).toThrow(InvariantError)
  })

  it('pseudo headers by text equal those in place', () => {
    const whole = frame(ipv6({ source: a6, destination: b6 }), udp({ sourcePort: 5, destinationPort: 6 }), data(9))
    const sum = pseudoSumOf(a6, b6, 17, 17)
    const again = frame(ipv4({ source: a, destination: b }), udp({ sourcePort: 5, destinationPort: 6 }), data(9))
    expect(sum).toBeGreaterThan(0)
    expect(readU16(whole, 46)).not.toBe(readU16(again, 26))
    expect(pseudoSumOf(a, b, 17, 17)).toBe(0x0a41 + 1 + 0x0a41 + 2 + 17 + 17)
  })
})

describe('numbers in bytes', () => {
  it.each([
    ['u16', 2, readU16, writeU16],
    ['u24', 3, readU24, writeU24],
    ['u32', 4, readU32, writeU32],
    ['u48', 6, readU48, writeU48],
  ])('%s: written, read, big-endian', (_name, size, read, write) => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (seed) => {
        const value = seed % 2 ** (size * 8)
        const bytes = new Uint8Array(size + 2).fill(0xa5)
        write(bytes, 1, value)
        expect(read(bytes, 1)).toBe(value)
        expect(toHex(bytes.subarray(1, 1 + size))).toBe(value.toString(16).padStart(size * 2, '0'))
        expect([bytes[0], bytes[size + 1]]).toEqual([0xa5, 0xa5])
      }),
    )
  })

  it('joins and compares', () => {
    const joined = concatBytes([Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)])
    expect(joined).toEqual(Uint8Array.of(1, 2, 3))
    expect(equalBytes(joined, Uint8Array.of(1, 2, 3))).toBe(true)
    expect(equalBytes(joined, Uint8Array.of(1, 2, 4))).toBe(false)
    expect(equalBytes(joined, Uint8Array.of(1, 2))).toBe(false)
  })
})

describe('text', () => {
  it('hex both ways', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom('', ':', ' '), (bytes, separator) => {
        expect(parseHex(toHex(bytes, separator))).toEqual(bytes)
      }),
    )
    expect(parseHex('abc')).toBeUndefined()
    expect(parseHex('zz')).toBeUndefined()
  })

  it('UTF-8 as TextEncoder and TextDecoder have it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.uint8Array(), (text, bytes) => {
        expect(encodeUtf8(text)).toEqual(new Uint8Array(new TextEncoder().encode(text)))
        expect(decodeUtf8(encodeUtf8(text))).toBe(text)
        expect(decodeUtf8(bytes)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes))
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['lone surrogate', '\ud800', 'efbfbd'],
    ['four bytes', '\u{1f600}', 'f09f9880'],
  ])('%s', (_name, text, hex) => {
    expect(toHex(encodeUtf8(text))).toBe(hex)
  })

  it.each([
    ['overlong', 'c080', '\ufffd\ufffd'],
    ['surrogate', 'eda080', '\ufffd\ufffd\ufffd'],
    ['cut', 'e282', '\ufffd'],
    ['beyond U+10FFFF', 'f4908080', '\ufffd\ufffd\ufffd\ufffd'],
  ])('ill-formed: %s', (_name, hex, text) => {
    expect(decodeUtf8(parseHex(hex)!)).toBe(text)
  })
})

it('assertNever names what nobody handled', () => {
  expect(() => assertNever({ kind: 'new' } as never)).toThrow(/unhandled member.*"new"/)
})
