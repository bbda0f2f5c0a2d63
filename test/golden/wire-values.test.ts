// The small functions of the wire room over tables of texts and numbers: addresses, prefixes, hex, checksums, capture files.
import { describe } from 'vitest'
import * as wire from '../../src/wire/index.ts'
import { mutate, Random } from '../robustness/random.ts'
import { goldens } from '../support/golden.ts'

/** What comes of a call: also what it refuses. */
function said(call: () => unknown): string {
  try {
    const value = call()
    return value instanceof Uint8Array ? wire.toHex(value) : (JSON.stringify(value, big) ?? 'nothing')
  } catch (error) {
    if (error instanceof wire.InvariantError || error instanceof wire.PcapngError)
      return `${error.name}: ${error.message}`
    throw error
  }
}

const big = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? `${value}n` : value instanceof Uint8Array ? wire.toHex(value) : value

/** Every function over every list of arguments, a line each. */
const table = (
  functions: Readonly<Record<string, (...args: never[]) => unknown>>,
  lists: readonly unknown[][],
): string =>
  lists
    .flatMap((list) =>
      Object.entries(functions).map(
        ([name, call]) => `${name} ${JSON.stringify(list, big)} ${said(() => call(...(list as never[])))}\n`,
      ),
    )
    .join('')

const SEEDS = [
  '0.0.0.0',
  '10.0.0.1',
  '255.255.255.255',
  '192.168.255.130',
  '127.0.0.1',
  '169.254.1.1',
  '224.0.0.5',
  '239.255.255.250',
  '::',
  '::1',
  'fe80::1',
  'fe80::ffff:ffff:ffff:ffff',
  'ff02::1',
  '2001:db8::8:800:200c:417a',
  '1:2:3:4:5:6:7:8',
  '::ffff:10.0.0.1',
  '1::8',
  '1:0:0:2:0:0:0:3',
  '1:0:0:2:3:0:0:4',
  'FD00::AbCd',
  '::1.2.3.4',
  '64:ff9b::1.2.3.4',
  '0:0:0:0:0:ffff:0102:0304',
]
const PREFIXES = [
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.0.0.0/30',
  '10.0.0.64/26',
  '10.0.0.1/32',
  '192.168.0.0/16',
  '128.0.0.0/1',
  '255.255.255.254/31',
  '::/0',
  'fd00::/8',
  'fd00:10:244::/64',
  'fd00:10:244::/122',
  '2001:db8::1/128',
  'fe80::/10',
  '2001:db8:8000::/33',
  'ff00::/7',
]
const MACS = [
  '02:00:00:00:00:01',
  'FF:ff:ff:FF:ff:ff',
  '01:00:5e:7f:00:01',
  '33:33:00:00:00:01',
  'ee:ee:ee:ee:ee:ee',
  '00:00:00:00:00:00',
]
const LETTERS = '0123456789abcfgG.:/ -x%'

/** Texts, and each with a character changed, left out, or put in at each place. */
function variants(texts: readonly string[], random: Random): string[] {
  const out = new Set<string>(['', ...texts])
  for (const text of texts) {
    for (let at = 0; at <= text.length; at++) {
      const letter = LETTERS[random.below(LETTERS.length)]!
      out.add(text.slice(0, at) + letter + text.slice(at))
      out.add(text.slice(0, at) + text.slice(at + 1))
      out.add(text.slice(0, at) + letter + text.slice(at + 1))
      out.add(text.slice(0, at))
    }
  }
  return [...out]
}

const each = (values: readonly unknown[]): unknown[][] => values.map((value) => [value])
const pairs = (a: readonly unknown[], b: readonly unknown[]): unknown[][] => a.flatMap((x) => b.map((y) => [x, y]))
const ipOf = (texts: readonly string[]): wire.Ip[] => texts.flatMap((text) => wire.parseIp(text) ?? [])

const NUMBERS = [
  0, 1, 0xff, 0x100, 0x7f000001, 0x7fffffff, 0x80000000, 0xa9fe0101, 0xdfffffff, 0xe0000000, 0xefffffff, 0xffffff00,
  0xffffffff,
]
const WORDS = [0, 1, 0xff, 0x100, 0x1234, 0x7fff, 0x8000, 0xfffe, 0xffff]
const KEYS = ipOf(SEEDS)
  .filter((ip) => wire.isIpv6(ip))
  .map((ip) => wire.ipv6ToKey(ip))

function byteStrings(random: Random, count: number, most: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) =>
    Uint8Array.from({ length: i < 20 ? i : random.below(most) }, () => random.below(256)),
  )
}

/** A file with everything that a capture can hold. */
function captureFile(random: Random): wire.PcapngFile {
  const text = (): string => random.pick(['', 'a', 'eth0', 'grüße', 'long words to pad', '日本'])
  const maybe = (key: string, value: () => unknown): object => (random.oneIn(2) ? { [key]: value() } : {})
  const comments = (): object => maybe('comments', () => [text(), text()].slice(random.below(2)))
  const interfaces = Array.from({ length: 1 + random.below(3) }, () => ({
    linkType: random.pick([1, 101]),
    ...maybe('name', text),
    ...maybe('description', text),
    ...maybe('snapLength', () => 1 + random.below(70000)),
    ...comments(),
  }))
  const packets = byteStrings(random, random.below(6), 60).map((bytes) => ({
    interface: random.below(interfaces.length),
    timestamp: BigInt(random.below(2 ** 32)) * 1_000_000_007n,
    bytes,
    ...maybe('originalLength', () => bytes.length + random.below(100)),
    ...maybe('direction', () => random.pick(['inbound', 'outbound'])),
    ...comments(),
  }))
  const head = { ...maybe('hardware', text), ...maybe('os', text), ...maybe('application', text), ...comments() }
  return { ...head, interfaces, packets } as wire.PcapngFile
}

const swap = (bytes: Uint8Array, at: number, width: number): void => {
  bytes.subarray(at, at + width).reverse()
}

/** An older kind of file by hand: big-endian, microseconds or a resolution of its own, packets without options. */
function oddFile(random: Random, resolution: number | undefined): Uint8Array {
  const words = (...values: number[]): number[] =>
    values.flatMap((v) => [(v >>> 24) & 255, (v >>> 16) & 255, (v >>> 8) & 255, v & 255])
  const block = (type: number, body: number[]): number[] => {
    while (body.length % 4 !== 0) body.push(0)
    return [...words(type, body.length + 12), ...body, ...words(body.length + 12)]
  }
  const options =
    resolution === undefined
      ? []
      : [...words((9 << 16) | 1), resolution, 0, 0, 0, ...words((14 << 16) | 8, 0, 1000), ...words(0)]
  const data = [...byteStrings(random, 9, 10)[8]!]
  return Uint8Array.from([
    ...block(0x0a0d0d0a, [...words(0x1a2b3c4d, 0x00010000, 0xffffffff, 0xffffffff)]),
    ...block(1, [...words(1 << 16, 65535), ...options]),
    ...block(6, [...words(0, 0x0005, random.below(2 ** 32), 8, 80), ...data]),
    ...block(3, [...words(8), ...data]),
    ...block(0x0bad, words(1, 2)),
    ...block(5, words(0, 0, 0)),
  ])
}

const VIEWS = {
  arp: wire.ArpView,
  ethernet: wire.EthernetView,
  icmp: wire.IcmpView,
  icmpv6: wire.Icmpv6View,
  ipv4: wire.Ipv4View,
  ipv6: wire.Ipv6View,
  fragment: wire.Ipv6FragmentView,
  tcp: wire.TcpView,
  udp: wire.UdpView,
  vxlan: wire.VxlanView,
} as const

type AnyView = Record<string, unknown>

/** Every field of a view over some bytes: read, and written with what stands in others. */
function viewText(View: (typeof VIEWS)[keyof typeof VIEWS], random: Random): string {
  const make = (bytes: Uint8Array, at: number): AnyView => new View(bytes, at) as unknown as AnyView
  const fields = Object.entries(Object.getOwnPropertyDescriptors(View.prototype)).filter(
    ([, { get }]) => get !== undefined,
  )
  const bytes = (): Uint8Array => Uint8Array.from({ length: 64 }, () => random.below(256))
  const lines: string[] = []
  for (let i = 0; i < 12; i++) {
    const [one, two] = [bytes(), bytes()]
    for (const [name, { set }] of fields) {
      lines.push(`${name} ${said(() => make(one, 3)[name])}`)
      if (set === undefined) continue
      const copy = one.slice()
      const view = make(copy, 3)
      view[name] = make(two, 3)[name]
      lines.push(`${name} := ${wire.toHex(copy)}`)
    }
    const { checked } = View as unknown as { checked?: (...args: unknown[]) => unknown }
    for (const end of [3, 7, 11, 17, 23, 31, 43, 64])
      lines.push(`checked to ${end}: ${said(() => checked?.call(View, one, 3, end, 0))}`)
  }
  return lines.join('\n')
}

const TEXTS: Readonly<Record<string, () => string>> = {
  addresses: () => {
    const texts = variants(SEEDS, new Random(1))
    const { parseIp, explainIp, explainIpv4, explainIpv6 } = wire
    return table({ parseIp, explainIp, explainIpv4, explainIpv6 } as never, each(texts))
  },
  'prefixes as texts': () => {
    const { parseCidr, explainCidr, parsePrefix, explainPrefix } = wire
    return table(
      { parseCidr, explainCidr, parsePrefix, explainPrefix } as never,
      each(variants(PREFIXES, new Random(2))),
    )
  },
  'hardware addresses': () => {
    const { parseMac, explainMac, macToKey, macToBytes, eui64LinkLocal } = wire
    const keys = MACS.map((mac) => wire.macToKey(mac))
    const { keyToMac, isMulticastMac, isBroadcastMac } = wire
    return (
      table(
        { parseMac, explainMac, macToKey, macToBytes, eui64LinkLocal } as never,
        each(variants(MACS, new Random(3))),
      ) + table({ keyToMac, isMulticastMac, isBroadcastMac } as never, each(keys))
    )
  },
  'numbers of addresses': () => {
    const { numberToIpv4, isIpv4Multicast, isIpv4Loopback, isIpv4LinkLocal, ipv4MulticastMac, maskLength } = wire
    const { keyToIpv6, isIpv6Multicast, isIpv6LinkLocal, solicitedNode } = wire
    const bytes = (address: string): Uint8Array => wire.ipv6ToBytes(address)
    const six = ipOf(SEEDS).filter((ip) => wire.isIpv6(ip))
    return (
      table(
        { numberToIpv4, isIpv4Multicast, isIpv4Loopback, isIpv4LinkLocal, ipv4MulticastMac, maskLength } as never,
        each(NUMBERS),
      ) +
      table({ keyToIpv6, isIpv6Multicast, isIpv6LinkLocal, solicitedNode } as never, each(KEYS)) +
      table({ bytes } as never, each(six)) +
      table({ prefixKey: wire.prefixKey } as never, pairs(KEYS, [0, 1, 7, 8, 9, 64, 127, 128])) +
      table(
        { maskOf: wire.maskOf, netmaskText: wire.netmaskText } as never,
        each(Array.from({ length: 33 }, (_, i) => i)),
      )
    )
  },
  'prefixes and addresses': () => {
    const all = ipOf(SEEDS)
    const { addressBits, prefixAddress, prefixLength, isHostPrefix, addressCount, contains, containsPrefix, overlaps } =
      wire
    const four = PREFIXES.filter((prefix) => wire.familyOf(prefix) === 4)
    return (
      table({ addressBits, prefixAddress, prefixLength, isHostPrefix, addressCount } as never, each(PREFIXES)) +
      table({ broadcastOf: wire.broadcastOf } as never, each(four)) +
      table({ contains } as never, pairs(PREFIXES, all)) +
      table({ containsPrefix, overlaps } as never, pairs(PREFIXES, PREFIXES)) +
      table({ compareIps: wire.compareIps } as never, pairs(all, all)) +
      table({ withPort: wire.withPort } as never, pairs(all, [0, 'http'])) +
      table({ hostPrefix: wire.hostPrefix, addressKey: wire.addressKey, familyOf: wire.familyOf } as never, each(all)) +
      table({ prefixOf: wire.prefixOf } as never, pairs(all, [0, 1, 8, 9, 24, 31, 32])) +
      table(
        { addressAt: wire.addressAt } as never,
        pairs(PREFIXES, [-1, 0, 1, 3, 63, 64, 255, 256, 65536, 2 ** 31, 2 ** 32, 2 ** 40]),
      )
    )
  },
  'hex and sums': () => {
    const random = new Random(4)
    const strings = byteStrings(random, 60, 600)
    const { toHex, hexDump, crc32, decodeUtf8 } = wire
    const some = strings.map((bytes) => [bytes, Math.min(1, bytes.length), bytes.length, random.below(65536)])
    const words = strings.filter(({ length }) => length > 8).map((bytes) => [bytes, 1])
    return (
      table({ toHex, hexDump, crc32, decodeUtf8 } as never, each(strings)) +
      table({ toHex } as never, pairs(strings, [' ', ':'])) +
      table({ hexDump } as never, pairs(strings, [false])) +
      table(
        { checksum: wire.checksum, partialSum: wire.partialSum, checksumHolds: wire.checksumHolds } as never,
        some,
      ) +
      table(
        { readU16: wire.readU16, readU24: wire.readU24, readU32: wire.readU32, readU48: wire.readU48 } as never,
        words,
      ) +
      table({ parseHex: wire.parseHex } as never, each(variants(['00ff', 'a0 b1:C2', 'DEADbeef', '9f:10'], random))) +
      table({ hexNumber: wire.hexNumber } as never, pairs(NUMBERS, [0, 2, 4, 8])) +
      table({ encodeUtf8: wire.encodeUtf8 } as never, each(['', 'a', 'ü', '日本', '😀', '\ud800'])) +
      table(
        { updateChecksum16: wire.updateChecksum16 } as never,
        pairs(WORDS, WORDS).flatMap((two) => WORDS.map((w) => [...two, w])),
      ) +
      table(
        { updateChecksum32: wire.updateChecksum32 } as never,
        pairs(WORDS, NUMBERS).flatMap((two) => NUMBERS.map((n) => [...two, n])),
      ) +
      table({ foldChecksum: wire.foldChecksum } as never, each([...NUMBERS, ...WORDS])) +
      table(
        { equalBytes: wire.equalBytes } as never,
        pairs(strings.slice(0, 6), [...strings.slice(0, 6), strings[3]!.slice()]),
      )
    )
  },
  'words of protocols': () => {
    const bytes = Array.from({ length: 256 }, (_, i) => i)
    const {
      protocolName,
      isIcmpError,
      isIcmpv6Error,
      isCopiedOption,
      isIpv6Extension,
      ndOptionsOffset,
      tcpFlagLetters,
    } = wire
    const random = new Random(5)
    const wireguard = [0, 3, 4, 32, 48, 49, 64, 92, 148].flatMap((length) =>
      [0, 1, 2, 3, 4, 5].flatMap((type) =>
        [0, 1, 2, 3].map((dirty) => {
          const message = new Uint8Array(length)
          if (length > 0) message[0] = type
          if (dirty > 0 && length > dirty) message[dirty] = 1
          return [message, 0, length]
        }),
      ),
    )
    return (
      table(
        {
          protocolName,
          isIcmpError,
          isIcmpv6Error,
          isCopiedOption,
          isIpv6Extension,
          ndOptionsOffset,
          tcpFlagLetters,
        } as never,
        each(bytes),
      ) +
      table({ tcpFlagLetters } as never, each(bytes.map((flag) => flag + 256))) +
      table({ wireguardType: wire.wireguardType } as never, wireguard) +
      table(
        { wireguardTransportLength: wire.wireguardTransportLength } as never,
        pairs([0, 1, 15, 16, 17, 1410, 1419, 1420, 1500], [1280, 1420, 1425]),
      ) +
      table(
        { wireguardIndex: wire.wireguardIndex } as never,
        byteStrings(random, 9, 9)
          .filter(({ length }) => length > 4)
          .map((b) => [b, 1]),
      ) +
      table({ neighborMessageLength: wire.neighborMessageLength } as never, each([true, false]))
    )
  },
  views: () =>
    Object.values(VIEWS)
      .map((View) => viewText(View, new Random(8)))
      .join('\n'),
  'capture files': () => {
    const random = new Random(6)
    const lines: string[] = []
    for (let i = 0; i < 60; i++) {
      const file = captureFile(random)
      const bytes = wire.writePcapng(file)
      lines.push(
        wire.toHex(bytes),
        said(() => wire.readPcapng(bytes)),
      )
      for (let j = 0; j < 6; j++) lines.push(said(() => wire.readPcapng(mutate(random, bytes, bytes))))
      lines.push(wire.toHex(wire.writePcap(1, file.packets)))
    }
    return lines.join('\n')
  },
  'odd capture files': () => {
    const random = new Random(7)
    const files = [undefined, 0, 3, 6, 9, 12, 0x80, 0x8a, 0x94, 0xa0].map((resolution) => oddFile(random, resolution))
    const lines = files.map((bytes) => said(() => wire.readPcapng(bytes)))
    const damaged = files.flatMap((bytes) =>
      Array.from(bytes, (_, at) => {
        const copy = bytes.slice()
        copy[at] = copy[at]! ^ random.pick([1, 4, 128, 255])
        return said(() => wire.readPcapng(copy))
      }),
    )
    const cut = files.flatMap((bytes) =>
      Array.from(bytes, (_, at) => said(() => wire.readPcapng(bytes.subarray(0, at)))),
    )
    swap(files[0]!, 8, 4)
    return [...lines, said(() => wire.readPcapng(files[0]!)), ...damaged, ...cut].join('\n')
  },
}

describe('a value is as it was', () => {
  goldens('wire-values', Object.keys(TEXTS), (key) => TEXTS[key]!())
})
