import { type Ip, type Mac, type Prefix, parseIp, parseMac, parsePrefix, prefixOf } from '../wire/index.ts'
import { placeOfObject } from './cursor.ts'
import { type Place, report } from './place.ts'

/** An object of a JSON dump with its place. */
export interface JsonObject {
  /** The fields as they are. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Where it stands. */
  readonly place: Place
}

/** Content of a `.json` file, parsed or still text, as a value; undefined (and an issue) when the text is not JSON. */
export function jsonValue(content: unknown, place: Place): unknown {
  if (typeof content !== 'string') return content
  if (content.trim() === '') return []
  try {
    return JSON.parse(content) as unknown
  } catch (error) {
    const position = /position (\d+)/.exec(String(error))?.[1]
    const line = position === undefined ? undefined : content.slice(0, Number(position)).split('\n').length
    report(line === undefined ? place : { ...place, line }, 'syntax', 'JSON', content.trim())
    return undefined
  }
}

/** The objects of a dump, which is a list of them. Empty objects (iproute2 prints some) are skipped. */
export function objectsIn(value: unknown, place: Place): JsonObject[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) {
    report(place, 'invalid', 'a list of objects', value)
    return []
  }
  const objects: JsonObject[] = []
  value.forEach((item: unknown, index) => {
    const object = asObject(item, { ...place, path: [...place.path, index] })
    if (object !== undefined && Object.keys(object.fields).length > 0) objects.push(object)
  })
  return objects
}

function asObject(value: unknown, place: Place): JsonObject | undefined {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const own = placeOfObject(value)
    const here = own === undefined ? place : { ...place, ...own, path: own.line === undefined ? place.path : [] }
    return { fields: value as Record<string, unknown>, place: here }
  }
  return report(place, 'invalid', 'an object', value)
}

/** A field, own properties only. */
export function field(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object.fields, key) ? object.fields[key] : undefined
}

/** Whether a field is there at all: iproute2 prints many flags as `null`, others as `true`. */
export function flagOf(object: JsonObject, key: string): boolean {
  const value = field(object, key)
  if (value === undefined || value === false || value === 0) return false
  if (value === null || value === true || value === 1) return true
  report(object.place, 'invalid', 'true, false or null', value, key)
  return false
}

/** A boolean field that says something also when it is false. */
export function booleanOf(object: JsonObject, key: string): boolean | undefined {
  return field(object, key) === undefined ? undefined : flagOf(object, key)
}

/** A text field; undefined when absent (or, with an issue, when it is no text). */
export function textOf(object: JsonObject, key: string): string | undefined {
  const value = field(object, key)
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  return report(object.place, 'invalid', 'a text', value, key)
}

/** A whole number of 0 or more, written as number, decimal or 0x text. */
export function numberOf(object: JsonObject, key: string): number | undefined {
  const value = field(object, key)
  if (value === undefined || value === null) return undefined
  const number = typeof value === 'string' ? parseNumber(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
  return report(object.place, 'invalid', 'a number', value, key)
}

/** A list of texts; a single text counts as a list of one. */
export function textsOf(object: JsonObject, key: string): string[] {
  const value = field(object, key)
  if (value === undefined || value === null) return []
  const list = Array.isArray(value) ? (value as unknown[]) : [value]
  if (list.every((item) => typeof item === 'string')) return list
  report(object.place, 'invalid', 'a list of texts', value, key)
  return []
}

/** An object in a field. */
export function objectOf(object: JsonObject, key: string): JsonObject | undefined {
  const value = field(object, key)
  if (value === undefined || value === null) return undefined
  return asObject(value, { ...object.place, path: [...object.place.path, key] })
}

/** A list of objects in a field. */
export function objectsOf(object: JsonObject, key: string): JsonObject[] {
  const value = field(object, key)
  if (value === undefined || value === null) return []
  return objectsIn(value, { ...object.place, path: [...object.place.path, key] })
}

/** An address in a field. */
export function ipOf(object: JsonObject, key: string): Ip | undefined {
  const text = textOf(object, key)
  if (text === undefined) return undefined
  return parseIp(text) ?? report(object.place, 'invalid', 'an IP address', text, key)
}

/** A link-layer address in a field. */
export function macOf(object: JsonObject, key: string): Mac | undefined {
  const text = textOf(object, key)
  if (text === undefined) return undefined
  return parseMac(text) ?? report(object.place, 'invalid', 'a link-layer address', text, key)
}

/** A destination as iproute2 writes it: a prefix, an address (all of its bits), or `default`. */
export function parseDestination(text: string, family: 'inet' | 'inet6'): Prefix | undefined {
  const zero = family === 'inet' ? '0.0.0.0/0' : '::/0'
  if (text === 'default' || text === 'any' || text === 'all') return parsePrefix(zero)
  if (text.includes('/')) return parsePrefix(text)
  const ip = parseIp(text)
  return ip === undefined ? undefined : prefixOf(ip, ip.includes(':') ? 128 : 32)
}

/** A number in decimal or with 0x; undefined for anything else. */
export function parseNumber(text: string): number | undefined {
  if (!/^(0x[0-9a-fA-F]{1,8}|[0-9]{1,15})$/.test(text)) return undefined
  return Number(text)
}

/** A field of a result, left out when there is no value. */
export function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V }
}
