import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  findInPieces,
  indexInPieces,
  piecesOf,
  stretchesApart,
  withElements,
  withoutElements,
} from '../../src/model/index.ts'

/** More than are worth being cut. */
const MANY = 3000
const numbers = (length: number): number[] => Array.from({ length }, (_, i) => i)

/** What is done to a list: places are parts of its length. */
interface Edit {
  readonly replaced: readonly number[]
  readonly added: number
  readonly gone: readonly number[]
}

const places = fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), { maxLength: 6 })
const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.record({ replaced: places, added: fc.oneof(fc.nat(3), fc.constant(700)), gone: places }),
  { minLength: 1, maxLength: 8 },
)

/** The list after an edit, and what an array becomes. */
function edited(list: readonly number[], plain: readonly number[], edit: Edit): [readonly number[], readonly number[]] {
  const at = (part: number): number => Math.floor(part * plain.length)
  const replaced = new Map(plain.length === 0 ? [] : edit.replaced.map((part, i) => [at(part), -1 - i] as const))
  const added = numbers(edit.added).map((i) => 10_000 + i)
  const gone = plain.length === 0 ? [] : edit.gone.map(at)
  const expected = [...plain.map((one, i) => replaced.get(i) ?? one), ...added].filter((_, i) => !gone.includes(i))
  return [withoutElements(withElements(list, replaced, added), gone), expected]
}

/** Reads a list in every way in which it can be read, each of a list nobody has read. */
function expectReads(make: () => readonly number[], plain: readonly number[]): void {
  const list = make()
  expect(list.length).toBe(plain.length)
  for (const i of [0, 1, 255, 256, plain.length - 1, plain.length, -1]) expect(list[i]).toBe(plain[i])
  expect(plain.length in list).toBe(false)
  expect(make().map((one) => one)).toEqual(plain)
  expect([...make()]).toEqual(plain)
  expect(JSON.stringify(make())).toBe(JSON.stringify(plain))
  expect(Object.keys(make())).toEqual(Object.keys(plain))
  expect(make().concat([1])).toEqual([...plain, 1])
  expect(make().slice(-3)).toEqual(plain.slice(-3))
  expect(Array.isArray(make())).toBe(true)
  expect(Object.freeze(make())).toEqual(plain)
  expect(piecesOf(make()).flat()).toEqual(plain)
}

describe('a long list that is edited piece by piece', () => {
  it('is read as an array with the same edits, however often it was edited', () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 3, 512, 513, MANY), edits, (length, all) => {
        let list: readonly number[] = numbers(length)
        let plain: readonly number[] = list
        for (const edit of all) {
          const before = list
          ;[list, plain] = edited(list, plain, edit)
          const [was, now] = [before, list].map((one) => piecesOf(one).flat())
          expect(now).toEqual(plain)
          // What is in no stretch is the same in both, in the same order.
          const apart = stretchesApart(before, list)
          const [left, right] = [0, 1].map((side) => apart.flatMap((stretch) => stretch[side]!).length) as [
            number,
            number,
          ]
          expect(was!.length - left).toBe(now!.length - right)
        }
        const [one, last] = [plain[plain.length >> 1], plain.at(-1)]
        expect(indexInPieces(list, one)).toBe(plain.indexOf(one as number))
        expect(findInPieces(list, (other) => other === last)).toBe(last)
        expect(indexInPieces(list, Number.NaN)).toBe(-1)
        expectReads(() => withElements(list, new Map(), []), plain)
      }),
      { numRuns: 40 },
    )
  })

  it('leaves the list as it was, and shares what is not edited with it', () => {
    const before = withElements(numbers(MANY), new Map([[0, -1]]), [])
    const after = withElements(before, new Map([[1000, -2]]), [7])
    expect([before[1000], before.length, after[1000], after.at(-1)]).toEqual([1000, MANY, -2, 7])
    const fresh = piecesOf(after).filter((piece) => !piecesOf(before).includes(piece))
    expect(fresh).toHaveLength(2)
    expect(stretchesApart(before, after).flatMap(([was]) => was)).toContain(1000)
    expect(stretchesApart(before, before)).toEqual([])
  })

  it('cannot be written', () => {
    const list = withElements(numbers(MANY), new Map(), []) as number[]
    expect(() => {
      list[0] = 5
    }).toThrow(TypeError)
    expect(() => list.push(5)).toThrow(TypeError)
    expect(() => list.splice(0, 1)).toThrow(TypeError)
    expect([...list]).toEqual(numbers(MANY))
  })

  it('is an array like any other while it is short', () => {
    const list = withElements([1, 2], new Map([[0, 3]]), [4])
    expect(structuredClone(list)).toEqual([3, 2, 4])
    expect(structuredClone(withoutElements(list, [1]))).toEqual([3, 4])
  })
})
