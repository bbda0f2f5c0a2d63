import { type Nexthop, ROUTE_TYPES, type Route, type RouteType, routesOf } from '../model/index.ts'
import { isIpv6 } from '../wire/index.ts'
import { parseScope } from './addr.ts'
import { atLine, type Json, type Line, lineOf, linesWithIndent, next, numeric } from './cursor.ts'
import {
  field,
  ipOf,
  type JsonObject,
  jsonValue,
  numberOf,
  objectOf,
  objectsIn,
  objectsOf,
  parseDestination,
  textOf,
  textsOf,
} from './json.ts'
import { lostRoute, readEach } from './left-out.ts'
import { originAt, type Place, report } from './place.ts'
import { isInTable, type RouteSelection, type RouteWord } from './route-select.ts'
import { isRouteTable, routeTableObjects } from './route-table-text.ts'
import { carrierOf, type View } from './view.ts'

const TYPES: ReadonlySet<string> = new Set(ROUTE_TYPES)

/** Whether a text is a route type `ip route` knows and packetwalk models. */
export function isRouteType(text: string): text is RouteType {
  return TYPES.has(text)
}

/** `ip -4` and `ip -6` do not say the family of `default`; the rest of the route does. */
function familyOfRoute(object: JsonObject, hint: 'inet' | 'inet6' | undefined): 'inet' | 'inet6' {
  const dst = textOf(object, 'dst') ?? 'default'
  if (dst.includes(':')) return 'inet6'
  if (dst !== 'default') return 'inet'
  if (hint !== undefined) return hint
  if (field(object, 'pref') !== undefined) return 'inet6'
  return (textOf(object, 'gateway') ?? textOf(object, 'prefsrc') ?? '').includes(':') ? 'inet6' : 'inet'
}

function parseNexthop(object: JsonObject, family: 'inet' | 'inet6'): Nexthop | undefined {
  const via = gatewayOf(object)
  if (via !== undefined && isIpv6(via) !== (family === 'inet6')) {
    return report(object.place, 'unsupported', `a gateway of family ${family}`, via, 'via')
  }
  const dev = textOf(object, 'dev')
  const weight = numberOf(object, 'weight')
  if (via === undefined && dev === undefined) return report(object.place, 'invalid', 'a gateway or a device', undefined)
  return {
    ...(via === undefined ? {} : { via }),
    ...(dev === undefined ? {} : { dev }),
    ...(weight === undefined ? {} : { weight }),
    ...(textsOf(object, 'flags').includes('onlink') ? { onlink: true } : {}),
  }
}

function gatewayOf(object: JsonObject): Route['via'] {
  const other = objectOf(object, 'via')
  return other === undefined ? ipOf(object, 'gateway') : ipOf(other, 'host')
}

/** `mtu`, `advmss` and their kind stand in `metrics`; the lock is printed as a field of its own. */
export function metricsOf(object: JsonObject): Pick<Route, 'mtu' | 'mtuLock' | 'advmss'> {
  const metrics = objectsOf(object, 'metrics')[0]
  if (metrics === undefined) return {}
  const mtu = numberOf(metrics, 'mtu')
  const advmss = numberOf(metrics, 'advmss')
  const locked = textsOf(metrics, 'lock').includes('mtu') || field(metrics, 'mtu_lock') === true
  return {
    ...(mtu === undefined ? {} : { mtu }),
    ...(locked ? { mtuLock: true } : {}),
    ...(advmss === undefined ? {} : { advmss }),
  }
}

/** Parts of a route that change its meaning and are not modelled. */
const REFUSED = ['encap', 'from', 'nhid', 'nh_info', 'realm', 'realms', 'flow', 'ttl-propogate'] as const

function parseRoute(object: JsonObject, hint: 'inet' | 'inet6' | undefined): Route | undefined {
  const type = textOf(object, 'type') ?? 'unicast'
  if (!isRouteType(type)) return report(object.place, 'unsupported', [...TYPES].join(', '), type, 'type')
  for (const key of REFUSED) {
    const value = field(object, key)
    if (value !== undefined && !(key === 'nhid' && field(object, 'dev') !== undefined)) {
      return report(object.place, 'unsupported', `a route without "${key}"`, value, key)
    }
  }
  const family = familyOfRoute(object, hint)
  const text = textOf(object, 'dst') ?? 'default'
  const dst = parseDestination(text, family)
  if (dst === undefined || dst.includes(':') !== (family === 'inet6')) {
    return report(object.place, 'invalid', 'a destination prefix', text, 'dst')
  }
  const scope = parseScope(textOf(object, 'scope') ?? defaultScope(type, object))
  if (scope === undefined) return report(object.place, 'invalid', 'a scope', textOf(object, 'scope'), 'scope')
  const listed = objectsOf(object, 'nexthops')
  const hops = listed.flatMap((hop) => parseNexthop(hop, family) ?? [])
  if (hops.length < listed.length) return undefined
  const via = gatewayOf(object)
  if (via !== undefined && isIpv6(via) !== (family === 'inet6')) {
    return report(object.place, 'unsupported', `a gateway of family ${family}`, via, 'via')
  }
  const metric = numberOf(object, 'metric')
  const tos = numberOf(object, 'tos')
  const src = ipOf(object, 'prefsrc')
  if (src !== undefined && isIpv6(src) !== (family === 'inet6')) {
    return report(object.place, 'invalid', `a source address of family ${family}`, src, 'prefsrc')
  }
  const dev = textOf(object, 'dev')
  const pref = textOf(object, 'pref')
  return {
    family,
    dst,
    type,
    ...(via === undefined ? {} : { via }),
    ...(dev === undefined ? {} : { dev }),
    ...(hops.length === 0 && textsOf(object, 'flags').includes('onlink') ? { onlink: true } : {}),
    ...(hops.length === 0 ? {} : { nexthops: hops }),
    table: textOf(object, 'table') ?? (type === 'local' || type === 'broadcast' ? 'local' : 'main'),
    protocol: textOf(object, 'protocol') ?? 'boot',
    scope,
    ...(src === undefined ? {} : { src }),
    ...(metric === undefined || metric === 0 ? {} : { metric }),
    ...(tos === undefined || tos === 0 ? {} : { tos }),
    ...metricsOf(object),
    ...(pref === 'low' || pref === 'medium' || pref === 'high' ? { pref } : {}),
    origin: originAt(object.place),
  }
}

/** Without `-d`, `ip` leaves the scope out when it is the one the type implies. */
function defaultScope(type: RouteType, object: JsonObject): string {
  if (familyOfRoute(object, undefined) === 'inet6') return 'global'
  if (type === 'local') return 'host'
  if (type === 'broadcast') return 'link'
  return 'global'
}

/**
 * `ip -j -d route show table all` as routes, in dump order.
 * @param family - what the file holds when it does not say itself; absent for a dump of both families
 */
export function parseRoutes(content: unknown, place: Place, family?: 'inet' | 'inet6'): Route[] {
  return readEach(
    objectsIn(jsonValue(content, place), place),
    place,
    (object) => parseRoute(object, family),
    (object, issues) => lostRoute(object, issues, familyOfRoute(object, family)),
  )
}

/** What `ip route` is asked for. */
export interface RouteOptions {
  /** `-4` (the default), `-6`, or both with `table all`. */
  readonly family?: 'inet' | 'inet6'
  /** Table by name, or `all`; absent = main. */
  readonly table?: string
  /** What is listed of it, and which words are the same in all of it. */
  readonly select?: Pick<RouteSelection, 'tests' | 'hidden'>
  /** `-d`. */
  readonly details?: boolean
}

const NOTHING_HIDDEN: ReadonlySet<RouteWord> = new Set()

/** The routes `ip route show` lists, in its order. */
export function shownRoutes(view: View, options: RouteOptions = {}): Route[] {
  const { table = 'main', family = table === 'all' ? undefined : 'inet', select } = options
  return routesOf(view.network, view.ns).filter((route) => {
    if (family !== undefined && route.family !== family) return false
    return isInTable(route, table) && (select?.tests.every((test) => test(route)) ?? true)
  })
}

/** `linkdown` and `dead` follow from the device. @linux net/ipv4/fib_semantics.c fib_sync_down_dev */
function hopFlags(view: View | undefined, route: Route, hop: Nexthop): string[] {
  const flags = hop.onlink === true ? ['onlink'] : []
  const link = hop.dev === undefined ? undefined : view?.ns.interfaces[hop.dev]
  if (view === undefined || link === undefined || route.type === 'local' || route.type === 'anycast') return flags
  if (!link.up) flags.unshift('dead')
  if (!carrierOf(view, link)) flags.push('linkdown')
  return flags
}

/** A destination without the length of a host route, `default` for everything. */
export function destinationText(dst: string): string {
  if (dst === '0.0.0.0/0' || dst === '::/0') return 'default'
  return dst.replace(dst.includes(':') ? /\/128$/ : /\/32$/, '')
}

/** One route as `ip -j -d route` prints it. */
function routeJson(view: View, route: Route, { table, select }: RouteOptions): Record<string, unknown> {
  const hidden = select?.hidden ?? NOTHING_HIDDEN
  const metrics = {
    ...(route.mtu === undefined ? {} : { mtu: route.mtu }),
    ...(route.advmss === undefined ? {} : { advmss: route.advmss }),
  }
  const showMetric = route.metric !== undefined || route.family === 'inet6'
  return {
    type: route.type,
    dst: destinationText(route.dst),
    ...(route.tos === undefined ? {} : { tos: `0x${route.tos.toString(16)}` }),
    ...(route.via === undefined || hidden.has('via') ? {} : { gateway: route.via }),
    ...(route.dev === undefined || hidden.has('dev') ? {} : { dev: route.dev }),
    ...(table === 'all' ? { table: route.table } : {}),
    ...(hidden.has('proto') ? {} : { protocol: route.protocol }),
    ...(hidden.has('scope') ? {} : { scope: route.scope }),
    ...(route.src === undefined || hidden.has('src') ? {} : { prefsrc: route.src }),
    ...(showMetric ? { metric: route.metric ?? 0 } : {}),
    flags: route.nexthops === undefined ? hopFlags(view, route, route) : [],
    ...(Object.keys(metrics).length === 0 ? {} : { metrics: [metrics] }),
    ...(route.pref === undefined ? {} : { pref: route.pref }),
    ...(route.nexthops === undefined
      ? {}
      : {
          nexthops: route.nexthops.map((hop) => ({
            ...(hop.via === undefined ? {} : { gateway: hop.via }),
            ...(hop.dev === undefined ? {} : { dev: hop.dev }),
            weight: hop.weight ?? 1,
            flags: hopFlags(view, route, hop),
          })),
        }),
  }
}

/** `ip -j -d route show`; with `table all` each route says its table. */
export function ipRouteJson(view: View, options: RouteOptions = {}): Record<string, unknown>[] {
  return shownRoutes(view, options).map((route) => routeJson(view, route, options))
}

/** One route as `ip route` prints it, without the line break. */
function routeText(view: View | undefined, route: Route, options: RouteOptions = {}): string {
  const details = options.details === true
  const inet = route.family === 'inet'
  const hidden = options.select?.hidden ?? NOTHING_HIDDEN
  const words: string[] = []
  if (details || route.type !== 'unicast') words.push(route.type)
  words.push(destinationText(route.dst))
  if (route.tos !== undefined) words.push(`tos 0x${route.tos.toString(16).padStart(2, '0')}`)
  if (route.via !== undefined && !hidden.has('via')) words.push(`via ${route.via}`)
  if (route.dev !== undefined && !hidden.has('dev')) words.push(`dev ${route.dev}`)
  if (options.table === 'all' && route.table !== 'main') words.push(`table ${route.table}`)
  if ((details || route.protocol !== 'boot') && !hidden.has('proto')) words.push(`proto ${route.protocol}`)
  if ((details || (inet && route.scope !== 'global')) && !hidden.has('scope')) words.push(`scope ${route.scope}`)
  if (route.src !== undefined && !hidden.has('src')) words.push(`src ${route.src}`)
  if (route.metric !== undefined || !inet) words.push(`metric ${route.metric ?? 0}`)
  if (route.nexthops === undefined) words.push(...hopFlags(view, route, route))
  if (route.mtu !== undefined) words.push(`mtu ${route.mtuLock === true ? 'lock ' : ''}${route.mtu}`)
  if (route.advmss !== undefined) words.push(`advmss ${route.advmss}`)
  const line = `${words.join(' ')} ${route.pref === undefined ? '' : `pref ${route.pref}`}`
  const hops = (route.nexthops ?? []).map((hop) => `\n\t${hopText(view, route, hop)}`)
  return `${line}${hops.join('')}`
}

function hopText(view: View | undefined, route: Route, hop: Nexthop): string {
  const via = hop.via === undefined ? '' : `via ${hop.via} `
  const flags = hopFlags(view, route, hop).map((flag) => `${flag} `)
  return `nexthop ${via}${hop.dev === undefined ? '' : `dev ${hop.dev} `}weight ${hop.weight ?? 1} ${flags.join('')}`
}

/** Whether the state of its devices shows when a route is printed (`linkdown`, `dead`). */
export function showsDeviceState(view: View, route: Route): boolean {
  return (route.nexthops ?? [route]).some((hop) => hopFlags(view, route, hop).some((flag) => flag !== 'onlink'))
}

/**
 * One route on one line, as `ip route show table all` prints it.
 * @param view - where it stands; without it, what follows from the state of devices (`linkdown`) is left out
 */
export function routeLine(route: Route, view?: View): string {
  return routeText(view, route, { table: 'all' }).replaceAll('\n\t', '').trimEnd()
}

/** `ip route show`. */
export function ipRoute(view: View, options: RouteOptions = {}): string {
  return shownRoutes(view, options)
    .map((route) => `${routeText(view, route, options)}\n`)
    .join('')
}

const FLAGS: ReadonlySet<string> = new Set(['onlink', 'linkdown', 'dead', 'pervasive', 'offload', 'trap', 'notify'])

/** `ip route show` or `route -n` in plain text as the objects `ip -j route show` gives. Lines that say nothing of a route are passed over. */
export function routeObjects(text: string): Json[] {
  if (isRouteTable(text)) return routeTableObjects(text)
  const routes: Json[] = []
  for (const line of linesWithIndent(text)) {
    const words = lineOf(line.text)
    const current = routes.at(-1)
    if (words.words[0] === 'nexthop' && current !== undefined) {
      words.at = 1
      const hop: Json = atLine({ flags: [] }, line.number)
      readOptions(hop, words)
      current['nexthops'] = [...((current['nexthops'] as Json[] | undefined) ?? []), hop]
    } else if (!line.indented) routes.push(atLine(routeObject(words), line.number))
  }
  return routes
}

function routeObject(line: Line): Json {
  const route: Json = { flags: [] }
  if (isRouteType(line.words[0] ?? '')) route['type'] = next(line)
  route['dst'] = next(line)
  readOptions(route, line)
  return route
}

function readOptions(route: Json, line: Line): void {
  const metrics: Json = {}
  while (line.at < line.words.length) {
    const word = next(line)
    switch (word) {
      case 'via': {
        const family = next(line)
        if (family === 'inet' || family === 'inet6') route['via'] = { family, host: next(line) }
        else route['gateway'] = family
        break
      }
      case 'dev':
      case 'table':
      case 'scope':
      case 'pref':
      case 'tos':
        route[word] = next(line)
        break
      case 'proto':
        route['protocol'] = next(line)
        break
      case 'src':
        route['prefsrc'] = next(line)
        break
      case 'metric':
      case 'weight':
        route[word] = numeric(next(line))
        break
      case 'mtu':
      case 'advmss': {
        const value = next(line)
        if (value === 'lock') {
          metrics['lock'] = [word]
          metrics[word] = numeric(next(line))
        } else metrics[word] = numeric(value)
        break
      }
      case 'from':
      case 'encap':
      case 'nhid':
      case 'realm':
      case 'realms':
        route[word] = next(line)
        break
      default:
        if (FLAGS.has(word)) (route['flags'] as string[]).push(word)
        else route['unread'] = [...((route['unread'] as string[] | undefined) ?? []), word]
    }
  }
  if (Object.keys(metrics).length > 0) route['metrics'] = [metrics]
}
