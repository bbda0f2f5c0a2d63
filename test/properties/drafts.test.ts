// Recipes meet one draft of all of a plain network, and a draft of each namespace that they read where namespaces are made when they are
// read: what comes of them is the same, whatever a recipe does.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { markLazy, type Namespace, Network } from '../../src/model/index.ts'
import { runs } from './run.ts'

type Parts = Record<string, unknown>

/** Plain data: what stands in namespaces, and more than that. */
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.integer({ max: 3, min: 0 }),
    fc.constantFrom('x', null),
    tie('list'),
    tie('record'),
  ),
  list: fc.array(tie('any'), { maxLength: 5 }),
  record: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('any'), { maxKeys: 4 }),
})).any

const namespaces = fc.record({
  one: fc.record({
    routes: fc.array(value, { maxLength: 5 }),
    interfaces: fc.dictionary(fc.constantFrom('a', 'b'), value),
  }),
  two: fc.record({
    routes: fc.array(value, { maxLength: 5 }),
    sysctls: fc.dictionary(fc.constantFrom('a', 'b'), value),
  }),
})

interface Step {
  readonly what: (typeof KINDS)[number]
  /** Ways down to what is changed, and to what is moved there. */
  readonly way: readonly number[]
  readonly from: readonly number[]
  readonly at: number
  readonly value: unknown
}

const KINDS = [
  'read',
  'set',
  'delete',
  'push',
  'splice',
  'shift',
  'sort',
  'reverse',
  'cut',
  'move',
  'copy',
  'wrap',
  'filter',
  'back',
  'find',
  'same',
] as const
const way = fc.array(fc.nat(6), { minLength: 1, maxLength: 4 })
const step: fc.Arbitrary<Step> = fc.record({ what: fc.constantFrom(...KINDS), way, from: way, at: fc.nat(5), value })

/** A part of a draft: the list or record to which a way leads, as far as there is one. */
function partAt(draft: unknown, path: readonly number[]): Parts {
  let part = draft as Parts
  for (const turn of path) {
    const inner = Object.values(part).filter((one) => typeof one === 'object' && one !== null)
    if (inner.length === 0) break
    part = inner[turn % inner.length] as Parts
  }
  return part
}

const textOf = (one: unknown): string => JSON.stringify(one) ?? ''

function take({ what, way: path, from, at, value: fresh }: Step, draft: unknown, base: unknown): void {
  const part = partAt(draft, path)
  // A part of the network before that a step put back is no draft.
  if (Object.isFrozen(part)) return
  const list = Array.isArray(part) ? part : undefined
  const keys = Object.keys(part)
  const key = keys.length === 0 ? (list === undefined ? 'a' : '0') : keys[at % keys.length]!
  // The very same value is given to both drafts: what is put into a network is copied by one of them.
  const put = structuredClone(fresh)
  if (what === 'read') textOf(part)
  else if (what === 'set') part[key] = put
  else if (what === 'delete' && list === undefined) delete part[key]
  else if (what === 'push') list?.push(put)
  else if (what === 'splice') list?.splice(at % (list.length + 1), 1, put)
  else if (what === 'shift') list?.unshift(list.pop())
  else if (what === 'sort') list?.sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1))
  else if (what === 'reverse') list?.reverse()
  else if (what === 'cut' && list !== undefined) list.length = Math.min(list.length, at)
  else if (what === 'filter') {
    const whole = partAt(draft, path.slice(0, -1))
    whole[Array.isArray(whole) ? 0 : 'a'] = list?.filter((_, i) => i !== at)
  } else if (what === 'same') Object.assign(part, { [key]: part[key] })
  else if (what === 'find') {
    const found = list?.find((one) => typeof one === 'object' && one !== null)
    if (found !== undefined) found[Array.isArray(found) ? 0 : 'a'] = put
  } else if (what === 'back') {
    const before = partAt(base, path) as Parts | undefined
    if (before !== undefined && Object.hasOwn(before, key)) part[key] = before[key]
  } else moved(what, part, key, partAt(draft, from))
}

/** Something that stands elsewhere is put here, too; nothing comes to stand in itself. */
function moved(what: Step['what'], part: Parts, key: string, other: Parts): void {
  if (textOf(other).length > 200 || isIn(other, part)) return
  if (what === 'move') part[key] = other
  else if (what === 'copy') part[key] = Array.isArray(other) ? [...other] : { ...other }
  else if (what === 'wrap') part[key] = { a: [other], b: 1 }
}

function isIn(whole: unknown, part: unknown): boolean {
  if (whole === part) return true
  return typeof whole === 'object' && whole !== null && Object.values(whole).some((one) => isIn(one, part))
}

/** Parts of the base that stand somewhere in a value as the very same. */
function keptIn(found: unknown, base: unknown): Set<unknown> {
  const all = new Set<unknown>()
  const walk = (one: unknown, into: (part: object) => void): void => {
    if (typeof one !== 'object' || one === null) return
    into(one)
    for (const part of Object.values(one)) walk(part, into)
  }
  walk(base, (part) => all.add(part))
  const kept = new Set<unknown>()
  walk(found, (part) => all.has(part) && kept.add(part))
  return kept
}

function isFrozenThroughout(one: unknown): boolean {
  if (typeof one !== 'object' || one === null) return true
  return Object.isFrozen(one) && Object.values(one).every(isFrozenThroughout)
}

function frozenThroughout<T>(one: T): T {
  if (typeof one === 'object' && one !== null) Object.values(Object.freeze(one)).forEach(frozenThroughout)
  return one
}

/** A network of these namespaces after steps, and what it shares with the one before. */
function edited(base: Parts, steps: readonly Step[], isLazy: boolean) {
  const all = base as Record<string, Namespace>
  if (isLazy) markLazy(all, 2)
  const network = new Network({ namespaces: all })
  const after = network.edit((draft) => {
    for (const one of steps) take(one, draft.namespaces, base)
  })
  return { network, after, kept: keptIn({ ...after.namespaces }, base) }
}

describe('a recipe', () => {
  it('comes out as in a plain network', () => {
    fc.assert(
      fc.property(namespaces, fc.array(step, { minLength: 1, maxLength: 8 }), (made, steps) => {
        const text = JSON.stringify(made)
        const [plain, lazy] = [frozenThroughout(structuredClone(made)), frozenThroughout(structuredClone(made))]
        const [theirs, ours] = [edited(plain, steps, false), edited(lazy, steps, true)]
        expect(JSON.stringify({ ...ours.after.namespaces })).toBe(JSON.stringify(theirs.after.namespaces))
        expect(ours.after === ours.network).toBe(theirs.after === theirs.network)
        expect(ours.kept.size).toBe(theirs.kept.size)
        expect(JSON.stringify(lazy)).toBe(text)
        for (const [name, ns] of Object.entries(ours.after.namespaces)) {
          if (ns !== (lazy as Parts)[name]) expect(isFrozenThroughout(ns)).toBe(true)
        }
      }),
      runs(400),
    )
  })
})
