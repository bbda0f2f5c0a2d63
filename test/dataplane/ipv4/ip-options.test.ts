// IP options byte by byte: what input reads and fills, where a fault is, what an answer carries, what a fragment loses.
import { describe, expect, it } from 'vitest'
import {
  ipOptionsBuild,
  ipOptionsCompile,
  ipOptionsEcho,
  ipOptionsFragment,
} from '../../../src/dataplane/ipv4/options.ts'
import { ipCurrentTimestamp } from '../../../src/dataplane/ipv4/timestamp.ts'
import type { PacketBuffer } from '../../../src/dataplane/kernel/skb.ts'
import { host, hostSim, ip } from './hosts.ts'

const { ns, sim } = hostSim(host('r', { eth0: { addresses: ['10.0.0.1/24'] } }))
const TIME = ipCurrentTimestamp(sim).toString(16).padStart(8, '0')
const SLOT = '00000000'

/** A header with these options, filled up to four bytes. */
function header(options: string): Uint8Array {
  const list = options
    .replaceAll(' ', '')
    .match(/../g)!
    .map((byte) => Number.parseInt(byte, 16))
  const bytes = new Uint8Array(20 + ((list.length + 3) & ~3))
  bytes[0] = 0x40 | (bytes.length / 4)
  bytes.set(list, 20)
  return bytes
}

const hex = (bytes: Uint8Array, from = 20): string =>
  [...bytes.subarray(from)].map((byte) => byte.toString(16).padStart(2, '0')).join('')

function compile(options: string, received = true) {
  const bytes = header(options)
  const result = ipOptionsCompile(bytes, 0, bytes.length, { ns, address: () => ip('10.0.0.1'), received })
  return { bytes, result }
}

const NONE = {
  rr: 0,
  ts: 0,
  srr: 0,
  strict: false,
  routerAlert: 0,
  rrNeedsAddress: false,
  tsNeedsAddress: false,
  tsNeedsTime: false,
  changed: false,
}

describe('what input reads and fills', () => {
  const rows: readonly (readonly [what: string, options: string, after: string, found: Partial<typeof NONE>])[] = [
    ['nothing but filling', '01010101', '01010101', {}],
    ['what follows the end is made zero', '0001ff00', '00000000', { changed: true }],
    ['an end with zeros', '01000000', '01000000', {}],
    [
      'an empty record route',
      `01 070b04 ${SLOT}${SLOT}`,
      `01070b080a000001${SLOT}`,
      { rr: 21, rrNeedsAddress: true, changed: true },
    ],
    ['its last slot', `01 070708 0a000009`, `010707080a000009`, { rr: 21 }],
    [
      'one slot left',
      `01 070b08 0a000009 ${SLOT}`,
      `01070b0c0a0000090a000001`,
      { rr: 21, rrNeedsAddress: true, changed: true },
    ],
    ['a loose source route', '01 830704 0a000009', '018307040a000009', { srr: 21 }],
    ['a strict source route', '01 890704 0a000009', '018907040a000009', { srr: 21, strict: true }],
    ['router alert', '94040000', '94040000', { routerAlert: 20 }],
    ['router alert of another value', '94040001', '94040001', {}],
    ['an option that is not known', '82040102 01010101', '8204010201010101', {}],
    ['times only', `440c0500 ${SLOT}${SLOT}`, `440c0900${TIME}${SLOT}`, { ts: 20, tsNeedsTime: true, changed: true }],
    ['the last time', `44080500 ${SLOT}`, `44080900${TIME}`, { ts: 20, tsNeedsTime: true, changed: true }],
    [
      'addresses and times',
      `440c0501 ${SLOT}${SLOT}`,
      `440c0d010a000001${TIME}`,
      { ts: 20, tsNeedsAddress: true, tsNeedsTime: true, changed: true },
    ],
    [
      'a time of this host',
      `440c0503 0a000001${SLOT}`,
      `440c0d030a000001${TIME}`,
      { ts: 20, tsNeedsTime: true, changed: true },
    ],
    ['a time of another host', `440c0503 0a000009${SLOT}`, `440c05030a000009${SLOT}`, { ts: 20 }],
    ['times of a kind that is not known', `440c0502 ${SLOT}${SLOT}`, `440c0502${SLOT}${SLOT}`, { ts: 20 }],
    ['no room for a time', `44080900 ${TIME}`, `44080910${TIME}`, { ts: 20, changed: true }],
    ['no room once more', `440809e0 ${TIME}`, `440809f0${TIME}`, { ts: 20, changed: true }],
    ['no room for a time of given hosts', `440c0d03 0a000001${TIME}`, `440c0d030a000001${TIME}`, { ts: 20 }],
  ]
  it.each(rows)('%s', (_what, options, after, found) => {
    const { bytes, result } = compile(options)
    expect(hex(bytes)).toBe(after)
    expect(result).toEqual({ ...NONE, ...found })
  })

  it.each([
    ['an empty record route', `01 070b04 ${SLOT}${SLOT}`, `01070b08${SLOT}${SLOT}`, { rr: 21, rrNeedsAddress: true }],
    ['times only', `440c0500 ${SLOT}${SLOT}`, `440c0900${SLOT}${SLOT}`, { ts: 20, tsNeedsTime: true }],
    [
      'addresses and times',
      `440c0501 ${SLOT}${SLOT}`,
      `440c0d01${SLOT}${SLOT}`,
      { ts: 20, tsNeedsAddress: true, tsNeedsTime: true },
    ],
    ['no room', `44080900 ${TIME}`, `44080900${TIME}`, { ts: 20 }],
  ])('of a local program the slots are taken, not filled: %s', (_what, options, after, found) => {
    const { bytes, result } = compile(options, false)
    expect(hex(bytes)).toBe(after)
    expect(result).toEqual({ ...NONE, ...found })
  })

  it.each([
    ['a type without a length', '01010107', 23],
    ['a length of 1', '07010000', 20],
    ['a length beyond the header', '01070800', 21],
    ['a record route without a pointer', '07020101', 21],
    ['a record route that points before its slots', `01070703${SLOT}`, 23],
    ['a record route that points into a slot', `01070705${SLOT}`, 23],
    ['two record routes', `070704${SLOT}070704${SLOT}`, 27],
    ['a source route without a pointer', '83020101', 21],
    ['a source route that points before its slots', `01830703${SLOT}`, 23],
    ['two source routes', `830704${SLOT}890704${SLOT}`, 27],
    ['a short router alert', '94030000', 21],
    ['a timestamp without flags', '44030500', 21],
    ['a timestamp that points before its slots', `44080400${SLOT}`, 22],
    ['a timestamp that points into a slot', `44080600${SLOT}`, 22],
    ['an address and a time in one slot', `44080501${SLOT}`, 22],
    ['a given address and no slot behind', `440805030a000001`, 22],
    ['a counter that is full', `440809f0${TIME}`, 23],
    ['two timestamps', `44080500${SLOT}44080500${SLOT}`, 28],
  ])('%s is a fault at its byte', (_what, options, at) => expect(compile(options).result).toBe(at))
})

describe('an answer', () => {
  function echo(options: string) {
    const { bytes, result } = compile(options)
    const skb = { opt: result, bytes, network: 0 } as unknown as PacketBuffer
    return ipOptionsEcho(skb, ns)
  }
  it.each(['01010101', '94040000'])('carries nothing of %s', (options) => expect(echo(options)).toBeNull())

  it.each([
    ['a record route with room', `070b04${SLOT}${SLOT}01`, `070b0c0a000001${SLOT}00`, { rr: 20, rrNeedsAddress: true }],
    ['a record route that is full now', `070704${SLOT}01`, '0707080a00000100', { rr: 20 }],
    ['times with room', `440c0500${SLOT}${SLOT}`, `440c0d00${TIME}${SLOT}`, { ts: 20, tsNeedsTime: true }],
    [
      'addresses and times with room',
      `44140501${SLOT.repeat(4)}`,
      `441415010a000001${TIME}${SLOT}${SLOT}`,
      { ts: 20, tsNeedsAddress: true, tsNeedsTime: true },
    ],
    [
      'given hosts, the next is this one',
      `441405030a000001${SLOT}0a000001${SLOT}`,
      `441415030a000001${TIME}0a000001${SLOT}`,
      { ts: 20, tsNeedsTime: true },
    ],
    [
      'given hosts, the next is another',
      `441405030a000001${SLOT}0a000009${SLOT}`,
      `44140d030a000001${TIME}0a000009${SLOT}`,
      { ts: 20 },
    ],
    [
      'both',
      `070704${SLOT}440c0500${SLOT}${SLOT}01`,
      `0707080a000001440c0d00${TIME}${SLOT}00`,
      { rr: 20, ts: 27, tsNeedsTime: true },
    ],
  ])('carries %s', (_what, options, raw, found) => {
    const answer = echo(options)
    expect(hex(answer!.raw, 0)).toBe(raw)
    expect(answer!.opt).toEqual({ ...NONE, ...found })
  })

  it.each([
    [`070b0c0a000001${SLOT}00`, { rr: 20, rrNeedsAddress: true }, '070b0c0a0000010a00000700'],
    [`440c0d00${TIME}${SLOT}`, { ts: 20, tsNeedsTime: true }, `440c0d00${TIME}${TIME}`],
    [
      `441415010a000001${TIME}${SLOT}${SLOT}`,
      { ts: 20, tsNeedsAddress: true, tsNeedsTime: true },
      `441415010a000001${TIME}0a000007${TIME}`,
    ],
    [`440c0d00${TIME}${SLOT}`, { ts: 20 }, `440c0d00${TIME}${SLOT}`],
  ])('%s is filled when it is sent', (options, opt, sent) => {
    const raw = header(options).subarray(20)
    const bytes = new Uint8Array(20 + raw.length)
    ipOptionsBuild(bytes, 0, raw, { ...NONE, ...opt }, ip('10.0.0.7'), sim)
    expect(hex(bytes)).toBe(sent)
  })
})

describe('a fragment behind the first', () => {
  it.each([
    ['keeps what is copied', '94040000', '94040000'],
    ['loses a record route', `01070704${SLOT}`, '0101010101010101'],
    ['loses times, keeps security', `44080500${SLOT}82040102`, '010101010101010182040102'],
    ['is read to the end option only', `00070704${SLOT}`, `00070704${SLOT}`],
    ['is left alone from a length that is none', '01070100', '01070100'],
    ['is left alone from a length beyond the header', '01070800', '01070800'],
  ])('%s', (_what, options, after) => {
    const bytes = header(options)
    ipOptionsFragment(bytes, 0)
    expect(hex(bytes)).toBe(after)
  })
})
