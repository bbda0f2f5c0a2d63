import * as v from 'valibot'
import { durationOf, isReadAnnotation } from '../../control/index.ts'
import { nearestWord } from '../../model/index.ts'
import {
  explainCidr,
  explainIp,
  explainPrefix,
  type Family,
  familyOf,
  parseCidr,
  parseIp,
  parsePrefix,
} from '../../wire/index.ts'
import { namespaceName } from './names.ts'

/** The shape of a value: what it must look like, and what of it is kept. */
export type Shape = v.GenericSchema

/** A duration as Go writes it. */
export const duration: Shape = v.pipe(
  v.string('a duration, such as 90s'),
  v.check((written) => durationOf(written) !== undefined, 'a duration, such as 90s'),
)

/** An address of either family. */
export const ip: Shape = v.pipe(
  v.string('an IP address'),
  v.check(
    (text) => parseIp(text) !== undefined,
    ({ input }) => `an IP address, e.g. 10.0.0.1 (${explainIp(input)?.message})`,
  ),
)

function ofFamily(family: Family, example: string): Shape {
  const what = `an IPv${family} address`
  return v.pipe(
    v.string(what),
    v.check(
      (text) => {
        const address = parseIp(text)
        return address !== undefined && familyOf(address) === family
      },
      ({ input }) => `${what}, e.g. ${example}${explainIp(input) ? ` (${explainIp(input)?.message})` : ''}`,
    ),
  )
}

/** An IPv4 address. */
export const ipv4: Shape = ofFamily(4, '10.0.0.1')
/** An IPv6 address. */
export const ipv6: Shape = ofFamily(6, 'fd00::1')

/** A prefix in strict form: host bits are zero. */
export const prefix: Shape = v.pipe(
  v.string('a CIDR'),
  v.check((text) => text.includes('/'), 'a CIDR with its mask length, e.g. 192.168.0.0/16'),
  v.check(
    (text) => parsePrefix(text) !== undefined,
    ({ input }) => `a CIDR, e.g. 192.168.0.0/16 (${explainPrefix(input)?.message})`,
  ),
)

/** An address with the prefix length of its subnet. */
export const interfaceAddress: Shape = v.pipe(
  v.string('an address with its prefix length'),
  v.check((text) => text.includes('/'), 'an address with its prefix length, e.g. 172.17.0.40/16'),
  v.check(
    (text) => parseCidr(text) !== undefined,
    ({ input }) => `an address with its prefix length, e.g. 172.17.0.40/16 (${explainCidr(input)?.message})`,
  ),
)

/** A whole number between two bounds. */
export function whole(low: number, high: number, what: string): Shape {
  const expected = `${what}: a whole number from ${low} to ${high}`
  return v.pipe(v.number(expected), v.integer(expected), v.minValue(low, expected), v.maxValue(high, expected))
}

/** A truth value. */
export const flag: Shape = v.boolean('true or false')

/** One of a few words, spelled as Calico spells them. */
export function oneOf(words: readonly string[]): Shape {
  const all = `one of ${words.join(', ')}`
  return v.picklist(words, ({ input }) => {
    const meant = typeof input === 'string' ? nearestWord(input, words) : undefined
    return meant === undefined ? all : `${all} (did you mean ${meant}?)`
  })
}

/** Text. */
export const text: Shape = v.string('text')

/** Labels or annotations. */
export const textMap: Shape = v.record(v.string(), v.string('text (put it in quotes)'), 'a map of text to text')

/** A port number. */
export const port: Shape = whole(1, 65535, 'a port')

/** An Ethernet address. */
export const mac: Shape = v.pipe(
  v.string('an Ethernet address'),
  v.regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i, 'an Ethernet address, e.g. 02:42:ac:11:00:28'),
)

/** Annotations: only those that are read are kept. */
export const annotations: Shape = v.pipe(
  v.record(v.string(), v.string('text (put it in quotes)'), 'a map of text to text'),
  v.transform((all) => Object.fromEntries(Object.entries(all).filter(([name]) => isReadAnnotation(name)))),
)

const TIME = 'a time, e.g. "2020-10-13T00:24:20Z"'
const time = v.pipe(v.string(TIME), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/, TIME))

/** `metadata` with a name of some sort, as far as packetwalk reads it; other fields are left out. */
export function metadataWith(name: Shape): Shape {
  return v.object(
    {
      name,
      namespace: v.optional(namespaceName),
      labels: v.nullish(textMap),
      annotations: v.nullish(annotations),
      creationTimestamp: v.nullish(time),
      deletionTimestamp: v.nullish(time),
      uid: v.optional(text),
      ownerReferences: v.nullish(v.array(v.object({ kind: text, name: text }, 'a map'), 'a list')),
    },
    'metadata with a name',
  )
}
