// Routing tables and rules from seeds, asked many questions: what is found, what lost and why, what `ip route get` says.
import { describe } from 'vitest'
import {
  fib6Lookup,
  fibLookup,
  type NetNs,
  type RouteQuestion,
  routeGet,
  Simulation,
} from '../../src/dataplane/index.ts'
import {
  cable,
  iface,
  type Namespace,
  type Network,
  namespace,
  networkOf,
  type Route,
  type Rule,
} from '../../src/model/index.ts'
import { type Ip, type Prefix, prefixOf } from '../../src/wire/index.ts'
import { Random } from '../robustness/random.ts'
import { goldens } from '../support/golden.ts'

const TABLES = ['main', 'main', 'main', 'local', 'default', '100', '200'] as const
const DEVS = ['eth0', 'eth1', 'eth2', 'down0', 'lo'] as const
const GATEWAYS = ['10.0.0.2', '10.0.0.3', '10.1.0.2', '10.1.0.9', '10.2.0.7', '192.0.2.1'] as const
const GATEWAYS6 = ['fd00::2', 'fd00:1::2', 'fe80::7', 'fd00:2::9'] as const
const POINTS = [
  '192.0.2.1',
  '192.0.2.129',
  '192.0.3.77',
  '198.51.100.5',
  '10.0.0.7',
  '10.0.0.1',
  '10.1.0.255',
  '127.0.0.1',
  '224.0.0.9',
  '255.255.255.255',
  '8.8.8.8',
  '0.0.0.0',
  '10.2.0.1',
] as const
const POINTS6 = [
  '2001:db8::1',
  '2001:db8:8000::1',
  '2001:db9::7',
  'fd00::1',
  'fd00:1::77',
  'fe80::7',
  'ff02::1',
  '::1',
  '2606::1',
] as const
const TYPES = [
  'unicast',
  'unicast',
  'unicast',
  'unicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'local',
] as const

class Draw extends Random {
  point(six: boolean): Ip {
    return this.pick(six ? POINTS6 : POINTS) as Ip
  }
  prefix(six: boolean): Prefix {
    const lengths = six ? [0, 0, 16, 32, 33, 64, 128] : [0, 0, 8, 16, 23, 24, 25, 32]
    return prefixOf(this.point(six), this.pick(lengths))
  }
  maybe(key: string, values: readonly unknown[], often = 3): object {
    return this.oneIn(often) ? { [key]: this.pick(values) } : {}
  }
}

function routeOf(draw: Draw, six: boolean): Route {
  const family = six ? 'inet6' : 'inet'
  const type = draw.pick(TYPES)
  const gateways = six ? GATEWAYS6 : GATEWAYS
  const head = {
    family,
    dst: draw.prefix(six),
    type,
    table: draw.pick(TABLES),
    protocol: 'static',
    metric: draw.pick(six ? [1024, 1024, 100, 5] : [0, 0, 10, 20]),
  }
  if (type !== 'unicast')
    return { ...head, scope: type === 'local' ? 'host' : 'global', ...(type === 'local' ? { dev: 'lo' } : {}) } as Route
  const hop = (): object => ({ ...draw.maybe('via', gateways, 1.5), dev: draw.pick(DEVS.slice(0, 4)) })
  const more = {
    ...draw.maybe('mtu', [1400, 576], 6),
    ...draw.maybe('src', six ? ['fd00::1', 'fd00:1::1'] : ['10.0.0.1', '10.1.0.1'], 5),
    ...(six ? draw.maybe('pref', ['low', 'high']) : draw.maybe('tos', [16, 8], 5)),
  }
  if (draw.oneIn(4)) {
    const nexthops = Array.from({ length: 2 + draw.below(2) }, () => ({
      ...hop(),
      via: draw.pick(gateways),
      weight: 1 + draw.below(3),
    }))
    return { ...head, scope: 'global', nexthops, ...more } as unknown as Route
  }
  const { via, ...rest } = hop() as { via?: string }
  return {
    ...head,
    ...rest,
    ...(via === undefined ? { scope: 'link' } : { via, scope: 'global', ...draw.maybe('onlink', [true], 4) }),
    ...more,
  } as unknown as Route
}

function ruleOf(draw: Draw, six: boolean, priority: number): Rule {
  const actions = [
    'lookup',
    'lookup',
    'lookup',
    'lookup',
    'blackhole',
    'unreachable',
    'prohibit',
    'goto',
    'nop',
  ] as const
  const action = draw.pick(actions)
  return {
    family: six ? 'inet6' : 'inet',
    priority,
    action,
    ...(action === 'lookup' ? { table: draw.pick(['main', '100', '200', 'default']) } : {}),
    ...(action === 'goto' ? { goto: draw.pick([900, 32766]) } : {}),
    ...draw.maybe('from', [draw.prefix(six)], 4),
    ...draw.maybe('to', [draw.prefix(six)], 4),
    ...draw.maybe('iif', ['eth0', 'lo'], 6),
    ...draw.maybe('oif', ['eth1'], 8),
    ...(draw.oneIn(4) ? { fwmark: draw.pick([1, 0x100]), fwmask: draw.pick([0xff, 0xffffffff, 0xff00]) } : {}),
    ...draw.maybe('tos', [16], 8),
    ...draw.maybe('ipproto', [6, 17], 8),
    ...draw.maybe('sport', [{ low: 1000, high: 1010 }], 10),
    ...draw.maybe(
      'dport',
      [
        { low: 80, high: 80 },
        { low: 1, high: 100 },
      ],
      8,
    ),
    ...draw.maybe('not', [true], 8),
    ...(action === 'lookup' ? draw.maybe('suppressPrefixlength', [0, 8, 24], 6) : {}),
  } as Rule
}

/** A host with four devices; tables from the seed. */
function hostOf(draw: Draw): Namespace {
  const addresses = (n: number): string[] => [`10.${n}.0.1/24`, `fd00:${n}::1/64`]
  const dev = (name: string, n: number, more = {}): ReturnType<typeof iface> =>
    iface({ name, mac: `02:00:00:00:00:0${n}`, addresses: addresses(n), ...more })
  const routes = [false, true].flatMap((six) => Array.from({ length: 14 }, () => routeOf(draw, six)))
  const own = [false, true].flatMap((six) =>
    Array.from({ length: draw.below(5) }, (_, i) => ruleOf(draw, six, 100 + i * 100)),
  )
  const last = (['inet', 'inet6'] as const).flatMap((family): Rule[] => [
    { family, priority: 0, action: 'lookup', table: 'local' },
    { family, priority: 32766, action: 'lookup', table: 'main' },
    ...(family === 'inet' ? [{ family, priority: 32767, action: 'lookup', table: 'default' } as Rule] : []),
  ])
  const rules = draw.oneIn(3) ? [] : [...own, ...last].sort((a, b) => a.priority - b.priority)
  return namespace('h', {
    forwarding: draw.oneIn(2),
    interfaces: [
      dev('eth0', 0),
      dev('eth1', 1, { mtu: 1400 }),
      dev('eth2', 2, { carrier: draw.oneIn(2) }),
      dev('down0', 3, { up: false }),
    ],
    routes,
    rules,
    sysctls: {
      ...draw.maybe('net.ipv4.fib_multipath_hash_policy', ['1', '0']),
      ...draw.maybe('net.ipv6.fib_multipath_hash_policy', ['1', '0']),
      ...draw.maybe('net.ipv4.conf.all.rp_filter', ['1', '2']),
      ...draw.maybe('net.ipv4.conf.eth0.ignore_routes_with_linkdown', ['1']),
      ...draw.maybe('net.ipv4.fib_multipath_use_neigh', ['1']),
    },
  })
}

function networkFor(draw: Draw): Network {
  const h = hostOf(draw)
  const far = namespace('far', {
    interfaces: [0, 1, 2].map((n) => iface({ name: `x${n}`, mac: `02:00:00:00:01:0${n}`, up: n !== 2 })),
  })
  return networkOf(
    [h, far],
    [0, 1, 2].map((n) => cable(['h', `eth${n}`], ['far', `x${n}`])),
  )
}

function questionOf(draw: Draw, six: boolean): RouteQuestion {
  return {
    dst: draw.point(six),
    ...draw.maybe(
      'src',
      six ? ['fd00::1', 'fd00:1::1', 'fd00:9::9'] : ['10.0.0.1', '10.1.0.1', '10.0.0.9', '192.0.2.9'],
    ),
    ...draw.maybe('tos', [16, 8, 3], 5),
    ...draw.maybe('mark', [1, 0x101], 4),
    ...draw.maybe('iif', ['eth0', 'eth1', 'lo'], 4),
    ...draw.maybe('oif', ['eth0', 'eth1', 'down0'], 5),
    ...draw.maybe('ipproto', [6, 17], 3),
    ...draw.maybe('sport', [1005, 5], 3),
    ...draw.maybe('dport', [80, 99, 500], 3),
  } as RouteQuestion
}

function answers(ns: NetNs, question: RouteQuestion, six: boolean): string {
  const { ref, error } = six ? fib6Lookup(ns, question) : fibLookup(ns, question)
  const { result, dst, src, rulePriority, table, route, via, dev, candidates } = ref
  const lost = candidates.map((one) => [one.route.dst, one.route.via, one.table, one.rulePriority, one.lost])
  const got = routeGet(ns as Parameters<typeof routeGet>[0], question)
  return `${JSON.stringify([question, error, result, dst, src, rulePriority, table, route?.dst, via, dev, lost])}\n${JSON.stringify(got)}\n`
}

describe('what tables answer is as it was', () => {
  const keys = [false, true].flatMap((six) =>
    Array.from({ length: 40 }, (_, seed) => `${six ? 'inet6' : 'inet'} ${seed}`),
  )
  goldens('routing', keys, (key) => {
    const [family, seed] = key.split(' ')
    const six = family === 'inet6'
    const draw = new Draw(Number(seed) + 1)
    const network = networkFor(draw)
    const sim = new Simulation(network, { seed: 1 })
    const ns = sim.netns('h')
    const lines = Array.from({ length: 60 }, () => answers(ns, questionOf(draw, six), six))
    return `${JSON.stringify(network.namespaces['h']!.routes)}\n${lines.join('')}`
  })
})
