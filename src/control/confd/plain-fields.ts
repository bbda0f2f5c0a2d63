import { isRecord } from '../../model/index.ts'
import { fieldAt, flagAt, listAt, textAt as rawTextAt, textsAt } from '../felix/calc/raw-fields.ts'

export { fieldAt, flagAt, listAt, textsAt }

/** A text at a path; empty counts as absent, as in Go's structs. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  return rawTextAt(value, ...path) || undefined
}

/** A number at a path. */
export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = fieldAt(value, ...path)
  return typeof found === 'number' ? found : undefined
}

/** A map of texts at a path; what YAML takes for numbers or truth is text again, as for Go. */
export function textMapAt(value: unknown, ...path: readonly string[]): Readonly<Record<string, string>> {
  const found = fieldAt(value, ...path)
  if (!isRecord(found)) return {}
  const isScalar = (one: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof one)
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, one]) => (isScalar(one) ? [[name, String(one)]] : [])),
  )
}

/** An AS number, written as a number or as text, in dotted notation, too. @calico api/pkg/lib/numorstring/asnumber.go */
export function asNumberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = fieldAt(value, ...path)
  if (typeof found === 'number') return Number.isInteger(found) && found >= 0 && found < 2 ** 32 ? found : undefined
  return typeof found === 'string' ? asNumberOf(found) : undefined
}

/** The AS number that a text writes: `64512`, `1.10`. */
export function asNumberOf(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) < 2 ** 32 ? Number(text) : undefined
  const [, high, low] = /^(\d+)\.(\d+)$/.exec(text) ?? []
  if (high === undefined || low === undefined || Number(high) > 65535 || Number(low) > 65535) return undefined
  return Number(high) * 65536 + Number(low)
}

/** A duration as Kubernetes writes it (`1m30s`), in whole seconds; undefined for no text of that form. */
export function secondsAt(value: unknown, ...path: readonly string[]): number | undefined {
  const text = textAt(value, ...path)
  if (text === undefined || !/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined
  let sum = 0
  for (const [, number, , unit] of text.matchAll(/(\d+(\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    sum += Number(number) * SECONDS_OF[unit as keyof typeof SECONDS_OF]
  }
  return Math.round(sum)
}

const SECONDS_OF = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 } as const
