import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SECOND } from '../../../src/dataplane/index.ts'
import { checksum } from '../../../src/wire/index.ts'
import { drops, host, hostSim, packet, sent } from './hosts.ts'

const ON = Object.fromEntries(['all', 'eth0', 'eth1'].map((dev) => [`net.ipv4.conf.${dev}.forwarding`, '1']))
const DEVICES = { eth0: { addresses: ['10.0.0.1/24'] }, eth1: { addresses: ['10.1.0.1/24'], mtu: 600 } }

describe('mutated packets', () => {
  it('end in a drop, an answer or nothing, and leave nothing behind', () => {
    const change = fc.record({ at: fc.nat(79), value: fc.nat(255) })
    const input = fc.record({
      changes: fc.array(change, { maxLength: 6 }),
      length: fc.integer({ min: 0, max: 700 }),
      cut: fc.nat(60),
      options: fc.uint8Array({ maxLength: 40 }),
      to: fc.constantFrom('10.0.0.1', '10.1.0.9', '10.0.0.255', '224.0.0.1', '192.0.2.1'),
      protocol: fc.constantFrom(1, 6, 17, 4, 41, 47, 253),
      right: fc.boolean(),
    })
    const { ns, sim } = hostSim(host('h', DEVICES, ['unreachable 192.0.2.0/24'], { sysctls: ON }))
    const out = sent(sim)
    const lost = drops(sim)
    void fc.assert(
      fc.property(input, ({ changes, length, cut, options, to, protocol, right }) => {
        const skb = packet(ns, 'eth0', { from: '10.0.0.7', to, protocol, options }, length)
        for (const { at, value } of changes) if (skb.data + at < skb.tail) skb.bytes[skb.data + at] = value
        skb.tail = Math.max(skb.data, skb.tail - cut)
        const header = (skb.bytes[skb.data]! & 15) << 2
        if (right && skb.len >= header && header >= 20) {
          skb.bytes.fill(0, skb.data + 10, skb.data + 12)
          const sum = checksum(skb.bytes, skb.data, skb.data + header)
          skb.bytes[skb.data + 10] = sum >> 8
          skb.bytes[skb.data + 11] = sum & 255
        }
        sim.stack.ipRcv(skb)
      }),
      { numRuns: 4000 },
    )
    sim.run(sim.clock.now + 31 * SECOND)
    expect(ns.frags4.size).toBe(0)
    expect(new Set(lost).size).toBeGreaterThan(5)
    for (const { bytes } of out) expect(checksum(bytes, 0, (bytes[0]! & 15) << 2)).toBe(0)
  })
})
