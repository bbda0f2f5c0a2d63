import { didYouMean, type NoteCode, type NoteParts, nearestWord } from '../../model/index.ts'
import type { Findings } from '../findings.ts'
import type { FieldPath } from '../origin.ts'
import type { OtherResource } from '../resource.ts'

/** What becomes of a field or variable that Calico knows. */
export type FieldUse =
  /** Honoured. */
  | { readonly use: 'read' }
  /** Turns no answer. */
  | { readonly use: 'harmless'; readonly why: string }
  /** Turns answers when it has another value than the usual ones. */
  | {
      readonly use: 'not_modelled'
      readonly usual: readonly unknown[]
      readonly code: NoteCode
      readonly parts: NoteParts
    }

/** Every field of a kind, by name. */
export type FieldTable = ReadonlyMap<string, FieldUse>

/** What a table is made from: names that are read, names that are harmless by reason, and the others one by one. */
export interface FieldLists {
  readonly read: readonly string[]
  readonly harmless: Readonly<Record<string, readonly string[]>>
  readonly notModelled: Readonly<
    Record<string, { readonly usual?: readonly unknown[]; readonly code?: NoteCode; readonly parts?: NoteParts }>
  >
}

/** A table of fields; `code` is the sort of note of those that are not modelled and do not say otherwise. */
export function fieldTable(code: NoteCode, { read, harmless, notModelled }: FieldLists): FieldTable {
  const table = new Map<string, FieldUse>()
  for (const name of read) table.set(name, { use: 'read' })
  for (const [why, names] of Object.entries(harmless))
    for (const name of names) table.set(name, { use: 'harmless', why })
  for (const [name, { usual = [], parts = {}, code: own = code }] of Object.entries(notModelled)) {
    table.set(name, { use: 'not_modelled', usual, code: own, parts })
  }
  return table
}

/** Whether a value is one of the usual ones; text of the environment counts as the value it stands for. */
export function isUsual(value: unknown, usual: readonly unknown[]): boolean {
  const plain = (one: unknown): string => String(typeof one === 'object' ? JSON.stringify(one) : one).toLowerCase()
  return (
    value === '' ||
    value === null ||
    (Array.isArray(value) && value.length === 0) ||
    usual.some((one) => plain(one) === plain(value))
  )
}

/** A field that was met. */
export interface MetField {
  /** The name the table has it under. */
  readonly name: string
  /** The name it was given under. */
  readonly given: string
  readonly value: unknown
  readonly resource: OtherResource
  readonly path: FieldPath
}

/** Names a field that is not modelled, or that nobody knows. Defaults of `parts` make the note narrower than its sort. */
export function noteField(met: MetField, table: FieldTable, parts: NoteParts, findings: Findings): void {
  const { name, given, value, resource, path } = met
  const use = table.get(name)
  if (use === undefined) {
    findings.warn(
      'unsupported',
      resource,
      path,
      `a name that Calico knows (${didYouMean(name, [...table.keys()])})`,
      `"${given}"`,
    )
    return
  }
  if (use.use !== 'not_modelled' || isUsual(value, use.usual)) return
  const shown = typeof value === 'string' && given !== name ? value : JSON.stringify(value)
  findings.note(use.code, resource, path, `${given} ${shown} is not modelled`, { ...parts, ...use.parts })
}

/** Whether a name is near one of the table: a slip of the pen rather than somebody else's. */
export function isNear(name: string, table: FieldTable): boolean {
  return nearestWord(name, [...table.keys()]) !== undefined
}
