// A module in two halves (split/halves.ts): together they do what the module did.
import { expect, it } from 'vitest'
import { halves, waiting } from '../split/halves.ts'

const LONG = `/* ${'long '.repeat(50)} */`
const MODULE = `
import { max } from './max.js'
import { other } from './other.js'
const TABLE = { a: 1 }
const shared = new Map([['k', 2]])
export const LIMIT = 7
function helper(n) { return n + TABLE.a }
export function used(n) { return max(n, shared.get('k')) }
export function unused(n = 1) { ${LONG} return helper(n) + shared.get('k') + LIMIT + other() }
export function* many() { ${LONG} yield 1; yield unused(1) }
export class Kept {
  n = 1
  plus(m) { return this.n + m }
  rare(m) { ${LONG} return this.plus(m) + helper(m) }
  #secret() { return 1 }
  hidden() { ${LONG} return this.#secret() }
  static made() { ${LONG} return new this() }
}
export class Unmade {
  constructor(n) { ${LONG} this.n = n }
}
export class Parent {
  constructor() { ${LONG} }
}
`
const RAN = new Set(['used', 'plus', '<instance_members_initializer>'])
const NAMES = ['unused', 'many', 'Kept.rare', 'Kept.made', 'Unmade']

it('what did not run can come later: not what is short, what a class is made of, or what has private names', () => {
  expect(waiting(MODULE, RAN, new Set(['Parent']))).toEqual(NAMES)
  expect(waiting(MODULE, new Set([...RAN, 'unused', 'Unmade', 'rare']), new Set(['Parent']))).toEqual([
    'many',
    'Kept.made',
  ])
})

/** The halves, loaded as modules; what they import is put in their place. */
async function loaded() {
  const { early, late, called } = halves(MODULE, new Set(NAMES), { early: 'EARLY', standIns: '' })
  const imports = `const max = Math.max, other = () => 100\n`
  const first = early.replace(/^import .*$/gm, '')
  const waits = `let $late = null; export const $arrive = (m) => { $late = m }
    const $of = (name) => { if ($late === null) throw new Error('late'); return $late[name] }
    const $standIn = (of, name) => new Proxy(function () {}, { construct: (_, args) => Reflect.construct(of(name), args) })\n`
  const urlOf = (text: string): string => `data:text/javascript,${encodeURIComponent(text).replaceAll("'", '%27')}`
  const place = urlOf(waits + imports + first)
  const second = late.replace(/^import .* from '\.\/.*$/gm, '').replaceAll('EARLY', place)
  const load = (url: string): Promise<object> => import(/* @vite-ignore */ url)
  return { early, late, called, first: await load(place), second: () => load(urlOf(imports + second)) }
}

it('the first half works alone, throws at what is still to come, and gives the same when it has come', async () => {
  const { first, second } = await loaded()
  const { used, unused, many, Kept, Unmade, $arrive } = first as unknown as Record<
    string,
    (...args: unknown[]) => never
  >
  const make = (of: unknown, ...args: unknown[]) =>
    new (of as new (...given: unknown[]) => Record<string, (n: number) => number>)(...args)
  expect(used?.(1)).toBe(2)
  expect(make(Kept)['plus']?.(2)).toBe(3)
  for (const call of [() => unused?.(), () => many?.(), () => make(Kept)['rare']?.(1), () => make(Unmade, 1)])
    expect(call).toThrow('late')
  $arrive?.(await second())
  expect(unused?.()).toBe(111)
  expect([...(many?.() ?? [])]).toEqual([1, 111])
  expect(make(Kept)['rare']?.(1)).toBe(4)
  expect((Kept as unknown as { made: () => { n: number } }).made().n).toBe(1)
  expect(make(Unmade, 5)).toMatchObject({ n: 5 })
})

it('tables and helpers of which only the second half speaks go along with it', async () => {
  const { early, late } = await loaded()
  expect(early).not.toMatch(/TABLE|helper/)
  expect(early).toContain('shared as $shared')
  expect(late).toContain('const TABLE')
})
