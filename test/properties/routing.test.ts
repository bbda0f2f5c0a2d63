// The tables themselves, in every mode: no destination goes round in circles, and the engine looks up what a scan finds.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fibLookup, Simulation } from '../../src/dataplane/index.ts'
import { cluster } from '../../src/testing/index.ts'
import type { Ip } from '../../src/wire/index.ts'
import { explainLookup } from '../oracle/lookup.ts'
import { NextHops } from './next-hops.ts'
import { labOf, runs } from './run.ts'

describe('no forwarding loop', () => {
  it('on the graph of next hops, for every class of destinations from everywhere', () => {
    const seen = { ways: 0, classes: 0, refused: 0, here: 0 }
    fc.assert(
      fc.property(cluster({ nodes: { min: 2, max: 8 }, podsPerNode: { min: 1, max: 2 } }), (made) => {
        const tables = new NextHops(labOf(made).network)
        const from = tables.routers
        for (const dst of tables.classes()) {
          seen.classes++
          // A functional graph: where every namespace has one next hop, a namespace that is left for good is done.
          const done = new Set<string>()
          for (const start of from) {
            const way = new Set<string>()
            for (let at: string | undefined = start; at !== undefined && !done.has(at); ) {
              expect(way.has(at), `${dst}: ${[...way, at].join(' → ')}`).toBe(false)
              way.add(at)
              const step = tables.step(at, dst)
              seen.ways++
              if (step.kind === 'refused') seen.refused++
              if (step.kind === 'here') seen.here++
              at = step.kind === 'to' ? step.netns : undefined
            }
            for (const name of way) done.add(name)
          }
        }
      }),
      runs(12),
    )
    expect(seen.classes).toBeGreaterThan(200)
    expect(seen.ways).toBeGreaterThan(2000)
    expect(seen.refused).toBeGreaterThan(0)
    expect(seen.here).toBeGreaterThan(0)
  })

  it('by simulation: no packet outlives its TTL or comes by twice, whatever its destination', () => {
    let sent = 0
    fc.assert(
      fc.property(cluster({ nodes: { min: 2, max: 6 } }), fc.nat(), (made, pick) => {
        const lab = labOf(made)
        const tables = new NextHops(lab.network)
        const all = tables.classes()
        const starts = [made.pods[pick % made.pods.length]!, made.nodes[pick % made.nodes.length]!]
        for (let i = 0; i < 8; i++) {
          const dst = all[(pick + i * 7919) % all.length]!
          for (const start of starts) {
            const { trace } = lab.ping(start, dst, { deadline: 4, broadcast: true })
            for (const packet of trace.packets) {
              expect(packet.cause, `${start} ${dst} ${packet.line}`).not.toBe('ttl_exceeded')
              if (packet.role === 'resolution') continue
              const routed = packet.path.filter((name) => lab.network.namespaces[name]?.role !== 'switch')
              expect(new Set(routed).size, packet.path.join(' → ')).toBe(routed.length)
            }
            sent++
          }
        }
      }),
      runs(20),
    )
    expect(sent).toBeGreaterThan(100)
  })

  it('a loop would be noticed', () => {
    const [made] = fc.sample(cluster({ mode: 'none', nodes: 3, subnets: 1 }), { numRuns: 1, seed: 7 })
    const lab = labOf(made!)
    const [a, b, c] = made!.nodes as [string, string, string]
    const addresses = new Map([a, b, c].map((name) => [name, lab.endpoint(name).address!]))
    lab.edit((draft) => {
      for (const [name, next] of [
        [a, b],
        [b, a],
        [c, a],
      ] as const) {
        const route = draft.namespaces[name]!.routes.find((each) => each.dst === '0.0.0.0/0' && each.via !== undefined)
        route!.via = addresses.get(next)!
      }
    })
    const { trace } = lab.ping(c, '198.51.100.7', { deadline: 4 })
    expect(trace.packets.map((packet) => packet.cause)).toContain('ttl_exceeded')
    const way = new NextHops(lab.network).walk(c, '198.51.100.7' as Ip)
    expect(new Set(way).size).toBeLessThan(way.length)
  })
})

describe('longest prefix', () => {
  it('the engine finds what a scan of all routes finds, in every namespace, for every class of destinations', () => {
    const seen = { lookups: 0, none: 0 }
    fc.assert(
      fc.property(cluster({ nodes: { min: 2, max: 6 }, podsPerNode: { min: 1, max: 2 } }), (made) => {
        const { network } = labOf(made)
        const tables = new NextHops(network)
        const sim = new Simulation(network, { seed: 1 })
        for (const dst of tables.classes()) {
          for (const name of tables.routers) {
            const { ref, error } = fibLookup(sim.netns(name), { dst })
            const want = tables.route(name, dst)
            seen.lookups++
            if (want === undefined || want.type !== 'unicast') seen.none++
            expect(ref.result, `${name} ${dst}`).toBe(want?.type ?? 'none')
            if (want === undefined || error !== null) continue
            expect([ref.dev, ref.via], `${name} ${dst}`).toEqual([want.dev ?? '', want.via ?? ''])
          }
        }
      }),
      runs(10),
    )
    expect(seen.lookups).toBeGreaterThan(2000)
    expect(seen.none).toBeGreaterThan(0)
  })

  it('the engine says itself why the others lost, and an oracle that scans everything agrees', () => {
    const seen = { lookups: 0, lost: 0 }
    fc.assert(
      fc.property(cluster({ nodes: { min: 2, max: 3 }, podsPerNode: 1, subnets: 1 }), (made) => {
        const { network } = labOf(made)
        const tables = new NextHops(network)
        const sim = new Simulation(network, { seed: 1 })
        for (const dst of tables.classes()) {
          for (const name of tables.routers) {
            const { ref } = fibLookup(sim.netns(name), { dst })
            const said = explainLookup(network, name, { dst })
            const won = ref.candidates.filter((one) => one.lost === undefined)
            expect(ref.result, `${name} ${dst}`).toBe(said.result)
            expect(won.map((one) => one.route.dst)).toEqual(said.route === undefined ? [] : [said.route.dst])
            const runnerUp = ref.candidates.find((one) => one.lost !== undefined && one.table === ref.table)
            if (said.runnerUp !== undefined && runnerUp !== undefined) {
              expect([runnerUp.route.dst, runnerUp.lost]).toEqual([said.runnerUp.route.dst, said.runnerUp.reason])
              seen.lost++
            }
            seen.lookups++
          }
        }
      }),
      runs(4),
    )
    expect(seen.lookups).toBeGreaterThan(300)
    expect(seen.lost).toBeGreaterThan(100)
  })
})
