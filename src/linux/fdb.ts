import { type FdbEntry, fdbOf } from '../model/index.ts'
import { atLine, type Json, lineOf, linesWithIndent, next, numeric } from './cursor.ts'
import { ipOf, type JsonObject, jsonValue, macOf, numberOf, objectsIn, textOf, textsOf } from './json.ts'
import { originAt, type Place, report } from './place.ts'
import type { View } from './view.ts'

function parseEntry(object: JsonObject): FdbEntry | undefined {
  const mac = macOf(object, 'mac')
  const dev = textOf(object, 'ifname') ?? textOf(object, 'dev')
  if (mac === undefined) return report(object.place, 'invalid', 'a link-layer address', undefined, 'mac')
  if (dev === undefined) return report(object.place, 'invalid', 'an interface', undefined, 'ifname')
  const dst = ipOf(object, 'dst')
  const state = textOf(object, 'state') ?? ''
  if (state !== 'permanent' && state !== 'static' && state !== 'stale' && state !== '') {
    return report(object.place, 'invalid', 'permanent, static, stale or nothing', state, 'state')
  }
  const flags = textsOf(object, 'flags')
  const optional: { -readonly [K in 'vni' | 'port' | 'vlan' | 'via' | 'master']?: FdbEntry[K] } = {}
  const vni = numberOf(object, 'vni')
  const port = numberOf(object, 'port')
  const vlan = numberOf(object, 'vlan')
  const via = textOf(object, 'viaIf') ?? textOf(object, 'via')
  const master = textOf(object, 'master')
  if (vni !== undefined) optional.vni = vni
  if (port !== undefined) optional.port = port
  if (via !== undefined) optional.via = via
  if (vlan !== undefined) optional.vlan = vlan
  if (master !== undefined) optional.master = master
  return {
    mac,
    dev,
    ...(dst === undefined ? {} : { dst }),
    ...optional,
    ...(flags.includes('self') ? { self: true } : {}),
    ...(flags.includes('extern_learn') ? { externLearn: true } : {}),
    state,
    origin: originAt(object.place),
  }
}

/** `bridge -j fdb show` as entries, in dump order. */
export function parseFdb(content: unknown, place: Place): FdbEntry[] {
  return objectsIn(jsonValue(content, place), place).flatMap((object) => parseEntry(object) ?? [])
}

/** What `bridge fdb` is asked for. */
export interface FdbOptions {
  /** Only this device. */
  readonly dev?: string
  /** A run's entries instead of those in the model. */
  readonly entries?: readonly FdbEntry[]
}

function shown(view: View, options: FdbOptions): FdbEntry[] {
  return (options.entries ?? fdbOf(view.network, view.ns)).filter(
    (entry) => options.dev === undefined || entry.dev === options.dev,
  )
}

function flagsOf(entry: FdbEntry): string[] {
  return [...(entry.self === true ? ['self'] : []), ...(entry.externLearn === true ? ['extern_learn'] : [])]
}

/** `bridge -j fdb show`. */
export function bridgeFdbJson(view: View, options: FdbOptions = {}): Record<string, unknown>[] {
  return shown(view, options).map((entry) => ({
    mac: entry.mac,
    ifname: entry.dev,
    ...(entry.dst === undefined ? {} : { dst: entry.dst }),
    ...(entry.vlan === undefined ? {} : { vlan: entry.vlan }),
    ...(entry.port === undefined ? {} : { port: entry.port }),
    ...(entry.vni === undefined ? {} : { vni: entry.vni }),
    ...(entry.via === undefined ? {} : { viaIf: entry.via }),
    flags: flagsOf(entry),
    ...(entry.master === undefined ? {} : { master: entry.master }),
    state: entry.state,
  }))
}

/** `bridge fdb show`. */
export function bridgeFdb(view: View, options: FdbOptions = {}): string {
  return shown(view, options)
    .map((entry) => `${fdbLine(entry, options.dev)}\n`)
    .join('')
}

/**
 * One forwarding entry on one line, as `bridge fdb show` prints it.
 * @param asked - the device that was asked for: it is left out
 */
export function fdbLine(entry: FdbEntry, asked?: string): string {
  const words: string[] = [entry.mac]
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) words.push(`${name} ${value}`)
  }
  if (asked === undefined) add('dev', entry.dev)
  add('dst', entry.dst)
  add('vlan', entry.vlan)
  add('port', entry.port)
  add('vni', entry.vni)
  add('via', entry.via)
  return `${[...words, ...flagsOf(entry)].join(' ')} ${entry.master === undefined ? '' : `master ${entry.master} `}${entry.state}`
}

const FDB_FLAGS: ReadonlySet<string> = new Set(['self', 'extern_learn', 'offload', 'sticky', 'router'])

/** `bridge fdb show` in plain text as the objects `bridge -j fdb show` gives. */
export function fdbObjects(text: string): Json[] {
  return linesWithIndent(text).map((item) => {
    const line = lineOf(item.text)
    const entry: Json = { mac: next(line), state: '' }
    const flags: string[] = []
    while (line.at < line.words.length) {
      const word = next(line)
      if (word === 'dev') entry['ifname'] = next(line)
      else if (word === 'dst' || word === 'master') entry[word] = next(line)
      else if (word === 'via') entry['viaIf'] = next(line)
      else if (word === 'vlan' || word === 'port' || word === 'vni') entry[word] = numeric(next(line))
      else if (FDB_FLAGS.has(word)) flags.push(word)
      else if (word === 'permanent' || word === 'static' || word === 'stale') entry['state'] = word
    }
    return atLine({ ...entry, flags }, item.number)
  })
}
