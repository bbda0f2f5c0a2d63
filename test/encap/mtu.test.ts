import { describe, expect, test } from 'vitest'
import { type Encapsulation, overheadBytes, tunnelMtu } from '../../src/encap/mtu.ts'
import type { Family } from '../../src/wire/index.ts'

/** facts/felix-routes.md §11. */
const TABLE: readonly [Encapsulation, Family, number, number, number][] = [
  ['none', 4, 0, 1500, 9001],
  ['none', 6, 0, 1500, 9001],
  ['ipip', 4, 20, 1480, 8981],
  ['vxlan', 4, 50, 1450, 8951],
  ['vxlan', 6, 70, 1430, 8931],
  ['wireguard', 4, 60, 1440, 8941],
  ['wireguard', 6, 80, 1420, 8921],
]

describe('MTU table', () => {
  test.each(TABLE)('%s over IPv%i takes %i bytes', (encapsulation, outer, overhead, on1500, on9001) => {
    expect(overheadBytes(encapsulation, outer)).toBe(overhead)
    expect(tunnelMtu(encapsulation, outer, 1500)).toBe(on1500)
    expect(tunnelMtu(encapsulation, outer, 9001)).toBe(on9001)
  })

  test('IPIP has no IPv6 form', () => {
    expect(overheadBytes('ipip', 6)).toBeUndefined()
    expect(tunnelMtu('ipip', 6, 1500)).toBeUndefined()
  })
})
