// The canonical scenes: what each shows holds for any seed, and the seed changes what a student sees.
import { describe, expect, it } from 'vitest'
import { scene, scenes, variant } from '../../src/teach/index.ts'
import { hopsOf, type Trace } from '../../src/trace/index.ts'

const SEEDS = [1, 2, variant('Ada Lovelace')]

const tunnels = (trace: Trace): string[] => [...new Set(hopsOf(trace, 'encap').map(({ tunnel }) => tunnel))]

/** What is seen of a scene, whatever the seed. */
const SEEN: Readonly<Record<string, (trace: Trace) => unknown>> = {
  'same-node': (trace) => [trace.ok, tunnels(trace), hopsOf(trace, 'forward').length],
  'no-encapsulation': (trace) => [trace.ok, tunnels(trace), hopsOf(trace, 'forward').length],
  ipip: (trace) => [trace.ok, tunnels(trace)],
  vxlan: (trace) => [trace.ok, tunnels(trace)],
  wireguard: (trace) => [trace.ok, tunnels(trace)],
  'cross-subnet': (trace) => [trace.ok, tunnels(trace).length, trace.nodes.some(({ role }) => role === 'router')],
  'nat-outgoing': (trace) => [trace.ok, hopsOf(trace, 'nat')[0]?.side, tunnels(trace)],
  service: (trace) => [trace.ok, hopsOf(trace, 'nat')[0]?.side],
  policy: (trace) => [trace.ok, trace.disposition.kind, hopsOf(trace, 'encap').length > 0],
}

const EXPECTED: Readonly<Record<string, unknown>> = {
  'same-node': [true, [], 2],
  'no-encapsulation': [true, [], 4],
  ipip: [true, ['ipip']],
  vxlan: [true, ['vxlan']],
  wireguard: [true, ['wireguard']],
  'cross-subnet': [true, 1, true],
  'nat-outgoing': [true, 'source', []],
  service: [true, 'destination'],
  policy: [false, 'dropped', true],
}

describe('canonical scenes', () => {
  it('are those of the list', () => {
    expect(scenes.map(({ name }) => name)).toEqual(Object.keys(EXPECTED))
  })

  it.each(scenes.flatMap(({ name }) => SEEDS.map((seed) => [name, seed] as const)))('%s, seed %i', (name, seed) => {
    const { trace } = scene(name, seed).run()
    expect(SEEN[name]?.(trace)).toEqual(EXPECTED[name])
  })

  it.each(scenes.map(({ name }) => [name]))(
    '%s: the same seed gives the same bytes, another one other names',
    (name) => {
      const [a, again, b] = [scene(name, 5), scene(name, 5), scene(name, 6)]
      expect(again.files).toEqual(a.files)
      expect(JSON.stringify(again.run().trace)).toBe(JSON.stringify(a.run().trace))
      expect(b.files).not.toEqual(a.files)
      expect(b.truth).not.toBe(a.truth)
    },
  )

  it('refuses a name that there is not, and says which is near', () => {
    expect(() => scene('ipp')).toThrow(/did you mean "ipip"/)
    expect(() => scene('ipip', 1.5)).toThrow(/whole number/)
  })
})

describe('variants', () => {
  it('are the same for the same name, however it is written', () => {
    expect(variant(' Ada LOVELACE ')).toBe(variant('ada lovelace'))
    expect(variant('Ada Lovelace')).toBe(2_551_461_758)
  })

  it('differ from student to student', () => {
    const seeds = Array.from({ length: 500 }, (_, i) => variant(`student ${i}`))
    expect(new Set(seeds).size).toBe(500)
  })
})
