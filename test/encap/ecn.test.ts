import { describe, expect, it } from 'vitest'
import { ECN_CE, ECN_ECT_0, ECN_ECT_1, ECN_NOT_ECT, ecnDecapsulate, ecnEncapsulate } from '../../src/encap/index.ts'

const names = ['Not-ECT', 'ECT(1)', 'ECT(0)', 'CE'] as const

describe('ecnEncapsulate copies the inner ECN bits, CE becomes ECT(0) (RFC 6040 §4.1)', () => {
  for (const [inner, outer] of [
    [ECN_NOT_ECT, ECN_NOT_ECT],
    [ECN_ECT_0, ECN_ECT_0],
    [ECN_ECT_1, ECN_ECT_1],
    [ECN_CE, ECN_ECT_0],
  ] as const) {
    it(`${names[inner]} inside gives ${names[outer]} outside, DSCP of the tunnel kept`, () => {
      expect(ecnEncapsulate(0xb8, 0x28 | inner)).toBe(0xb8 | outer)
      expect(ecnEncapsulate(0xbb, inner)).toBe(0xb8 | outer)
    })
  }
})

describe('ecnDecapsulate carries the outer mark in (RFC 6040 §4.2)', () => {
  const table: readonly (readonly [outer: number, inner: number, result: number | 'drop'])[] = [
    [ECN_NOT_ECT, ECN_NOT_ECT, ECN_NOT_ECT],
    [ECN_ECT_0, ECN_NOT_ECT, ECN_NOT_ECT],
    [ECN_ECT_1, ECN_NOT_ECT, ECN_NOT_ECT],
    [ECN_CE, ECN_NOT_ECT, 'drop'],
    [ECN_NOT_ECT, ECN_ECT_0, ECN_ECT_0],
    [ECN_ECT_0, ECN_ECT_0, ECN_ECT_0],
    [ECN_ECT_1, ECN_ECT_0, ECN_ECT_1],
    [ECN_CE, ECN_ECT_0, ECN_CE],
    [ECN_NOT_ECT, ECN_ECT_1, ECN_ECT_1],
    [ECN_ECT_0, ECN_ECT_1, ECN_ECT_1],
    [ECN_ECT_1, ECN_ECT_1, ECN_ECT_1],
    [ECN_CE, ECN_ECT_1, ECN_CE],
    [ECN_NOT_ECT, ECN_CE, ECN_CE],
    [ECN_CE, ECN_CE, ECN_CE],
  ]
  for (const [outer, inner, result] of table) {
    it(`outer ${names[outer]}, inner ${names[inner]}: ${typeof result === 'number' ? names[result] : 'dropped'}`, () => {
      expect(ecnDecapsulate(outer, inner)).toBe(result)
    })
  }
})
