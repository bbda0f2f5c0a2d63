import { isSameData, type PlaceOf, pathText } from '../control/index.ts'
import type { Plain } from '../model/index.ts'
import type { FieldChange } from './review.ts'

type Path = readonly (string | number)[]

/** A field, and where it stands on each side: in lists the numbers differ. */
interface Place {
  readonly before: Path
  readonly after: Path
}

/** An object on both sides. */
export interface Both {
  readonly was: Readonly<Record<string, unknown>>
  readonly now: Readonly<Record<string, unknown>>
  readonly placeOf: { readonly before: PlaceOf | undefined; readonly after: PlaceOf | undefined }
}

/** The fields of an object that say something else: as deep as they can be told apart, in the order of their paths. */
export function fieldChanges({ was, now, placeOf }: Both): readonly FieldChange[] {
  const found: FieldChange[] = []
  const tell = (at: Place, before: unknown, after: unknown): void => {
    const path = pathText(after === undefined ? at.before : at.after)
    const [from, to] = [placeOf.before?.(at.before), placeOf.after?.(at.after)]
    found.push({
      path,
      ...(before === undefined ? {} : { was: before as Plain }),
      ...(after === undefined ? {} : { now: after as Plain }),
      ...(before === undefined || from === undefined ? {} : { before: from }),
      ...(after === undefined || to === undefined ? {} : { after: to }),
    })
  }
  compare({ before: [], after: [] }, was, now, tell)
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

type Tell = (at: Place, was: unknown, now: unknown) => void

function compare(at: Place, was: unknown, now: unknown, tell: Tell): void {
  if (isSameData(was, now)) return
  if (Array.isArray(was) && Array.isArray(now)) lists(at, was, now, tell)
  else if (isMap(was) && isMap(now)) maps(at, was, now, tell)
  else tell(at, was, now)
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function maps(
  { before, after }: Place,
  was: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
  tell: Tell,
): void {
  for (const key of new Set([...Object.keys(was), ...Object.keys(now)]))
    compare({ before: [...before, key], after: [...after, key] }, was[key], now[key], tell)
}

/** Items that are on both sides are no news; where as many are left on both, each is held against the one in its place. */
function lists({ before, after }: Place, was: readonly unknown[], now: readonly unknown[], tell: Tell): void {
  const [gone, come] = [without(was, now), without(now, was)]
  if (gone.length === 0 && come.length === 0) {
    tell({ before, after }, was, now)
    return
  }
  if (gone.length === come.length) {
    for (const [i, from] of gone.entries()) {
      const to = come[i]!
      compare({ before: [...before, from], after: [...after, to] }, was[from], now[to], tell)
    }
    return
  }
  for (const i of gone) tell({ before: [...before, i], after: [...after, i] }, was[i], undefined)
  for (const i of come) tell({ before: [...before, i], after: [...after, i] }, undefined, now[i])
}

/** Places of items of a list that another has not. */
function without(list: readonly unknown[], other: readonly unknown[]): readonly number[] {
  const left = new Map<string, number>()
  for (const one of other) left.set(keyOf(one), (left.get(keyOf(one)) ?? 0) + 1)
  return list.flatMap((one, i) => {
    const key = keyOf(one)
    const count = left.get(key) ?? 0
    left.set(key, count - 1)
    return count > 0 ? [] : [i]
  })
}

/** Equal data has equal keys, in whatever order its fields were written. */
function keyOf(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isMap(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  )
}
