import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ArpView,
  buildArp,
  buildEthernet,
  buildIcmp,
  buildIcmpv6,
  buildIpv4Header,
  buildIpv6Fragment,
  buildIpv6Header,
  buildMld2Report,
  buildNeighborAdvertisement,
  buildNeighborSolicitation,
  buildRouterAlert6,
  buildTcp,
  buildUdp,
  buildVxlan,
  EthernetView,
  echoWord,
  type HeaderFault,
  IcmpView,
  Icmpv6View,
  type Ip6Key,
  Ipv4View,
  Ipv6FragmentView,
  Ipv6View,
  ipv6ToKey,
  isHeaderFault,
  mld2ReportLength,
  NA_FLAG,
  ND_OPTION,
  ndLinkLayer,
  ndTarget,
  neighborMessageLength,
  placeTcpOptions,
  pseudoHeaderSum,
  pseudoHeaderSum6,
  readIp6Key,
  readIpv4Options,
  readIpv6Options,
  readMld2Records,
  readNdOptions,
  readTcpOptions,
  type TcpOption,
  TcpView,
  tcpHeaderLength,
  UdpView,
  VxlanView,
  walkIpv6,
  wireguardTransportLength,
  wireguardType,
} from '../../src/wire/index.ts'

const AT = 3
const JUNK = 0xa5

/** A buffer full of junk, so that a byte a builder forgets is seen. */
function junk(length: number): Uint8Array {
  return new Uint8Array(AT + length + 5).fill(JUNK)
}

/** What a builder must leave alone. */
function outside(bytes: Uint8Array, length: number): number[] {
  return [...bytes.subarray(0, AT), ...bytes.subarray(AT + length)]
}

const untouched = new Array<number>(AT + 5).fill(JUNK)
const u8 = fc.nat(0xff)
const u16 = fc.nat(0xffff)
const u24 = fc.nat(0xff_ffff)
const u32 = fc.nat(0xffff_ffff)
const mac = fc.maxSafeNat().map((n) => n % 2 ** 48)
const ip6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => readIp6Key(bytes, 0))
const payload = fc.uint8Array({ maxLength: 64 })

/** Getters of a view as data. */
function pick<T extends object, K extends keyof T>(view: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, view[key]])) as Pick<T, K>
}

function keysOf<T extends object>(value: T): (keyof T)[] {
  return Object.keys(value) as (keyof T)[]
}

function view<T extends object>(result: T | HeaderFault): T {
  if (isHeaderFault(result)) throw new Error(`test: ${result}`)
  return result
}

describe('build, then parse, is the identity', () => {
  it('ethernet', () => {
    fc.assert(
      fc.property(fc.record({ destination: mac, source: mac, type: u16 }), (fields) => {
        const bytes = junk(14)
        expect(buildEthernet(bytes, AT, fields)).toBe(AT + 14)
        const read = view(EthernetView.checked(bytes, AT))
        expect(pick(read, keysOf(fields))).toEqual(fields)
        expect(read.payloadAt).toBe(AT + 14)
        expect(outside(bytes, 14)).toEqual(untouched)
      }),
    )
  })

  it('arp', () => {
    const record = fc.record({
      operation: u16,
      senderHardware: mac,
      senderProtocol: u32,
      targetHardware: mac,
      targetProtocol: u32,
    })
    fc.assert(
      fc.property(record, (fields) => {
        const bytes = junk(28)
        expect(buildArp(bytes, AT, fields)).toBe(AT + 28)
        expect(pick(view(ArpView.checked(bytes, AT)), keysOf(fields))).toEqual(fields)
        expect(outside(bytes, 28)).toEqual(untouched)
      }),
    )
  })

  const ipv4Fields = fc.record({
    source: u32,
    destination: u32,
    protocol: u8,
    ttl: u8,
    tos: u8,
    identification: u16,
    df: fc.boolean(),
    mf: fc.boolean(),
    fragmentOffset: fc.nat(0x1fff).map((units) => units * 8),
  })

  it('ipv4', () => {
    fc.assert(
      fc.property(ipv4Fields, fc.uint8Array({ maxLength: 40 }), payload, (fields, options, data) => {
        const headerLength = 20 + ((options.length + 3) & ~3)
        const totalLength = headerLength + data.length
        const bytes = junk(totalLength)
        expect(buildIpv4Header(bytes, AT, { ...fields, options, totalLength })).toBe(AT + headerLength)
        const read = view(Ipv4View.checked(bytes, AT, AT + totalLength))
        expect(pick(read, keysOf(fields))).toEqual(fields)
        expect(read.headerLength).toBe(headerLength)
        expect(read.end).toBe(AT + totalLength)
        expect(read.payloadLength).toBe(data.length)
        expect(bytes.slice(AT + 20, AT + 20 + options.length)).toEqual(options)
        expect(outside(bytes, totalLength)).toEqual(untouched)
      }),
    )
  })

  it('icmp', () => {
    fc.assert(
      fc.property(fc.record({ type: u8, code: u8, restOfHeader: u32 }), payload, (fields, data) => {
        const bytes = junk(8 + data.length)
        bytes.set(data, AT + 8)
        const end = AT + 8 + data.length
        expect(buildIcmp(bytes, AT, end, fields)).toBe(AT + 8)
        const read = view(IcmpView.checked(bytes, AT, end))
        expect(pick(read, keysOf(fields))).toEqual(fields)
        expect(echoWord(read.identifier, read.sequence)).toBe(fields.restOfHeader)
        expect(outside(bytes, 8 + data.length)).toEqual(untouched)
      }),
    )
  })

  it('udp', () => {
    fc.assert(
      fc.property(fc.record({ sourcePort: u16, destinationPort: u16 }), payload, u32, (fields, data, source) => {
        const length = 8 + data.length
        const bytes = junk(length)
        bytes.set(data, AT + 8)
        const pseudo = pseudoHeaderSum(source, 0xac110020, 17, length)
        expect(buildUdp(bytes, AT, { ...fields, length, pseudo })).toBe(AT + 8)
        const read = view(UdpView.checked(bytes, AT, AT + length))
        expect(pick(read, keysOf(fields))).toEqual(fields)
        expect(read.checksum).not.toBe(0)
        expect(read.checksumHolds(pseudo)).toBe(true)
        expect(read.checksumHolds(pseudo + 1)).toBe(false)
        buildUdp(bytes, AT, { ...fields, length })
        expect(read.checksum).toBe(0)
        expect(outside(bytes, length)).toEqual(untouched)
      }),
    )
  })

  const option: fc.Arbitrary<TcpOption> = fc.oneof(
    fc.constant<TcpOption>({ kind: 'nop' }),
    u16.map((value): TcpOption => ({ kind: 'mss', value })),
    u8.map((shift): TcpOption => ({ kind: 'wscale', shift })),
    fc.constant<TcpOption>({ kind: 'sackOk' }),
    fc.tuple(u32, u32).map(([value, echo]): TcpOption => ({ kind: 'timestamps', value, echo })),
    fc.array(fc.tuple(u32, u32), { minLength: 1, maxLength: 2 }).map((blocks): TcpOption => ({ kind: 'sack', blocks })),
    fc
      .tuple(fc.integer({ min: 9, max: 255 }), fc.uint8Array({ maxLength: 6 }))
      .map(([number, data]): TcpOption => ({ kind: 'unknown', number, data })),
  )
  const options = fc.array(option, { maxLength: 6 }).filter((list) => tcpHeaderLength(list) <= 60)

  it('tcp', () => {
    const record = fc.record({
      sourcePort: u16,
      destinationPort: u16,
      sequence: u32,
      acknowledgment: u32,
      flags: u8,
      window: u16,
      urgentPointer: u16,
    })
    fc.assert(
      fc.property(record, options, payload, (fields, list, data) => {
        const headerLength = tcpHeaderLength(list)
        const length = headerLength + data.length
        const bytes = junk(length)
        bytes.set(data, AT + headerLength)
        const pseudo = pseudoHeaderSum(1, 2, 6, length)
        expect(buildTcp(bytes, AT, AT + length, { ...fields, options: list, pseudo })).toBe(AT + headerLength)
        const read = view(TcpView.checked(bytes, AT, AT + length))
        expect(pick(read, keysOf(fields))).toEqual(fields)
        expect(read.checksumHolds(AT + length, pseudo)).toBe(true)
        const back = readTcpOptions(bytes, read.optionsAt, read.payloadAt).filter((one) => one.kind !== 'end')
        expect(back).toEqual(list)
        expect(outside(bytes, length)).toEqual(untouched)
      }),
    )
  })

  it('vxlan', () => {
    fc.assert(
      fc.property(u24, (vni) => {
        const bytes = junk(8)
        expect(buildVxlan(bytes, AT, vni)).toBe(AT + 8)
        expect(view(VxlanView.checked(bytes, AT)).vni).toBe(vni)
        expect([bytes[AT + 1], bytes[AT + 2], bytes[AT + 3], bytes[AT + 7]]).toEqual([0, 0, 0, 0])
        expect(outside(bytes, 8)).toEqual(untouched)
      }),
    )
  })

  it('ipv6 and its fragment header', () => {
    const record = fc.record({
      source: ip6,
      destination: ip6,
      nextHeader: u8,
      hopLimit: u8,
      payloadLength: fc.nat(40),
      trafficClass: u8,
      flowLabel: fc.nat(0xf_ffff),
    })
    fc.assert(
      fc.property(record, (fields) => {
        const bytes = junk(40 + fields.payloadLength)
        expect(buildIpv6Header(bytes, AT, fields)).toBe(AT + 40)
        const read = view(Ipv6View.checked(bytes, AT))
        expect(pick(read, keysOf(fields))).toEqual(fields)
        expect(read.version).toBe(6)
        expect(outside(bytes, 40 + fields.payloadLength).slice(0, AT)).toEqual(untouched.slice(0, AT))
      }),
    )
    const fragment = fc.record({
      nextHeader: u8,
      fragmentOffset: fc.nat(0x1fff).map((units) => units * 8),
      m: fc.boolean(),
      identification: u32,
    })
    fc.assert(
      fc.property(fragment, (fields) => {
        const bytes = junk(8)
        expect(buildIpv6Fragment(bytes, AT, fields)).toBe(AT + 8)
        expect(pick(view(Ipv6FragmentView.checked(bytes, AT)), keysOf(fields))).toEqual(fields)
        expect(outside(bytes, 8)).toEqual(untouched)
      }),
    )
  })

  it('neighbor solicitation and advertisement', () => {
    fc.assert(
      fc.property(ip6, ip6, ip6, fc.option(mac, { nil: undefined }), (source, destination, target, linkLayer) => {
        const length = neighborMessageLength(linkLayer !== undefined)
        const bytes = junk(40 + length)
        const at = buildIpv6Header(bytes, AT, {
          source,
          destination,
          nextHeader: 58,
          hopLimit: 255,
          payloadLength: length,
        })
        const pseudo = pseudoHeaderSum6(bytes, AT, 58, length)
        const fields = { target, pseudo, ...(linkLayer === undefined ? {} : { linkLayer }) }
        expect(buildNeighborSolicitation(bytes, at, fields)).toBe(at + length)
        view(Icmpv6View.checked(bytes, at, at + length, pseudo))
        expect(ndTarget(bytes, at)).toBe(target)
        expect(ndLinkLayer(bytes, at + 24, at + length, ND_OPTION.SOURCE_LINK_LAYER)).toBe(linkLayer)
        buildNeighborAdvertisement(bytes, at, { ...fields, flags: NA_FLAG.SOLICITED | NA_FLAG.OVERRIDE })
        const read = view(Icmpv6View.checked(bytes, at, at + length, pseudo))
        expect([read.type, read.restOfHeader]).toEqual([136, 0x60000000])
        expect(ndLinkLayer(bytes, at + 24, at + length, ND_OPTION.TARGET_LINK_LAYER)).toBe(linkLayer)
        expect(outside(bytes, 40 + length)).toEqual(untouched)
      }),
    )
  })

  it('icmpv6 and multicast listener reports', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ type: fc.integer({ min: 1, max: 6 }), group: ip6 }), { maxLength: 4 }),
        (records) => {
          const bytes = junk(mld2ReportLength(records.length))
          const end = buildMld2Report(bytes, AT, records, 99)
          expect(end).toBe(AT + mld2ReportLength(records.length))
          view(Icmpv6View.checked(bytes, AT, end, 99))
          expect(readMld2Records(bytes, AT, end).map(({ type, group }) => ({ type, group }))).toEqual(records)
        },
      ),
    )
    const bytes = junk(8)
    buildIcmpv6(bytes, AT, AT + 8, { type: 2, code: 0, restOfHeader: 1280, pseudo: 5 })
    expect(view(Icmpv6View.checked(bytes, AT, AT + 8, 5)).mtu).toBe(1280)
    expect(Icmpv6View.checked(bytes, AT, AT + 8, 6)).toBe('bad_checksum')
  })
})

describe('setters write what getters read, and nothing else', () => {
  /** Sets a field to a value in junk, and says which bytes of the header changed. */
  function changed(target: { on: (bytes: Uint8Array, at: number) => unknown }, key: string, value: unknown): number[] {
    const bytes = junk(60)
    target.on(bytes, AT)
    ;(target as Record<string, unknown>)[key] = value
    expect((target as Record<string, unknown>)[key]).toEqual(value)
    return [...bytes.keys()].filter((at) => bytes[at] !== JUNK).map((at) => at - AT)
  }
  const none = new Uint8Array(0)
  const key: Ip6Key = ipv6ToKey('fd00::1')

  it.each([
    ['ethernet destination', new EthernetView(none), 'destination', 0x010203040506, [0, 1, 2, 3, 4, 5]],
    ['ethernet source', new EthernetView(none), 'source', 0x010203040506, [6, 7, 8, 9, 10, 11]],
    ['ethernet type', new EthernetView(none), 'type', 0x0806, [12, 13]],
    ['arp operation', new ArpView(none), 'operation', 2, [6, 7]],
    ['arp senderHardware', new ArpView(none), 'senderHardware', 0x010203040506, [8, 9, 10, 11, 12, 13]],
    ['arp senderProtocol', new ArpView(none), 'senderProtocol', 0x01020304, [14, 15, 16, 17]],
    ['arp targetHardware', new ArpView(none), 'targetHardware', 0x010203040506, [18, 19, 20, 21, 22, 23]],
    ['arp targetProtocol', new ArpView(none), 'targetProtocol', 0x01020304, [24, 25, 26, 27]],
    ['ipv4 headerLength', new Ipv4View(none), 'headerLength', 24, [0]],
    ['ipv4 tos', new Ipv4View(none), 'tos', 0xb8, [1]],
    ['ipv4 totalLength', new Ipv4View(none), 'totalLength', 84, [2, 3]],
    ['ipv4 identification', new Ipv4View(none), 'identification', 4660, [4, 5]],
    ['ipv4 flagsAndOffset', new Ipv4View(none), 'flagsAndOffset', 0x4000, [6, 7]],
    ['ipv4 df', new Ipv4View(none), 'df', true, [6]],
    ['ipv4 mf', new Ipv4View(none), 'mf', false, [6]],
    ['ipv4 fragmentOffset', new Ipv4View(none), 'fragmentOffset', 0x7ff8, [6, 7]],
    ['ipv4 ttl', new Ipv4View(none), 'ttl', 64, [8]],
    ['ipv4 protocol', new Ipv4View(none), 'protocol', 4, [9]],
    ['ipv4 headerChecksum', new Ipv4View(none), 'headerChecksum', 1, [10, 11]],
    ['ipv4 source', new Ipv4View(none), 'source', 0xff020304, [12, 13, 14, 15]],
    ['ipv4 destination', new Ipv4View(none), 'destination', 0xff020304, [16, 17, 18, 19]],
    ['icmp identifier', new IcmpView(none), 'identifier', 7, [4, 5]],
    ['icmp sequence', new IcmpView(none), 'sequence', 7, [6, 7]],
    ['icmp mtu', new IcmpView(none), 'mtu', 1400, [6, 7]],
    ['icmp gateway', new IcmpView(none), 'gateway', 0xff020304, [4, 5, 6, 7]],
    ['icmp pointer', new IcmpView(none), 'pointer', 20, [4]],
    ['udp length', new UdpView(none), 'length', 8, [4, 5]],
    ['tcp sequence', new TcpView(none), 'sequence', 0xff020304, [4, 5, 6, 7]],
    ['tcp acknowledgment', new TcpView(none), 'acknowledgment', 0xff020304, [8, 9, 10, 11]],
    ['tcp headerLength', new TcpView(none), 'headerLength', 40, [12]],
    ['tcp flags', new TcpView(none), 'flags', 0x12, [13]],
    ['tcp window', new TcpView(none), 'window', 512, [14, 15]],
    ['vxlan vni', new VxlanView(none), 'vni', 4096, [4, 5, 6]],
    ['ipv6 trafficClass', new Ipv6View(none), 'trafficClass', 0xb8, [0, 1]],
    ['ipv6 flowLabel', new Ipv6View(none), 'flowLabel', 0xbcdef, [1, 2, 3]],
    ['ipv6 payloadLength', new Ipv6View(none), 'payloadLength', 84, [4, 5]],
    ['ipv6 nextHeader', new Ipv6View(none), 'nextHeader', 58, [6]],
    ['ipv6 hopLimit', new Ipv6View(none), 'hopLimit', 64, [7]],
    ['ipv6 source', new Ipv6View(none), 'source', key, Array.from({ length: 16 }, (_, i) => 8 + i)],
    ['ipv6 destination', new Ipv6View(none), 'destination', key, Array.from({ length: 16 }, (_, i) => 24 + i)],
    ['fragment m', new Ipv6FragmentView(none), 'm', false, [3]],
    ['icmpv6 mtu', new Icmpv6View(none), 'mtu', 1280, [4, 5, 6, 7]],
  ])('%s', (_name, target, field, value, places) => {
    expect(changed(target, field, value)).toEqual(places)
  })
})

describe('faults', () => {
  const good = (): Uint8Array => {
    const bytes = new Uint8Array(28)
    buildIpv4Header(bytes, 0, { source: 1, destination: 2, protocol: 1, ttl: 64, totalLength: 28 })
    return bytes
  }
  const broken = (at: number, value: number, sum = true): Uint8Array => {
    const bytes = good()
    bytes[at] = value
    if (sum) new Ipv4View(bytes).writeChecksum()
    return bytes
  }

  it.each<[string, HeaderFault | Ipv4View, HeaderFault]>([
    ['ipv4 of 19 bytes', Ipv4View.checked(good(), 0, 19), 'truncated'],
    ['ipv4 of version 6', Ipv4View.checked(broken(0, 0x65)), 'bad_version'],
    ['ipv4 with ihl 4', Ipv4View.checked(broken(0, 0x44)), 'bad_header_length'],
    ['ipv4 with ihl beyond the bytes', Ipv4View.checked(broken(0, 0x4f, false)), 'truncated'],
    ['ipv4 with a wrong sum', Ipv4View.checked(broken(8, 1, false)), 'bad_checksum'],
    ['ipv4 longer than the bytes', Ipv4View.checked(broken(3, 29)), 'truncated'],
    ['ipv4 shorter than its header', Ipv4View.checked(broken(3, 19)), 'bad_length'],
  ])('%s', (_name, result, fault) => {
    expect(result).toBe(fault)
  })

  it('padding behind an IPv4 packet is none', () => {
    const bytes = new Uint8Array(46)
    bytes.set(good())
    expect(isHeaderFault(Ipv4View.checked(bytes))).toBe(false)
  })

  it.each([
    ['ethernet', EthernetView.checked(new Uint8Array(13))],
    ['arp', ArpView.checked(new Uint8Array(27))],
    ['icmp', IcmpView.checked(new Uint8Array(7))],
    ['udp', UdpView.checked(new Uint8Array(7))],
    ['tcp', TcpView.checked(new Uint8Array(19))],
    ['vxlan', VxlanView.checked(new Uint8Array(7))],
    ['ipv6', Ipv6View.checked(new Uint8Array(39))],
    ['fragment', Ipv6FragmentView.checked(new Uint8Array(7))],
    ['icmpv6', Icmpv6View.checked(new Uint8Array(7), 0, 7, 0)],
  ])('%s one byte short', (_name, result) => {
    expect(result).toBe('truncated')
  })

  it('headers that contradict themselves', () => {
    const udp = Uint8Array.of(0, 1, 0, 2, 0, 7, 0, 0)
    expect(UdpView.checked(udp)).toBe('bad_length')
    udp[5] = 9
    expect(UdpView.checked(udp)).toBe('truncated')
    const tcp = new Uint8Array(20)
    expect(TcpView.checked(tcp)).toBe('bad_header_length')
    tcp[12] = 0x60
    expect(TcpView.checked(tcp)).toBe('truncated')
    expect(VxlanView.checked(new Uint8Array(8))).toBe('bad_type')
    expect(IcmpView.checked(new Uint8Array(8))).toBe('bad_checksum')
    const arp = new Uint8Array(28)
    buildArp(arp, 0, { operation: 1, senderHardware: 0, senderProtocol: 0, targetHardware: 0, targetProtocol: 0 })
    arp[5] = 16
    expect(ArpView.checked(arp)).toBe('bad_length')
    arp[1] = 6
    expect(ArpView.checked(arp)).toBe('bad_type')
  })
})

describe('options and chains', () => {
  it.each([
    ['a length of zero', [2, 0, 1, 1], []],
    ['a length of one', [1, 2, 1, 1], ['nop']],
    ['a length beyond the end', [2, 9, 1, 1], []],
    ['a kind without a length', [1, 1, 1, 2], ['nop', 'nop', 'nop']],
    ['end before the end', [1, 0, 1, 1], ['nop', 'end']],
    ['an mss of three bytes', [2, 3, 1, 1], ['unknown', 'nop']],
  ])('tcp options with %s', (_name, bytes, kinds) => {
    const places = placeTcpOptions(Uint8Array.from(bytes), 0, bytes.length)
    expect(places.map((place) => place.option.kind)).toEqual(kinds)
  })

  it('ipv4 options', () => {
    const bytes = Uint8Array.of(1, 148, 4, 0, 0, 7, 3, 4, 0, 9)
    expect(readIpv4Options(bytes, 0, 10)).toEqual([
      { type: 1, start: 0, length: 1 },
      { type: 148, start: 1, length: 4 },
      { type: 7, start: 5, length: 3 },
      { type: 0, start: 8, length: 1 },
    ])
    expect(readIpv4Options(Uint8Array.of(7, 1, 0, 0), 0, 4)).toEqual([])
  })

  it('nd options stop at a length of zero', () => {
    expect(readNdOptions(new Uint8Array(16), 0, 16)).toEqual([])
    expect(readNdOptions(Uint8Array.of(1, 2, 0, 0, 0, 0, 0, 0), 0, 8)).toEqual([])
  })

  it('a chain of IPv6 extension headers', () => {
    const bytes = new Uint8Array(40 + 8 + 16 + 8 + 8)
    const key = ipv6ToKey('fd00::1')
    buildIpv6Header(bytes, 0, { source: key, destination: key, nextHeader: 0, hopLimit: 1, payloadLength: 40 })
    buildRouterAlert6(bytes, 40, 43)
    bytes.set([44, 1], 48)
    buildIpv6Fragment(bytes, 64, { nextHeader: 17, fragmentOffset: 0, m: true, identification: 9 })
    expect(walkIpv6(bytes, 0, bytes.length)).toEqual({
      extensions: [
        { type: 0, start: 40, length: 8 },
        { type: 43, start: 48, length: 16 },
        { type: 44, start: 64, length: 8 },
      ],
      protocol: 17,
      protocolAt: 64,
      payloadAt: 72,
      fragmentOffset: 0,
    })
    expect(readIpv6Options(bytes, { type: 0, start: 40, length: 8 }).map((option) => option.type)).toEqual([5, 1])
    expect(walkIpv6(bytes, 0, 60)).toMatchObject({ fault: 'truncated', protocol: 43, payloadAt: 48 })
  })

  it.each([
    ['initiation', 1, 148, 1],
    ['response', 2, 92, 2],
    ['cookie', 3, 64, 3],
    ['keepalive', 4, 32, 4],
    ['data', 4, 128, 4],
    ['data not padded', 4, 127, undefined],
    ['initiation of a wrong length', 1, 147, undefined],
    ['unknown type', 5, 64, undefined],
  ])('wireguard %s', (_name, type, length, expected) => {
    const bytes = new Uint8Array(length)
    bytes[0] = type
    expect(wireguardType(bytes, 0, length)).toBe(expected)
  })

  it('wireguard pads to 16 but not beyond the MTU', () => {
    expect(wireguardTransportLength(84, 1420)).toBe(32 + 96)
    expect(wireguardTransportLength(1420, 1420)).toBe(32 + 1420)
    expect(wireguardTransportLength(0, 1420)).toBe(32)
  })
})

// @rfc 791 §3.1: bit 0 reserved, DF, MF, thirteen bits of offset
it.each([
  ['df', 0x4000],
  ['mf', 0x2000],
] as const)('%s is the bit %i of the flags, and no other', (field, bit) => {
  for (const others of [0x0000, 0xffff & ~bit, 0x0100, 0x1fff]) {
    const bytes = new Uint8Array(20)
    const view = new Ipv4View(bytes, 0)
    const word = (): number => ((bytes[6] as number) << 8) | (bytes[7] as number)
    bytes.set([others >> 8, others & 255], 6)
    expect(view[field]).toBe(false)
    view[field] = true
    expect([view[field], word()]).toEqual([true, others | bit])
    view[field] = false
    expect([view[field], word()]).toEqual([false, others])
  }
})
