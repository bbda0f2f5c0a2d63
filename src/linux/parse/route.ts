import type { Nexthop, Route, RouteType } from '../../model/index.ts'
import { isIpv6 } from '../../wire/index.ts'
import { parseScope } from './addr.ts'
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
import { originAt, type Place, report } from './place.ts'

const TYPES: ReadonlySet<string> = new Set([
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
])

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

function parseNexthop(object: JsonObject): Nexthop | undefined {
  const via = gatewayOf(object)
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
function metricsOf(object: JsonObject): Pick<Route, 'mtu' | 'mtuLock' | 'advmss'> {
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
  const hops = objectsOf(object, 'nexthops').flatMap((hop) => parseNexthop(hop) ?? [])
  const via = gatewayOf(object)
  if (via !== undefined && isIpv6(via) !== (family === 'inet6')) {
    return report(object.place, 'unsupported', `a gateway of family ${family}`, via, 'via')
  }
  const metric = numberOf(object, 'metric')
  const tos = numberOf(object, 'tos')
  const src = ipOf(object, 'prefsrc')
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
  return objectsIn(jsonValue(content, place), place).flatMap((object) => parseRoute(object, family) ?? [])
}
