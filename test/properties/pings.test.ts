// Pings between any two pods of any cluster: who gets through, by which way, and at what price in TTL.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Lab } from '../../src/lab/index.ts'
import type { Hop, Trace } from '../../src/trace/index.ts'
import type { Ip } from '../../src/wire/index.ts'
import { NextHops } from './next-hops.ts'
import { headersIn } from './packets.ts'
import { cases, conversation, framesOf, labOf, runs } from './run.ts'

const MODES = ['ipip-always', 'ipip-cross-subnet', 'vxlan-always', 'vxlan-cross-subnet', 'none'] as const

function addressOf(lab: Lab, pod: string): Ip {
  return lab.endpoint(pod).address!
}

/** Endings of one packet: taken by a program, lost, or cut into fragments. */
function endings(hops: readonly Hop[], packet: number): number {
  const taken = hops.filter((hop) => hop.packet === packet && hop.kind === 'deliver' && hop.taken).length
  const lost = hops.filter((hop) => hop.packet === packet && hop.kind === 'drop').length
  const cut = hops.filter((hop) => hop.packet === packet && hop.kind === 'fragment').length
  // The stack frees what it has delivered: that is one ending, not two.
  return Math.max(taken > 0 ? 1 : 0, lost) + cut
}

/** TTLs a packet had at its first and last appearance. */
function ttls(trace: Trace, packet: number): { readonly first: number; readonly last: number } {
  const seen = framesOf(trace.hops, packet).map((frame) => headersIn(frame).at(-1)!.ttl)
  return { first: seen[0]!, last: seen.at(-1)! }
}

describe.each(MODES)('%s', (mode) => {
  it('a ping is answered where the tables lead there and back, by the pod asked, and nowhere else', () => {
    const seen = { answered: 0, lost: 0 }
    fc.assert(
      fc.property(cases({ mode }), (made) => {
        const lab = labOf(made)
        const tables = new NextHops(lab.network)
        const there = tables.arrives(made.from, addressOf(lab, made.to))
        const back = tables.arrives(made.to, addressOf(lab, made.from))
        const { disposition } = lab.ping(made.from, made.to).trace
        if (there && back) {
          expect(disposition).toMatchObject({ kind: 'answered', by: made.to })
          seen.answered++
        } else {
          expect(disposition.kind).not.toBe('answered')
          seen.lost++
        }
      }),
      runs(40),
    )
    expect(seen.answered).toBeGreaterThan(0)
    // Without encapsulation the router between subnets knows no pods; with it nothing is out of reach.
    expect(seen.lost > 0).toBe(mode === 'none')
  })

  it('the way is that of the tables, and the reply takes it backwards', () => {
    let checked = 0
    fc.assert(
      fc.property(cases({ mode }), (made) => {
        const lab = labOf(made)
        const run = lab.ping(made.from, made.to)
        if (run.trace.disposition.kind !== 'answered') return
        const { request, reply } = conversation(run)
        expect(reply!.path).toEqual([...request.path].reverse())
        const inner = new NextHops(lab.network).walk(made.from, addressOf(lab, made.to))
        const met = request.path.filter((name) => inner.includes(name))
        expect(met).toEqual(inner)
        checked++
      }),
      runs(30),
    )
    expect(checked).toBeGreaterThan(0)
  })

  it('TTL falls by the number of routed hops', () => {
    let checked = 0
    let farthest = 0
    fc.assert(
      fc.property(cases({ mode }), (made) => {
        const lab = labOf(made)
        const run = lab.ping(made.from, made.to)
        if (run.trace.disposition.kind !== 'answered') return
        const { request, reply } = conversation(run)
        const tables = new NextHops(lab.network)
        for (const [packet, from, to] of [
          [request.id, made.from, made.to],
          [reply!.id, made.to, made.from],
        ] as const) {
          const { first, last } = ttls(run.trace, packet)
          const routers = tables.walk(from, addressOf(lab, to)).slice(1, -1)
          const routed = routers.length
          expect(first - last).toBe(routed)
          // Routers between tunnel ends forward the outer packet: that costs the inner one nothing.
          const forwards = run.trace.hops.filter((hop) => hop.packet === packet && hop.kind === 'forward')
          expect(forwards.map((hop) => hop.netns).filter((name) => routers.includes(name))).toEqual(routers)
          farthest = Math.max(farthest, routed)
          checked++
        }
        expect(run.stdout).toContain(`ttl=${ttls(run.trace, reply!.id).last}`)
      }),
      runs(30),
    )
    expect(checked).toBeGreaterThan(0)
    expect(farthest).toBe(2)
  })

  it('every packet ends once, in a delivery or with one reason for its loss', () => {
    const seen = { packets: 0, lost: 0 }
    fc.assert(
      fc.property(cases({ mode }), fc.constantFrom(56, 1400, 4000), fc.constantFrom(1, 64), (made, size, ttl) => {
        const lab = labOf(made)
        lab.ping(made.from, made.to, { size, ttl, pmtudisc: ttl === 1 ? 'do' : 'dont' })
        const trace = lab.wait(60).trace()
        expect(trace.faults).toEqual([])
        for (const packet of trace.packets) {
          expect(packet.end).not.toBe('in flight')
          expect(packet.end).not.toBe('waiting')
          if (packet.end === 'dropped') {
            expect(packet.cause).toBeDefined()
            seen.lost++
          }
          if (packet.role === 'resolution') continue
          expect(endings(trace.hops, packet.id), packet.line).toBeLessThanOrEqual(1)
          seen.packets++
        }
      }),
      runs(30),
    )
    expect(seen.packets).toBeGreaterThan(50)
    expect(seen.lost).toBeGreaterThan(0)
  })
})
