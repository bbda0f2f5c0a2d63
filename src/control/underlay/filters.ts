import type { Chain, IptRule, Match, Origin, Ruleset, Table, Target, U32Test } from '../../model/index.ts'
import { type Cidr, type Family, familyOf, hostPrefix, type Prefix } from '../../wire/index.ts'
import type { Firewalls } from './machine.ts'
import type { PlannedFilter } from './plan.ts'

const UDP = 17
const TRANSPORTS: Readonly<Record<number, 'tcp' | 'udp' | 'sctp'>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' }

/** A card that may only use its own addresses, behind a port of a switch. */
export interface CheckedPort {
  /** Port of the switch. */
  readonly port: string
  /** Addresses of the card. */
  readonly addresses: readonly Cidr[]
  /** What asks for it. */
  readonly origin: Origin
}

/** Rules of a switch or router: what nobody wants in them is left out. */
interface Wanted {
  readonly filters?: readonly PlannedFilter[]
  readonly ports?: readonly CheckedPort[]
  /** A packet must come in where its source is routed to. */
  readonly sourceCheck?: Origin | undefined
  /** Device behind which nobody sees other addresses than the router's own. */
  readonly masquerade?: { readonly dev: string; readonly origin: Origin } | undefined
}

/**
 * Filters as rules of iptables: a switch shows bridged packets to FORWARD (`nf_call_iptables`), a router forwards by it. A
 * comment names the filter, the origin its place.
 */
export function firewallsOf(wanted: Wanted): Firewalls {
  const v4 = rulesetOf(4, wanted)
  const v6 = rulesetOf(6, wanted)
  return { ...(v4 === undefined ? {} : { iptables: v4 }), ...(v6 === undefined ? {} : { ip6tables: v6 }) }
}

function rulesetOf(family: Family, { filters = [], ports = [], sourceCheck, masquerade }: Wanted): Ruleset | undefined {
  const tables: Partial<Record<'raw' | 'nat' | 'filter', Table>> = {}
  if (sourceCheck !== undefined) {
    const matches: Match[] = [{ kind: 'rpfilter', invert: true }, comment('source check')]
    tables.raw = table('raw', {
      PREROUTING: [{ matches, target: { kind: 'DROP' }, origin: { ...sourceCheck, note: 'source check' } }],
    })
  }
  if (masquerade !== undefined && family === 4) {
    const { dev, origin } = masquerade
    const target: Target = { kind: 'MASQUERADE', range: {} }
    const out: Match = { kind: 'out-interface', name: dev }
    tables.nat = table('nat', { POSTROUTING: [{ matches: [out], target, origin }] })
  }
  const checks = ports.flatMap((port, i) => portChecks(family, port, i + 1))
  const rules = [...checks.map(({ rule }) => rule), ...filters.flatMap((filter) => filterRule(family, filter))]
  if (rules.length > 0) {
    const own = Object.fromEntries(checks.map(({ name, rules: list }) => [name, { rules: list }]))
    tables.filter = table('filter', { FORWARD: rules }, own)
  }
  return Object.keys(tables).length === 0 ? undefined : { tables }
}

/** The chains of the kernel in each table. */
const BASE = {
  raw: ['PREROUTING', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
} as const

/** A table as the kernel makes it, with rules in some chains; what no rule drops passes. */
function table(
  name: keyof typeof BASE,
  rules: Readonly<Record<string, readonly IptRule[]>>,
  own: Readonly<Record<string, Chain>> = {},
): Table {
  const base = BASE[name].map((chain) => [chain, { policy: 'ACCEPT' as const, rules: rules[chain] ?? [] }])
  return { chains: { ...Object.fromEntries(base), ...own } }
}

function comment(text: string): Match {
  return { kind: 'comment', comment: text }
}

function filterRule(family: Family, filter: PlannedFilter): IptRule[] {
  const { name, action, protocol, port, vni, source, destination, origin } = filter
  if ([source, destination].some((range) => range !== undefined && familyOf(range) !== family)) return []
  const transport = protocol === undefined ? undefined : TRANSPORTS[protocol]
  const matches: Match[] = [
    ...(source === undefined ? [] : [{ kind: 'source', prefix: source } as const]),
    ...(destination === undefined ? [] : [{ kind: 'destination', prefix: destination } as const]),
    ...(protocol === undefined ? [] : [{ kind: 'protocol', protocol } as const]),
    ...(port === undefined || transport === undefined ? [] : [{ kind: transport, dport: port } as const]),
    ...(vni === undefined || protocol !== UDP ? [] : [{ kind: 'u32', tests: [vniTest(family, vni)] } as const]),
    comment(name),
  ]
  return [{ matches, target: { kind: action === 'drop' ? 'DROP' : 'ACCEPT' }, origin: { ...origin, note: name } }]
}

/**
 * The identifier of a VXLAN packet: 12 bytes behind the start of the UDP header. IPv4 says itself how long its header is.
 *
 * @rfc 7348 §5
 */
function vniTest(family: Family, vni: number): U32Test {
  const ranges = [{ low: vni, high: vni }]
  if (family === 6) return { start: 40 + 12, steps: [{ op: '>>', value: 8 }], ranges }
  return {
    start: 0,
    steps: [
      { op: '>>', value: 22 },
      { op: '&', value: 0x3c },
      { op: '@', value: 12 },
      { op: '>>', value: 8 },
    ],
    ranges,
  }
}

interface PortCheck {
  readonly name: string
  readonly rules: readonly IptRule[]
  readonly rule: IptRule
}

/** What a station may always use: it has no address yet, or speaks to its link. */
const ALWAYS: Readonly<Record<'from' | 'to', Readonly<Record<Family, readonly Prefix[]>>>> = {
  from: { 4: ['0.0.0.0/32'], 6: ['::/128', 'fe80::/10'] } as unknown as Readonly<Record<Family, readonly Prefix[]>>,
  to: {
    4: ['224.0.0.0/4', '255.255.255.255/32'],
    6: ['ff00::/8', 'fe80::/10'],
  } as unknown as Readonly<Record<Family, readonly Prefix[]>>,
}

/** Two chains a card: what it sends must come from its addresses, what it gets must be for them. */
function portChecks(family: Family, { port, addresses, origin }: CheckedPort, number: number): PortCheck[] {
  const own = addresses.filter(({ address }) => familyOf(address) === family).map(({ address }) => hostPrefix(address))
  return (['from', 'to'] as const).map((side) => {
    const kind = side === 'from' ? 'source' : 'destination'
    const allowed = [...own, ...ALWAYS[side][family]].map(
      (prefix): IptRule => ({ matches: [{ kind, prefix }], target: { kind: 'RETURN' }, origin }),
    )
    const check = 'source/destination check'
    const drop: IptRule = { matches: [comment(check)], target: { kind: 'DROP' }, origin: { ...origin, note: check } }
    const name = `${side}-${number}`
    const physdev: Match =
      side === 'from' ? { kind: 'physdev', physdevIn: { name: port } } : { kind: 'physdev', physdevOut: { name: port } }
    return {
      name,
      rules: [...allowed, drop],
      rule: { matches: [physdev], target: { kind: 'jump', chain: name }, origin },
    }
  })
}
