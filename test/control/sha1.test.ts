import { sha1 as judge } from '@noble/hashes/legacy.js'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sha1 } from '../../src/control/sha1.ts'
import { encodeUtf8, toHex } from '../../src/wire/index.ts'

it('gives the digest another implementation gives, for texts of any length and script', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      expect(toHex(sha1(text))).toBe(toHex(judge(encodeUtf8(text))))
    }),
  )
})

it.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 1000])('pads %i bytes', (length) => {
  const text = 'x'.repeat(length)
  expect(toHex(sha1(text))).toBe(toHex(judge(encodeUtf8(text))))
})
