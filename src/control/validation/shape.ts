import type { FieldPath } from '../origin.ts'
import type { TextCheck } from './text-checks.ts'

/** A map of an object, as it was read. */
export type Fields = Readonly<Record<string, unknown>>

/** Why an object is refused. */
export interface Refusal {
  /** The field. */
  readonly at: FieldPath
  /** What would be right. */
  readonly message: string
}

/** What fields of a map must be among each other; refusals are relative to the map. */
export type Agreement = (fields: Fields) => readonly Refusal[]

/** What is true of any shape where it is the shape of a field. */
interface Presence {
  /** The field must be there; text must not be empty. */
  readonly needed?: true
  /** An empty text or a zero counts as said, where it otherwise counts as left out. */
  readonly emptyCounts?: true
  /** A zero counts as left out. */
  readonly zeroIsNothing?: true
  /** What the API makes of a field that is left out. */
  readonly fallback?: unknown
}

/** What the value of a field must be, as data. */
export type Shape = Presence &
  (
    | { readonly is: 'text'; readonly checks: readonly TextCheck[]; readonly longest?: number }
    | { readonly is: 'words'; readonly words: readonly string[]; readonly anyCase: boolean }
    | { readonly is: 'flag' }
    | { readonly is: 'whole'; readonly low: number; readonly high: number }
    | { readonly is: 'decimal' }
    | { readonly is: 'duration'; readonly written?: RegExp; readonly notNegative?: true }
    | { readonly is: 'port'; readonly named: boolean }
    | { readonly is: 'protocol'; readonly withPorts: boolean }
    | { readonly is: 'octet-or-text' }
    | { readonly is: 'number-or-text' }
    | { readonly is: 'as-number' }
    | { readonly is: 'anything' }
    | ListShape
    | { readonly is: 'record'; readonly of: Shape; readonly agreements: readonly Agreement[] }
    | MapShape
  )

/** A list. */
export interface ListShape extends Presence {
  readonly is: 'list'
  /** Each of it. */
  readonly of: Shape
  /** How many there may be. */
  readonly longest?: number
  /** How many there must be. */
  readonly shortest?: number
  /** None twice. */
  readonly unique?: true
}

/** A map whose fields are known by name. */
export interface MapShape extends Presence {
  readonly is: 'map'
  /** Fields by name. */
  readonly fields: Readonly<Record<string, Shape>>
  /** What they must be among each other. */
  readonly agreements: readonly Agreement[]
}

/** Text that passes some checks. */
export function text(...checks: readonly TextCheck[]): Shape {
  return { is: 'text', checks }
}

/** Text of at most so many characters. */
export function shortText(longest: number, ...checks: readonly TextCheck[]): Shape {
  return { is: 'text', checks, longest }
}

/** One of some words, as they are written. */
export function words(...list: readonly string[]): Shape {
  return { is: 'words', words: list, anyCase: false }
}

/** One of some words, in any case. */
export function anyCaseWords(...list: readonly string[]): Shape {
  return { is: 'words', words: list, anyCase: true }
}

/** A whole number. */
export function whole(low: number = -(2 ** 63), high: number = 2 ** 63): Shape {
  return { is: 'whole', low, high }
}

/** A list. */
export function list(of: Shape, bounds: Omit<ListShape, 'is' | 'of'> = {}): Shape {
  return { is: 'list', of, ...bounds }
}

/** A list of which none may be there twice. */
export function set(of: Shape, longest: number = Number.POSITIVE_INFINITY): Shape {
  return { is: 'list', of, longest, unique: true }
}

/** A map with fields known by name. */
export function map(fields: Readonly<Record<string, Shape>>, ...agreements: readonly Agreement[]): MapShape {
  return { is: 'map', fields, agreements }
}

/** A map of text with any keys. */
export function textRecord(...agreements: readonly Agreement[]): Shape {
  return { is: 'record', of: TEXT, agreements }
}

/** A field that must be there. */
export function needed<S extends Shape>(shape: S): S {
  return { ...shape, needed: true }
}

/** A field of which an empty value is a value. */
export function emptyCounts(shape: Shape): Shape {
  return { ...shape, emptyCounts: true }
}

/** A field that the API fills in. */
export function withDefault(shape: Shape, fallback: unknown): Shape {
  return { ...shape, fallback }
}

/** A field of which zero says nothing. */
export function zeroIsNothing(shape: Shape): Shape {
  return { ...shape, zeroIsNothing: true }
}

/** Any text. */
export const TEXT: Shape = text()

/** True or false. */
export const FLAG: Shape = { is: 'flag' }

/** A number with a fraction. */
export const DECIMAL: Shape = { is: 'decimal' }

/** A span of time as Go writes it. */
export const DURATION: Shape = { is: 'duration' }

/** Not looked at. */
export const ANYTHING: Shape = { is: 'anything' }

/** A number of an autonomous system, plain or as `high.low`. */
export const AS_NUMBER: Shape = { is: 'as-number' }

/** A port, a range of ports, or the name of one. */
export const PORT: Shape = { is: 'port', named: true }

/** A port or a range of ports. */
export const NUMERIC_PORT: Shape = { is: 'port', named: false }

/** A protocol by name or number. */
export const PROTOCOL: Shape = { is: 'protocol', withPorts: false }

/** A protocol that has ports. */
export const PORT_PROTOCOL: Shape = { is: 'protocol', withPorts: true }
