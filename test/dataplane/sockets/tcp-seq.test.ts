// Sequence numbers wrap around. @rfc 9293 §3.4
import { expect, it } from 'vitest'
import { after as tracked, before as trackedBefore } from '../../../src/dataplane/netfilter/tcp-track.ts'
import { after, before, between, seqAdd, seqDiff } from '../../../src/dataplane/sockets/tcp-seq.ts'

const TOP = 0xffff_ffff

it.each([
  [5, 5, 0],
  [5, 6, -1],
  [6, 5, 1],
  [TOP, 0, -1],
  [0, TOP, 1],
  [0, 0x7fff_ffff, -0x7fff_ffff],
  [0x7fff_ffff, 0, 0x7fff_ffff],
  [10, TOP - 10, 21],
])('%i and %i are %i apart', (a, b, apart) => {
  expect(seqDiff(a, b)).toBe(apart)
  expect([before(a, b), after(a, b)]).toEqual([apart < 0, apart > 0])
  expect([trackedBefore(a, b), tracked(a, b)]).toEqual([apart < 0, apart > 0])
  expect(seqAdd(b, apart)).toBe(a)
})

it.each([
  [4, false],
  [5, true],
  [7, true],
  [9, true],
  [10, false],
])('%i between 5 and 9: %s', (x, inside) => {
  expect(between(x, 5, 9)).toBe(inside)
  expect(between(seqAdd(x, -7), seqAdd(5, -7), seqAdd(9, -7))).toBe(inside) // around zero
})
