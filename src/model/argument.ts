import { isRecord } from './is-record.ts'
import { InputError } from './issue.ts'
import { type Fields, shapeFaults } from './shape.ts'

/** Characters of a text that is not what was wanted. */
const MOST_SHOWN = 40
/** Fields of an object that are named. */
const FEW = 5

/**
 * Refuses an argument of the wrong kind: the compiler looks at nothing in notebooks and JavaScript.
 * @param name - the parameter, as documented
 * @param expected - what would be right
 * @throws InputError that names the parameter and what was given for it
 */
export function checkArgument(isRight: boolean, name: string, expected: string, value: unknown): void {
  if (isRight) return
  throw new InputError([{ kind: 'invalid', file: '', path: [name], expected, received: describeValue(value) }])
}

/** Refuses what is no text. @throws InputError */
export function checkText(name: string, value: unknown, expected = 'a text'): void {
  checkArgument(typeof value === 'string', name, expected, value)
}

/** Refuses what is no function. @throws InputError */
export function checkFunction(name: string, value: unknown, expected: string): void {
  checkArgument(typeof value === 'function', name, expected, value)
}

/** Refuses what is no list of texts. @throws InputError */
export function checkTexts(name: string, value: unknown, expected = 'a list of texts'): void {
  checkArgument(Array.isArray(value) && value.every((one) => typeof one === 'string'), name, expected, value)
}

/** Refuses what counts nothing; as many as there are is a count. @throws InputError */
export function checkCount(name: string, value: unknown, expected = 'a number: whole, from 0'): void {
  const isCount = value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && Number(value) >= 0)
  checkArgument(isCount, name, expected, value)
}

/** How a report is told from other objects. */
export interface ReportForm {
  /** Where one comes from, for messages. */
  readonly what: string
  /** Its form and version. */
  readonly schema: string
  /** Its fields, each with what it must be. */
  readonly fields: Fields
}

/** Refuses what is no report of a form, or one with a value in it that is not of its form. @throws InputError */
export function checkReport(name: string, value: unknown, { what, schema, fields }: ReportForm): void {
  const found = isRecord(value) ? value['schema'] : undefined
  if (typeof found === 'string') checkArgument(found === schema, `${name}.schema`, schema, found)
  const lists = Object.entries(fields).flatMap(([field, { is }]) => (is === 'list' ? [field] : []))
  const isReport = isRecord(value) && found === schema && lists.every((list) => Array.isArray(value[list]))
  checkArgument(isReport, name, what, value)
  const [fault, ...faults] = shapeFaults({ is: 'object', fields }, value)
  if (fault === undefined) return
  throw new InputError(
    [fault, ...faults].map((one) => ({
      kind: 'invalid',
      file: '',
      path: [name, ...one.path],
      expected: one.expected,
      received: describeValue(one.value),
    })),
  )
}

/** Refuses what are no options. @throws InputError */
export function checkOptions(value: unknown): void {
  checkArgument(isRecord(value), 'options', 'an object of options', value)
}

/** What somebody handed over, in a few words. */
function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (!isRecord(value)) return String(value)
  if (typeof value['then'] === 'function') return 'a promise: await is missing'
  const made = Object.getPrototypeOf(value)?.constructor?.name
  if (typeof made === 'string' && made !== '' && made !== 'Object') return `an object of ${made}`
  const fields = Object.keys(value)
  if (fields.length === 0) return 'an empty object'
  return `an object with ${fields.slice(0, FEW).join(', ')}${fields.length > FEW ? ', …' : ''}`
}

function quote(text: string): string {
  return JSON.stringify(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text)
}

/** Refuses what has not the parts of a network; `validate` looks into them. @throws InputError */
export function checkNetwork(network: unknown, name = 'network'): void {
  const isNetwork = isRecord(network) && isRecord(network['namespaces']) && Array.isArray(network['wires'])
  checkArgument(isNetwork, name, 'a network: { namespaces, wires, … }', network)
}
