// Several next hops of one route. @linux net/ipv6/route.c fib6_select_path
import { describe, expect, it } from 'vitest'
import type { NetNs } from '../../../src/dataplane/index.ts'
import type { Route } from '../../../src/model/index.ts'
import type { Ip } from '../../../src/wire/index.ts'
import { alone, host6, key, route6 } from './hosts6.ts'

const DEVICES = {
  eth0: { addresses: ['fd00:0:0:1::1/64', 'fe80::1/64'] },
  eth1: { addresses: ['fd00:0:0:2::1/64', 'fe80::2/64'] },
}

function host(weights: readonly [number, number], sysctls: Record<string, string> = {}, down = false): NetNs {
  const devices = down ? { ...DEVICES, eth1: { ...DEVICES.eth1, down } } : DEVICES
  const model = host6('h', devices, [], { sysctls })
  const nexthops = [
    { via: 'fd00:0:0:1::9' as Ip, dev: 'eth0', weight: weights[0] },
    { via: 'fd00:0:0:2::9' as Ip, dev: 'eth1', weight: weights[1] },
  ]
  const route = { ...route6('2001:db8::/32'), nexthops } as Route
  return alone({ ...model, routes: [...model.routes, route] }).ns
}

interface Asked {
  readonly to?: string
  readonly from?: string
  readonly proto?: number
  readonly sport?: number
  readonly dport?: number
}

function deviceFor(ns: NetNs, { to = '2001:db8::1', from = 'fd00:0:0:1::1', ...ports }: Asked): string {
  const flow = {
    daddr: key(to),
    saddr: key(from),
    tclass: 0,
    mark: 0,
    oif: null,
    proto: 17,
    sport: 0,
    dport: 0,
    ...ports,
  }
  const rt = ns.sim.stack.ip6RouteOutput(ns, flow)
  return typeof rt === 'string' ? rt : rt.dev.name
}

/** The share of eth1 among many flows. */
function share(ns: NetNs, flow: (i: number) => Asked, count = 1000): number {
  let second = 0
  for (let i = 0; i < count; i++) if (deviceFor(ns, flow(i)) === 'eth1') second++
  return second / count
}

const destinations = (i: number): Asked => ({ to: `2001:db8::${(i + 1).toString(16)}` })

describe('several next hops', () => {
  it.each([
    { weights: [1, 1], want: 0.5 },
    { weights: [1, 3], want: 0.75 },
    { weights: [9, 1], want: 0.1 },
  ] as const)('$weights share flows by weight', ({ weights, want }) => {
    expect(Math.abs(share(host(weights), destinations) - want)).toBeLessThan(0.06)
  })

  it('one flow always goes one way', () => {
    const ns = host([1, 1])
    for (let i = 0; i < 50; i++) expect(deviceFor(ns, destinations(i))).toBe(deviceFor(ns, destinations(i)))
  })

  it('one on a device that is down has no share', () => {
    expect(share(host([1, 9], {}, true), destinations, 100)).toBe(0)
  })

  it.each<[string, string, (i: number) => Asked, boolean]>([
    ['destinations', '0', destinations, true],
    ['sources', '0', (i) => ({ from: `fd00:0:0:1::${(i + 1).toString(16)}` }), true],
    ['ports', '0', (i) => ({ sport: i, dport: 53 }), false],
    ['source ports, with policy 1', '1', (i) => ({ sport: i, dport: 53 }), true],
    ['destination ports, with policy 1', '1', (i) => ({ sport: 7, dport: i }), true],
    ['protocols, with policy 1', '1', (i) => ({ proto: i & 255 }), true],
  ])('tells %s apart (fib_multipath_hash_policy %s): $3', (_, policy, flow, apart) => {
    const part = share(host([1, 1], { 'net.ipv6.fib_multipath_hash_policy': policy }), flow, 200)
    expect(part > 0 && part < 1).toBe(apart)
  })
})
