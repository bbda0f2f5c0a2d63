// Runs before each test file while `npm run mutants` records: keeps what the probes mark, for each test and for what is
// evaluated outside of tests.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, inject } from 'vitest'

const { count, folder, root } = inject('mutants')
/** What the changed operator would give is another value only if … */
const seen = new Uint8Array(count)
const same = (value) => value
const mutants = {
  at(id) {
    seen[id] = 1
    return same
  },
  less(id, a, b) {
    if (a === b) seen[id] = 1
    return a < b
  },
  lessOrEqual(id, a, b) {
    if (a === b) seen[id] = 1
    return a <= b
  },
  greater(id, a, b) {
    if (a === b) seen[id] = 1
    return a > b
  },
  greaterOrEqual(id, a, b) {
    if (a === b) seen[id] = 1
    return a >= b
  },
  plus(id, a, b) {
    if (b !== 0 || typeof a === 'string') seen[id] = 1
    return a + b
  },
  minus(id, a, b) {
    if (b !== 0) seen[id] = 1
    return a - b
  },
  and(id, a, b) {
    if (a !== b) seen[id] = 1
    return a & b
  },
  or(id, a, b) {
    if (a !== b) seen[id] = 1
    return a | b
  },
}
globalThis.__mutants = mutants

const bits = (seen) => {
  const packed = Buffer.alloc(Math.ceil(count / 8))
  for (let id = 0; id < count; id++) if (seen[id] !== 0) packed[id >> 3] |= 1 << (id & 7)
  return packed.toString('base64')
}
const outside = new Uint8Array(count)
const tests = []
let began = 0
const open = () => {
  for (let id = 0; id < count; id++) outside[id] |= seen[id]
  seen.fill(0)
}

beforeEach(() => {
  open()
  began = performance.now()
})
afterEach(({ task }) => {
  tests.push({ id: task.id, ms: Math.round(performance.now() - began), seen: bits(seen) })
  seen.fill(0)
})
afterAll(() => {
  open()
  const test = expect.getState().testPath.slice(root.length + 1)
  const file = `${folder}/${test}.json`
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify({ outside: bits(outside), tests }))
})
