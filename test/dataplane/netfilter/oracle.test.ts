import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { PacketBuffer } from '../../../src/dataplane/index.ts'
import { answerTo, ConntrackOracle, type Flow, text } from '../../oracle/conntrack-oracle.ts'
import { type Bench, bench, bytesOf, icmp, table, udp } from './bench.ts'
import { wrongSums } from './sums.ts'

const STATES = ['NEW', 'ESTABLISHED', 'INVALID'] as const
const RULES =
  table('mangle', ...STATES.map((s) => `-A FORWARD -m conntrack --ctstate ${s}`)) +
  table(
    'nat',
    '-A PREROUTING -d 198.51.100.80/32 -p udp -m udp --dport 80 -j DNAT --to-destination 203.0.113.9:8080',
    '-A POSTROUTING -s 10.0.0.0/24 -o out0 -j SNAT --to-source 192.0.2.1',
  )

/** The rules in plain words. */
function translate(f: Flow): Flow {
  const aimed = f.protocol === 'udp' && f.dst === '198.51.100.80' && f.dport === 80
  const there = aimed ? { ...f, dst: '203.0.113.9', dport: 8080 } : f
  return f.src.startsWith('10.0.0.') && !there.dst.startsWith('198.18.') ? { ...there, src: '192.0.2.1' } : there
}

function packetOf(b: Bench, f: Flow): PacketBuffer {
  const ends = { src: f.src, dst: f.dst }
  if (f.protocol === 'udp') return udp(b, f.sport, f.dport, ends)
  return icmp(b, f.dport, 0, f.sport * 0x10000 + 1, new Uint8Array(24), ends)
}

function readFlow(skb: PacketBuffer): Flow {
  const x = bytesOf(skb)
  const word = (o: number): number => (x[o]! << 8) | x[o + 1]!
  const ends = { src: x.slice(12, 16).join('.'), dst: x.slice(16, 20).join('.') }
  if (x[9] === 17) return { protocol: 'udp', ...ends, sport: word(20), dport: word(22) }
  return { protocol: 'icmp', ...ends, sport: word(24), dport: x[20]! }
}

const flow: fc.Arbitrary<Flow> = fc.oneof(
  fc.record({
    protocol: fc.constant('udp' as const),
    src: fc.constantFrom('10.0.0.2', '10.0.0.3', '203.0.113.9'),
    sport: fc.constantFrom(1000, 1001, 8080),
    dst: fc.constantFrom('198.51.100.80', '203.0.113.9', '198.18.0.9'),
    dport: fc.constantFrom(80, 8080),
  }),
  fc.record({
    protocol: fc.constant('icmp' as const),
    src: fc.constantFrom('10.0.0.2', '10.0.0.3'),
    sport: fc.constantFrom(1, 2),
    dst: fc.constantFrom('203.0.113.9', '203.0.113.10'),
    dport: fc.constantFrom(8, 0),
  }),
)

/** A fresh packet, or the answer to one that went out before, after some seconds. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('send' as const), flow, wait: fc.constantFrom(0, 0, 0, 1, 20, 31) }),
  fc.record({ kind: fc.constant('answer' as const), to: fc.nat(30), wait: fc.constantFrom(0, 0, 0, 1, 20, 31) }),
)

it('states and translations are those of a list of flows searched from the front', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
      const b = bench(RULES)
      const oracle = new ConntrackOracle(translate)
      const gone: Flow[] = []
      let now = 0
      for (const s of steps) {
        now += s.wait
        b.sim.clock.now = now * 1e9
        const f = s.kind === 'send' ? s.flow : gone.length === 0 ? undefined : answerTo(gone[s.to % gone.length]!)
        // nobody but the router sends from its address, or to himself
        if (f === undefined || f.src === '192.0.2.1' || f.src === f.dst) continue
        const before = STATES.map((_, i) => b.hits('mangle', 'FORWARD', i))
        const skb = packetOf(b, f)
        const arrival = f.src.startsWith('10.0.0.') ? 'in0' : 'out0'
        const want = oracle.packet(f, now)
        expect(b.across(skb, arrival)).toBe(true)
        const out = readFlow(skb)
        const state = STATES.find((_, i) => b.hits('mangle', 'FORWARD', i) !== before[i])
        expect(`${text(f)} ${state}`).toBe(`${text(f)} ${want.state}`)
        if (want.out !== undefined) expect(text(out)).toBe(text(want.out))
        if (want.state === 'NEW' && !oracle.has(f)) oracle.learn(f, out, now)
        expect(wrongSums(skb)).toEqual([])
        gone.push(out)
      }
    }),
    { numRuns: 150 },
  )
})
