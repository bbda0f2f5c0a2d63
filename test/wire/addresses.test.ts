import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bytesToIpv6,
  bytesToMac,
  compareIps,
  eui64LinkLocal,
  explainIp,
  explainIpv4,
  explainIpv6,
  explainMac,
  familyOf,
  InvariantError,
  type Ip,
  ipv4MulticastMac,
  ipv4ToNumber,
  ipv6ToBytes,
  ipv6ToKey,
  isBroadcastMac,
  isIpv4LinkLocal,
  isIpv4Loopback,
  isIpv4Multicast,
  isIpv6LinkLocal,
  isIpv6Multicast,
  isMulticastMac,
  keyToIpv6,
  keyToMac,
  macToBytes,
  macToKey,
  numberToIpv4,
  parseIp,
  parseIpv4,
  parseIpv6,
  parseMac,
  readIp6Key,
  readMac,
  solicitedNode,
  writeIp6Key,
  writeMac,
} from '../../src/wire/index.ts'

describe('IPv4 addresses', () => {
  // @rfc 1112 §4, @rfc 1122 §3.2.1.3, @rfc 3927
  it.each([
    ['223.255.255.255', false, false, false],
    ['224.0.0.0', true, false, false],
    ['239.255.255.255', true, false, false],
    ['240.0.0.0', false, false, false],
    ['126.255.255.255', false, false, false],
    ['127.0.0.0', false, true, false],
    ['127.255.255.255', false, true, false],
    ['128.0.0.0', false, false, false],
    ['169.253.255.255', false, false, false],
    ['169.254.0.0', false, false, true],
    ['169.254.255.255', false, false, true],
    ['169.255.0.0', false, false, false],
  ])('%s: multicast %s, loopback %s, link-local %s', (text, multicast, loopback, linkLocal) => {
    const address = ipv4ToNumber(text)
    expect([isIpv4Multicast(address), isIpv4Loopback(address), isIpv4LinkLocal(address)]).toEqual([
      multicast,
      loopback,
      linkLocal,
    ])
  })

  it.each([
    ['0.0.0.0', 0],
    ['10.65.0.2', 0x0a410002],
    ['127.0.0.1', 0x7f000001],
    ['192.168.49.66', 0xc0a83142],
    ['255.255.255.255', 0xffffffff],
  ])('%s is a number and back', (text, number) => {
    expect(parseIpv4(text)).toBe(text)
    expect(ipv4ToNumber(text)).toBe(number)
    expect(numberToIpv4(number)).toBe(text)
  })

  it.each([
    ['empty', '', 0, 'ends early'],
    ['three octets', '10.0.1', 6, 'ends early'],
    ['one number', '167772161', 3, 'at most 255'],
    ['five octets', '10.0.0.1.2', 8, 'after four octets'],
    ['trailing dot', '10.0.0.1.', 8, 'after four octets'],
    ['missing last octet', '10.0.0.', 7, 'ends early'],
    ['double dot', '10..0.1', 3, 'octet before the dot'],
    ['leading dot', '.10.0.0.1', 0, 'octet before the dot'],
    ['256', '10.0.0.256', 9, 'at most 255'],
    ['leading zero', '10.0.0.01', 8, 'leading zero'],
    ['two zeros', '10.00.0.1', 4, 'leading zero'],
    ['octal', '010.0.0.1', 1, 'leading zero'],
    ['hex', '0x0a.0.0.1', 1, 'expected a digit or a dot'],
    ['space in front', ' 10.0.0.1', 0, 'expected a digit or a dot'],
    ['space behind', '10.0.0.1 ', 8, 'expected a digit or a dot'],
    ['line feed behind', '10.0.0.1\n', 8, 'expected a digit or a dot'],
    ['minus', '-1.0.0.1', 0, 'expected a digit or a dot'],
    ['prefix length', '10.0.0.1/24', 8, 'expected a digit or a dot'],
    ['arabic digits', '١٠.0.0.1', 0, 'expected a digit or a dot'],
    ['name', 'localhost', 0, 'expected a digit or a dot'],
  ])('refuses %s', (_name, text, position, message) => {
    expect(parseIpv4(text)).toBeUndefined()
    const fault = explainIpv4(text)
    expect(fault?.position).toBe(position)
    expect(fault?.message).toContain(message)
    expect(() => ipv4ToNumber(text)).toThrow(InvariantError)
  })

  it('every uint32 survives text', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), (number) => {
        expect(ipv4ToNumber(numberToIpv4(number))).toBe(number)
      }),
    )
  })

  it('parses exactly what it does not explain', () => {
    const text = fc.stringMatching(/^[0-9.]{0,16}$/)
    fc.assert(
      fc.property(text, (candidate) => {
        const strict = /^(0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])(\.(0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])){3}$/.test(candidate)
        expect(parseIpv4(candidate) !== undefined).toBe(strict)
        expect(explainIpv4(candidate) === undefined).toBe(strict)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('IPv6 addresses', () => {
  it.each([
    ['all zero', '::', '::'],
    ['loopback', '::1', '::1'],
    ['leading zeros go', '2001:0db8::0001', '2001:db8::1'],
    ['upper case goes', '2001:DB8::ABCD', '2001:db8::abcd'],
    ['one zero group is not shortened', '2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['a shortened single group is written out', '2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['the longer run wins', '2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['the first of two equal runs wins', '2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['a run at the end', 'fd00:0:0:0:0:0:0:0', 'fd00::'],
    ['a run at the start', '0:0:0:0:0:0:1:2', '::1:2'],
    ['gap at the end', '1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['gap at the start', '::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['mapped address stays mixed', '::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['mapped address in hex', '::ffff:c000:201', '::ffff:192.0.2.1'],
    ['embedded quad elsewhere', '64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['eight groups', '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ])('%s: %s', (_name, text, canonical) => {
    expect(parseIpv6(text)).toBe(canonical)
    expect(bytesToIpv6(ipv6ToBytes(text))).toBe(canonical)
    expect(keyToIpv6(ipv6ToKey(text))).toBe(canonical)
  })

  it.each([
    ['empty', '', 0, 'ends early'],
    ['single colon', ':', 0, 'starts with'],
    ['colon in front', ':1::', 0, 'starts with'],
    ['colon behind', '1:2:3:4:5:6:7:', 14, 'single colon'],
    ['colon behind a gap', '1::2:', 5, 'single colon'],
    ['three colons', '1:::2', 3, 'hex digit'],
    ['two gaps', '1::2::3', 5, 'only once'],
    ['five digits', '12345::', 4, 'at most four'],
    ['five digits, leading zero', '00001::', 4, 'at most four'],
    ['nine groups', '1:2:3:4:5:6:7:8:9', 16, 'after eight groups'],
    ['seven groups', '1:2:3:4:5:6:7', 13, 'ends early'],
    ['gap for nothing', '1:2:3:4::5:6:7:8', 7, 'at least one group'],
    ['zone', 'fe80::1%eth0', 7, 'zone'],
    ['prefix length', 'fd00::/8', 6, 'hex digit'],
    ['prefix length behind a group', 'fd00::1/8', 7, 'without a prefix length'],
    ['letter', 'fd00::g', 6, 'hex digit'],
    ['space', ' ::1', 0, 'hex digit'],
    ['space behind', '::1 ', 3, 'hex digit or a colon'],
    ['quad with leading zero', '::ffff:10.0.0.01', 15, 'leading zero'],
    ['quad not last', '::1.2.3.4:5', 9, 'digit or a dot'],
    ['quad with no room', '1:2:3:4:5:6:7:1.2.3.4', 14, 'no room'],
    ['brackets', '[::1]', 0, 'hex digit'],
  ])('refuses %s', (_name, text, position, message) => {
    expect(parseIpv6(text)).toBeUndefined()
    const fault = explainIpv6(text)
    expect(fault?.position).toBe(position)
    expect(fault?.message).toContain(message)
    expect(() => ipv6ToBytes(text)).toThrow(InvariantError)
  })

  const bytes16 = fc.uint8Array({ minLength: 16, maxLength: 16 })
  const zeroRich = fc
    .array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
    .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255])))

  it('bytes, text and key are three forms of one thing', () => {
    fc.assert(
      fc.property(fc.oneof(bytes16, zeroRich), (bytes) => {
        const text = bytesToIpv6(bytes)
        expect(parseIpv6(text)).toBe(text)
        expect(ipv6ToBytes(text)).toEqual(bytes)
        expect(keyToIpv6(readIp6Key(bytes, 0))).toBe(text)
        const back = new Uint8Array(18).fill(0xa5)
        writeIp6Key(back, 1, ipv6ToKey(text))
        expect(back.subarray(1, 17)).toEqual(bytes)
        expect([back[0], back[17]]).toEqual([0xa5, 0xa5])
      }),
    )
  })

  it('never throws on any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.]{0,40}$/)), (text) => {
        expect(parseIpv6(text) === undefined).toBe(explainIpv6(text) !== undefined)
        expect(parseIp(text) === undefined).toBe(explainIp(text) !== undefined)
      }),
      { numRuns: 1000 },
    )
  })

  it('knows scopes', () => {
    expect(isIpv6LinkLocal(ipv6ToKey('fe80::1'))).toBe(true)
    expect(isIpv6LinkLocal(ipv6ToKey('febf::1'))).toBe(true)
    expect(isIpv6LinkLocal(ipv6ToKey('fec0::1'))).toBe(false)
    expect(isIpv6Multicast(ipv6ToKey('ff02::1'))).toBe(true)
    expect(keyToIpv6(solicitedNode(ipv6ToKey('fd20:88:0:31::41')))).toBe('ff02::1:ff00:41')
  })
})

describe('both families', () => {
  it('tells them apart and orders them', () => {
    const sorted = ['10.0.0.2', '10.0.0.10', '192.168.0.1', '::1', 'fd00::2', 'fd00::10'] as Ip[]
    expect(familyOf('::')).toBe(6)
    expect([...sorted].reverse().sort(compareIps)).toEqual(sorted)
  })
})

describe('hardware addresses', () => {
  it.each([
    ['ee:ee:ee:ee:ee:ee', 0xeeeeeeeeeeee],
    ['00:00:00:00:00:01', 1],
    ['ff:ff:ff:ff:ff:ff', 0xffffffffffff],
  ])('%s', (text, key) => {
    expect(macToKey(text)).toBe(key)
    expect(keyToMac(key)).toBe(text)
    expect(bytesToMac(macToBytes(text))).toBe(text)
  })

  it.each([
    ['empty', '', 0],
    ['short', 'aa:bb:cc:dd:ee', 14],
    ['dashes', 'aa-bb-cc-dd-ee-ff', 2],
    ['no separators', 'aabbccddeeff', 2],
    ['one digit', 'a:bb:cc:dd:ee:ff', 1],
    ['not hex', 'aa:bb:cc:dd:ee:fg', 16],
    ['seven pairs', 'aa:bb:cc:dd:ee:ff:00', 17],
    ['space', ' aa:bb:cc:dd:ee:ff', 0],
  ])('refuses %s', (_name, text, position) => {
    expect(parseMac(text)).toBeUndefined()
    expect(explainMac(text)?.position).toBe(position)
    expect(() => macToKey(text)).toThrow(InvariantError)
  })

  it('upper case becomes lower case', () => {
    expect(parseMac('EE:EE:EE:EE:EE:0A')).toBe('ee:ee:ee:ee:ee:0a')
  })

  it('48 bits survive the wire', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (number) => {
        const key = number % 2 ** 48
        const bytes = new Uint8Array(8).fill(0xa5)
        writeMac(bytes, 1, key)
        expect(readMac(bytes, 1)).toBe(key)
        expect([bytes[0], bytes[7]]).toEqual([0xa5, 0xa5])
        expect(macToKey(keyToMac(key))).toBe(key)
      }),
    )
  })

  it('knows groups, and the addresses made of hardware addresses', () => {
    expect(isMulticastMac(macToKey('01:00:5e:00:00:01'))).toBe(true)
    expect(isMulticastMac(macToKey('ee:ee:ee:ee:ee:ee'))).toBe(false)
    expect(isBroadcastMac(macToKey('ff:ff:ff:ff:ff:ff'))).toBe(true)
    expect(keyToMac(ipv4MulticastMac(ipv4ToNumber('239.129.2.3')))).toBe('01:00:5e:01:02:03')
    // seen in capture 17-ipv6-noencap: the cali interface's address of ee:ee:ee:ee:ee:ee
    expect(eui64LinkLocal('ee:ee:ee:ee:ee:ee')).toBe('fe80::ecee:eeff:feee:eeee')
  })
})
