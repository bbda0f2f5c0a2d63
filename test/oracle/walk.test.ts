import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import {
  address,
  cable,
  type DropCause,
  iface,
  type Network,
  namespace,
  networkOf,
  type Route,
  type Rule,
  route,
} from '../../src/model/index.ts'
import type { Ip, Prefix } from '../../src/wire/index.ts'
import { type Fate, walk } from './walk-oracle.ts'

const MOST = 6
const own = (n: number): string => `10.9.${n}.1`

/** One hand-made route or rule of a namespace. */
interface Wish {
  readonly at: number
  readonly dst: string
  readonly type: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw'
  readonly link: number
  readonly metric: number
  readonly table: '100' | 'main'
  readonly isDeadEnd: boolean
}

const destination = fc.oneof(
  fc.nat(MOST - 1).map((n) => `10.9.${n}.1/32`),
  fc.nat(MOST - 1).map((n) => `10.9.${n}.0/24`),
  fc.constantFrom('10.9.0.0/16', '10.8.0.0/13', '0.0.0.0/0', '10.9.0.0/22'),
)
const wishes = fc.array(
  fc.record({
    at: fc.nat(MOST - 1),
    dst: destination,
    type: fc.constantFrom('unicast', 'unicast', 'unicast', 'unicast', 'blackhole', 'unreachable', 'prohibit', 'throw'),
    link: fc.nat(7),
    metric: fc.nat(2),
    table: fc.constantFrom('main', 'main', '100'),
    isDeadEnd: fc.integer({ min: 0, max: 11 }).map((n) => n === 0),
  }),
  { minLength: 4, maxLength: 24 },
)
const rules = fc.array(
  fc.record({
    at: fc.nat(MOST - 1),
    from: fc.option(destination, { nil: undefined }),
    to: fc.option(destination, { nil: undefined }),
    priority: fc.integer({ min: 1, max: 40000 }),
  }),
  { maxLength: 4 },
)
const links = fc.array(fc.tuple(fc.nat(MOST - 1), fc.nat(MOST - 1)), { minLength: 4, maxLength: 10 })

type RuleWish = { at: number; from: string | undefined; to: string | undefined; priority: number }

/** Routers joined by wires of a /30 each, with the routes and rules asked for. */
function build(
  cables: readonly (readonly [number, number])[],
  wanted: readonly Wish[],
  extra: readonly RuleWish[],
): Network {
  const wires = cables.filter(([a, b]) => a !== b)
  const ends = wires.flatMap(([a, b], i) => [
    { at: a, dev: `w${i}`, local: `10.0.${i}.1`, peer: `10.0.${i}.2` },
    { at: b, dev: `w${i}`, local: `10.0.${i}.2`, peer: `10.0.${i}.1` },
  ])
  const routers = Array.from({ length: MOST }, (_, n) => {
    const mine = ends.filter((end) => end.at === n)
    const routes = wanted.flatMap((wish): Route[] => {
      const { dst, type, metric, table } = wish
      if (wish.at !== n) return []
      if (type !== 'unicast') return [route(dst, { type, metric, table })]
      const end = mine[wish.link % Math.max(1, mine.length)]
      if (end === undefined) return []
      return [route(dst, { ...(wish.isDeadEnd ? {} : { via: end.peer }), dev: end.dev, metric, table })]
    })
    const key = (one: Route): string => `${one.table} ${one.dst} ${one.metric ?? 0}`
    const single = routes.filter((one, i) => routes.findIndex((other) => key(other) === key(one)) === i)
    return namespace(`r${n}`, {
      role: 'router',
      forwarding: true,
      interfaces: [
        iface({ name: 'd0', kind: 'dummy', addresses: [address(`${own(n)}/32`)] }),
        ...mine.map(({ dev, local }) => iface({ name: dev, addresses: [`${local}/30`], mac: macOf(n, dev) })),
      ],
      routes: single,
      rules: rulesOf(extra.filter((rule) => rule.at === n)),
    })
  })
  return networkOf(
    routers,
    wires.map(([a, b], i) => cable([`r${a}`, `w${i}`], [`r${b}`, `w${i}`])),
  )
}

function macOf(n: number, dev: string): string {
  return `02:00:00:00:0${n}:${Number(dev.slice(1)).toString(16).padStart(2, '0')}`
}

function rulesOf(wanted: readonly RuleWish[]): Rule[] {
  const standard = [
    { priority: 0, table: 'local' },
    { priority: 32766, table: 'main' },
    { priority: 32767, table: 'default' },
  ]
  const made = wanted.map(({ from, to, priority }): Rule => {
    const ends = {
      ...(from === undefined ? {} : { from: from as Prefix }),
      ...(to === undefined ? {} : { to: to as Prefix }),
    }
    return { family: 'inet', action: 'lookup', table: '100', priority, ...ends }
  })
  const all = [...standard.map((rule): Rule => ({ family: 'inet', action: 'lookup', ...rule })), ...made]
  const seen = new Set<number>()
  return all.filter(({ priority }) => !seen.has(priority) && seen.add(priority)).sort((a, b) => a.priority - b.priority)
}

/** The oracle's word for the engine's cause. */
const FATES: Partial<Record<DropCause, Fate>> = {
  no_socket_udp: 'delivered',
  no_socket_icmp: 'delivered',
  ttl_exceeded: 'ttl exceeded',
  martian_source: 'martian source',
  route_blackhole: 'blackhole',
  route_unreachable: 'unreachable',
  route_prohibit: 'prohibit',
  no_route: 'no route',
  no_route_local: 'no route',
  neighbour_failed: 'nobody there',
}

/** Fates a program is told at once, before any packet is made. */
const REFUSED: ReadonlySet<Fate> = new Set(['no route', 'unreachable', 'blackhole', 'prohibit'])

describe('random networks: the engine goes the way the oracle walks', () => {
  it.each(['ping', 'udp'] as const)('%s: namespaces, TTL at each hop, fate', { timeout: 120_000 }, (kind) => {
    const fates = new Map<Fate, number>()
    fc.assert(
      fc.property(
        links,
        wishes,
        rules,
        fc.nat(MOST - 1),
        fc.nat(MOST - 1),
        fc.constantFrom(64, 64, 1, 2, 3, 255),
        (cables, wanted, extra, a, b, ttl) => {
          fc.pre(a !== b)
          const network = build(cables, wanted, extra)
          const lab = Lab.fromNetwork(network)
          const { trace } =
            kind === 'ping'
              ? lab.ping(`r${a}`, own(b), { ttl, count: 1, source: own(a) as Ip })
              : lab.udp(`r${a}`, own(b), 5300, { ttl, server: false, timeout: 10, source: `10.9.${a}.1` as Ip })
          const request = trace.packets.find((packet) => packet.role === 'request')
          const wished = walk(network, `r${a}`, own(a), own(b), ttl)
          fates.set(wished.fate, (fates.get(wished.fate) ?? 0) + 1)
          if (request === undefined) {
            expect(trace.disposition.kind).toBe('not-sent')
            expect([wished.path.length, REFUSED.has(wished.fate)]).toEqual([1, true])
            return
          }
          expect(request.path).toEqual(wished.path)
          const ttls = trace.hops.flatMap((hop) =>
            hop.packet === request.id && hop.kind === 'forward' ? [hop.ttlAfter] : [],
          )
          expect(ttls.slice(0, wished.ttls.length - 1)).toEqual(wished.ttls.slice(1))
          expect(fateOf(request.end, request.cause)).toBe(wished.fate)
        },
      ),
      { numRuns: 400, seed: 1 },
    )
    expect([...fates.keys()].sort()).toEqual(
      [
        'blackhole',
        'delivered',
        'martian source',
        'no route',
        'nobody there',
        'prohibit',
        'ttl exceeded',
        'unreachable',
      ].sort(),
    )
  })
})

function fateOf(end: string, cause: DropCause | undefined): string {
  if (cause === undefined) return end === 'delivered' || end === 'consumed' ? 'delivered' : end
  return FATES[cause] ?? cause
}
