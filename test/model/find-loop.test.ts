import { describe, expect, it } from 'vitest'
import { type Chain, findLoop, type IptRule, type Table } from '../../src/model/index.ts'

/** A table of chains, each with rules that lead to others: `a: 'b c'`. */
function table(chains: Readonly<Record<string, string>>, kind: 'jump' | 'goto' = 'jump'): Table {
  const rule = (chain: string): IptRule => ({ matches: [], target: { kind, chain } }) as unknown as IptRule
  const chainOf = (targets: string): Chain =>
    ({ rules: targets.split(' ').filter(Boolean).map(rule) }) as unknown as Chain
  return {
    chains: Object.fromEntries(Object.entries(chains).map(([name, targets]) => [name, chainOf(targets)])),
  } as Table
}

describe('a loop among chains', () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ['none', { a: 'b c', b: 'd', c: 'd', d: '' }, undefined],
    ['of one', { a: 'b', b: 'b' }, 'b > b'],
    ['of two', { a: 'b', b: 'a' }, 'a > b > a'],
    ['behind a chain that does not belong to it', { a: 'b', b: 'c', c: 'd', d: 'b' }, 'b > c > d > b'],
    ['behind the last of several rules', { a: 'b c', b: '', c: 'd', d: 'a' }, 'a > c > d > a'],
    ['not, where a chain is reached twice', { a: 'b b c', b: 'c', c: '' }, undefined],
    ['through a chain that is not there', { a: 'nowhere', b: 'a' }, undefined],
    ['among chains that the first does not reach', { a: '', b: 'c', c: 'b' }, 'b > c > b'],
  ])('%s', (_, chains, want) => {
    expect(findLoop(table(chains))?.join(' > ')).toBe(want)
    expect(findLoop(table(chains, 'goto'))?.join(' > ')).toBe(want)
  })

  const DEPTH = 50_000
  const row = (last: string): Table =>
    table(Object.fromEntries(Array.from({ length: DEPTH }, (_, i) => [`c${i}`, i + 1 < DEPTH ? `c${i + 1}` : last])))

  it('is looked for in as many chains as there are', () => {
    expect(findLoop(row(''))).toBeUndefined()
    expect(findLoop(row('c7'))?.length).toBe(DEPTH - 7 + 1)
  })
})
