import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  buildDnsAnswer,
  buildDnsQuery,
  DNS_TYPE,
  type Ip,
  parseHex,
  readDnsQuestion,
  toHex,
} from '../../src/wire/index.ts'

const NAME = { name: 'a.example', type: DNS_TYPE.A }
/** Id 0x1267, recursion wanted, one question: a.example, A, IN. */
const QUERY = '1267' + '0100' + '0001' + '0000' + '0000' + '0000' + '0161' + '076578616d706c65' + '00' + '0001' + '0001'

describe('a question', () => {
  it('is header, labels, type and class', () => {
    expect(toHex(buildDnsQuery(0x1267, NAME))).toBe(QUERY)
  })

  it('is read back', () => {
    const label = fc.stringMatching(/^[a-z0-9-]{1,63}$/)
    const names = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'))
    fc.assert(
      fc.property(names, fc.constantFrom(...Object.values(DNS_TYPE)), (name, type) => {
        expect(readDnsQuestion(buildDnsQuery(1, { name, type }))).toMatchObject({ name, type })
      }),
    )
  })

  it.each([
    ['cut in the header', QUERY.slice(0, 22)],
    ['cut in a label', QUERY.slice(0, 32)],
    ['cut in the type', QUERY.slice(0, -6)],
    ['of two', QUERY.replace('0001', '0002')],
    ['that points elsewhere', `${QUERY.slice(0, 24)}c00c00010001`],
  ])('%s is none', (_name, hex) => {
    expect(readDnsQuestion(parseHex(hex) ?? new Uint8Array(0))).toBeUndefined()
  })

  it('of any bytes is read without throwing', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void buildDnsAnswer(bytes, '10.0.0.1' as Ip, 5)))
  })
})

describe('an answer', () => {
  const ask = (type: number): Uint8Array => buildDnsQuery(0x1267, { name: 'a.example', type })
  const question = (type: string): string => `0161076578616d706c6500${type}0001`

  it.each([
    {
      name: 'an IPv4 address',
      type: DNS_TYPE.A,
      address: '10.96.0.1',
      hex: `12678580000100010000000${'0'}${question('0001')}c00c000100010000001e00040a600001`,
    },
    {
      name: 'an IPv6 address',
      type: DNS_TYPE.AAAA,
      address: 'fd00::a',
      hex: `1267858000010001000000${'00'}${question('001c')}c00c001c00010000001e0010fd00000000000000000000000000000a`,
    },
    {
      name: 'no address of that family',
      type: DNS_TYPE.AAAA,
      address: '10.96.0.1',
      hex: `126785800001000000000000${question('001c')}`,
    },
    { name: 'no such name', type: DNS_TYPE.A, address: undefined, hex: `126781830001000000000000${question('0001')}` },
  ])('with $name', ({ type, address, hex }) => {
    expect(toHex(buildDnsAnswer(ask(type), address as Ip | undefined, 30) ?? new Uint8Array(0))).toBe(hex)
  })

  it('is for questions only', () => {
    const answer = buildDnsAnswer(ask(DNS_TYPE.A), '10.96.0.1' as Ip, 30) ?? new Uint8Array(0)
    expect(buildDnsAnswer(answer, '10.96.0.1' as Ip, 30)).toBeUndefined()
  })
})
