import { hasCarrier, type Nexthop, type Route, type RouteException, routesOf, tableId } from '../../model/index.ts'
import type { View } from './view.ts'

/** What `ip route` is asked for. */
export interface RouteOptions {
  /** `-4` (the default), `-6`, or both with `table all`. */
  readonly family?: 'inet' | 'inet6'
  /** Table by name, or `all`; absent = main. */
  readonly table?: string
  /** Only routes over this device. */
  readonly dev?: string
  /** `-d`. */
  readonly details?: boolean
}

/** The routes `ip route show` lists, in its order. */
export function shownRoutes(view: View, options: RouteOptions = {}): Route[] {
  const { table = 'main', family = table === 'all' ? undefined : 'inet', dev } = options
  return routesOf(view.network, view.ns).filter((route) => {
    if (family !== undefined && route.family !== family) return false
    if (
      table !== 'all' &&
      route.table !== table &&
      (tableId(table) === undefined || tableId(route.table) !== tableId(table))
    )
      return false
    return dev === undefined || (route.nexthops ?? [route]).some((hop) => hop.dev === dev)
  })
}

/** `linkdown` and `dead` follow from the device. @linux net/ipv4/fib_semantics.c fib_sync_down_dev */
function hopFlags(view: View, route: Route, hop: Nexthop): string[] {
  const flags = hop.onlink === true ? ['onlink'] : []
  const link = hop.dev === undefined ? undefined : view.ns.interfaces[hop.dev]
  if (link === undefined || route.type === 'local' || route.type === 'anycast') return flags
  if (!link.up) flags.unshift('dead')
  if (!hasCarrier(view.network, view.ns, link)) flags.push('linkdown')
  return flags
}

/** A destination without the length of a host route, `default` for everything. */
export function destinationText(dst: string): string {
  if (dst === '0.0.0.0/0' || dst === '::/0') return 'default'
  return dst.replace(dst.includes(':') ? /\/128$/ : /\/32$/, '')
}

/** One route as `ip -j -d route` prints it. */
function routeJson(view: View, route: Route, table: boolean): Record<string, unknown> {
  const metrics = {
    ...(route.mtu === undefined ? {} : { mtu: route.mtu }),
    ...(route.advmss === undefined ? {} : { advmss: route.advmss }),
  }
  const showMetric = route.metric !== undefined || route.family === 'inet6'
  return {
    type: route.type,
    dst: destinationText(route.dst),
    ...(route.tos === undefined ? {} : { tos: `0x${route.tos.toString(16)}` }),
    ...(route.via === undefined ? {} : { gateway: route.via }),
    ...(route.dev === undefined ? {} : { dev: route.dev }),
    ...(table ? { table: route.table } : {}),
    protocol: route.protocol,
    scope: route.scope,
    ...(route.src === undefined ? {} : { prefsrc: route.src }),
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
  return shownRoutes(view, options).map((route) => routeJson(view, route, options.table === 'all'))
}

/** One route as `ip route` prints it, without the line break. */
function routeText(view: View, route: Route, options: RouteOptions = {}): string {
  const details = options.details === true
  const inet = route.family === 'inet'
  const words: string[] = []
  if (details || route.type !== 'unicast') words.push(route.type)
  words.push(destinationText(route.dst))
  if (route.tos !== undefined) words.push(`tos 0x${route.tos.toString(16).padStart(2, '0')}`)
  if (route.via !== undefined) words.push(`via ${route.via}`)
  if (route.dev !== undefined) words.push(`dev ${route.dev}`)
  if (options.table === 'all' && route.table !== 'main') words.push(`table ${route.table}`)
  if (details || route.protocol !== 'boot') words.push(`proto ${route.protocol}`)
  if (details || (inet && route.scope !== 'global')) words.push(`scope ${route.scope}`)
  if (route.src !== undefined) words.push(`src ${route.src}`)
  if (route.metric !== undefined || !inet) words.push(`metric ${route.metric ?? 0}`)
  if (route.nexthops === undefined) words.push(...hopFlags(view, route, route))
  if (route.mtu !== undefined) words.push(`mtu ${route.mtuLock === true ? 'lock ' : ''}${route.mtu}`)
  if (route.advmss !== undefined) words.push(`advmss ${route.advmss}`)
  const line = `${words.join(' ')} ${route.pref === undefined ? '' : `pref ${route.pref}`}`
  const hops = (route.nexthops ?? []).map((hop) => `\n\t${hopText(view, route, hop)}`)
  return `${line}${hops.join('')}`
}

function hopText(view: View, route: Route, hop: Nexthop): string {
  const via = hop.via === undefined ? '' : `via ${hop.via} `
  const flags = hopFlags(view, route, hop).map((flag) => `${flag} `)
  return `nexthop ${via}${hop.dev === undefined ? '' : `dev ${hop.dev} `}weight ${hop.weight ?? 1} ${flags.join('')}`
}

/** `ip route show`. */
export function ipRoute(view: View, options: RouteOptions = {}): string {
  return shownRoutes(view, options)
    .map((route) => `${routeText(view, route, options)}\n`)
    .join('')
}

/** `ip -j route show cache`, for exceptions a run has learned. */
export function routeCacheJson(exceptions: readonly RouteException[]): Record<string, unknown>[] {
  return exceptions.map((entry) => ({
    type: 'unicast',
    dst: entry.dst,
    ...(entry.from === undefined ? {} : { from: entry.from }),
    ...(entry.via === undefined ? {} : { gateway: entry.via }),
    ...(entry.dev === undefined ? {} : { dev: entry.dev }),
    flags: [],
    ...(entry.uid === undefined ? {} : { uid: entry.uid }),
    cache: entry.redirected === true ? ['redirected'] : [],
    ...(entry.expires === undefined ? {} : { expires: entry.expires }),
    ...(entry.mtu === undefined ? {} : { metrics: [{ mtu: entry.mtu }] }),
  }))
}
