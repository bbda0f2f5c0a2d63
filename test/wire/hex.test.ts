import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseHex, toHex } from '../../src/wire/index.ts'

describe('hex digits', () => {
  it.each([0, 1, 255, 256, 257, 70_000])('of %i bytes: those of Buffer, there and back', (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 7) & 0xff)
    expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
    expect(parseHex(toHex(bytes))).toEqual(bytes)
    expect(parseHex(toHex(bytes, ':').toUpperCase())).toEqual(bytes)
    expect(toHex(bytes, ':').length).toBe(Math.max(0, length * 3 - 1))
  })

  it('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(parseHex(toHex(bytes))).toEqual(bytes)
      }),
    )
  })

  it.each(['0', 'g0', '0x00', '00-11', '０0'])('%s are none', (text) => {
    expect(parseHex(text)).toBeUndefined()
  })
})
