// Lists whose elements are made when somebody reads them: they read as arrays.
import { describe, expect, it } from 'vitest'
import { type Cable, cablesIn, isLateList, lateCables, lateList, viewList } from '../../src/model/index.ts'

interface One {
  readonly i: number
}

function late(length: number): { list: readonly One[]; made: number[] } {
  const made: number[] = []
  const make = (i: number): One => {
    made.push(i)
    return { i }
  }
  return { list: lateList(length, make), made }
}

const PLAIN: readonly One[] = [{ i: 0 }, { i: 1 }, { i: 2 }, { i: 3 }]

describe('a list made when it is read', () => {
  it.each<[string, (list: readonly One[]) => unknown, number[]]>([
    ['its length', (list) => list.length, []],
    ['an element', (list) => list[2], [2]],
    ['an element twice', (list) => new Set([list[2], list[2]]).size, [2]],
    ['one that is not there', (list) => [list[4], list[-1], list[1.5], 4 in list, '01' in list], []],
    ['whether one is there', (list) => [0 in list, 3 in list], []],
    ['the last one', (list) => list.at(-1), [3]],
    ['the first that fits', (list) => list.find(({ i }) => i === 1), [0, 1]],
    ['its place', (list) => list.findIndex(({ i }) => i === 1), [0, 1]],
    ['map', (list) => list.map(({ i }) => i), [0, 1, 2, 3]],
    ['filter', (list) => list.filter(({ i }) => i > 1), [0, 1, 2, 3]],
    ['slice', (list) => list.slice(1, 3), [1, 2]],
    ['concat', (list) => [...list.concat({ i: 9 })], [0, 1, 2, 3]],
    ['a loop', (list) => Array.from(list, ({ i }) => i), [0, 1, 2, 3]],
    ['keys', (list) => Object.keys(list), [0, 1, 2, 3]],
    ['JSON', (list) => JSON.stringify(list), [0, 1, 2, 3]],
    ['what it is', (list) => [Array.isArray(list), String(list)], [0, 1, 2, 3]],
  ])('%s', (_, read, wanted) => {
    const { list, made } = late(4)
    expect(read(list)).toEqual(read(PLAIN))
    expect(made).toEqual(wanted)
  })

  it('is equal to an array of the same', () => {
    expect(late(4).list).toEqual(PLAIN)
    expect(late(3).list).not.toEqual(PLAIN)
  })

  it('cannot be written, and can be frozen', () => {
    const { list, made } = late(2)
    expect(() => Object.assign(list, { 0: { i: 7 } })).toThrow(TypeError)
    expect(() => (list as One[]).push({ i: 7 })).toThrow(TypeError)
    expect(() => (list as One[]).pop()).toThrow(TypeError)
    expect(Object.isFrozen(Object.freeze(list))).toBe(true)
    expect(made.sort()).toEqual([0, 1])
    expect(list).toEqual([{ i: 0 }, { i: 1 }])
  })
})

describe('cables of a namespace', () => {
  const cable = (a: string, b: string): Cable => ({
    ends: [
      { netns: a, dev: 'eth0' },
      { netns: b, dev: `to-${a}` },
    ],
  })
  const CABLES = [cable('a', 'x'), cable('b', 'x'), cable('x', 'x'), cable('c', 'b')]

  it('are found in a list made at once', () => {
    const of = cablesIn(CABLES)
    expect([of('x'), of('b'), of('a'), of('?')]).toEqual([CABLES.slice(0, 3), [CABLES[1], CABLES[3]], [CABLES[0]], []])
    expect(cablesIn(CABLES)).toBe(of)
  })

  it('are found in a list made when it is read without making the others', () => {
    const made: number[] = []
    const list = lateCables(
      CABLES.length,
      (i) => {
        made.push(i)
        return CABLES[i]!
      },
      (netns, all) => (netns === 'b' ? [all[1]!, all[3]!] : []),
    )
    expect(cablesIn(list)('b')).toEqual([CABLES[1], CABLES[3]])
    expect(made).toEqual([1, 3])
    expect(Object.isFrozen(list[1]?.ends)).toBe(true)
  })
})

describe('a list of what somebody else keeps', () => {
  const view = (): readonly One[] => viewList(PLAIN.length, (i) => PLAIN[i]!)

  it.each<[string, (list: readonly One[]) => unknown]>([
    ['its length', (list) => list.length],
    ['elements, and those that are not there', (list) => [list[0], list[3], list[4], list[-1], list[1.5]]],
    ['whether one is there', (list) => [0 in list, 3 in list, 4 in list, '01' in list]],
    ['map and filter', (list) => list.map(({ i }) => i).concat(list.filter(({ i }) => i > 1).length)],
    ['a loop', (list) => [...list]],
    ['slice and concat', (list) => [list.slice(1, 3), list.concat({ i: 9 })]],
    ['keys', (list) => Object.keys(list)],
    ['JSON', (list) => JSON.stringify(list)],
  ])('reads as an array: %s', (_, read) => {
    expect(read(view())).toEqual(read(PLAIN))
  })

  it('gives the very elements, is told apart from plain lists, and cannot be written', () => {
    const list = view()
    expect([list[2] === PLAIN[2], isLateList(list), Array.isArray(list)]).toEqual([true, true, true])
    expect(() => (list as One[]).push({ i: 4 })).toThrow(TypeError)
    expect(() => Object.assign(list, { 0: { i: 7 } })).toThrow(TypeError)
  })
})
