import { describe, expect, it } from 'vitest'
import { buildSctp, SCTP_PACKET_LENGTH, toHex } from '../../src/wire/index.ts'
import { crc32c } from '../../src/wire/sctp.ts'

describe('an SCTP packet', () => {
  it.each<['INIT' | 'DATA', string, string]>([
    ['INIT', 'c3500050'.concat('00000000'), '01000014'.concat('00000001', '0000ffff', '00010001', '00000000')],
    ['DATA', 'c3500050'.concat('00000001'), '00030014'.concat('00000001', '00000000', '00000000', '00000000')],
  ])('%s', (chunk, header, rest) => {
    const bytes = new Uint8Array(SCTP_PACKET_LENGTH)
    buildSctp(bytes, { sourcePort: 50_000, destinationPort: 80, chunk })
    const hex = toHex(bytes)
    expect([hex.slice(0, 16), hex.slice(24)]).toEqual([header, rest])
    const sum = [...bytes.subarray(8, 12)].reduce((value, byte, i) => value + byte * 2 ** (8 * i), 0)
    bytes.fill(0, 8, 12)
    expect(sum).toBe(crc32c(bytes))
  })

  it('has a CRC-32C: the check value of the polynomial', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe306_9283)
  })
})
