// Selectors of any form: what is printed means what was read, and equal selectors have equal ids. Ports: joined is the same ports.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canonicalText,
  joinedPorts,
  type PortText,
  parsePort,
  parseSelector,
  type Selector,
  selects,
} from '../../src/control/index.ts'
import { runs } from './run.ts'

const LABELS = ['a', 'in', 'not', 'has', 'x.y/z-1'] as const
const VALUES = ['', 'v', 'vw', "it's", 'so "called"'] as const
const label = fc.constantFrom(...LABELS)
const value = fc.constantFrom(...VALUES)
const quoted = value.map((text) => (text.includes('"') ? `'${text}'` : `"${text}"`))
const blank = fc.constantFrom('', ' ', '\t ')

type Labels = Readonly<Record<string, string>>

/** A selector with what it says, read by nobody yet: whether it matches is told by functions, not by the parser. */
interface Told {
  readonly text: string
  readonly matches: (labels: Labels) => boolean
}

const unquoted = (text: string): string => text.slice(1, -1)

const comparison: fc.Arbitrary<Told> = fc
  .tuple(label, fc.constantFrom('==', '!=', 'contains', 'starts with', 'endswith'), blank, quoted)
  .map(([name, op, gap, text]) => ({
    text: `${name} ${op}${gap}${text}`,
    matches: (labels) => {
      const found = labels[name]
      if (op === '!=') return found !== unquoted(text)
      if (found === undefined) return false
      if (op === '==') return found === unquoted(text)
      if (op === 'contains') return found.includes(unquoted(text))
      return op === 'starts with' ? found.startsWith(unquoted(text)) : found.endsWith(unquoted(text))
    },
  }))

const membership: fc.Arbitrary<Told> = fc
  .tuple(label, fc.boolean(), fc.array(quoted, { maxLength: 4 }), blank)
  .map(([name, isIn, members, gap]) => ({
    text: `${name} ${isIn ? 'in' : 'not  in'}${gap}{${members.join(`${gap},`)}}`,
    matches: (labels) => members.some((one) => unquoted(one) === labels[name]) === isIn,
  }))

const presence: fc.Arbitrary<Told> = fc
  .tuple(label, blank)
  .map(([name, gap]) => ({ text: `has(${gap}${name}${gap})`, matches: (labels) => name in labels }))

const { selector } = fc.letrec<{ selector: Told }>((tie) => ({
  selector: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    comparison,
    membership,
    presence,
    tie('selector').map(({ text, matches }) => ({ text: `! (${text})`, matches: (all: Labels) => !matches(all) })),
    fc.tuple(tie('selector'), tie('selector'), blank).map(([a, b, gap]) => ({
      text: `(${a.text})${gap}&&${gap}(${b.text})`,
      matches: (all: Labels) => a.matches(all) && b.matches(all),
    })),
    fc.tuple(tie('selector'), tie('selector'), blank).map(([a, b, gap]) => ({
      text: `(${a.text})${gap}||${gap}(${b.text})`,
      matches: (all: Labels) => a.matches(all) || b.matches(all),
    })),
  ),
}))
const labels = fc.dictionary(label, value, { maxKeys: 4, noNullPrototype: true })

const parsed = (text: string): Selector => {
  const found = parseSelector(text, 1000)
  expect(found, text).not.toHaveProperty('position')
  return found as Selector
}

describe('a selector', () => {
  it('matches what it says, and so does the text it is printed as', () => {
    fc.assert(
      fc.property(selector, labels, ({ text, matches }, given) => {
        const read = parsed(text)
        expect(selects(read, given)).toBe(matches(given))
        expect(selects(parsed(canonicalText(read)), given)).toBe(matches(given))
      }),
      runs(2000),
    )
  })

  it('behind a prefix matches labels behind it', () => {
    fc.assert(
      fc.property(selector, labels, ({ text, matches }, given) => {
        const behind = Object.fromEntries(Object.entries(given).map(([name, one]) => [`p.${name}`, one]))
        expect(selects(parsed(canonicalText(parsed(text), 'p.')), behind)).toBe(matches(given))
      }),
      runs(1000),
    )
  })

  it('is printed in one way: a printed text stays, but for negations in pairs', () => {
    fc.assert(
      fc.property(selector, ({ text }) => {
        const once = canonicalText(parsed(canonicalText(parsed(text))))
        expect(canonicalText(parsed(once))).toBe(once)
      }),
      runs(1000),
    )
  })
})

describe('ports that are joined', () => {
  const number = fc.integer({ min: 0, max: 40 })
  const port: fc.Arbitrary<PortText> = fc.oneof(
    number,
    fc.tuple(number, fc.nat(5)).map(([low, more]) => (more === 0 ? low : `${low}:${low + more}`)),
    fc.constantFrom('web', 'dns'),
  )
  const numbersOf = (list: readonly PortText[]): number[] =>
    list.flatMap((one) => {
      const found = parsePort(one)
      if (typeof found === 'string' || !('range' in found)) return []
      const { low, high } = found.range
      return Array.from({ length: high - low + 1 }, (_, i) => low + i)
    })

  it('are the same ports, in order and as few as can be', () => {
    fc.assert(
      fc.property(fc.array(port, { maxLength: 12 }), (list) => {
        const joined = joinedPorts(list)
        const numbers = numbersOf(joined)
        expect(numbers).toEqual([...new Set(numbersOf(list))].sort((a, b) => a - b))
        expect(joined.filter((one) => one === 'web' || one === 'dns')).toEqual(
          list.filter((one) => one === 'web' || one === 'dns'),
        )
        const gaps = numbers.filter((one, i) => i === 0 || one > numbers[i - 1]! + 1).length
        expect(joined.length - joined.filter((one) => one === 'web' || one === 'dns').length).toBe(gaps)
      }),
      runs(1000),
    )
  })
})
