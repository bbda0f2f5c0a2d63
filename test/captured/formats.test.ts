import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCapture } from '../../src/captured/capture-file.ts'
import { type CaptureReport, captureMarkdown, captureText, explainCapture } from '../../src/captured/index.ts'
import { Lab } from '../../src/lab/index.ts'
import { InputError } from '../../src/model/index.ts'
import { renderPcapng } from '../../src/render/index.ts'
import {
  concatBytes,
  cookedFrame,
  LINK_TYPE,
  LINUX_SLL2,
  parseHex,
  readPcap,
  writePcapng,
} from '../../src/wire/index.ts'
import { IPIP, objectsOf } from '../payload/clusters.ts'

const lab = Lab.load(objectsOf({ pool: IPIP }))
const moment = lab.snapshot()
const { trace } = lab.ping('default/a', 'default/b')
lab.restore(moment)

/** The frames on the first node's card: ARP, and a ping inside IPIP. */
const frames = trace.hops.flatMap((hop) =>
  (hop.kind === 'tx' || hop.kind === 'rx') && hop.netns === 'n1' && hop.dev === 'eth0'
    ? [{ way: hop.kind, bytes: parseHex(hop.bytes)!, time: hop.time }]
    : [],
)

/** A classic file, of whatever byte order, unit and link type. */
function pcap(options: {
  big?: boolean
  micro?: boolean
  linkType?: number
  cut?: number
  as?: (i: number) => Uint8Array
}) {
  const { big = false, micro = false, linkType = 1, cut = 65535, as = (i: number) => frames[i]!.bytes } = options
  const words = (...values: number[]): Uint8Array => {
    const bytes = new Uint8Array(4 * values.length)
    const view = new DataView(bytes.buffer)
    for (const [i, value] of values.entries()) view.setUint32(4 * i, value >>> 0, !big)
    return bytes
  }
  const magic = micro ? 0xa1b2c3d4 : 0xa1b23c4d
  const version = big ? 0x00020004 : 0x00040002
  const parts = [words(magic, version, 0, 0, cut, linkType)]
  frames.forEach(({ time }, i) => {
    const bytes = as(i)
    const kept = bytes.subarray(0, cut)
    parts.push(words(7, micro ? Math.floor(time / 1000) : time, kept.length, bytes.length), kept)
  })
  return concatBytes(parts)
}

/** A frame as version 1 of cooked captures has it. */
function sll({ bytes, way }: (typeof frames)[0]): Uint8Array {
  const header = new Uint8Array(16)
  header[1] = way === 'tx' ? 4 : 0
  header.set(bytes.subarray(12, 14), 14)
  return concatBytes([header, bytes.subarray(14)])
}

const explain = (bytes: Uint8Array, at?: string): CaptureReport =>
  explainCapture(lab, [{ name: 'some.pcap', bytes, ...(at === undefined ? {} : { at }) }])

const ECHO = 'echo request 0 default/a → default/b in IPIP node/n1 → node/n2'

describe('a capture is read', () => {
  const FORMS: readonly (readonly [string, Uint8Array, place: string])[] = [
    ['pcap, nanoseconds, little-endian', pcap({}), 'n1/eth0'],
    ['pcap, nanoseconds, big-endian', pcap({ big: true }), 'n1/eth0'],
    ['pcap, microseconds, little-endian', pcap({ micro: true }), 'n1/eth0'],
    ['pcap, microseconds, big-endian', pcap({ big: true, micro: true }), 'n1/eth0'],
    ['cooked, version 1', pcap({ linkType: 113, as: (i) => sll(frames[i]!) }), 'n1/eth0'],
    [
      'cooked, version 2',
      pcap({
        linkType: LINUX_SLL2,
        as: (i) => cookedFrame(frames[i]!.bytes, LINK_TYPE.ETHERNET, 3, frames[i]!.way === 'tx'),
      }),
      'n1/eth0',
    ],
    ['pcapng', renderPcapng(trace, { at: 'n1/eth0' }), 'n1/eth0'],
  ]
  it.each(FORMS)('%s', (_name, bytes, place) => {
    const [source] = explain(bytes).sources
    expect(source?.packets.map(({ what }) => what)).toContain(ECHO)
    expect([source!.place!, ...source!.alternatives].map(({ netns, dev }) => `${netns}/${dev}`)).toContain(place)
    expect(source?.missing).toEqual([])
    expect(source?.fault).toBeUndefined()
  })

  it('raw IP, as tunnels are captured', () => {
    const inner = frames
      .filter(({ bytes }) => bytes[12] === 8 && bytes[13] === 0)
      .map(({ bytes }) => bytes.subarray(34))
    for (const linkType of [LINK_TYPE.RAW, 12, 228]) {
      const bytes = writePcapng({
        interfaces: [{ linkType }],
        packets: inner.map((one, i) => ({ interface: 0, timestamp: BigInt(i), bytes: one })),
      })
      expect(explain(bytes).sources[0]).toMatchObject({ place: { netns: 'n1', dev: 'tunl0' }, fits: [2, 2] })
    }
  })

  it('with stamps since its first packet, whatever unit the file has', () => {
    const times = (bytes: Uint8Array): number[] => explain(bytes).sources[0]!.packets.map(({ time }) => time)
    const [nano, micro] = [times(pcap({})), times(pcap({ micro: true }))]
    expect(nano[0]).toBe(0)
    for (const [i, time] of nano.entries()) expect(Math.abs(time - micro[i]!)).toBeLessThan(2000)
  })

  it('several interfaces of a file, each with its place', () => {
    const { sources } = explain(renderPcapng(trace, { at: 'all' }))
    expect(sources.length).toBeGreaterThan(6)
    for (const { interface: device, place } of sources) expect(device).toBe(`${place?.netns}/${place?.dev}`)
  })

  it('where packets were cut off by the capture, that is said, and what is left is explained', () => {
    const { packets } = explain(pcap({ cut: 60 })).sources[0]!
    const whole = packets.find(({ line }) => line.includes('IP'))!
    expect(whole.cutFrom).toBe(118)
    expect(whole.explained).toBe('expected')
    // Nothing but the outer header is left.
    const short = explain(pcap({ cut: 36 })).sources[0]!
    expect(short.packets.some(({ what }) => what.includes('no whole IPv4 header'))).toBe(true)
  })
})

describe('a file that is damaged', () => {
  it.each([
    ['nothing', new Uint8Array(0), 'an empty file'],
    ['text', new TextEncoder().encode('apiVersion: v1\nkind: Pod\n'), 'other bytes'],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 0), 'gzip'],
  ])('is refused when it is %s', (_name, bytes, received) => {
    expect(() => explain(bytes)).toThrow(InputError)
    try {
      explain(bytes)
    } catch (error) {
      const [issue] = (error as InputError).issues
      expect(issue).toMatchObject({ file: 'some.pcap', received: expect.stringContaining(received) })
    }
  })

  it('is read as far as it goes, and says behind which packet it ends', () => {
    const bytes = pcap({})
    const { packets, fault } = readCapture({ name: 'x', bytes: bytes.subarray(0, bytes.length - 10) })
    expect(packets).toHaveLength(frames.length - 1)
    expect(fault).toContain(`behind packet ${frames.length - 1}: a packet has 118 bytes, 108 are left`)
    expect(readPcap(bytes.subarray(0, 10))?.fault).toBe('the header of the file is cut off')
    const ng = renderPcapng(trace, { at: 'n1/eth0' })
    const cut = explain(ng.subarray(0, ng.length - 10)).sources[0]!
    expect(cut.packets).toHaveLength(frames.length - 1)
    expect(cut.fault).toContain('bytes, ')
  })

  it('never throws anything but an InputError, whatever its bytes', () => {
    const whole = [
      pcap({}),
      renderPcapng(trace, { at: 'n1/eth0' }),
      pcap({ linkType: 113, as: (i) => sll(frames[i]!) }),
    ]
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(fc.constantFrom(...whole), damage, fc.nat(), (file, changes, cut) => {
        const bytes = file.slice(0, cut % 3 === 0 ? cut % file.length : file.length)
        for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value
        try {
          const report = explain(bytes)
          expect(captureText(report)).not.toBe('')
          expect(captureMarkdown(report)).not.toBe('')
        } catch (error) {
          expect(error).toBeInstanceOf(InputError)
        }
      }),
      { numRuns: 60, seed: 3 },
    )
  }, 120_000)
})
