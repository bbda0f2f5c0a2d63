import { describe, expect, it } from 'vitest'
import { LINK_TYPE, toHex, writePcap } from '../../src/wire/index.ts'

describe('a classic capture file', () => {
  it('without packets is its header: magic of nanoseconds, version 2.4, most bytes a packet, link type', () => {
    expect(toHex(writePcap(LINK_TYPE.RAW, []))).toBe(
      '4d3cb2a1' + '02000400' + '00000000' + '00000000' + '00000400' + '65000000',
    )
  })

  it('has for each packet seconds, nanoseconds, its length twice, and its bytes without padding', () => {
    const packets = [
      { timestamp: 1_000_000_002n, bytes: Uint8Array.of(1, 2, 3) },
      { timestamp: 4_294_967_295_999_999_999n, bytes: new Uint8Array(0) },
    ]
    expect(toHex(writePcap(LINK_TYPE.ETHERNET, packets).subarray(24))).toBe(
      '01000000' + '02000000' + '03000000' + '03000000' + '010203' + 'ffffffff' + 'ffc99a3b' + '00000000' + '00000000',
    )
  })
})
