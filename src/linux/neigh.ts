import { type Neighbour, type NeighState, neighboursOf, type ProxyNeighbour } from '../model/index.ts'
import { atLine, type Json, lineOf, linesWithIndent, next } from './cursor.ts'
import { flagOf, ipOf, type JsonObject, jsonValue, macOf, objectsIn, textOf, textsOf } from './json.ts'
import { originAt, type Place, report } from './place.ts'
import type { View } from './view.ts'

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

/** What `ip neigh` is asked for. */
export interface NeighOptions {
  /** `-4` or `-6`; absent = both. */
  readonly family?: 'inet' | 'inet6'
  /** Only this device. */
  readonly dev?: string
  /** `nud all`: also NOARP and NONE entries. */
  readonly all?: boolean
  /** A run's neighbour table instead of the one in the model. */
  readonly entries?: readonly Neighbour[]
}

function shown(view: View, options: NeighOptions): Neighbour[] {
  return (options.entries ?? neighboursOf(view.network, view.ns)).filter((entry) => {
    if (options.dev !== undefined && entry.dev !== options.dev) return false
    if (options.family !== undefined && entry.dst.includes(':') !== (options.family === 'inet6')) return false
    return options.all === true || (entry.state !== 'NOARP' && entry.state !== 'NONE')
  })
}

/** `ip -j neigh show`. */
export function ipNeighJson(view: View, options: NeighOptions = {}): Record<string, unknown>[] {
  return shown(view, options).map((entry) => ({
    dst: entry.dst,
    dev: entry.dev,
    ...(entry.lladdr === undefined ? {} : { lladdr: entry.lladdr }),
    ...(entry.router === true ? { router: null } : {}),
    state: [entry.state],
  }))
}

/** `ip neigh show`. */
export function ipNeigh(view: View, options: NeighOptions = {}): string {
  return shown(view, options)
    .map((entry) => `${neighbourLine(entry, options.dev)} \n`)
    .join('')
}

/**
 * One neighbour on one line, as `ip neigh show` prints it, without the blank at its end.
 * @param asked - the device that was asked for: it is left out
 */
export function neighbourLine({ dst, dev, lladdr, router, state }: Neighbour, asked?: string): string {
  const words = [
    dst,
    ...(asked === undefined ? [`dev ${dev}`] : []),
    ...(lladdr === undefined ? [] : [`lladdr ${lladdr}`]),
  ]
  return [...words, ...(router === true ? ['router'] : []), state].join(' ')
}

/** `ip -j neigh show proxy`. */
export function ipNeighProxyJson(view: View): Record<string, unknown>[] {
  return view.ns.proxyNeighbours.map((entry) => ({
    dst: entry.dst,
    ...(entry.dev === undefined ? {} : { dev: entry.dev }),
    proxy: null,
  }))
}

/** `ip neigh show proxy`. */
export function ipNeighProxy(view: View): string {
  return view.ns.proxyNeighbours
    .map((entry) => `${entry.dst} ${entry.dev === undefined ? '' : `dev ${entry.dev} `}proxy \n`)
    .join('')
}

/** `ip neigh show` in plain text as the objects `ip -j neigh show` gives. */
export function neighObjects(text: string): Json[] {
  return linesWithIndent(text).map((item) => {
    const line = lineOf(item.text)
    const entry: Json = { dst: next(line) }
    const states: string[] = []
    while (line.at < line.words.length) {
      const word = next(line)
      if (word === 'dev' || word === 'lladdr') entry[word] = next(line)
      else if (word === 'router') entry[word] = null
      else if (/^[A-Z]+$/.test(word)) states.push(word)
    }
    return atLine({ ...entry, state: states }, item.number)
  })
}
