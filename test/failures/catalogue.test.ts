// The catalogue: every failure once, and of each either how it is brought about or why it is not.
import { describe, expect, it } from 'vitest'
import { FAILURES, isFailureCode, NEEDS } from '../../src/failures/index.ts'
import { INJECTIONS } from '../../src/failures/injections.ts'

const CODES = Array.from({ length: 91 }, (_, i) => `F${String(i + 1).padStart(2, '0')}`)

describe('the catalogue of failures', () => {
  it('has F01 to F91, each once and in order', () => {
    expect(FAILURES.map(({ code }) => code)).toEqual(CODES)
    expect(CODES.every(isFailureCode)).toBe(true)
    expect(['F00', 'F92', 'f01', '', 'toString'].some(isFailureCode)).toBe(false)
  })

  it('says of each how it is brought about, or why it is not', () => {
    const wrong = FAILURES.filter(({ how, notModelled }) => (how === undefined) === (notModelled === undefined))
    expect(wrong.map(({ code }) => code)).toEqual([])
  })

  it('brings about those that it says it does, and no others', () => {
    const said = FAILURES.filter(({ how }) => how !== undefined).map(({ code }) => code)
    expect(Object.keys(INJECTIONS)).toEqual(said)
  })

  it.each(FAILURES)('$code says what it is, how it looks and what it needs', (failure) => {
    expect(failure.title).not.toBe('')
    expect(failure.sentence).toMatch(/^\S.*\.$/)
    expect(failure.looks.length).toBeGreaterThan(0)
    expect(failure.needs.every((need) => Object.hasOwn(NEEDS, need))).toBe(true)
  })
})
