import * as v from 'valibot'
import { isRecord } from '../model/index.ts'
import { bytesOfBase64 } from '../wire/index.ts'
import { type Question, SESSION_SCHEMA, type Session } from './session.ts'

/** Lists longer than this are no session of a person. */
const MOST_ENTRIES = 10_000
const MOST_SEED = 0xffff_ffff
const MOST_SIZE = 65_535

const text = v.string('a text')

/** A whole number between two bounds. */
function whole(low: number, high: number) {
  const said = `a whole number from ${low} to ${high}`
  return v.pipe(v.number(said), v.safeInteger(said), v.minValue(low, said), v.maxValue(high, said))
}

/** A list that may be absent. */
function list<T>(one: v.GenericSchema<unknown, T>) {
  const said = `a list of at most ${MOST_ENTRIES}`
  return v.optional(v.pipe(v.array(one, said), v.maxLength(MOST_ENTRIES, said)), [])
}

/** An object with these fields and no others. */
function fields<Entries extends v.ObjectEntries>(entries: Entries) {
  const names = Object.keys(entries).join(', ')
  const said = `an object with ${names}`
  return v.pipe(
    v.custom<Readonly<Record<string, unknown>>>(isRecord, said),
    v.strictObject(entries, ({ expected }) => (expected === 'never' ? `one of ${names}` : `the field ${expected}`)),
  )
}

const question = v.pipe(
  fields({
    from: text,
    to: text,
    protocol: v.optional(v.picklist(['ping', 'tcp', 'udp'], 'ping, tcp or udp'), 'ping'),
    port: v.exactOptional(v.union([text, whole(1, MOST_SIZE)], `a name, or a whole number from 1 to ${MOST_SIZE}`)),
    size: v.exactOptional(whole(0, MOST_SIZE)),
    ttl: v.exactOptional(whole(1, 255)),
    dontFragment: v.exactOptional(v.boolean('true or false')),
  }),
  v.forward(
    v.check(({ protocol, port }) => protocol !== 'ping' || port === undefined, 'no port: a ping has none'),
    ['port'],
  ),
  v.forward(
    v.check(({ protocol, port }) => protocol === 'ping' || port !== undefined, 'a port, by number or name'),
    ['port'],
  ),
) satisfies v.GenericSchema<unknown, Question>

/** A session as JSON gives it: what may be left out is empty. */
export const sessionShape: v.GenericSchema<unknown, Session> = fields({
  schema: v.literal(SESSION_SCHEMA, SESSION_SCHEMA),
  title: v.optional(text, ''),
  seed: v.optional(whole(0, MOST_SEED), 1),
  files: list(fields({ name: text, text })),
  dumps: list(
    fields({
      name: text,
      base64: v.pipe(
        text,
        v.check((digits) => bytesOfBase64(digits) !== undefined, 'base64'),
      ),
    }),
  ),
  commands: list(text),
  question: v.nullish(question, null),
  timeline: v.exactOptional(text),
})
