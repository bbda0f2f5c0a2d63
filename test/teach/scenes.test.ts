// The canonical scenes: what each shows holds for any seed, and the seed changes what a student sees.
import { describe, expect, it } from 'vitest'
import { scene, scenes, variant } from '../../src/teach/index.ts'
import { hopsOf, type Trace } from '../../src/trace/index.ts'

const SEEDS = [1, 2, variant('Ada Lovelace')]

const tunnels = (trace: Trace): string[] => [...new Set(hopsOf(trace, 'encap').map(({ tunnel }) => tunnel))]

/** Nodes the request comes through. */
function requestPath(trace: Trace): readonly string[] {
  const path = trace.packets.find(({ role }) => role === 'request')?.path ?? []
  return path.filter((name) => trace.nodes.some((node) => node.name === name && node.role === 'node'))
}

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
  mtu: (trace) => [trace.ok, trace.disposition.kind, hopsOf(trace, 'icmp-error')[0]?.message],
  ipv6: (trace) => [trace.ok, hopsOf(trace, 'route')[0]?.via, hopsOf(trace, 'encap').length],
  'dual-stack': (trace) => [trace.ok, tunnels(trace).length],
  bgp: (trace) => [trace.ok, requestPath(trace).length],
  'the-gap': (trace) => [trace.ok, trace.disposition.kind],
  troubleshooting: (trace) => [trace.ok, trace.hops.some((hop) => hop.kind === 'drop' && !hop.harmless)],
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
  mtu: [false, 'error', 'fragmentation needed and DF set'],
  ipv6: [true, 'fe80::ecee:eeff:feee:eeee', 0],
  'dual-stack': [true, 1],
  bgp: [true, 2],
  'the-gap': [false, 'dropped'],
  troubleshooting: [false, true],
}

describe('canonical scenes', () => {
  it('are those of the list', () => {
    expect(scenes.map(({ name }) => name)).toEqual(Object.keys(EXPECTED))
  })

  it.each(scenes.flatMap(({ name }) => SEEDS.map((seed) => [name, seed] as const)))('%s, seed %i', (name, seed) => {
    const { trace } = scene(name, seed).run()
    expect(SEEN[name]?.(trace)).toEqual(EXPECTED[name])
  })

  it.each(['same-node', 'the-gap', 'troubleshooting'])('%s: the same seed gives the same bytes', (name) => {
    const [a, again] = [scene(name, 5), scene(name, 5)]
    expect(again.files).toEqual(a.files)
    expect(again.run().trace.hops).toEqual(a.run().trace.hops)
  })

  it.each(scenes.map(({ name }) => [name]))('%s: another seed gives other names and numbers', (name) => {
    const [a, b] = [scene(name, 5), scene(name, 6)]
    expect(b.files).not.toEqual(a.files)
    expect(b.question).not.toBe(a.question)
  })

  it('tell the truth from what happened, and ask without telling', () => {
    const { truth, question, toMarkdown, lab, to } = scene('no-encapsulation', 3)
    const server = String(lab.endpoint(to).address)
    expect(truth).toContain('dev eth0')
    expect(truth).toContain(server.split('.').slice(0, 3).join('.'))
    expect(`${question}${toMarkdown()}`).not.toContain(server)
  })

  it('are asked as the lab is then: what was changed is seen', () => {
    const { run, lab } = scene('ipip', 2)
    expect(run().ok).toBe(true)
    lab.sh(lab.cluster?.nodes[0]?.name ?? '', 'sysctl -w net.ipv4.ip_forward=0')
    expect(run().ok).toBe(false)
  })

  it('refuses a name that there is not, and says which is near', () => {
    expect(() => scene('ipp')).toThrow(/did you mean "ipip"/)
    expect(() => scene('ipip', 1.5)).toThrow(/whole number/)
  })
})

describe('the nodes and pods of a scene', () => {
  it.each(scenes.map(({ name }) => name))('%s: are those of its network, and who asks is one of the pods', (name) => {
    const { nodes, pods, from, lab } = scene(name)
    expect(nodes.map((node) => lab.network.namespaces[node]?.role)).toEqual(nodes.map(() => 'node'))
    expect(pods).toContain(from)
    expect(pods.map((pod) => lab.network.namespaces[pod]?.role)).toEqual(pods.map(() => 'pod'))
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
