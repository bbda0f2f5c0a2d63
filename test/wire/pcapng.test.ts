import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  concatBytes,
  describeFrame,
  dissectFrame,
  LINK_TYPE,
  PcapngError,
  type PcapngFile,
  type PcapngInterface,
  type PcapngPacket,
  readPcapng,
  readPcapngSoFar,
  writePcapng,
} from '../../src/wire/index.ts'

const capture = new Uint8Array(readFileSync(new URL('../fixtures/wire/ipip-ping.pcapng', import.meta.url)))

const optional = <T>(key: string, value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.option(value, { nil: undefined }).map((one) => (one === undefined ? {} : { [key]: one }))
const comments = optional('comments', fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 3 }))

const anInterface: fc.Arbitrary<PcapngInterface> = fc
  .tuple(
    fc.constantFrom(LINK_TYPE.ETHERNET, LINK_TYPE.RAW),
    optional('name', fc.string()),
    optional('description', fc.string({ unit: 'grapheme' })),
    optional('snapLength', fc.integer({ min: 1, max: 262144 })),
    comments,
  )
  .map(([linkType, ...rest]) => Object.assign({ linkType }, ...rest) as PcapngInterface)

const aPacket = (interfaces: number): fc.Arbitrary<PcapngPacket> =>
  fc
    .tuple(
      fc.nat(interfaces - 1),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.uint8Array({ maxLength: 80 }),
      optional('direction', fc.constantFrom('inbound', 'outbound')),
      comments,
      fc.boolean(),
    )
    .map(([index, timestamp, bytes, direction, said, cut]) => ({
      interface: index,
      timestamp,
      bytes,
      ...direction,
      ...said,
      ...(cut ? { originalLength: bytes.length + 7 } : {}),
    }))

const aFile: fc.Arbitrary<PcapngFile> = fc
  .array(anInterface, { minLength: 1, maxLength: 4 })
  .chain((interfaces) =>
    fc
      .tuple(
        fc.array(aPacket(interfaces.length), { maxLength: 8 }),
        optional('application', fc.string()),
        optional('os', fc.string()),
        comments,
      )
      .map(([packets, ...rest]) => Object.assign({ interfaces, packets }, ...rest) as PcapngFile),
  )

/** The same file with every number in the other byte order; for files without 64-bit options. */
function swapped(bytes: Uint8Array): Uint8Array {
  const out = bytes.slice()
  const swap = (at: number, size: number): void => {
    out.set(
      bytes
        .subarray(at, at + size)
        .slice()
        .reverse(),
      at,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < bytes.length; ) {
    const type = view.getUint32(at, true)
    const length = view.getUint32(at + 4, true)
    for (const field of [at, at + 4, at + length - 4]) swap(field, 4)
    let options = at + 16
    if (type === 0x0a0d0d0a) {
      swap(at + 8, 4)
      swap(at + 12, 2)
      swap(at + 14, 2)
      options = at + 24
    } else if (type === 1) {
      swap(at + 8, 2)
      swap(at + 12, 4)
    } else {
      for (let field = at + 8; field < at + 28; field += 4) swap(field, 4)
      options = at + 28 + ((view.getUint32(at + 20, true) + 3) & ~3)
    }
    while (options + 4 <= at + length - 4) {
      const code = view.getUint16(options, true)
      const size = view.getUint16(options + 2, true)
      swap(options, 2)
      swap(options + 2, 2)
      if (type === 6 && code === 2) swap(options + 4, 4)
      options += 4 + ((size + 3) & ~3)
    }
    at += length
  }
  return out
}

describe('a capture of the kernel', () => {
  const file = readPcapng(capture)

  it('is read: interfaces of two link types, directions, nanoseconds', () => {
    expect(file.interfaces.map((one) => one.linkType)).toContain(LINK_TYPE.RAW)
    expect(file.interfaces[0]).toEqual({ name: 'pod66a/eth0', linkType: 1, snapLength: 262144 })
    expect(file.packets[0]?.direction).toBe('outbound')
    expect(file.packets[0]?.timestamp).toBe((0x18e9f479n << 32n) | 0xecb7c440n)
    expect(file.packets).toHaveLength(41)
  })

  it('comes out byte for byte', () => {
    expect(writePcapng(file)).toEqual(capture)
  })

  it('decodes the same after a round trip', () => {
    const back = readPcapng(writePcapng(file))
    for (const [i, packet] of file.packets.entries()) {
      const linkType = file.interfaces[packet.interface]!.linkType
      const again = back.packets[i]!
      expect(describeFrame(again.bytes, linkType, { verbose: true })).toBe(
        describeFrame(packet.bytes, linkType, { verbose: true }),
      )
      expect(dissectFrame(again.bytes, linkType)).toEqual(dissectFrame(packet.bytes, linkType))
    }
  })
})

describe('writing and reading', () => {
  it('is the identity', () => {
    fc.assert(
      fc.property(aFile, (file) => {
        expect(readPcapng(writePcapng(file))).toEqual(file)
      }),
    )
  })

  it('both byte orders say the same', () => {
    fc.assert(
      fc.property(aFile, (file) => {
        expect(readPcapng(swapped(writePcapng(file)))).toEqual(file)
      }),
    )
  })

  it('every block is a multiple of four bytes long and says its length twice', () => {
    fc.assert(
      fc.property(aFile, (file) => {
        const bytes = writePcapng(file)
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
        let at = 0
        while (at < bytes.length) {
          const length = view.getUint32(at + 4, true)
          expect(length % 4).toBe(0)
          expect(view.getUint32(at + length - 4, true)).toBe(length)
          at += length
        }
        expect(at).toBe(bytes.length)
      }),
    )
  })

  it('a second section has interfaces of its own', () => {
    const one: PcapngFile = {
      interfaces: [{ name: 'a', linkType: 1 }],
      packets: [{ interface: 0, timestamp: 5n, bytes: Uint8Array.of(1) }],
    }
    const two: PcapngFile = { ...one, interfaces: [{ name: 'b', linkType: 101 }] }
    const joined = readPcapng(concatBytes([writePcapng(one), swapped(writePcapng(two))]))
    expect(joined.interfaces.map((face) => face.name)).toEqual(['a', 'b'])
    expect(joined.packets.map((packet) => packet.interface)).toEqual([0, 1])
  })

  it('a comment longer than an option is cut at a character', () => {
    const file: PcapngFile = { comments: ['ä'.repeat(40000)], interfaces: [], packets: [] }
    expect(readPcapng(writePcapng(file)).comments).toEqual(['ä'.repeat(32767)])
  })

  it.each([
    ['microseconds when nothing is said', undefined, 1_000_000n, 1_000_000_000n],
    ['milliseconds', 3, 1000n, 1_000_000_000n],
    ['nanoseconds', 9, 1000n, 1000n],
    ['2^-10 s', 0x8a, 1024n, 1_000_000_000n],
  ])('time stamps in %s', (_name, resolution, ticks, nanoseconds) => {
    const file: PcapngFile = {
      interfaces: [{ linkType: 1 }],
      packets: [{ interface: 0, timestamp: ticks, bytes: new Uint8Array(0) }],
    }
    const bytes = writePcapng(file)
    // the only interface option is if_tsresol; a code nobody knows hides it
    const option = 28 + 16
    if (resolution === undefined) bytes[option] = 77
    else bytes[option + 4] = resolution
    expect(readPcapng(bytes).packets[0]?.timestamp).toBe(nanoseconds)
  })
})

describe('a capture file', () => {
  it('may have packet blocks of the old form', () => {
    const options = {
      interfaces: [{ linkType: 1 }],
      packets: [{ interface: 0, timestamp: 5n, bytes: Uint8Array.of(1, 2, 3) }],
    }
    const bytes = writePcapng(options)
    const at = bytes.length - 36
    expect([...bytes.subarray(at, at + 4)]).toEqual([6, 0, 0, 0])
    bytes[at] = 2
    // Where the number of the interface has 32 bits now, it had 16, and a count of lost packets behind it.
    bytes[at + 10] = 7
    expect(readPcapng(bytes).packets).toEqual(readPcapng(writePcapng(options)).packets)
  })

  it('that is cut off is read as far as it goes', () => {
    const packets = [1n, 2n].map((timestamp) => ({ interface: 0, timestamp, bytes: Uint8Array.of(1, 2, 3) }))
    const bytes = writePcapng({ interfaces: [{ linkType: 1 }], packets })
    const { file, fault } = readPcapngSoFar(bytes.subarray(0, bytes.length - 1))
    expect(file.packets).toHaveLength(1)
    expect(fault).toBeInstanceOf(PcapngError)
    expect(readPcapngSoFar(bytes)).toEqual({ file: readPcapng(bytes) })
  })
})

describe('what is no capture file', () => {
  const small = writePcapng({
    interfaces: [{ name: 'a', linkType: 1 }],
    packets: [{ interface: 0, timestamp: 1n, bytes: Uint8Array.of(1, 2, 3), comments: ['x'] }],
  })
  const changed = (at: number, ...values: number[]): Uint8Array => {
    const bytes = small.slice()
    bytes.set(values, at)
    return bytes
  }

  it.each([
    ['nothing', new Uint8Array(0), 'not a pcapng file', 0],
    ['a pcap file', Uint8Array.from([0xd4, 0xc3, 0xb2, 0xa1, ...new Array(20).fill(0)]), 'not a pcapng file', 0],
    ['another byte-order magic', changed(8, 1, 2, 3, 4), 'magic', 8],
    ['another version', changed(12, 2), 'version 2', 12],
    ['a block of 13 bytes', changed(4, 13), '13 bytes', 4],
    ['a block longer than the file', changed(32, 0xf0, 0xff), 'are left', 32],
    ['two lengths that differ', changed(24, 99), 'differ', 24],
    ['half a block', small.subarray(0, small.length - 5), 'are left', 72],
    ['some bytes behind', concatBytes([small, Uint8Array.of(1, 2)]), 'needs 12 bytes', small.length],
    ['a packet of no interface', changed(68 + 8, 3), 'no interface 3', 76],
    ['a packet longer than its block', changed(68 + 20, 200), '200 bytes', 88],
  ])('%s', (_name, bytes, message, offset) => {
    try {
      readPcapng(bytes)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(PcapngError)
      expect((error as PcapngError).message).toContain(message)
      expect((error as PcapngError).offset).toBe(offset)
    }
  })

  it('mutated files are read or refused, never anything else', () => {
    const mutation = fc.array(fc.tuple(fc.nat(capture.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(mutation, fc.nat(capture.length), (changes, length) => {
        const bytes = capture.slice(0, length)
        for (const [at, value] of changes) if (at < length) bytes[at] = value
        try {
          readPcapng(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(PcapngError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
