import type { Address, Issue } from '../model/index.ts'
import { type Prefix, parseIp, prefixOf } from '../wire/index.ts'
import { field, type JsonObject, numberOf, objectOf, parseDestination, textOf } from './json.ts'
import type { Place } from './place.ts'

type Family = 'inet' | 'inet6'

/** An entry of a dump that is not understood, or not in full, as far as it tells which packets it concerns. */
export type LeftOut =
  /** A route that is not there. */
  | {
      readonly kind: 'route'
      readonly issues: readonly Issue[]
      readonly family: Family
      readonly table: string
      /** Its destination; absent = could be any. */
      readonly to?: Prefix
    }
  /** A policy rule that is not there. */
  | {
      readonly kind: 'rule'
      readonly issues: readonly Issue[]
      readonly family: Family
      readonly from?: Prefix
      readonly to?: Prefix
      /** Only concerns devices that a VRF holds. */
      readonly l3mdev: boolean
    }
  /** An interface that is not there, or of which a setting is not modelled. */
  | {
      readonly kind: 'link'
      readonly issues: readonly Issue[]
      readonly name: string
      readonly known: boolean
      /** What holds it, where that is no bridge: `bond`, `vrf`, … */
      readonly slaveKind?: string
      readonly addresses: readonly Address[]
    }

/** Reads the entries of a list one by one, and writes down which are lost. */
export function readEach<T>(
  objects: readonly JsonObject[],
  place: Place,
  read: (object: JsonObject) => T | undefined,
  lost: (object: JsonObject, issues: readonly Issue[], made: T | undefined) => LeftOut | undefined,
): T[] {
  return objects.flatMap((object): T[] => {
    const before = place.issues.length
    const made = read(object)
    if (place.issues.length > before && place.leftOut !== undefined) {
      const entry = lost(object, place.issues.slice(before), made)
      if (entry !== undefined) place.leftOut.push(entry)
    }
    return made === undefined ? [] : [made]
  })
}

/** The route that an object would have been. */
export function lostRoute(object: JsonObject, issues: readonly Issue[], family: Family): LeftOut {
  const to = parseDestination(wordOf(object, 'dst') ?? 'default', family)
  return {
    kind: 'route',
    issues,
    family,
    table: wordOf(object, 'table') ?? 'main',
    ...(to === undefined ? {} : { to }),
  }
}

/** The policy rule that an object would have been. */
export function lostRule(object: JsonObject, issues: readonly Issue[], family: Family): LeftOut {
  const from = selectorOf(object, 'src')
  const to = selectorOf(object, 'dst')
  return {
    kind: 'rule',
    issues,
    family,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    l3mdev: field(object, 'l3mdev') !== undefined,
  }
}

/** The interface that an object is, or would have been. */
export function lostLink(object: JsonObject, issues: readonly Issue[], known: boolean): LeftOut | undefined {
  const name = wordOf(object, 'ifname')
  if (name === undefined || name === '') return undefined
  const info = objectOf(object, 'linkinfo')
  const slaveKind = info && wordOf(info, 'info_slave_kind')
  return {
    kind: 'link',
    issues,
    name,
    known,
    ...(slaveKind === undefined || slaveKind === 'bridge' ? {} : { slaveKind }),
    addresses: [],
  }
}

/** A text that was judged before. */
function wordOf(object: JsonObject, key: string): string | undefined {
  return typeof field(object, key) === 'string' ? textOf(object, key) : undefined
}

function selectorOf(object: JsonObject, key: 'src' | 'dst'): Prefix | undefined {
  const ip = parseIp(wordOf(object, key) ?? '')
  if (ip === undefined) return undefined
  const bits = ip.includes(':') ? 128 : 32
  const length = typeof field(object, `${key}len`) === 'number' ? numberOf(object, `${key}len`) : bits
  return length === undefined || length > bits ? undefined : prefixOf(ip, length)
}
