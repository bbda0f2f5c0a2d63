import type { RouteException } from '../model/index.ts'
import { ipOf, type JsonObject, jsonValue, numberOf, objectsIn, textOf, textsOf } from './json.ts'
import { type Place, report } from './place.ts'
import { metricsOf } from './route.ts'

function parseException(object: JsonObject): RouteException | undefined {
  const dst = ipOf(object, 'dst')
  if (dst === undefined) return report(object.place, 'invalid', 'an address', undefined, 'dst')
  const from = ipOf(object, 'from')
  const via = ipOf(object, 'gateway')
  const dev = textOf(object, 'dev')
  const { mtu, mtuLock } = metricsOf(object)
  const expires = numberOf(object, 'expires')
  const uid = numberOf(object, 'uid')
  return {
    family: dst.includes(':') ? 'inet6' : 'inet',
    dst,
    ...(from === undefined ? {} : { from }),
    ...(via === undefined ? {} : { via }),
    ...(dev === undefined ? {} : { dev }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(mtuLock === undefined ? {} : { mtuLock }),
    ...(expires === undefined ? {} : { expires }),
    ...(textsOf(object, 'cache').includes('redirected') ? { redirected: true } : {}),
    ...(uid === undefined ? {} : { uid }),
  }
}

/** `ip -j -d route show cache`: path MTUs and redirects that were learned. */
export function parseRouteCache(content: unknown, place: Place): RouteException[] {
  return objectsIn(jsonValue(content, place), place).flatMap((object) => parseException(object) ?? [])
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
