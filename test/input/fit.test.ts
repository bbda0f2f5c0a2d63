// What fits a shape by the quick way is what valibot takes, and comes out the same: both ways are driven with the same values.
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { fitOf, MISS } from '../../src/input/fit.ts'
import { type ApiGroup, kindsOf, metadataOf, shapeOf } from '../../src/input/schema/shapes.ts'

interface Node {
  readonly type: string
  readonly entries?: Readonly<Record<string, Node>>
  readonly wrapped?: Node
  readonly item?: Node
  readonly value?: Node
  readonly options?: readonly unknown[]
}

const WORDS = fc.constantFrom('web-0', '10.0.0.1', '10.0.0.0/24', '2020-10-13T00:24:20Z', '', 'Always', 'A b', 'all()')
const ODD = fc.constantFrom(null, undefined, 0, -1, 1.5, Number.NaN, true, [], {}, [[]], 'x', ['x'])

/** Values that mostly fit: of every ten about one is odd. */
function valuesOf(node: Node, depth = 0): fc.Arbitrary<unknown> {
  const usual = depth > 6 ? ODD : usualOf(node, depth)
  return fc.oneof({ arbitrary: usual, weight: 30 }, { arbitrary: ODD, weight: 1 })
}

function usualOf(node: Node, depth: number): fc.Arbitrary<unknown> {
  const inside = (inner: Node | undefined): fc.Arbitrary<unknown> =>
    inner === undefined ? ODD : valuesOf(inner, depth + 1)
  switch (node.type) {
    case 'string':
      return WORDS
    case 'boolean':
      return fc.boolean()
    case 'number':
      return fc.integer({ min: 0, max: 70_000 })
    case 'picklist':
      return fc.constantFrom(...(node.options ?? []))
    case 'optional':
    case 'nullish':
      return inside(node.wrapped)
    case 'array':
      return fc.array(inside(node.item), { maxLength: 3 })
    case 'record':
      return fc.dictionary(fc.constantFrom('a', 'b/c', 'constructor', 'prototype'), inside(node.value), { maxKeys: 3 })
    case 'object':
    case 'strict_object':
    case 'loose_object': {
      const fields = Object.entries(node.entries ?? {}).map(([key, inner]) => [key, inside(inner)] as const)
      const needed = Object.entries(node.entries ?? {}).flatMap(([key, { type }]) =>
        type === 'optional' || type === 'nullish' ? [] : [key],
      )
      const model = { ...Object.fromEntries(fields), unknownField: ODD }
      return fc.record(model, { requiredKeys: needed as never[] })
    }
    default:
      return ODD
  }
}

/** Whether a list stands where a map should: valibot takes it for one without fields. */
function hasList(input: unknown, output: unknown): boolean {
  if (typeof output !== 'object' || output === null || input === output) return false
  if (Array.isArray(input) !== Array.isArray(output)) return true
  return Object.entries(output).some(([key, inner]) => hasList((input as Record<string, unknown>)[key], inner))
}

const GROUPS: readonly ApiGroup[] = ['core', 'calico', 'packetwalk'] as readonly string[] as readonly ApiGroup[]
const KINDS = GROUPS.flatMap((group) =>
  kindsOf(group).map((kind) => [`${group} ${kind}`, shapeOf(group, kind)!] as const),
)

describe('a value that fits', () => {
  let taken = 0
  it('is looked for in many kinds', () => expect(KINDS.length).toBeGreaterThan(15))

  it.each(KINDS)('of %s is what valibot takes, the same comes out, and nothing that it takes is missed', (_, kind) => {
    for (const shape of [kind.shape, metadataOf(kind)]) {
      fc.assert(
        fc.property(valuesOf(shape as unknown as Node), (value) => {
          const fit = fitOf(shape)(value)
          const asked = v.safeParse(shape, value, { abortPipeEarly: true })
          if (!asked.success) expect(fit).toBe(MISS)
          else if (fit === MISS) expect(hasList(value, asked.output)).toBe(true)
          else {
            taken++
            expect(fit).toStrictEqual(asked.output)
            expect(JSON.stringify(fit)).toBe(JSON.stringify(asked.output))
          }
        }),
        { numRuns: 60, seed: 5 },
      )
    }
  })

  it('was met often', () => expect(taken).toBeGreaterThan(500))
})
