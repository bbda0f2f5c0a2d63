import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildCluster } from '../../src/control/index.ts'
import { Lab } from '../../src/lab/index.ts'
import { validate } from '../../src/model/index.ts'
import {
  cluster,
  ipv4,
  ipv6,
  mac,
  network,
  prefix,
  type TraceMatchers,
  traceMatchers,
} from '../../src/testing/index.ts'
import {
  containsPrefix,
  overlaps,
  type Prefix,
  parseIpv4,
  parseIpv6,
  parseMac,
  parsePrefix,
  prefixLength,
} from '../../src/wire/index.ts'

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: the type of vitest itself
  interface Matchers<T = any> extends TraceMatchers<T> {}
}

expect.extend(traceMatchers as never)

describe('arbitraries', () => {
  it('addresses and prefixes are canonical', () => {
    fc.assert(
      fc.property(ipv4(), ipv6(), mac(), prefix(), (a, b, c, d) => {
        expect([parseIpv4(a), parseIpv6(b), parseMac(c), parsePrefix(d)]).toEqual([a, b, c, d])
        // Unicast, and locally administered.
        expect(Number.parseInt(c.slice(0, 2), 16) & 3).toBe(2)
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  it('prefixes keep to the family and the lengths asked for', () => {
    fc.assert(
      fc.property(prefix({ family: 4, minLength: 8, maxLength: 24 }), (made) => {
        expect(made).not.toContain(':')
        expect(prefixLength(made)).toBeGreaterThanOrEqual(8)
        expect(prefixLength(made)).toBeLessThanOrEqual(24)
      }),
      { seed: 1, numRuns: 100 },
    )
  })

  it('pools of a cluster are as many as asked for, each in a part of 10.0.0.0/8 of its own', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }).chain((pools) => cluster({ pools }).map((made) => [pools, made.pools] as const)),
        ([pools, made]) => {
          expect(made).toHaveLength(pools)
          for (const [i, one] of made.entries()) {
            expect(containsPrefix('10.0.0.0/8' as Prefix, one)).toBe(true)
            for (const other of made.slice(i + 1))
              expect([one, other, overlaps(one, other)]).toEqual([one, other, false])
          }
        },
      ),
      { seed: 1, numRuns: 60 },
    )
  })

  it('clusters are valid: nothing to complain about, in the objects or in the network', () => {
    fc.assert(
      fc.property(cluster(), (made) => {
        const built = buildCluster(made.resources)
        expect(built.findings.faults).toEqual([])
        expect(validate(built.network)).toEqual([])
        expect(built.workloadEndpoints.map(({ netns }) => netns).sort()).toEqual([...made.pods].sort())
        expect(built.nodes.map(({ name }) => name)).toEqual(made.nodes)
      }),
      { seed: 1, numRuns: 100 },
    )
  })

  it('clusters are what was asked for', () => {
    const asked = cluster({
      nodes: 5,
      subnets: 2,
      mode: 'none',
      podsPerNode: 2,
      calicoVersion: 'v3.25.2',
      mtu: 1400,
      pools: 1,
    })
    for (const made of fc.sample(asked, { seed: 1, numRuns: 20 })) {
      expect([made.nodes.length, made.pods.length, made.subnets.length, made.pools.length]).toEqual([5, 10, 2, 1])
      expect([made.mode, made.calicoVersion]).toEqual(['none', 'v3.25.2'])
      expect(buildCluster(made.resources).settings.version.text).toBe('v3.25.2')
      expect(made.resources.underlays[0]!.spec.segments.map((segment) => segment.mtu)).toEqual([1400, 1400])
    }
  })

  it('networks are valid and of every length', () => {
    const made = fc.sample(network({ routers: 3 }), { seed: 1, numRuns: 60 })
    for (const each of made) expect(validate(each.network)).toEqual([])
    expect(new Set(made.map((each) => each.routers.length))).toEqual(new Set([0, 1, 2, 3]))
  })
})

describe('matchers', () => {
  const [made] = fc.sample(cluster({ nodes: 2, subnets: 1, podsPerNode: 1, mode: 'ipip-always' }), {
    seed: 1,
    numRuns: 1,
  })
  const { resources, pods, nodes } = made!
  const [from, to] = pods as [string, string]

  it('take a run or its trace', () => {
    const run = Lab.fromResources(resources).ping(from, to)
    expect(run).toBeAnswered()
    expect(run.trace).toBeAnswered()
    expect(run).toBeDelivered()
    expect(run).toPassThrough([`node/${nodes[0]}`, nodes[1]!])
    expect(run).not.toPassThrough([nodes[1]!, nodes[0]!])
    expect(run).not.toBeDroppedBy('no_route')
  })

  it('say what came of a packet that is lost', () => {
    const run = Lab.fromResources(resources).ping(from, to, { ttl: 1 })
    expect(run).not.toBeAnswered()
    expect(run).not.toBeDelivered()
    expect(run).toBeDroppedBy('ttl_exceeded')
    expect(() => expect(run).toBeAnswered()).toThrow('expected the packet to be answered')
    expect(() => expect(run).toBeDroppedBy('no_route')).toThrow('to be dropped by no_route; dropped by ttl_exceeded')
    expect(() => expect(run).toPassThrough(['nowhere'])).toThrow(`its way was ${from} → ${nodes[0]}`)
  })
})
