import type { Neighbour, NeighState, ProxyNeighbour } from '../../model/index.ts'
import { flagOf, ipOf, type JsonObject, jsonValue, macOf, objectsIn, textOf, textsOf } from './json.ts'
import { originAt, type Place, report } from './place.ts'

const STATES: ReadonlySet<string> = new Set([
  'PERMANENT',
  'NOARP',
  'REACHABLE',
  'STALE',
  'DELAY',
  'PROBE',
  'INCOMPLETE',
  'FAILED',
  'NONE',
])

/** Whether a text is a neighbour state, in capitals. */
export function isNeighState(text: string): text is NeighState {
  return STATES.has(text)
}

function parseNeighbour(object: JsonObject): Neighbour | undefined {
  const dst = ipOf(object, 'dst')
  const dev = textOf(object, 'dev')
  if (dst === undefined) return report(object.place, 'invalid', 'an address', undefined, 'dst')
  if (dev === undefined) return report(object.place, 'invalid', 'a device', undefined, 'dev')
  const state = textsOf(object, 'state')[0] ?? 'NONE'
  if (!isNeighState(state)) return report(object.place, 'invalid', [...STATES].join(', '), state, 'state')
  const lladdr = macOf(object, 'lladdr')
  return {
    dst,
    dev,
    ...(lladdr === undefined ? {} : { lladdr }),
    state,
    ...(flagOf(object, 'router') ? { router: true } : {}),
    origin: originAt(object.place),
  }
}

/** `ip -j neigh show` as neighbours of both families, in dump order. */
export function parseNeighbours(content: unknown, place: Place): Neighbour[] {
  return objectsIn(jsonValue(content, place), place).flatMap((object) => parseNeighbour(object) ?? [])
}

/** `ip -j neigh show proxy`. */
export function parseProxyNeighbours(content: unknown, place: Place): ProxyNeighbour[] {
  return objectsIn(jsonValue(content, place), place).flatMap((object) => {
    const dst = ipOf(object, 'dst')
    const dev = textOf(object, 'dev')
    if (dst === undefined) return report(object.place, 'invalid', 'an address', undefined, 'dst') ?? []
    return { dst, ...(dev === undefined ? {} : { dev }), origin: originAt(object.place) }
  })
}
