import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SECOND } from '../../../src/dataplane/index.ts'
import { PACKET_HOST, PACKET_MULTICAST } from '../../../src/dataplane/kernel/skb.ts'
import { checksumHolds, foldChecksum, partialSum, pseudoHeaderSum6 } from '../../../src/wire/index.ts'
import { alone, drops6, host6, packet6 } from './hosts6.ts'

const DEVICES = {
  eth0: { addresses: ['fd00:0:0:1::1/64', 'fe80::1/64'] },
  eth1: { addresses: ['fd00:0:0:2::1/64', 'fe80::2/64'], mtu: 1280 },
}

/** Writes the right ICMPv6 checksum when the message starts behind the IPv6 header. */
function sum(bytes: Uint8Array, at: number, end: number): void {
  if (bytes[at + 6] !== 58 || end - at < 44) return
  bytes.fill(0, at + 42, at + 44)
  const value = foldChecksum(partialSum(bytes, at + 40, end, pseudoHeaderSum6(bytes, at, 58, end - at - 40)))
  bytes[at + 42] = value >> 8
  bytes[at + 43] = value & 255
}

describe('mutated packets', () => {
  it('end in a drop, an answer or nothing, and leave nothing behind', () => {
    const input = fc.record({
      changes: fc.array(fc.record({ at: fc.nat(120), value: fc.nat(255) }), { maxLength: 6 }),
      payload: fc.uint8Array({ maxLength: 1400 }),
      type: fc.constantFrom(1, 2, 3, 4, 128, 129, 133, 134, 135, 136, 137, 143, 200),
      cut: fc.nat(40),
      from: fc.constantFrom('fd00:0:0:1::7', 'fe80::7', '::', '2001:db8::7'),
      to: fc.constantFrom('fd00:0:0:1::1', 'fe80::1', 'fd00:0:0:2::9', 'ff02::1', 'ff02::1:ff00:1', '2001:db8::1'),
      nextHeader: fc.constantFrom(58, 58, 58, 0, 6, 17, 43, 44, 59, 60, 253),
      hopLimit: fc.constantFrom(255, 255, 64, 1),
    })
    for (const router of [true, false]) {
      const { sim, ns } = alone(host6('h', DEVICES, ['unreachable 2001:db8::/32'], { router }))
      const lost = drops6(sim)
      const wrong: string[] = []
      sim.taps.push((_dev, _way, bytes, start, end) => {
        const at = start + 14
        if (bytes[at + 6] !== 58) return
        const sums = checksumHolds(bytes, at + 40, end, pseudoHeaderSum6(bytes, at, 58, end - at - 40))
        if (!sums) wrong.push(Buffer.from(bytes.subarray(at, end)).toString('hex'))
      })
      fc.assert(
        fc.property(input, ({ changes, payload, type, cut, from, to, nextHeader, hopLimit }) => {
          if (payload.length > 0 && nextHeader === 58) payload[0] = type
          const skb = packet6(ns, 'eth0', { from, to, nextHeader, hopLimit }, payload)
          for (const { at, value } of changes) if (skb.data + at < skb.tail) skb.bytes[skb.data + at] = value
          skb.tail = Math.max(skb.data, skb.tail - cut)
          sum(skb.bytes, skb.data, skb.tail)
          skb.pktType = to.startsWith('ff') ? PACKET_MULTICAST : PACKET_HOST
          sim.stack.ipv6Rcv(skb)
          sim.drain()
        }),
        { numRuns: 3000 },
      )
      sim.run(sim.clock.now + 61 * SECOND)
      expect(ns.ip6?.frags.size).toBe(0)
      expect(new Set(lost).size).toBeGreaterThan(5)
      expect(wrong).toEqual([])
    }
  })
})
