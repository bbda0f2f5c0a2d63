import { isRecord } from '../../model/index.ts'
import type { Fields, Refusal } from './shape.ts'

/** Text of a field; empty when it is left out or no text. */
export function textAt(fields: Fields, name: string): string {
  const value = fields[name]
  return typeof value === 'string' ? value : ''
}

/** Map of a field; undefined when it is left out or none. */
export function mapAt(fields: Fields, name: string): Fields | undefined {
  const value = fields[name]
  return isRecord(value) ? value : undefined
}

/** List of a field; empty when it is left out or none. */
export function listAt(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name]
  return Array.isArray(value) ? value : []
}

/** Maps in the list of a field, with their places. */
export function mapsAt(fields: Fields, name: string): (readonly [number, Fields])[] {
  return listAt(fields, name).flatMap((one, i) => (isRecord(one) ? [[i, one] as const] : []))
}

/** Whether a field is there, with any value. */
export function has(fields: Fields, name: string): boolean {
  return fields[name] !== undefined && fields[name] !== null
}

/** A refusal when something holds. */
export function refuseIf(holds: boolean, at: Refusal['at'], message: string): readonly Refusal[] {
  return holds ? [{ at, message }] : []
}
