import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  buildIpv4Header,
  checksum,
  checksumWithout,
  foldChecksum,
  Ipv4View,
  parseHex,
  partialSum,
  pseudoHeaderSum,
  pseudoHeaderSum6,
  readU16,
  readU32,
  updateChecksum16,
  updateChecksum32,
  writeU16,
  writeU32,
} from '../../src/wire/index.ts'

/** The sum by the book, in big integers. */
function naive(bytes: Uint8Array): number {
  let sum = 0n
  for (let i = 0; i < bytes.length; i += 2) sum += BigInt(bytes[i]! * 256 + (bytes[i + 1] ?? 0))
  while (sum > 0xffffn) sum = (sum & 0xffffn) + (sum >> 16n)
  return Number(~sum & 0xffffn)
}

describe('Internet checksum', () => {
  it('the numbers of RFC 1071 §3', () => {
    expect(checksum(parseHex('0001f203f4f5f6f7')!, 0, 8)).toBe(0xffff - 0xddf2)
  })

  it.each([
    ['nothing', '', 0xffff],
    ['one byte', '01', 0xfeff],
    ['all ones', 'ffffffff', 0],
  ])('%s', (_name, hex, expected) => {
    const bytes = parseHex(hex)!
    expect(checksum(bytes, 0, bytes.length)).toBe(expected)
  })

  it('equals the sum by the book', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1500 }), (bytes) => {
        expect(checksum(bytes, 0, bytes.length)).toBe(naive(bytes))
      }),
    )
  })

  it('a jumbo of ones does not overflow', () => {
    const bytes = new Uint8Array(200_000).fill(0xff)
    expect(checksum(bytes, 0, bytes.length)).toBe(0)
    expect(foldChecksum(2 ** 40 + 1)).toBe(foldChecksum(257))
  })

  it('can be summed in even pieces', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cutAt) => {
        const cut = Math.min(bytes.length, cutAt) & ~1
        const pieces = partialSum(bytes, cut, bytes.length, partialSum(bytes, 0, cut))
        expect(foldChecksum(pieces)).toBe(checksum(bytes, 0, bytes.length))
      }),
    )
  })

  it('incremental equals full, for 16 and 32 bits (RFC 1624)', () => {
    const packet = fc.uint8Array({ minLength: 20, maxLength: 60 })
    fc.assert(
      fc.property(packet, fc.nat(8), fc.nat(0xffffffff), fc.nat(0xffff), (bytes, index, word, half) => {
        bytes[0] = 0x45 // a sum of zero has two forms; no header is all zeros
        writeU16(bytes, 18, 0)
        writeU16(bytes, 18, checksum(bytes, 0, bytes.length))
        const at = 2 + index * 2 >= 16 ? 2 : 2 + index * 2
        const old16 = readU16(bytes, at)
        writeU16(bytes, 18, updateChecksum16(readU16(bytes, 18), old16, half))
        writeU16(bytes, at, half)
        expect(checksum(bytes, 0, bytes.length)).toBe(0)
        const old32 = readU32(bytes, 12)
        const updated = updateChecksum32(readU16(bytes, 18), old32, word)
        writeU32(bytes, 12, word)
        expect(updated).toBe(checksumWithout(bytes, 0, bytes.length, 18))
        writeU16(bytes, 18, updated)
        expect(checksum(bytes, 0, bytes.length)).toBe(0)
      }),
      { numRuns: 500 },
    )
  })

  it('the case of RFC 1624 §4: eqn. 3 gives 0x0000, not 0xffff', () => {
    expect(updateChecksum16(0xdd2f, 0x5555, 0x3285)).toBe(0x0000)
  })

  it('lowering the TTL keeps the header right, from every TTL', () => {
    const bytes = new Uint8Array(20)
    for (let ttl = 1; ttl <= 255; ttl++) {
      buildIpv4Header(bytes, 0, { source: 0x0a000001, destination: 0x0a000002, protocol: 1, ttl, totalLength: 20 })
      const view = new Ipv4View(bytes)
      view.decreaseTtl()
      expect(view.ttl).toBe(ttl - 1)
      expect(view.checksumHolds()).toBe(true)
    }
  })

  it('pseudo headers equal the sum over their bytes', () => {
    const header = new Uint8Array(40).fill(0x77)
    const pseudo6 = new Uint8Array(40)
    pseudo6.set(header.subarray(8, 40))
    writeU32(pseudo6, 32, 70000)
    pseudo6[39] = 58
    expect(foldChecksum(pseudoHeaderSum6(header, 0, 58, 70000))).toBe(checksum(pseudo6, 0, 40))
    const pseudo4 = new Uint8Array(12)
    writeU32(pseudo4, 0, 0xc0a83142)
    writeU32(pseudo4, 4, 0xffffffff)
    pseudo4[9] = 17
    writeU16(pseudo4, 10, 40)
    expect(foldChecksum(pseudoHeaderSum(0xc0a83142, 0xffffffff, 17, 40))).toBe(checksum(pseudo4, 0, 12))
  })
})
