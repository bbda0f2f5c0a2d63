// Whoever decides says why: the engine's own walk over IPv6 rules and tables tells what it met.
import { describe, expect, it } from 'vitest'
import { fib6Lookup, type RouteQuestion } from '../../../src/dataplane/index.ts'
import type { Neighbour, Rule } from '../../../src/model/index.ts'
import type { Ip } from '../../../src/wire/index.ts'
import { alone, host6 } from './hosts6.ts'

const DEVICES = {
  eth0: { addresses: ['fd00::1/64'] },
  eth1: { addresses: ['fd01::1/64'] },
  off: { down: true },
}

const rule = (priority: number, table: string, more: Partial<Rule> = {}): Rule => ({
  family: 'inet6',
  priority,
  action: 'lookup',
  table,
  ...more,
})

const silent = (dst: string, dev: string): Neighbour => ({ dst: dst as Ip, dev, state: 'FAILED' })

interface Case {
  readonly name: string
  readonly routes: readonly string[]
  readonly rules?: readonly Rule[]
  readonly neighbours?: readonly Neighbour[]
  readonly router?: boolean
  readonly ask?: Partial<RouteQuestion>
  readonly met: readonly string[]
}

const CASES: readonly Case[] = [
  {
    name: 'the longest prefix wins',
    routes: ['default via fd00::9 dev eth0', 'fd09::/64 dev eth1'],
    met: ['fd09::/64 main 32766 won', '::/0 main 32766 shorter-prefix'],
  },
  {
    name: 'the lowest metric wins',
    routes: ['fd09::/64 dev eth0 metric 20', 'fd09::/64 dev eth1 metric 10'],
    met: ['fd09::/64 main 32766 won', 'fd09::/64 main 32766 higher-metric'],
  },
  {
    name: 'of equals the one listed first',
    routes: ['fd09::/64 dev eth1', 'fd09::/64 dev eth0'],
    met: ['fd09::/64 main 32766 won', 'fd09::/64 main 32766 listed-later'],
  },
  {
    name: 'a router that is preferred, though it is listed later',
    routes: ['default via fd00::9 dev eth0 pref low', 'default via fd01::9 dev eth1 pref high'],
    met: ['::/0 main 32766 lower-preference', '::/0 main 32766 won'],
  },
  {
    name: 'a device that is down takes its route out',
    routes: ['default via fd00::9 dev eth0', 'fd09::/64 dev off'],
    met: ['fd09::/64 main 32766 device-down', '::/0 main 32766 won'],
  },
  {
    name: 'the sender insists on a device',
    routes: ['default via fd00::9 dev eth0', 'fd09::/64 dev eth1'],
    ask: { oif: 'eth0' },
    met: ['fd09::/64 main 32766 not-the-output-device', '::/0 main 32766 won'],
  },
  {
    name: 'a sender with a source of its own only prefers the device, within a prefix',
    routes: ['default via fd00::9 dev eth0', 'fd09::/64 dev eth1'],
    ask: { oif: 'eth0', src: 'fd00::1' as Ip },
    met: ['fd09::/64 main 32766 won', '::/0 main 32766 shorter-prefix'],
  },
  {
    name: 'a host passes over a router that does not answer',
    routes: ['default via fd00::9 dev eth0', 'default via fd01::9 dev eth1'],
    neighbours: [silent('fd00::9', 'eth0')],
    met: ['::/0 main 32766 unreachable-router', '::/0 main 32766 won'],
  },
  {
    name: 'a router does not ask after other routers',
    routes: ['default via fd00::9 dev eth0 metric 10', 'default via fd01::9 dev eth1 metric 20'],
    neighbours: [silent('fd00::9', 'eth0')],
    router: true,
    met: ['::/0 main 32766 won', '::/0 main 32766 higher-metric'],
  },
  {
    name: 'a route that refuses ends the search',
    routes: ['default via fd00::9 dev eth0', 'unreachable fd09::/64'],
    met: ['fd09::/64 main 32766 won', '::/0 main 32766 shorter-prefix'],
  },
  {
    name: 'a throw route asks the next rule',
    routes: ['default via fd00::9 dev eth0', 'throw fd09::/64 table 100'],
    rules: [rule(10, '100'), rule(20, 'main')],
    met: ['fd09::/64 100 10 throw', '::/0 main 20 won'],
  },
  {
    name: 'a rule suppresses short prefixes',
    routes: ['default via fd00::9 dev eth0 table 100', 'fd09::/64 dev eth1'],
    rules: [rule(10, '100', { suppressPrefixlength: 0 }), rule(20, 'main')],
    met: ['::/0 100 10 suppressed', 'fd09::/64 main 20 won'],
  },
  {
    name: 'tables behind the one that answers are not asked',
    routes: ['fd09::/64 dev eth1', 'default via fd00::9 dev eth0 table 100'],
    rules: [rule(10, 'main'), rule(20, '100')],
    met: ['fd09::/64 main 10 won'],
  },
  {
    name: 'a goto leaps over rules',
    routes: ['fd09::/64 dev eth1', 'default via fd00::9 dev eth0 table 100'],
    rules: [{ family: 'inet6', priority: 5, action: 'goto', goto: 20 }, rule(10, 'main'), rule(20, '100')],
    met: ['::/0 100 20 won'],
  },
  {
    name: 'a rule that refuses ends the search before any table',
    routes: ['fd09::/64 dev eth1'],
    rules: [{ family: 'inet6', priority: 5, action: 'prohibit' }, rule(10, 'main')],
    met: [],
  },
  { name: 'nothing contains the destination', routes: [], met: [] },
]

describe('candidates of an IPv6 lookup', () => {
  it.each(CASES)('$name', ({ routes, rules, neighbours, router, ask, met }) => {
    const more = {
      ...(rules === undefined ? {} : { rules }),
      ...(neighbours === undefined ? {} : { neighbours }),
      ...(router === undefined ? {} : { router }),
    }
    const { ns } = alone(host6('h', DEVICES, routes, more))
    const { ref } = fib6Lookup(ns, { dst: 'fd09::9' as Ip, ...ask })
    const lines = ref.candidates.map((one) => `${one.route.dst} ${one.table} ${one.rulePriority} ${one.lost ?? 'won'}`)
    expect(lines).toEqual(met)
    expect(ref.candidates.filter((one) => one.lost === undefined).map((one) => one.route)).toEqual(
      ref.route === undefined ? [] : [ref.route],
    )
  })
})
