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
} from '../linux/index.ts'
import { didYouMean } from '../model/index.ts'
import { parseIp, parsePrefix } from '../wire/index.ts'
import { changeNeighbours, changeState } from './change.ts'
import type { Host } from './host.ts'
import { ipRouteGet } from './ip-route-get.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'

interface IpFlags {
  readonly json: boolean
  readonly details: boolean
  readonly brief: boolean
  readonly oneline: boolean
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
  'change',
  'set',
  'flush',
])

/** `ip [-j] [-d] [-4|-6] OBJECT [show …]`, and the commands that change something. */
export function ipCommand(host: Host, words: readonly string[], line: string): Run {
  const options = words.slice(1).filter((w) => w.startsWith('-'))
  const rest = words.slice(1).filter((w) => !w.startsWith('-'))
  const [name = ''] = rest
  const object = objectOf(name)
  if (object === undefined) {
    return failed(`Object "${name}" is unknown, try "ip help". (packetwalk: ${didYouMean(name, OBJECTS)})`)
  }
  if (VERBS_OF_CHANGE.has(rest[1] ?? '')) return change(host, object, words, line)
  const flags: IpFlags = {
    json: options.some((o) => o === '-j' || o === '-json'),
    details: options.some((o) => o === '-d' || o === '-details'),
    brief: options.some((o) => o === '-br' || o === '-brief'),
    oneline: options.some((o) => o === '-o' || o === '-oneline'),
    family: options.includes('-6') ? 'inet6' : options.includes('-4') ? 'inet' : undefined,
  }
  const known = new Set([
    '-j',
    '-json',
    '-d',
    '-details',
    '-br',
    '-brief',
    '-o',
    '-oneline',
    '-6',
    '-4',
    '-p',
    '-c',
    '-s',
  ])
  const unknown = options.find((o) => !known.has(o))
  if (unknown !== undefined)
    return failed(`Option "${unknown}" is unknown, try "ip -help". (packetwalk knows ${[...known].join(' ')})`)
  const wrong = wrongWord(object, rest.slice(1))
  return wrong === undefined ? show(host, object, rest.slice(1), flags) : wrong
}

const SHOW: ReadonlySet<string> = new Set(['show', 'list', 'ls', 'sh', 's', 'l', 'lst'])
/** What may stand behind `show`, and how many words each takes; that of routes is `routeSelection`'s. */
const SELECTORS: Readonly<Record<Exclude<IpObject, 'route'>, Readonly<Record<string, number>>>> = {
  address: { dev: 1, up: 0, scope: 1, to: 1, master: 1, type: 1, permanent: 0, dynamic: 0, primary: 0, secondary: 0 },
  link: { dev: 1, up: 0, master: 1, type: 1 },
  rule: { table: 1, from: 1, to: 1, iif: 1, oif: 1, fwmark: 1, priority: 1, pref: 1 },
  neighbour: { dev: 1, proxy: 0, nud: 1, unused: 0, to: 1, vrf: 1, permanent: 0, reachable: 0, stale: 0 },
}

/** The tool's refusal of a word it does not take; undefined when all are fine. */
function wrongWord(object: IpObject, args: readonly string[]): Run | undefined {
  const [first] = args
  if (first === undefined || (object === 'route' && first === 'get')) return undefined
  if (!SHOW.has(first)) {
    const name = object === 'neighbour' ? 'neigh' : object
    return failed(`Command "${first}" is unknown, try "ip ${name} help".`, 255)
  }
  if (object === 'route') return undefined
  const selectors = SELECTORS[object]
  for (let i = 1; i < args.length; i++) {
    const word = args[i] as string
    if (Object.hasOwn(selectors, word)) {
      i += selectors[word] ?? 0
      continue
    }
    if ((object === 'address' || object === 'link') && i === 1) continue // a device, judged where it is looked up
    if (object === 'address' || object === 'link')
      return failed(`Error: either "dev" is duplicate, or "${word}" is a garbage.`, 255)
    if (object === 'rule') return failed(`Error: argument "${word}" is wrong: invalid rule selector`, 255)
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
  return changeState(host, line)
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
  const { view } = host
  const plain = args.filter((a) => !SHOW.has(a))
  const dev = valueAfter(plain, 'dev') ?? (object === 'link' || object === 'address' ? plain[0] : undefined)
  if (dev !== undefined && host.model.interfaces[dev] === undefined) {
    return failed(
      `Device "${dev}" does not exist. (packetwalk: ${didYouMean(dev, Object.keys(host.model.interfaces))})`,
    )
  }
  const onDev = dev === undefined ? {} : { dev }
  const inFamily = flags.family === undefined ? {} : { family: flags.family }
  switch (object) {
    case 'address': {
      const options = { ...onDev, ...inFamily, details: flags.details, brief: flags.brief, oneline: flags.oneline }
      return flags.json ? json(ipAddrJson(view, options)) : printed(ipAddr(view, options))
    }
    case 'link': {
      const options = { ...onDev, details: flags.details, brief: flags.brief }
      return flags.json ? json(ipLinkJson(view, options)) : printed(ipLink(view, options))
    }
    case 'route':
      return showRoute(host, plain, { ...inFamily, details: flags.details }, flags)
    case 'rule':
      return flags.json ? json(ipRuleJson(view, flags.family ?? 'inet')) : printed(ipRule(view, flags.family ?? 'inet'))
    case 'neighbour': {
      if (plain.includes('proxy')) return flags.json ? json(ipNeighProxyJson(view)) : printed(ipNeighProxy(view))
      const options = { ...onDev, ...inFamily, entries: host.neighbours }
      return flags.json ? json(ipNeighJson(view, options)) : printed(ipNeigh(view, options))
    }
  }
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
  const shown = { ...options, ...(table === undefined ? {} : { table }), select }
  return flags.json ? json(ipRouteJson(host.view, shown)) : printed(ipRoute(host.view, shown))
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
  return failed(`Object "${rest[0] ?? ''}" is unknown, try "bridge fdb show" or "bridge link show".`)
}
