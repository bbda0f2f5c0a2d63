import { hasDetails, isBrief, isIfconfig, isRouteTable } from '../linux/index.ts'
import type { FileKind } from './file-kinds.ts'

/** What a file holds by its content. */
export type Content =
  /** Nothing: the tool had nothing to say. */
  | { readonly form: 'empty' }
  /** JSON, whole. */
  | { readonly form: 'json'; readonly kind: FileKind | undefined; readonly value: unknown }
  /** Text of a tool. */
  | { readonly form: 'text'; readonly kind: FileKind }
  /** A form that lacks what is needed. */
  | { readonly form: 'listing'; readonly kind: FileKind; readonly what: string; readonly needed: string }
  /** None of these. */
  | { readonly form: 'unreadable'; readonly why: string }

const NEIGHBOUR =
  /^\S+ dev \S+ (lladdr \S+ )?.*\b(REACHABLE|STALE|PERMANENT|FAILED|DELAY|PROBE|INCOMPLETE|NOARP|proxy)\b/m
const ROUTE =
  /^(unicast |local |broadcast |anycast |multicast |blackhole |unreachable |prohibit |throw )?(default|[0-9a-fA-F.:]+(\/\d+)?)( (via|dev|proto|nhid|encap|metric|table|scope|src|from|tos) |\s*$)/
const CONNTRACK = /^(ipv[46]\s+\d+\s+)?(tcp|udp|icmp|icmpv6|sctp|unknown|dccp|gre)\s+\d+\s+.*\bsrc=\S+ dst=\S+/m
const DAMAGE =
  /command not found|: not found|no such file|permission denied|operation not permitted|not permitted|you must be root|cannot open|can't initialize|unable to|usage:|error:|^<(!doctype|html)/im

/** Says what a text is, whatever its file is called. */
export function contentOf(text: string): Content {
  if (text.trim() === '') return { form: 'empty' }
  if (/^\s*[[{]/.test(text)) return jsonContent(text)
  return listingOf(text) ?? textContent(text)
}

function jsonContent(text: string): Content {
  const value = parseJson(text)
  if (value === undefined) return { form: 'unreadable', why: 'JSON that is cut off or damaged' }
  return { form: 'json', kind: kindOfJson(value), value }
}

/** A JSON value, or one a line (JSON Lines). */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // Perhaps one value a line.
  }
  try {
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    return lines.length < 2 ? undefined : lines.flatMap((line) => JSON.parse(line) as unknown)
  } catch {
    return undefined
  }
}

function kindOfJson(value: unknown): FileKind | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if ('nftables' in value) return 'nft.json'
  const list = Array.isArray(value) ? (value as unknown[]) : [value]
  const first = list.find((item) => typeof item === 'object' && item !== null && Object.keys(item).length > 0)
  if (first === undefined) return undefined
  const has = (...keys: string[]): boolean => keys.every((key) => Object.hasOwn(first as object, key))
  if (has('ifname', 'ifindex')) return has('addr_info') ? 'addr.json' : 'link.json'
  if (has('mac')) return 'fdb.json'
  if (has('priority') && (has('src') || has('table') || has('action'))) return 'rule.json'
  if (has('dst') && (has('lladdr') || has('state'))) return 'neigh.json'
  if (has('dst') && (has('flags') || has('protocol') || has('type') || has('gateway') || has('nexthops')))
    return 'route.json'
  if (has('xdp') || has('tc') || has('flow_dissector')) return 'bpf.json'
  if (has('protocol', 'kind') || has('dev', 'filters')) return 'tc.json'
  if (has('kind', 'handle', 'dev')) return 'qdisc.json'
  if (has('name', 'table')) return 'vrf.txt'
  return undefined
}

function listingOf(text: string): Content | undefined {
  if (/^Chain \S+ \((policy |\d+ references)/m.test(text) && !/^\*\w+/m.test(text)) {
    const numbered = /^\s*pkts\s+bytes\s+target/m.test(text) ? 'iptables -nvL' : 'iptables -L'
    return { form: 'listing', kind: 'iptables.txt', what: numbered, needed: 'iptables-save' }
  }
  return undefined
}

function textContent(text: string): Content {
  const kind = kindOfText(text)
  if (kind !== undefined) return { form: 'text', kind }
  const line = text.split('\n').find((one) => DAMAGE.test(one))
  return { form: 'unreadable', why: (line ?? text.trim().split('\n')[0] ?? '').trim() }
}

const FORMS: readonly (readonly [(text: string) => boolean, FileKind])[] = [
  [(text) => /^table (ip|ip6|inet|bridge|arp|netdev) \S+ \{/m.test(text), 'nft.json'],
  [
    (text) => /^\s*\*(raw|mangle|nat|filter|security)\s*$/m.test(text) || /^-P \S+ (ACCEPT|DROP)/m.test(text),
    'iptables.txt',
  ],
  [(text) => /^\s*#.*(iptables|ip6tables)-.*save/m.test(text), 'iptables.txt'],
  [(text) => /^create \S+ (hash|bitmap|list):/m.test(text) || /^Name: \S+\r?\nType: /m.test(text), 'ipset.txt'],
  [(text) => /^filter (parent|dev|protocol|block) /m.test(text), 'tc.json'],
  [(text) => /^qdisc \S+ [0-9a-f]+: (dev|parent|root) /m.test(text), 'qdisc.json'],
  [(text) => /^Features for \S+:\s*$/m.test(text), 'ethtool.txt'],
  [(text) => /^Name\s+Table\s*$/m.test(text), 'vrf.txt'],
  [(text) => /^name\s+proto\s+table\s+state\s/im.test(text), 'bird-protocols.txt'],
  [(text) => /^(\S+\/\d+)?\s.*\[\S+ [^\]]*\] \*? *\(\d+/m.test(text), 'bird-routes.txt'],
  [(text) => /^xdp:\s*$/m.test(text) && /^tc:\s*$/m.test(text), 'bpf.json'],
  [(text) => /^\d+: \S+: <[^>]*>/m.test(text), 'link.json'],
  [(text) => /^\d+: \S+ +inet6? /m.test(text), 'addr.json'],
  [(text) => isBrief(text), 'link.json'],
  [(text) => isRouteTable(text), 'route.json'],
  [(text) => isIfconfig(text), 'addr.json'],
  [(text) => /^\d+:\s+(not )?from /m.test(text), 'rule.json'],
  [(text) => /^net[./]\S+ = /m.test(text), 'sysctl.txt'],
  [(text) => CONNTRACK.test(text), 'conntrack.txt'],
  [(text) => NEIGHBOUR.test(text), 'neigh.json'],
  [(text) => /^([0-9a-f]{2}:){5}[0-9a-f]{2} dev /m.test(text), 'fdb.json'],
  [(text) => isMostlyRoutes(text), 'route.json'],
  [(text) => /^(255\s+local|254\s+main)\s*$/m.test(text), 'rt_tables'],
  [(text) => /^\S+\t\S+\t\S+\t\d+\t\S+$/m.test(text) || /^interface: \S+$/m.test(text), 'wg.txt'],
]

/** A word that could begin a route begins sentences, too. */
function isMostlyRoutes(text: string): boolean {
  const lines = text.split('\n').filter((line) => /^\S/.test(line))
  return lines.filter((line) => ROUTE.test(line)).length * 2 > lines.length
}

function kindOfText(text: string): FileKind | undefined {
  const kind = FORMS.find(([is]) => is(text))?.[1]
  return kind === 'link.json' && /^\s+inet6? |\s[0-9a-f.:]+\/\d+\s*$/m.test(text) ? 'addr.json' : kind
}

/** How much of what there is to know a text says; more is better. */
export function detailOf(text: string, kind: FileKind): number {
  if (kind === 'route.json' || kind === 'route6.json') {
    if (isRouteTable(text)) return 0
    return /"table": ?"local"|\btable local\b|table 255/.test(text) ? 2 : 1
  }
  if (kind === 'link.json' || kind === 'addr.json') {
    if (isBrief(text) || isIfconfig(text)) return 0
    return /"linkinfo"/.test(text) || hasDetails(text) ? 2 : 1
  }
  return 1
}
