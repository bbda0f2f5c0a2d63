import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { goRegexp } from '../../src/model/index.ts'

describe('goRegexp reads what Go reads', () => {
  it.each([
    ['(?i)ETH', 'eth0', true],
    ['(?P<card>eth)[0-9]', 'eth0', true],
    ['[[:alpha:]]+[[:digit:]]$', 'eth0', true],
    ['\\Aeth\\z', 'eth0', false],
    ['\\Aeth0\\z', 'eth0', true],
    ['th', 'eth0', true],
    ['^(en|eth).*', 'wlan0', false],
  ])('%s on %s: %s', (source, text, found) => {
    const pattern = goRegexp(source)
    expect(typeof pattern === 'string' ? pattern : pattern.test(text)).toBe(found)
  })

  it.each(['(', '[z-a]', '*eth', 'eth(?=0)', '(eth)\\1', 'a{1001}', 'a'.repeat(5000)])(
    '%s is none for Go, and the answer says why',
    (source) => {
      expect(goRegexp(source)).toMatch(/\w/)
    },
  )
})

describe('goRegexp takes linear time', () => {
  it('where JavaScript would backtrack for ever', () => {
    const pattern = goRegexp('^(([a-z])+.)+[A-Z]([a-z])+$')
    expect(typeof pattern !== 'string' && pattern.test('a'.repeat(20_000))).toBe(false)
  })

  it('and never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (source, text) => {
        const pattern = goRegexp(source)
        expect(typeof pattern === 'string' ? pattern.length > 0 : typeof pattern.test(text) === 'boolean').toBe(true)
      }),
    )
  })
})
