import type { FdbEntry } from '../../model/index.ts'
import { ipOf, type JsonObject, jsonValue, macOf, numberOf, objectsIn, textOf, textsOf } from './json.ts'
import { originAt, type Place, report } from './place.ts'

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
