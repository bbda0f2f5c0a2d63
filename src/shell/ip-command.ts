import {
  bridgeFdb,
  bridgeFdbJson,
  bridgeLink,
  ipAddr,
  ipAddrJson,
  ipLink,
  ipLinkJson,
  ipNeigh,
  ipNeighJson,
  ipNeighProxy,
  ipNeighProxyJson,
  ipRoute,
  ipRouteJson,
  ipRule,
  ipRuleJson,
  routeCacheJson,
  routeSelection,
  type View,
} from '../linux/index.ts'
import { didYouMean, type Neighbour, routesOf, tableId } from '../model/index.ts'
import { contains, hostPrefix, isIpv4, type Prefix, parseIp, parsePrefix } from '../wire/index.ts'
import { changeNeighbours, changeState } from './change.ts'
import type { Host } from './host.ts'
import { ipNeighGet } from './ip-neigh-get.ts'
import { netnsCommand, tunnelCommand } from './ip-netns.ts'
import { ipRouteGet } from './ip-route-get.ts'
import { failed, printed, reprinted } from './result.ts'
import type { Run } from './run.ts'
import { selectLinks } from './select-links.ts'
import { ruleSelection } from './select-rules.ts'

interface IpFlags {
  readonly json: boolean
  readonly details: boolean
  readonly brief: boolean
  readonly oneline: boolean
  readonly stats: boolean
  readonly family: 'inet' | 'inet6' | undefined
}

/** In the order in which the tool tries beginnings: `r` is route. */
const OBJECTS = ['address', 'link', 'route', 'rule', 'neighbour'] as const
type IpObject = (typeof OBJECTS)[number]

/** Words of `ip` that change something: they go to the interpreter of commands. */
const VERBS_OF_CHANGE: ReadonlySet<string> = new Set([
  'add',
  'del',
  'delete',
  'replace',
  'append',
  'prepend',
  'test',
  'change',
  'set',
  'flush',
])

/** Verbs of an object in the order in which the tool compares beginnings with them. @iproute2 ip/iproute.c do_iproute, ip/ipaddress.c do_ipaddr */
const VERBS: Readonly<Record<'route' | 'address' | 'link' | 'rule' | 'neighbour', readonly string[]>> = {
  route: ['list', 'show', 'get', 'add', 'change', 'replace', 'prepend', 'append', 'test', 'delete', 'flush'],
  address: ['add', 'change', 'replace', 'delete', 'show', 'list', 'flush'],
  link: ['add', 'set', 'delete', 'show', 'list'],
  rule: ['list', 'show', 'add', 'delete', 'flush'],
  neighbour: ['add', 'change', 'replace', 'delete', 'get', 'show', 'list', 'flush'],
}

/** The verb that a beginning stands for; undefined for one that shows, and for no verb. */
function verbOf(object: IpObject, word: string | undefined): string | undefined {
  if (word === undefined || word === '' || SHOW.has(word) || VERBS_OF_CHANGE.has(word)) return undefined
  const verb = VERBS[object].find((one) => one.startsWith(word))
  return verb === 'show' || verb === 'list' ? undefined : verb
}

/** Options of the tool by each of their names, and what they are here. */
const OPTIONS: Readonly<
  Record<string, 'json' | 'details' | 'brief' | 'oneline' | 'stats' | 'none' | 'inet' | 'inet6'>
> = {
  '-j': 'json',
  '-json': 'json',
  '-d': 'details',
  '-details': 'details',
  '-br': 'brief',
  '-brief': 'brief',
  '-o': 'oneline',
  '-oneline': 'oneline',
  '-s': 'stats',
  '-stats': 'stats',
  '-statistics': 'stats',
  '-4': 'inet',
  '-6': 'inet6',
  '-p': 'none',
  '-pretty': 'none',
  '-c': 'none',
  '-color': 'none',
  '-c=never': 'none',
  '-c=auto': 'none',
  '-c=always': 'none',
  '-N': 'none',
  '-Numeric': 'none',
}

/** Objects of the tool that are not here. */
const OTHER_OBJECTS: Readonly<Record<string, string>> = {
  maddress: 'multicast groups of interfaces are not kept',
  maddr: 'multicast groups of interfaces are not kept',
  mroute: 'multicast routing is not modelled',
  xfrm: 'IPsec is not modelled',
  nexthop: 'nexthop objects are not modelled',
  tcp_metrics: 'TCP metrics are not kept',
  macsec: 'MACsec is not modelled',
  l2tp: 'L2TP is not modelled',
  vrf: 'VRFs are not modelled',
  mptcp: 'MPTCP is not modelled',
  addrlabel: 'labels of addresses are not modelled',
  token: 'tokens of interfaces are not modelled',
  sr: 'segment routing is not modelled',
}

/** `ip [OPTIONS] OBJECT [show …]`, and the commands that change something. */
export function ipCommand(host: Host, words: readonly string[], line: string): Run {
  const options = words.slice(1).filter((w) => w.startsWith('-'))
  const rest = words.slice(1).filter((w) => !w.startsWith('-'))
  const unknown = options.find((o) => !Object.hasOwn(OPTIONS, o) && o !== '-V')
  if (unknown !== undefined)
    return failed(
      `Option "${unknown}" is unknown, try "ip -help". (packetwalk knows ${Object.keys(OPTIONS).join(' ')})`,
      255,
    )
  if (options.includes('-V')) return printed('ip utility, iproute2-6.1.0, libbpf 1.1.0\n')
  const [name = ''] = rest
  if (name === '' || name === 'help') return failed(USAGE, 255)
  if (name === 'netns') return netnsCommand(host, rest.slice(1))
  if (name === 'tunnel' || name === 'tunl') return tunnelCommand(host, rest.slice(1))
  if ('monitor'.startsWith(name) && name.length > 1)
    return failed(
      'packetwalk: ip monitor waits for changes, and here one command runs at a time: ip route before and after',
      2,
    )
  const object = objectOf(name)
  if (object === undefined) {
    const why = Object.hasOwn(OTHER_OBJECTS, name) ? OTHER_OBJECTS[name] : undefined
    if (why !== undefined) return failed(`packetwalk: ip ${name}: ${why}`, 2)
    return failed(`Object "${name}" is unknown, try "ip help". (packetwalk: ${didYouMean(name, OBJECTS)})`)
  }
  if (rest[1] === 'help')
    return printed(`Usage: ip ${name} { show | add | del | replace | … }\n(packetwalk: man ip-${object})\n`)
  const verb = verbOf(object, rest[1])
  if (verb !== undefined && verb !== rest[1]) {
    const at = words.indexOf(rest[1] as string, words.indexOf(name) + 1)
    const spelled = words.map((word, i) => (i === at ? verb : word))
    return ipCommand(host, spelled, spelled.join(' '))
  }
  if (VERBS_OF_CHANGE.has(rest[1] ?? '')) return change(host, object, words, line)
  const has = (option: string): boolean => options.some((o) => OPTIONS[o] === option)
  const flags: IpFlags = {
    json: has('json'),
    details: has('details'),
    brief: has('brief'),
    oneline: has('oneline'),
    stats: has('stats'),
    family: has('inet6') ? 'inet6' : has('inet') ? 'inet' : undefined,
  }
  if (flags.stats && (object !== 'link' || flags.json || flags.brief))
    return failed(`packetwalk: ip -s has counters of ip link only: ip -s link show [DEV]`, 2)
  const wrong = wrongWord(object, rest.slice(1))
  return wrong === undefined ? show(host, object, rest.slice(1), flags) : wrong
}

const USAGE =
  'Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n(packetwalk: OBJECT is address, link, route, rule, neigh, netns or tunnel)'

const SHOW: ReadonlySet<string> = new Set(['show', 'list', 'ls', 'sh', 's', 'l', 'lst'])
/** What may stand behind `ip neigh show`, and how many words each takes; other objects have readers of their own. */
const NEIGHBOUR_SELECTORS: Readonly<Record<string, number>> = {
  dev: 1,
  proxy: 0,
  nud: 1,
  to: 1,
  permanent: 0,
  reachable: 0,
  stale: 0,
}

/** Words that select what is not kept here. */
const NOT_SELECTED: Readonly<Record<'rule' | 'neighbour', readonly string[]>> = {
  rule: ['tos', 'dsfield', 'ipproto', 'sport', 'dport', 'uidrange', 'tun_id', 'protocol', 'not'],
  neighbour: ['unused', 'vrf', 'nomaster'],
}

/** The tool's refusal of a word it does not take; undefined when all are fine. */
function wrongWord(object: IpObject, args: readonly string[]): Run | undefined {
  const [first] = args
  if (first === undefined || (first === 'get' && (object === 'route' || object === 'neighbour'))) return undefined
  if (!SHOW.has(first)) {
    const name = object === 'neighbour' ? 'neigh' : object
    return failed(`Command "${first}" is unknown, try "ip ${name} help".`, 255)
  }
  if (object !== 'neighbour') return undefined
  for (let i = 1; i < args.length; i++) {
    const word = args[i] as string
    if (NOT_SELECTED.neighbour.includes(word))
      return failed(`packetwalk: ip neigh show ${word} does not select here: grep`, 2)
    if (Object.hasOwn(NEIGHBOUR_SELECTORS, word)) {
      i += NEIGHBOUR_SELECTORS[word] ?? 0
      continue
    }
    if (word !== 'default' && parsePrefix(word) === undefined && parseIp(word) === undefined) {
      return failed(`Error: any valid prefix is expected rather than "${word}".`, 1)
    }
  }
  return undefined
}

function change(host: Host, object: IpObject, words: readonly string[], line: string): Run {
  const takes = words.some((w) => w === 'del' || w === 'delete' || w === 'flush')
  if (object === 'neighbour' && takes && !words.includes('proxy')) return changeNeighbours(host, words, line)
  if (object === 'route' && words.includes('flush') && words.includes('cache')) {
    host.ns.cache4.flush()
    host.ns.ip6?.cache.flush()
  }
  const run = changeState(host, line)
  const bare = object === 'address' && takes ? bareAddress(words) : undefined
  return bare === undefined || !run.ok ? run : reprinted(run, { stderr: `${wildcardWarning(bare)}${run.stderr}` })
}

/** An IPv4 address without a length that is to go. */
function bareAddress(words: readonly string[]): string | undefined {
  const verb = words.findIndex((word) => word === 'del' || word === 'delete')
  if (verb === -1) return undefined
  const text = valueAfter(words, 'local') ?? words[verb + 1] ?? ''
  const address = parseIp(text)
  return address !== undefined && isIpv4(address) ? text : undefined
}

/** @iproute2 ip/ipaddress.c ipaddr_modify */
function wildcardWarning(address: string): string {
  return [
    'Warning: Executing wildcard deletion to stay compatible with old scripts.',
    `         Explicitly specify the prefix length (${address}/32) to avoid this warning.`,
    '         This special behaviour is likely to disappear in further releases,',
    '         fix your scripts!\n',
  ].join('\n')
}

/** `ip` takes every beginning. */
function objectOf(word: string): IpObject | undefined {
  if (word === 'neighbor') return 'neighbour'
  return word === '' ? undefined : OBJECTS.find((o) => o.startsWith(word))
}

function valueAfter(words: readonly string[], ...keys: string[]): string | undefined {
  const at = words.findIndex((w) => keys.includes(w))
  return at === -1 ? undefined : words[at + 1]
}

function show(host: Host, object: IpObject, args: readonly string[], flags: IpFlags): Run {
  if (object === 'route' && args[0] === 'get') return ipRouteGet(host, args.slice(1), flags)
  if (object === 'neighbour' && args[0] === 'get') return ipNeighGet(host, args.slice(1))
  const { view } = host
  const plain = args.filter((a) => !SHOW.has(a))
  const inFamily = flags.family === undefined ? {} : { family: flags.family }
  if (object === 'address' || object === 'link') {
    const chosen = selectLinks(host.model, plain, object)
    if ('said' in chosen) return failed(chosen.said, chosen.exitCode)
    return object === 'link'
      ? showLinks(host, { ...view, ns: chosen.ns }, flags)
      : showAddresses({ ...view, ns: chosen.ns }, flags)
  }
  const dev = valueAfter(plain, 'dev')
  if (dev !== undefined && host.model.interfaces[dev] === undefined && object === 'neighbour')
    return failed(`Cannot find device "${dev}" (packetwalk: ${didYouMean(dev, Object.keys(host.model.interfaces))})`)
  const onDev = dev === undefined ? {} : { dev }
  switch (object) {
    case 'route':
      return showRoute(host, plain, { ...inFamily, details: flags.details }, flags)
    case 'rule':
      return showRules(view, plain, flags)
    case 'neighbour': {
      if (plain.includes('proxy')) return flags.json ? json(ipNeighProxyJson(view)) : printed(ipNeighProxy(view))
      const options = { ...onDev, ...inFamily, entries: host.neighbours.filter(neighbourTest(plain)) }
      return flags.json ? json(ipNeighJson(view, options)) : printed(ipNeigh(view, options))
    }
  }
}

function showRules(view: View, words: readonly string[], flags: IpFlags): Run {
  const other = words.find((word) => NOT_SELECTED.rule.includes(word))
  if (other !== undefined) return failed(`packetwalk: ip rule show ${other} does not select here: grep`, 2)
  const selected = ruleSelection(words)
  if (typeof selected !== 'function') return selected
  const family = flags.family ?? 'inet'
  return flags.json ? json(ipRuleJson(view, family, selected)) : printed(ipRule(view, family, selected))
}

/** What selects neighbours besides their device: states, an address or a subnet. */
function neighbourTest(words: readonly string[]): (entry: Neighbour) => boolean {
  const nud = valueAfter(words, 'nud') ?? words.find((word) => /^(permanent|reachable|stale)$/.test(word))
  const to = words.find((word, i) => words[i - 1] !== 'dev' && words[i - 1] !== 'nud' && /[.:]/.test(word))
  const prefix = to === undefined ? undefined : (parsePrefix(to) ?? hostPrefixOf(to))
  return (entry) =>
    (nud === undefined || nud === 'all' || entry.state === nud.toUpperCase()) &&
    (prefix === undefined || contains(prefix, entry.dst))
}

function hostPrefixOf(text: string): Prefix | undefined {
  const address = parseIp(text)
  return address === undefined ? undefined : hostPrefix(address)
}

function showAddresses(view: View, { json: asJson, details, brief, oneline, family }: IpFlags): Run {
  const options = { ...(family === undefined ? {} : { family }), details, brief, oneline }
  return asJson ? json(ipAddrJson(view, options)) : printed(ipAddr(view, options))
}

function showLinks(host: Host, view: View, { json: asJson, details, brief, oneline, stats }: IpFlags): Run {
  if (asJson) return json(ipLinkJson(view, { details, brief }))
  const text = ipLink(view, { details, brief, ...(stats ? { counters: host.counters } : {}) })
  return printed(oneline ? text.replace(/\n(?= )/g, '\\') : text)
}

function showRoute(
  host: Host,
  args: readonly string[],
  options: { readonly family?: 'inet' | 'inet6'; readonly details: boolean },
  flags: IpFlags,
): Run {
  const select = routeSelection(args)
  if (typeof select === 'string') return failed(select, /^Command|is wrong/.test(select) ? 255 : 1)
  const { table } = select
  if (table === 'cache' || args.includes('cache')) return json(routeCacheJson(host.ns.cache4.dump()))
  const dev = valueAfter(args, 'dev', 'oif')
  if (dev !== undefined && host.model.interfaces[dev] === undefined) return failed(`Cannot find device "${dev}"`)
  const missing = table === undefined ? undefined : missingTable(host, table, options.family ?? 'inet')
  if (missing !== undefined) return missing
  const shown = { ...options, ...(table === undefined ? {} : { table }), select }
  return flags.json ? json(ipRouteJson(host.view, shown)) : printed(ipRoute(host.view, shown))
}

/** Tables that every kernel has, and words for several. */
const ALWAYS: ReadonlySet<string> = new Set(['main', 'local', 'all', 'cache', 'unspec', '254', '255', '0'])

/** What is said of a table that no name is for, or that nothing was ever written into. */
function missingTable(host: Host, table: string, family: 'inet' | 'inet6'): Run | undefined {
  if (ALWAYS.has(table)) return undefined
  const id = tableId(table)
  if (id === undefined) return failed(`Error: argument "${table}" is wrong: table id value is invalid\n`, 255)
  const isThere = routesOf(host.lab.network, host.model).some(
    (one) => one.family === family && tableId(one.table) === id,
  )
  const ip = family === 'inet' ? 'ipv4' : 'ipv6'
  return isThere ? undefined : failed(`Error: ${ip}: FIB table does not exist.\nDump terminated`, 2)
}

function json(value: unknown): Run {
  return printed(`${JSON.stringify(value)}\n`)
}

/** `bridge fdb show`, `bridge link show`. */
export function bridgeCommand(host: Host, words: readonly string[], line: string): Run {
  const asJson = words.includes('-j') || words.includes('-json')
  const rest = words.slice(1).filter((w) => !w.startsWith('-'))
  if (rest.some((w) => VERBS_OF_CHANGE.has(w))) return changeState(host, line)
  const dev = valueAfter(rest, 'dev', 'br')
  const onDev = dev === undefined ? {} : { dev }
  if (rest[0] === 'fdb') {
    const options = { ...onDev, entries: host.fdb }
    return asJson ? json(bridgeFdbJson(host.view, options)) : printed(bridgeFdb(host.view, options))
  }
  if (rest[0] === 'link') return printed(bridgeLink(host.view, onDev))
  if (rest[0] === 'vlan' || rest[0] === 'mdb' || rest[0] === 'monitor')
    return failed(
      `packetwalk: bridge ${rest[0]} is not modelled: bridges here pass tagged frames on unread, and flood groups`,
      2,
    )
  if (rest[0] === undefined || rest[0] === 'help')
    return failed('Usage: bridge [ OPTIONS ] OBJECT { COMMAND | help }\n(packetwalk: OBJECT is fdb or link)', 255)
  return failed(`Object "${rest[0]}" is unknown, try "bridge help". (packetwalk: there are fdb, link)`, 255)
}
