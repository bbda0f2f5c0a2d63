// Quantities of Kubernetes as whole numbers.
import { expect, it } from 'vitest'
import { quantityOf, quantityWithin } from '../../src/control/quantity.ts'

it.each<[text: string, value: bigint | undefined]>([
  ['7', 7n],
  ['+7', 7n],
  ['-7', -7n],
  ['1k', 1000n],
  ['1.5M', 1500000n],
  ['1.0000001M', 1000001n],
  ['.5', 1n],
  ['2.', 2n],
  ['1500m', 2n],
  ['-1500m', -2n],
  ['1u', 1n],
  ['0n', 0n],
  ['1Ki', 1024n],
  ['0.5Mi', 524288n],
  ['3E', 3000000000000000000n],
  ['1Ei', 1152921504606846976n],
  ['12e3', 12000n],
  ['12E-1', 2n],
  ['1e-1000000', 1n],
  ['0e1000000', 0n],
  ['1.1k', 1100n],
  ['', undefined],
  ['.', undefined],
  ['k', undefined],
  ['1K', undefined],
  ['1 k', undefined],
  ['1kk', undefined],
  ['1.2.3', undefined],
  ['0x10', undefined],
])('%s is %s', (text, value) => {
  expect(quantityOf(text)).toBe(value)
})

it('is brought within bounds, however large', () => {
  expect(['1e1000000', '-1', '5', 'five'].map((text) => quantityWithin(text, 1, 10))).toEqual([10, 1, 5, undefined])
})
