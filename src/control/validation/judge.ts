import { didYouMean, isRecord } from '../../model/index.ts'
import { assertNever } from '../../wire/index.ts'
import type { FieldPath } from '../origin.ts'
import { isDuration } from './duration.ts'
import { asNumberOf, isProtocol, octetOf, portFault, protocolHasPorts } from './numbers-or-text.ts'
import type { ListShape, MapShape, Refusal, Shape } from './shape.ts'

/** Why a value is not of a shape; nothing when it is. */
export function judge(value: unknown, shape: Shape, at: FieldPath = []): Refusal[] {
  const refusals: Refusal[] = []
  look(value, shape, at, refusals)
  return refusals
}

function look(value: unknown, shape: Shape, at: FieldPath, refusals: Refusal[]): void {
  switch (shape.is) {
    case 'list':
      lookAtList(value, shape, at, refusals)
      return
    case 'map':
      lookAtMap(value, shape, at, refusals)
      return
    case 'record':
      if (!isRecord(value)) {
        refusals.push({ at, message: wrong('a map', value) })
        return
      }
      for (const [key, member] of Object.entries(value)) look(member, shape.of, [...at, key], refusals)
      for (const agreement of shape.agreements) refusals.push(...below(at, agreement(value)))
      return
    default: {
      const message = fault(value, shape)
      if (message !== undefined) refusals.push({ at, message })
    }
  }
}

function below(at: FieldPath, refusals: readonly Refusal[]): Refusal[] {
  return refusals.map((refusal) => ({ ...refusal, at: [...at, ...refusal.at] }))
}

function lookAtList(value: unknown, shape: ListShape, at: FieldPath, refusals: Refusal[]): void {
  if (!Array.isArray(value)) {
    refusals.push({ at, message: wrong('a list', value) })
    return
  }
  const { longest = Number.POSITIVE_INFINITY, shortest = 0 } = shape
  if (value.length > longest) refusals.push({ at, message: `expected at most ${longest}, not ${value.length}` })
  if (value.length < shortest) refusals.push({ at, message: `expected at least ${shortest}, not ${value.length}` })
  for (const [i, one] of value.entries()) look(one, shape.of, [...at, i], refusals)
  if (shape.unique !== true) return
  const seen = new Set<string>()
  for (const [i, one] of value.entries()) {
    const key = JSON.stringify(one)
    if (seen.has(key)) refusals.push({ at: [...at, i], message: `${key} is there twice` })
    seen.add(key)
  }
}

function lookAtMap(value: unknown, shape: MapShape, at: FieldPath, refusals: Refusal[]): void {
  if (!isRecord(value)) {
    refusals.push({ at, message: wrong('a map', value) })
    return
  }
  for (const [name, member] of Object.entries(value)) {
    const field = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined
    if (member === null || member === undefined) continue
    if (field === undefined) refusals.push({ at: [...at, name], message: unknownField(name, shape) })
    else if (!saysNothing(member, field)) look(member, field, [...at, name], refusals)
  }
  for (const [name, field] of Object.entries(shape.fields)) {
    if (!field.needed || !saysNothing(value[name], field)) continue
    if (field.is === 'map') lookAtMap({}, field, [...at, name], refusals)
    else refusals.push({ at: [...at, name], message: `expected ${expectation(field)}; it must be there` })
  }
  for (const agreement of shape.agreements) refusals.push(...below(at, agreement(value)))
}

function unknownField(name: string, shape: MapShape): string {
  return `no such field (${didYouMean(name, Object.keys(shape.fields))})`
}

/** Whether a value counts as left out. */
export function saysNothing(value: unknown, shape: Shape): boolean {
  if (value === undefined || value === null) return true
  if (value === '') return (shape.is === 'text' || shape.is === 'words') && shape.emptyCounts !== true
  return value === 0 && shape.zeroIsNothing === true
}

function wrong(expected: string, received: unknown): string {
  const text = JSON.stringify(received) ?? 'nothing'
  return `expected ${expected}, not ${text.length > 80 ? `${text.slice(0, 77)}...` : text}`
}

/** What is wrong with a value that has no fields. */
function fault(value: unknown, shape: Exclude<Shape, ListShape | MapShape | { is: 'record' }>): string | undefined {
  if (shape.is === 'text') {
    if (typeof value !== 'string') return wrong('text', value)
    const { longest = Number.POSITIVE_INFINITY, checks } = shape
    if (value.length > longest && [...value].length > longest) return `expected at most ${longest} characters`
    const failed = checks.find(({ ok }) => !ok(value))
    return failed && (failed.hint?.(value) ?? wrong(failed.what, value))
  }
  return fits(value, shape) ? undefined : wrong(expectation(shape), value)
}

function fits(value: unknown, shape: Exclude<Shape, ListShape | MapShape | { is: 'record' | 'text' }>): boolean {
  switch (shape.is) {
    case 'words':
      if (typeof value !== 'string') return false
      return shape.anyCase
        ? shape.words.some((word) => word.toLowerCase() === value.toLowerCase())
        : shape.words.includes(value)
    case 'flag':
      return typeof value === 'boolean'
    case 'whole':
      return typeof value === 'number' && Number.isInteger(value) && value >= shape.low && value <= shape.high
    case 'decimal':
      return typeof value === 'number'
    case 'duration':
      return isDuration(value, shape)
    case 'port':
      return portFault(value, shape.named) === undefined
    case 'protocol':
      return isProtocol(value) && (!shape.withPorts || protocolHasPorts(value))
    case 'octet-or-text':
      return octetOf(value) !== undefined || typeof value === 'string'
    case 'number-or-text':
      return typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value))
    case 'as-number':
      return asNumberOf(value) !== undefined
    case 'anything':
      return true
    default:
      return assertNever(shape)
  }
}

/** What a value of a shape is, in words. */
export function expectation(shape: Shape): string {
  switch (shape.is) {
    case 'text':
      return shape.checks[0]?.what ?? 'text'
    case 'words':
      return shape.words.length === 1 ? shape.words[0]! : `one of ${shape.words.join(', ')}`
    case 'flag':
      return 'true or false'
    case 'whole':
      return wholeInWords(shape.low, shape.high)
    case 'decimal':
      return 'a number'
    case 'duration':
      return shape.written === undefined
        ? 'a duration, e.g. 90s or 1m30s'
        : 'a duration of whole h, m, s and ms, e.g. 1m30s'
    case 'port':
      return shape.named
        ? 'a port from 1 to 65535, a range low:high, or a name'
        : 'a port from 1 to 65535 or a range low:high'
    case 'protocol':
      return shape.withPorts ? 'TCP, UDP or SCTP' : 'TCP, UDP, ICMP, ICMPv6, SCTP, UDPLite or a number from 1 to 255'
    case 'octet-or-text':
      return 'a number from 0 to 255, or text'
    case 'number-or-text':
      return 'a number or text'
    case 'as-number':
      return 'an AS number from 0 to 4294967295, plain or as high.low'
    case 'list':
      return `a list, each ${expectation(shape.of)}`
    case 'record':
    case 'map':
      return 'a map'
    case 'anything':
      return 'a value'
    default:
      return assertNever(shape)
  }
}

function wholeInWords(low: number, high: number): string {
  const from = low > -(2 ** 63) ? ` from ${low}` : ''
  const to = high < 2 ** 63 ? ` to ${high}` : ''
  return `a whole number${from}${to}`
}
