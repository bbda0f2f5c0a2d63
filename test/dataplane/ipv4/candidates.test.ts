// Whoever decides says why: the engine's own walk over rules and tables tells what it met.
import { describe, expect, it } from 'vitest'
import { fibLookup, type RouteQuestion, Simulation } from '../../../src/dataplane/index.ts'
import { iface, namespace, networkOf, type Route, type Rule, route } from '../../../src/model/index.ts'
import { type Ip, parseIp } from '../../../src/wire/index.ts'

const ip = (text: string): Ip => parseIp(text)!

function met(routes: readonly Route[], question: Partial<RouteQuestion>, rules: readonly Rule[] = []): string[] {
  const interfaces = [
    iface({ name: 'eth0', addresses: ['10.0.0.1/24'] }),
    iface({ name: 'eth1', addresses: ['10.1.0.1/24'] }),
    iface({ name: 'off', up: false, addresses: [] }),
  ]
  const network = networkOf([namespace('n', { interfaces, routes, rules })])
  const { ref } = fibLookup(new Simulation(network).netns('n'), { dst: ip('10.9.0.9'), ...question })
  return ref.candidates.map((one) => `${one.route.dst} ${one.table} ${one.rulePriority} ${one.lost ?? 'won'}`)
}

const rule = (priority: number, table: string, more: Partial<Rule> = {}): Rule => ({
  family: 'inet',
  priority,
  action: 'lookup',
  table,
  ...more,
})

const dfl = route('default', { dev: 'eth0' })
const block = route('10.9.0.0/16', { dev: 'eth1' })

const CASES: readonly {
  readonly name: string
  readonly routes: readonly Route[]
  readonly rules?: readonly Rule[]
  readonly ask?: Partial<RouteQuestion>
  readonly met: readonly string[]
}[] = [
  {
    name: 'the longest prefix wins',
    routes: [dfl, block],
    met: ['10.9.0.0/16 main 32766 won', '0.0.0.0/0 main 32766 shorter-prefix'],
  },
  {
    name: 'the lowest metric wins',
    routes: [route('default', { dev: 'eth0', metric: 20 }), route('default', { dev: 'eth1', metric: 10 })],
    met: ['0.0.0.0/0 main 32766 won', '0.0.0.0/0 main 32766 higher-metric'],
  },
  {
    name: 'a device that is down takes its route out',
    routes: [dfl, route('10.9.0.0/16', { dev: 'off' })],
    met: ['10.9.0.0/16 main 32766 device-down', '0.0.0.0/0 main 32766 won'],
  },
  {
    name: 'the sender insists on a device',
    routes: [dfl, block],
    ask: { oif: 'eth0' },
    met: ['10.9.0.0/16 main 32766 not-the-output-device', '0.0.0.0/0 main 32766 won'],
  },
  {
    name: 'only three bits of the TOS count: 0x50 is 0x10 to a route',
    routes: [dfl, route('default', { dev: 'eth1', tos: 0x10 })],
    ask: { tos: 0x50 },
    met: ['0.0.0.0/0 main 32766 won', '0.0.0.0/0 main 32766 listed-later'],
  },
  {
    name: 'a route for another TOS',
    routes: [dfl, route('default', { dev: 'eth1', tos: 0x10 })],
    ask: { tos: 0x08 },
    met: ['0.0.0.0/0 main 32766 tos', '0.0.0.0/0 main 32766 won'],
  },
  {
    name: 'a throw route asks the next rule',
    routes: [dfl, route('10.9.0.0/16', { type: 'throw', table: '100' })],
    rules: [rule(10, '100'), rule(20, 'main')],
    met: ['10.9.0.0/16 100 10 throw', '0.0.0.0/0 main 20 won'],
  },
  {
    name: 'a rule suppresses short prefixes',
    routes: [route('default', { dev: 'eth0', table: '100' }), block],
    rules: [rule(10, '100', { suppressPrefixlength: 0 }), rule(20, 'main')],
    met: ['0.0.0.0/0 100 10 suppressed', '10.9.0.0/16 main 20 won'],
  },
  {
    name: 'tables behind the one that answers are not asked',
    routes: [block, route('default', { dev: 'eth0', table: '100' })],
    rules: [rule(10, 'main'), rule(20, '100')],
    met: ['10.9.0.0/16 main 10 won'],
  },
  {
    name: 'a goto leaps over rules',
    routes: [block, route('default', { dev: 'eth0', table: '100' })],
    rules: [{ family: 'inet', priority: 5, action: 'goto', goto: 20 }, rule(10, 'main'), rule(20, '100')],
    met: ['0.0.0.0/0 100 20 won'],
  },
  { name: 'nothing contains the destination', routes: [], met: [] },
]

describe('candidates of a lookup', () => {
  it.each(CASES)('$name', ({ routes, rules, ask, met: want }) => {
    expect(met(routes, ask ?? {}, rules)).toEqual(want)
  })
})
