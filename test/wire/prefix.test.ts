import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addressAt,
  addressCount,
  broadcastOf,
  bytesToIpv6,
  contains,
  containsPrefix,
  explainCidr,
  explainPrefix,
  hostPrefix,
  InvariantError,
  type Ip,
  ipv4ToNumber,
  isHostPrefix,
  maskLength,
  maskOf,
  netmaskText,
  numberToIpv4,
  overlaps,
  type Prefix,
  parseCidr,
  parsePrefix,
  prefixAddress,
  prefixLength,
  prefixOf,
} from '../../src/wire/index.ts'

const p = (text: string): Prefix => {
  const prefix = parsePrefix(text)
  if (prefix === undefined) throw new Error(`test: ${text}`)
  return prefix
}

describe('prefixes', () => {
  it.each(['0.0.0.0/0', '10.65.0.0/26', '10.65.0.2/32', '::/0', 'fd00::/8', 'fd20:88:0:31::41/128'])(
    '%s is canonical',
    (text) => {
      expect(parsePrefix(text)).toBe(text)
      expect(explainPrefix(text)).toBeUndefined()
    },
  )

  it.each([
    ['no length', '10.0.0.0', 8, 'prefix length'],
    ['empty length', '10.0.0.0/', 9, '0 to 32'],
    ['length too long', '10.0.0.0/33', 9, 'at most 32'],
    ['length too long for IPv6', '::/129', 3, 'at most 128'],
    ['leading zero', '10.0.0.0/08', 9, 'decimal'],
    ['mask', '10.0.0.0/255.0.0.0', 9, 'decimal'],
    ['negative', '10.0.0.0/-1', 9, 'decimal'],
    ['space', '10.0.0.0/8 ', 9, 'decimal'],
    ['bad address', '10.0.0/8', 6, 'ends early'],
    ['host bits', '10.0.0.1/24', 0, '10.0.0.0/24'],
    ['host bits in IPv6', 'fd00::1/64', 0, 'fd00::/64'],
    ['two slashes', '10.0.0.0/8/8', 9, 'decimal'],
  ])('refuses %s', (_name, text, position, message) => {
    expect(parsePrefix(text)).toBeUndefined()
    expect(explainPrefix(text)?.position).toBe(position)
    expect(explainPrefix(text)?.message).toContain(message)
  })

  it('an interface address keeps its host bits', () => {
    expect(parseCidr('172.17.0.32/16')).toEqual({ address: '172.17.0.32', length: 16 })
    expect(parseCidr('FD00::1/64')).toEqual({ address: 'fd00::1', length: 64 })
    expect(explainCidr('172.17.0.32')?.position).toBe(11)
  })

  it('masks', () => {
    for (let length = 0; length <= 32; length++) {
      expect(maskLength(maskOf(length))).toBe(length)
      expect(maskOf(length)).toBe(length === 0 ? 0 : 2 ** 32 - 2 ** (32 - length))
    }
    expect(maskLength(0xff00ff00)).toBeUndefined()
    expect(netmaskText(26)).toBe('255.255.255.192')
    expect(broadcastOf(p('172.17.0.0/16'))).toBe('172.17.255.255')
  })

  it('addresses by number', () => {
    expect(addressAt(p('10.65.0.0/26'), 63)).toBe('10.65.0.63')
    expect(addressAt(p('fd00::/112'), 0x1234)).toBe('fd00::1234')
    expect(addressCount(p('10.65.0.0/26'))).toBe(64)
    expect(() => addressAt(p('10.65.0.0/26'), 64)).toThrow(InvariantError)
    expect(() => addressAt(p('10.65.0.0/26'), -1)).toThrow(InvariantError)
  })

  const v4 = fc.nat(0xffffffff).map((number): Ip => numberToIpv4(number))
  const v6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes): Ip => bytesToIpv6(bytes))

  it('an address lies in every prefix made of it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.tuple(v4, fc.nat(32)), fc.tuple(v6, fc.nat(128))), ([address, length]) => {
        const prefix = prefixOf(address, length)
        expect(parsePrefix(prefix)).toBe(prefix)
        expect(prefixLength(prefix)).toBe(length)
        expect(contains(prefix, address)).toBe(true)
        expect(contains(prefix, prefixAddress(prefix))).toBe(true)
        expect(containsPrefix(prefix, hostPrefix(address))).toBe(true)
        expect(isHostPrefix(hostPrefix(address))).toBe(true)
      }),
    )
  })

  it('contains and overlaps agree with arithmetic on IPv4', () => {
    const near = fc.nat(0x3ff).map((low) => numberToIpv4(0x0a000000 + low))
    const prefix = fc
      .tuple(near, fc.integer({ min: 20, max: 32 }))
      .map(([address, length]) => prefixOf(address, length))
    fc.assert(
      fc.property(prefix, prefix, near, (a, b, address) => {
        const range = (one: Prefix): [number, number] => {
          const first = ipv4ToNumber(prefixAddress(one))
          return [first, first + 2 ** (32 - prefixLength(one)) - 1]
        }
        const [a0, a1] = range(a)
        const [b0, b1] = range(b)
        const number = ipv4ToNumber(address)
        expect(contains(a, address)).toBe(a0 <= number && number <= a1)
        expect(overlaps(a, b)).toBe(a0 <= b1 && b0 <= a1)
        expect(containsPrefix(a, b)).toBe(a0 <= b0 && b1 <= a1)
      }),
    )
  })

  it('never across families', () => {
    expect(contains(p('0.0.0.0/0'), '::1' as Ip)).toBe(false)
    expect(overlaps(p('0.0.0.0/0'), p('::/0'))).toBe(false)
  })
})
