import { describe, expect, it } from 'vitest'
import { carried } from '../../src/model/index.ts'

describe('what objects carry', () => {
  it('is found by the sort it was given with, and by no other', () => {
    const [names, sizes] = [carried<string>(), carried<number>()]
    const object = { a: 1 }
    names.give(object, 'x')
    expect(names.of(object)).toBe('x')
    expect(sizes.of(object)).toBeUndefined()
    expect(names.of({ a: 1 })).toBeUndefined()
  })

  it('is seen by nobody and stays behind when the object is copied', () => {
    const names = carried<string>()
    const object = { a: 1 }
    names.give(object, 'x')
    expect(Reflect.ownKeys(object)).toEqual(['a'])
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype)
    expect(names.of({ ...object })).toBeUndefined()
    expect(names.of(Object.freeze(object))).toBe('x')
  })
})
