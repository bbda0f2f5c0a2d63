import { describe, expect, it } from 'vitest'
import { Recorder } from '../../../src/dataplane/index.ts'
import { TableCompiler } from '../../../src/dataplane/netfilter/compile-table.ts'
import { parseNamespaceDump } from '../../../src/linux/index.ts'
import { type IptRule, type Match, Network, type Target } from '../../../src/model/index.ts'
import { hitsBetween } from '../../../src/replay/netfilter-tables.ts'
import { bench, type HookName, table, udp } from './bench.ts'

const WALKS: readonly {
  readonly name: string
  readonly rules: readonly string[]
  readonly hits: readonly string[]
  readonly verdict: number
}[] = [
  { name: 'falls through to the policy', rules: ['-A FORWARD'], hits: ['FORWARD 1', 'policy'], verdict: 1 },
  {
    name: 'first terminating rule wins',
    rules: ['-A FORWARD -j ACCEPT', '-A FORWARD -j DROP'],
    hits: ['FORWARD 1'],
    verdict: 1,
  },
  {
    name: 'jump comes back',
    rules: ['-A FORWARD -j one', '-A FORWARD -j DROP', '-A one'],
    hits: ['FORWARD 1', 'one 1', 'FORWARD 2'],
    verdict: 0,
  },
  {
    name: 'RETURN comes back',
    rules: ['-A FORWARD -j one', '-A FORWARD', '-A one -j RETURN', '-A one -j DROP'],
    hits: ['FORWARD 1', 'one 1', 'FORWARD 2', 'policy'],
    verdict: 1,
  },
  {
    name: 'goto returns to whoever jumped last',
    rules: ['-A FORWARD -j one', '-A FORWARD', '-A one -g two', '-A one -j DROP', '-A two'],
    hits: ['FORWARD 1', 'one 1', 'two 1', 'FORWARD 2', 'policy'],
    verdict: 1,
  },
  {
    name: 'goto from a base chain ends at its policy',
    rules: ['-A FORWARD -g one', '-A FORWARD -j DROP', '-A one'],
    hits: ['FORWARD 1', 'one 1', 'policy'],
    verdict: 1,
  },
  {
    name: 'RETURN in a base chain is its policy',
    rules: ['-A FORWARD -j RETURN', '-A FORWARD -j DROP'],
    hits: ['FORWARD 1', 'policy'],
    verdict: 1,
  },
  {
    name: 'MARK goes on, later matches see it',
    rules: ['-A FORWARD -j MARK --set-xmark 0x1/0x1', '-A FORWARD -m mark --mark 0x1/0x1 -j DROP'],
    hits: ['FORWARD 1', 'FORWARD 2'],
    verdict: 0,
  },
]

describe('walking chains', () => {
  it.each(WALKS)('$name', ({ rules, hits, verdict }) => {
    const b = bench(table('filter', ...rules))
    const recorder = new Recorder()
    b.sim.recorder = recorder
    expect(b.hook('FORWARD', udp(b), 'in0', 'out0')).toBe(verdict)
    const seen: string[] = []
    for (let i = 0; i < recorder.length; i++) {
      const event = recorder.eventAt(i)
      if (event.kind !== 'rule') continue
      seen.push(event.hit.rule === undefined ? 'policy' : `${event.hit.chain} ${event.position}`)
    }
    expect(seen).toEqual(hits)
  })

  it('a policy of DROP drops and is counted', () => {
    const b = bench(table('filter').replace(':FORWARD ACCEPT', ':FORWARD DROP'))
    const before = b.ns.nf?.counters('inet') ?? []
    expect(b.hook('FORWARD', udp(b), 'in0', 'out0')).toBe(0)
    expect(b.drops).toEqual(['netfilter_drop'])
    expect(hitsBetween(before, b.ns.nf?.counters('inet') ?? [], 'inet')).toBe('*filter\n[1:52] :FORWARD DROP\n')
  })

  it('hits are differences, table by table, with policies first', () => {
    const b = bench(table('raw', '-A PREROUTING -i in0') + table('filter', '-A FORWARD -j one', '-A one -p udp'))
    b.across(udp(b))
    const before = b.ns.nf?.counters('inet') ?? []
    b.across(udp(b))
    b.across(udp(b))
    expect(hitsBetween(before, b.ns.nf?.counters('inet') ?? [], 'inet')).toBe(
      [
        '*raw',
        '[2:104] :PREROUTING ACCEPT',
        '[2:104] -A PREROUTING -i in0',
        '*filter',
        '[2:104] :FORWARD ACCEPT',
        '[2:104] -A FORWARD -j one',
        '[2:104] -A one -p udp',
        '',
      ].join('\n'),
    )
  })

  it('30 chains that each jump twice to the next are given up, by name', () => {
    const n = 30
    const twice = (from: string, to: string) => [`-A ${from} -j ${to}`, `-A ${from} -j ${to}`]
    const chains = Array.from({ length: n - 1 }, (_, i) => twice(`c${i}`, `c${i + 1}`)).flat()
    const b = bench(table('filter', ...twice('FORWARD', 'c0'), ...chains, `-A c${n - 1}`))
    b.hook('FORWARD', udp(b), 'in0', 'out0')
    expect(b.drops).toEqual(['netfilter_unmodelled'])
  })

  it('10,000 rules in a row are decided', () => {
    const b = bench(table('filter', ...Array.from({ length: 10_000 }, () => '-A FORWARD -i other')))
    expect(b.hook('FORWARD', udp(b), 'in0', 'out0')).toBe(1)
  })

  // include/uapi/linux/netfilter_ipv4.h: raw -300, mangle -150, nat -100 or 100, filter 0, security 50
  it.each<[HookName, string[]]>([
    ['PREROUTING', ['raw', 'mangle', 'nat']],
    ['INPUT', ['mangle', 'filter', 'security', 'nat']],
    ['FORWARD', ['mangle', 'filter', 'security']],
    ['OUTPUT', ['raw', 'mangle', 'nat', 'filter', 'security']],
    ['POSTROUTING', ['mangle', 'nat']],
  ])('at %s: %j', (hook, order) => {
    const chains: Readonly<Record<string, readonly string[]>> = {
      security: ['INPUT', 'FORWARD', 'OUTPUT'],
      nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
      filter: ['INPUT', 'FORWARD', 'OUTPUT'],
      mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
      raw: ['PREROUTING', 'OUTPUT'],
    }
    // A rule in each chain; one that makes the nat tables track.
    const text = Object.entries(chains).map(([name, all]) => {
      const rules = all.map((one) => `-A ${one}`)
      if (name === 'nat') rules.push('-A POSTROUTING -o nowhere -j MASQUERADE')
      return [`*${name}`, ...all.map((one) => `:${one} ACCEPT [0:0]`), ...rules, 'COMMIT', ''].join('\n')
    })
    const b = bench(text.join(''))
    const recorder = new Recorder()
    const skb = udp(b, 1, 2, { src: hook === 'OUTPUT' ? '192.0.2.1' : '10.0.0.2' })
    const out = hook === 'INPUT' || hook === 'PREROUTING' ? undefined : 'out0'
    if (hook !== 'PREROUTING' && hook !== 'OUTPUT') b.hook('PREROUTING', skb, 'in0')
    b.sim.recorder = recorder
    b.hook(hook, skb, hook === 'OUTPUT' || hook === 'POSTROUTING' ? undefined : 'in0', out)
    const seen = Array.from({ length: recorder.length }, (_, i) => recorder.eventAt(i)).flatMap((event) =>
      event.kind === 'rule' && event.hit.rule !== undefined ? [event.hit.table] : [],
    )
    expect(seen).toEqual(order)
  })

  it('tables of a hook run in kernel order', () => {
    const b = bench(
      table('filter', '-A FORWARD -m mark --mark 0x3 -j DROP') +
        table('mangle', '-A PREROUTING -j MARK --set-xmark 0x2/0x2', '-A FORWARD') +
        table('raw', '-A PREROUTING -m mark --mark 0x0 -j MARK --set-xmark 0x1/0x1'),
    )
    expect(b.across(udp(b))).toBe(false)
    expect(b.hits('filter', 'FORWARD')).toBe(1)
  })
})

function edit(network: Network, iptables: string): Network {
  const { iptables: rules } = parseNamespaceDump('r', 'router', { 'iptables.txt': iptables }).namespace
  const r = network.namespaces['r']!
  return new Network({ ...network.toJSON(), namespaces: { r: { ...r, ...(rules ? { iptables: rules } : {}) } } })
}

describe('edits and snapshots', () => {
  const RULE = '-A FORWARD -m statistic --mode nth --every 2 --packet 0 -j DROP'

  it('counters stay with rules that stay', () => {
    const b = bench(table('filter', '-A FORWARD -i in0', '-A FORWARD -p udp'))
    b.hook('FORWARD', udp(b), 'in0', 'out0')
    b.sim.setNetwork(edit(b.sim.network, table('filter', '-A FORWARD -p tcp', '-A FORWARD -p udp')))
    expect([b.hits('filter', 'FORWARD', 0), b.hits('filter', 'FORWARD', 1)]).toEqual([0, 1])
  })

  it('what a rule remembers is lost when its table changes, and only then', () => {
    const b = bench(table('filter', RULE))
    const verdict = () => b.hook('FORWARD', udp(b), 'in0', 'out0')
    expect(verdict()).toBe(0)
    b.sim.setNetwork(edit(b.sim.network, table('filter', RULE)))
    expect(verdict()).toBe(1)
    expect(verdict()).toBe(0)
    b.sim.setNetwork(edit(b.sim.network, table('filter', RULE, '-A OUTPUT')))
    expect(verdict()).toBe(0)
  })

  it('a snapshot brings back connections, counters and memories', () => {
    const b = bench(table('filter', RULE, '-A FORWARD -m conntrack --ctstate ESTABLISHED'))
    b.across(udp(b, 1, 2))
    b.across(udp(b, 3, 4))
    const saved = b.sim.snapshot()
    const counters = b.ns.nf?.counters('inet')
    const conns = b.ns.nf?.conntrack()
    b.across(udp(b, 5, 6))
    b.ns.nf?.flushConntrack()
    b.sim.restore(saved)
    const ns = b.sim.netns('r')
    expect(ns.nf?.conntrack()).toEqual(conns)
    expect(ns.nf?.counters('inet')).toEqual(counters)
    expect(b.hook('FORWARD', udp(b), 'in0', 'out0')).toBe(0)
  })
})

it('a jump is followed when a packet takes it: until then nobody reads where it leads', () => {
  let asked = 0
  const jump = (to: string): Target => ({
    kind: 'jump',
    get chain() {
      asked++
      return to
    },
  })
  const port = (n: number): Match => ({ kind: 'udp', dport: { low: n, high: n } })
  const rule = (n: number): IptRule => ({
    matches: [{ kind: 'protocol', protocol: 17 }, port(n)],
    target: jump(`c${n}`),
  })
  const chains = { FORWARD: { policy: 'ACCEPT', rules: [rule(1), rule(53), rule(54)] }, c53: { rules: [] } } as const
  const table = new TableCompiler('inet', 'filter', { chains }, () => undefined, null)
  const { rules } = table.chain('FORWARD')!
  expect([rules.length, asked]).toEqual([3, 0])
  expect(rules[1]!.action).toMatchObject({ kind: 'jump', chain: { name: 'c53' } })
  expect(rules[0]!.action.kind).toBe('call')
})
