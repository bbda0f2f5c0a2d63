import { describe, expect, it } from 'vitest'
import { firstMismatch, sourceDigest } from '../../tools/setup.mjs'

describe('set-up', () => {
  const lock = { '': { version: '0.1.0' }, 'node_modules/a': { version: '1.0.0' } }
  const foreign = { ...lock, 'node_modules/b-darwin': { version: '2.0.0', optional: true } }

  it.each([
    { name: 'all there', wanted: lock, there: lock, why: undefined },
    { name: 'one missing', wanted: lock, there: {}, why: 'node_modules/a is not at 1.0.0' },
    {
      name: 'one older',
      wanted: lock,
      there: { 'node_modules/a': { version: '0.9.0' } },
      why: 'node_modules/a is not at 1.0.0',
    },
    { name: 'a binary for another platform missing', wanted: foreign, there: lock, why: undefined },
    {
      name: 'a binary of this platform older',
      wanted: foreign,
      there: { ...lock, 'node_modules/b-darwin': { version: '1.0.0' } },
      why: 'node_modules/b-darwin is not at 2.0.0',
    },
    {
      name: 'something more',
      wanted: lock,
      there: { ...lock, 'node_modules/c': { version: '1.0.0' } },
      why: undefined,
    },
  ])('$name', ({ wanted, there, why }) => {
    expect(firstMismatch(wanted, there)).toBe(why)
  })

  it('gives the same digest for the same sources', () => {
    expect(sourceDigest()).toBe(sourceDigest())
  })
})
