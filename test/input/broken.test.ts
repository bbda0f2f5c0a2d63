// Whatever is wrong with the input: the file, the line, the column, the object, the field, what would be right, what stands
// there. And nothing but an InputError, whatever is done to the input.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { Lab } from '../../src/lab/index.ts'
import { InputError } from '../../src/model/index.ts'
import { BROKEN, type BrokenInput } from './broken-inputs.ts'

const DEMO = readFileSync(new URL('../../examples/demo/ipip.yaml', import.meta.url), 'utf8')

function textOf({ replace, add, text }: BrokenInput): string {
  if (text !== undefined) return text
  if (add !== undefined) return `---\n${add}\n---\n${DEMO}`
  const [from, to] = replace!
  expect(DEMO).toContain(from)
  return DEMO.replace(from, () => to)
}

function faultsOf(text: string): string[] {
  try {
    Lab.load({ name: 'c.yaml', text })
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.message.split('\n')
  }
  return []
}

describe('broken input', () => {
  it('is in a table of at least 60', () => {
    expect(BROKEN.length).toBeGreaterThanOrEqual(60)
    expect(new Set(BROKEN.map(({ name }) => name)).size).toBe(BROKEN.length)
    expect(faultsOf(DEMO)).toEqual([])
  })

  it.each(BROKEN.map((one) => [one.name, one] as const))('%s', (_, one) => {
    expect(faultsOf(textOf(one))).toEqual(one.want)
  })

  it('has a place in the file, each of them', () => {
    for (const { want } of BROKEN)
      for (const line of want) expect(line).toMatch(/^c\.yaml:\d+:\d+: .*expected .+, received /)
  })
})

/** Paths of every node of a value. */
function pathsOf(value: unknown, at: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [at]
  return [at, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...at, key]))]
}

const JUNK: readonly unknown[] = [
  null,
  '',
  'x',
  '__proto__',
  'constructor',
  -1,
  0,
  1.5,
  2 ** 40,
  true,
  [],
  {},
  [1],
  { a: 1 },
  '0.0.0.0/0',
  '::/0',
  '10.0.0.1',
]

describe('input with random damage', () => {
  it.each(['ipip', 'vxlan', 'noencap'])('%s gives an InputError or a lab, never anything else', (mode) => {
    const text = readFileSync(new URL(`../../examples/demo/${mode}.yaml`, import.meta.url), 'utf8')
    const paths = pathsOf(parse(text)).slice(1)
    const seen = { refused: 0, loaded: 0 }
    const damage = fc.tuple(fc.nat({ max: paths.length - 1 }), fc.option(fc.constantFrom(...JUNK), { nil: undefined }))
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (list) => {
        const value: unknown = parse(text)
        for (const [at, junk] of list) {
          const path = paths[at]!
          let parent = value as Record<string, unknown> | undefined
          for (const key of path.slice(0, -1)) parent = parent?.[key] as Record<string, unknown> | undefined
          if (typeof parent !== 'object' || parent === null) continue
          if (junk === undefined) delete parent[path.at(-1)!]
          else parent[path.at(-1)!] = junk
        }
        const faults = faultsOf(stringify(value))
        if (faults.length === 0) seen.loaded++
        else seen.refused++
      }),
      { seed: Number(process.env['FC_SEED'] ?? 1), numRuns: Number(process.env['FC_RUNS'] ?? 60) },
    )
    expect(seen.refused).toBeGreaterThan(12)
    expect(seen.loaded).toBeGreaterThan(2)
  })
})
