// Pings between any two pods of any cluster: who gets through, by which way, and at what price in TTL.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Lab } from '../../src/lab/index.ts'
import type { Run } from '../../src/shell/index.ts'
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

/** A ping between two pods of a cluster that was answered, with what the tables say of both ways. */
interface Answered {
  readonly run: Run
  /** Namespaces on the way there, and back, by the tables. */
  readonly there: readonly string[]
  readonly back: readonly string[]
}

function goesByTables({ run, there }: Answered): void {
  const { request, reply } = conversation(run)
  expect(reply!.path).toEqual([...request.path].reverse())
  expect(request.path.filter((name) => there.includes(name))).toEqual(there)
}

/** @returns how many hops were routed on the longer way */
function losesTtlByHop({ run, there, back }: Answered): number {
  const { request, reply } = conversation(run)
  const routed = [
    [request.id, there.slice(1, -1)],
    [reply!.id, back.slice(1, -1)],
  ] as const
  for (const [packet, routers] of routed) {
    const { first, last } = ttls(run.trace, packet)
    expect(first - last).toBe(routers.length)
    // Routers between tunnel ends forward the outer packet: that costs the inner one nothing.
    const forwards = run.trace.hops.filter((hop) => hop.packet === packet && hop.kind === 'forward')
    expect(forwards.map((hop) => hop.netns).filter((name) => routers.includes(name))).toEqual(routers)
  }
  expect(run.stdout).toContain(`ttl=${ttls(run.trace, reply!.id).last}`)
  return Math.max(...routed.map(([, routers]) => routers.length))
}

describe.each(MODES)('%s', (mode) => {
  it('a ping is answered where the tables lead there and back, by the pod asked and that way, with a TTL less by the hops that are routed', () => {
    const seen = { answered: 0, lost: 0, farthest: 0 }
    fc.assert(
      fc.property(cases({ mode }), (made) => {
        const lab = labOf(made)
        const tables = new NextHops(lab.network)
        const [from, to] = [addressOf(lab, made.from), addressOf(lab, made.to)]
        const run = lab.ping(made.from, made.to)
        const { disposition } = run.trace
        if (tables.arrives(made.from, to) && tables.arrives(made.to, from)) {
          expect(disposition).toMatchObject({ kind: 'answered', by: made.to })
          const answered = { run, there: tables.walk(made.from, to), back: tables.walk(made.to, from) }
          goesByTables(answered)
          seen.farthest = Math.max(seen.farthest, losesTtlByHop(answered))
          seen.answered++
        } else {
          expect(disposition.kind).not.toBe('answered')
          seen.lost++
        }
      }),
      runs(30),
    )
    expect(seen.answered).toBeGreaterThan(0)
    expect(seen.farthest).toBe(2)
    // Without encapsulation the router between subnets knows no pods; with it nothing is out of reach.
    expect(seen.lost > 0).toBe(mode === 'none')
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
      runs(15),
    )
    expect(seen.packets).toBeGreaterThan(25)
    expect(seen.lost).toBeGreaterThan(0)
  })
})
