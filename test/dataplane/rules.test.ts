// Each selector of `ip rule`, of both families: a question it holds for, and some it does not.
import { describe, expect, it } from 'vitest'
import { fib6Lookup, fibLookup, type RouteQuestion } from '../../src/dataplane/index.ts'
import type { Rule } from '../../src/model/index.ts'
import type { Ip, Prefix } from '../../src/wire/index.ts'
import { host, hostSim } from './ipv4/hosts.ts'
import { alone, host6 } from './ipv6/hosts6.ts'

type Selector = Partial<Rule>
type Question = Partial<RouteQuestion>

/** Whether a rule to table 7 takes a packet to 192.0.2.1 or 2001:db8::1, which else goes by the main table. */
function taken(family: 'inet' | 'inet6', selector: Selector, question: Question): boolean {
  const rule = (priority: number, more: Selector): Rule => ({ family, priority, action: 'lookup', ...more })
  const rules = [rule(0, { table: 'local' }), rule(9, { table: '7', ...selector }), rule(32766, { table: 'main' })]
  const routes = ['default dev eth0', 'default dev eth1 table 7']
  if (family === 'inet') {
    const devices = { eth0: { addresses: ['10.0.0.1/24'] }, eth1: { addresses: ['10.1.0.1/24'] } }
    const { ns } = hostSim(host('h', devices, routes, { rules }))
    return fibLookup(ns, { dst: '192.0.2.1' as Ip, ...question }).ref.dev === 'eth1'
  }
  const devices = { eth0: { addresses: ['fd00::1/64'] }, eth1: { addresses: ['fd00:1::1/64'] } }
  const { ns } = alone(host6('h', devices, routes, { rules }))
  return fib6Lookup(ns, { dst: '2001:db8::1' as Ip, ...question }).ref.dev === 'eth1'
}

/** Selectors that are spelled alike: [rule, questions it holds for, questions it does not]. */
const BOTH: readonly (readonly [Selector, readonly Question[], readonly Question[]])[] = [
  [{}, [{}], []],
  [{ not: true }, [], [{}]],
  [{ fwmark: 5 }, [{ mark: 5 }], [{}, { mark: 4 }, { mark: 0x105 }]],
  [{ fwmark: 0 }, [{}], [{ mark: 1 }]],
  [{ fwmark: 0x10, fwmask: 0xf0 }, [{ mark: 0x10 }, { mark: 0x213 }], [{ mark: 0x20 }, {}]],
  [{ fwmask: 0xf0 }, [{}, { mark: 0x100 }], [{ mark: 0x10 }]],
  [{ not: true, fwmark: 5 }, [{}, { mark: 4 }], [{ mark: 5 }]],
  [{ tos: 0 }, [{}, { tos: 8 }], []],
  [{ tos: 0x10 }, [{ tos: 0x10 }], [{}, { tos: 8 }]],
  [{ iif: 'eth1' }, [{ iif: 'eth1' }], [{}, { iif: 'eth0' }]],
  [{ iif: 'lo' }, [{}], [{ iif: 'eth0' }]],
  [{ iif: 'gone' }, [], [{}, { iif: 'eth0' }]],
  [{ oif: 'eth1' }, [{ oif: 'eth1' }], [{}, { oif: 'eth0' }]],
  [{ ipproto: 6 }, [{ ipproto: 6 }], [{}, { ipproto: 17 }]],
  [{ sport: { low: 10, high: 20 } }, [{ sport: 10 }, { sport: 20 }], [{ sport: 9 }, { sport: 21 }, { dport: 10 }]],
  [{ dport: { low: 10, high: 20 } }, [{ dport: 10 }, { dport: 20 }], [{ dport: 9 }, { dport: 21 }, { sport: 10 }]],
  [{ ipproto: 6, dport: { low: 7, high: 7 } }, [{ ipproto: 6, dport: 7 }], [{ ipproto: 6 }, { dport: 7 }]],
]

const FOUR: typeof BOTH = [
  [{ from: '10.9.0.0/16' as Prefix }, [{ src: '10.9.255.1' as Ip }], [{}, { src: '10.10.0.1' as Ip }]],
  [{ from: '0.0.0.0/0' as Prefix }, [{}, { src: '10.10.0.1' as Ip }], []],
  [{ to: '192.0.2.0/24' as Prefix }, [{}], [{ dst: '192.0.3.1' as Ip }]],
  [{ to: '192.0.2.1/32' as Prefix }, [{}], [{ dst: '192.0.2.2' as Ip }]],
]

const SIX: typeof BOTH = [
  [{ from: 'fd09::/16' as Prefix }, [{ src: 'fd09:ffff::1' as Ip }], [{}, { src: 'fd0a::1' as Ip }]],
  [{ from: 'fd09::/17' as Prefix }, [{ src: 'fd09:7fff::1' as Ip }], [{ src: 'fd09:8000::1' as Ip }]],
  [{ to: '2001:db8::/32' as Prefix }, [{}], [{ dst: '2001:db9::1' as Ip }]],
  [{ to: '2001:db8::1/128' as Prefix }, [{}], [{ dst: '2001:db8::2' as Ip }]],
]

describe.each([
  ['inet', [...BOTH, ...FOUR]],
  ['inet6', [...BOTH, ...SIX]],
] as const)('%s', (family, rows) => {
  it.each(rows.map(([selector, holds, fails]) => ({ selector, holds, fails })))(
    '$selector: $holds, not $fails',
    ({ selector, holds, fails }) => {
      for (const question of holds) expect([question, taken(family, selector, question)]).toEqual([question, true])
      for (const question of fails) expect([question, taken(family, selector, question)]).toEqual([question, false])
    },
  )
})

// The first rule that is not one of the usual three splits local from main. @linux net/ipv4/fib_frontend.c fib_unmerge
describe('local and main are one table, in which the longest prefix wins,', () => {
  const rule = (priority: number, table: string, more: Selector = {}): Rule => ({
    family: 'inet',
    priority,
    action: 'lookup',
    table,
    ...more,
  })
  const USUAL = [rule(0, 'local'), rule(32766, 'main'), rule(32767, 'default')]
  const answer = (rules: readonly Rule[]): string => {
    const model = host('h', { eth0: { addresses: ['10.0.0.1/24'] } }, ['127.0.0.8/32 via 10.0.0.2 dev eth0'], { rules })
    return fibLookup(hostSim(model).ns, { dst: '127.0.0.8' as Ip }).ref.dev ?? ''
  }
  it.each([
    ['without any rules', []],
    ['with the usual three', USUAL],
    ['by their numbers', [rule(0, '255'), rule(32766, '254'), rule(32767, '253')]],
    ['beside rules of IPv6', [...USUAL, { ...rule(9, '7'), family: 'inet6' as const }]],
  ])('%s', (_, rules) => expect(answer(rules)).toBe('eth0'))

  it.each<[string, Rule[]]>([
    ['one more', [...USUAL, rule(9, '7')]],
    ['one less', USUAL.slice(0, 2)],
    ['another priority', [USUAL[0]!, USUAL[1]!, rule(32768, 'default')]],
    ['another table', [USUAL[0]!, USUAL[1]!, rule(32767, '7')]],
    ['a selector', [USUAL[0]!, USUAL[1]!, rule(32767, 'default', { fwmark: 1 })]],
    ['a source', [USUAL[0]!, USUAL[1]!, rule(32767, 'default', { from: '10.0.0.0/8' as Prefix })]],
    ['another action', [USUAL[0]!, USUAL[1]!, rule(32767, 'default', { action: 'unreachable' })]],
    ['a suppressor', [USUAL[0]!, USUAL[1]!, rule(32767, 'default', { suppressPrefixlength: 0 })]],
  ])('but not with %s', (_, rules) => expect(answer(rules)).toBe('lo'))

  it('a negation that says nothing changes nothing', () => {
    expect(answer([USUAL[0]!, USUAL[1]!, rule(32767, 'default', { not: false })])).toBe('eth0')
  })
})
