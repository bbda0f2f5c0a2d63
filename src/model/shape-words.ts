import type { Fields, Shape } from './shape.ts'

/** Any text. */
export const TEXT: Shape = { is: 'text' }
/** Any finite number. */
export const NUMBER: Shape = { is: 'number' }
/** A whole number. */
export const INTEGER: Shape = { is: 'integer' }
/** True or false. */
export const FLAG: Shape = { is: 'flag' }
/** True, or absent. */
export const TRUE: Shape = { is: 'true' }
/** Bytes in hex digits. */
export const HEX: Shape = { is: 'hex' }
/** A cause of a drop. */
export const CAUSE: Shape = { is: 'cause' }

/** Any value that there is. */
export const ANYTHING: Shape = { is: 'anything' }

/** This, or null. */
export const maybe = (of: Shape): Shape => ({ is: 'maybe', of })
/** One of these words. */
export const word = (...words: string[]): Shape => ({ is: 'word', words })
/** A list. */
export const list = (of: Shape): Shape => ({ is: 'list', of })
/** An object with these fields. */
export const object = (fields: Fields): Shape => ({ is: 'object', fields })
/** Objects told apart by their field `kind`. */
export const kinds = (each: Readonly<Record<string, Shape>>): Shape => ({ is: 'kinds', kinds: each })
/** An object told apart by its kind, in a union. */
export const one = (kind: string, fields: Fields = {}): Readonly<Record<string, Shape>> => ({
  [kind]: object({ kind: word(kind), ...fields }),
})
