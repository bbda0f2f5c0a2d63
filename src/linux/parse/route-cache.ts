import type { RouteException } from '../../model/index.ts'
import { field, ipOf, type JsonObject, jsonValue, numberOf, objectsIn, objectsOf, textOf, textsOf } from './json.ts'
import { type Place, report } from './place.ts'

function parseException(object: JsonObject): RouteException | undefined {
  const dst = ipOf(object, 'dst')
  if (dst === undefined) return report(object.place, 'invalid', 'an address', undefined, 'dst')
  const from = ipOf(object, 'from')
  const via = ipOf(object, 'gateway')
  const dev = textOf(object, 'dev')
  const metrics = objectsOf(object, 'metrics')[0]
  const mtu = metrics && numberOf(metrics, 'mtu')
  const expires = numberOf(object, 'expires')
  const uid = numberOf(object, 'uid')
  const locked =
    metrics !== undefined && (textsOf(metrics, 'lock').includes('mtu') || field(metrics, 'mtu_lock') === true)
  return {
    family: dst.includes(':') ? 'inet6' : 'inet',
    dst,
    ...(from === undefined ? {} : { from }),
    ...(via === undefined ? {} : { via }),
    ...(dev === undefined ? {} : { dev }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(locked ? { mtuLock: true } : {}),
    ...(expires === undefined ? {} : { expires }),
    ...(textsOf(object, 'cache').includes('redirected') ? { redirected: true } : {}),
    ...(uid === undefined ? {} : { uid }),
  }
}

/** `ip -j -d route show cache`: path MTUs and redirects that were learned. */
export function parseRouteCache(content: unknown, place: Place): RouteException[] {
  return objectsIn(jsonValue(content, place), place).flatMap((object) => parseException(object) ?? [])
}
