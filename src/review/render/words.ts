import type { Place } from '../../control/index.ts'
import { confidenceText, type Plain, printable } from '../../model/index.ts'
import type { FieldChange, MachineChange, ObjectChange, Op } from '../review.ts'

/** The sign of a change, as `diff` has it. */
const SIGNS: Readonly<Record<Op, string>> = { added: '+', removed: '-', changed: '~' }

/** Where something stands: the second cluster's file first, as that is what is asked about. */
export function placeText({ before, after }: { readonly before?: Place; readonly after?: Place }): string {
  const place = after ?? before
  return place === undefined ? '' : `${place.file}:${place.line}`
}

/** A field that says something else: `spec.ipipMode: Always → CrossSubnet`. */
export function fieldText({ path, was, now }: FieldChange): string {
  const [from, to] = [was, now].map((value) => (value === undefined ? undefined : valueText(value)))
  if (from === undefined) return printable(`${path}: + ${to}`)
  return printable(to === undefined ? `${path}: - ${from}` : `${path}: ${from} → ${to}`)
}

/** Characters of a value that are told. */
const LONG = 160

function valueText(value: Plain): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > LONG ? `${text.slice(0, LONG)}…` : text
}

/** An object that changed, without its fields. */
export function objectText({ op, object }: ObjectChange): string {
  return `${SIGNS[op]} ${printable(object)}`
}

/** Parts of a set or a chain that are told. */
const MOST_PARTS = 8

/** What changed on machines: `~ route 10.0.0.0/26 via … → 10.0.0.0/26 dev …`; below it what came and went inside. */
export function machineLines({ op, thing, was, now, parts }: MachineChange): readonly string[] {
  const text = was !== undefined && now !== undefined && was !== now ? `${was} → ${now}` : (now ?? was ?? '')
  const inside = [...(parts?.removed ?? []).map((one) => `- ${one}`), ...(parts?.added ?? []).map((one) => `+ ${one}`)]
  if (parts !== undefined && inside.length === 0) return [`${SIGNS[op]} ${thing} ${printable(text)}: in another order`]
  const more = inside.length > MOST_PARTS ? [`… and ${inside.length - MOST_PARTS} more`] : []
  return [`${SIGNS[op]} ${thing} ${printable(text)}`, ...inside.slice(0, MOST_PARTS).map(printable), ...more]
}

/** Machines that are named. */
const MOST_NAMED = 3

/** On whom: `on n1, n2`, `on 998 nodes`. */
export function whereText({ on, of, thing }: Pick<MachineChange, 'on' | 'of' | 'thing'>): string {
  if (thing === 'namespace') return `(${of})`
  return on.length > MOST_NAMED ? `on ${on.length} ${of}s` : `on ${on.map(printable).join(', ')}`
}

/** What it follows from, with the field that decides where its origin names one, and what that rests on. */
export function causeText({ causes, before, after, confidence }: MachineChange): string {
  const fields = new Map([before, after].flatMap((one) => (one?.object === undefined ? [] : [[one.object, one.field]])))
  const named = causes.map((cause) => {
    const field = fields.get(cause.replace(/^calico /, ''))
    return field === undefined ? cause : `${cause} ${field}`
  })
  const from = named.length === 0 ? 'cause not known' : `from ${named.join(', ')}`
  return printable(`${from}; ${confidenceText(confidence)}`)
}

/** How many of what: `1 object`, `2 objects`. */
export function counted(number: number, what: string, plural = `${what}s`): string {
  return `${number} ${number === 1 ? what : plural}`
}

/** How much goes with devices and addresses and is not told one by one. */
export function followingLines(state: readonly MachineChange[]): readonly string[] {
  const count = state.filter(({ follows }) => follows === true).length
  return count === 0
    ? []
    : [`… and ${counted(count, 'entry', 'entries')} that go with devices and addresses (-o json has them)`]
}
