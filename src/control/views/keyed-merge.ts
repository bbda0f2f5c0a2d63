import type { StateEntry } from './state-entries.ts'

/** How entries of a list are told apart and compared. */
export type EntryOf<T> = (one: T) => Pick<StateEntry, 'key' | 'text'>

interface Keyed<T> {
  readonly text: string
  readonly value: T
}

/** Entries by their keys; of several of one key each counts. */
export function keyedBy<T>(list: readonly T[], entryOf: EntryOf<T>): Map<string, Keyed<T>> {
  const all = new Map<string, Keyed<T>>()
  for (const value of list) {
    const { key: own, text } = entryOf(value)
    let key = own
    while (all.has(key)) key += '+'
    all.set(key, { text, value })
  }
  return all
}

/**
 * A list that somebody edited by hand, and programs since: who wrote an entry last has it. Entries that programs left alone are as they
 * were edited; an entry that they changed, made or took away is as they have it now.
 *
 * @param edited - as somebody left it
 * @param was - as programs had written it before
 * @param fresh - as they have written it now
 */
export function mergedList<T>(
  edited: readonly T[],
  was: readonly T[],
  fresh: readonly T[],
  entryOf: EntryOf<T>,
): readonly T[] {
  if (edited === was) return fresh
  if (was === fresh) return edited
  const [mine, before, now] = [edited, was, fresh].map((list) => keyedBy(list, entryOf)) as [
    Map<string, Keyed<T>>,
    Map<string, Keyed<T>>,
    Map<string, Keyed<T>>,
  ]
  const isWritten = (key: string): boolean => before.get(key)?.text !== now.get(key)?.text
  if (![...before.keys(), ...now.keys()].some(isWritten)) return edited
  const merged: T[] = []
  for (const [key, { value }] of mine) {
    if (!isWritten(key)) merged.push(value)
    else if (now.has(key)) merged.push(now.get(key)!.value)
  }
  for (const [key, { value }] of now) if (!mine.has(key) && isWritten(key)) merged.push(value)
  return merged
}

/** The same for records of plain values: sysctls, attributes of an interface. */
export function mergedRecord<V>(
  edited: Readonly<Record<string, V>>,
  was: Readonly<Record<string, V>>,
  fresh: Readonly<Record<string, V>>,
  isSame: (a: V | undefined, b: V | undefined) => boolean = Object.is,
): Readonly<Record<string, V>> {
  if (edited === was) return fresh
  if (was === fresh) return edited
  const entries: [string, V][] = []
  for (const key of new Set([...Object.keys(edited), ...Object.keys(fresh)])) {
    const [mine, before, now] = [edited, was, fresh].map((one) => (Object.hasOwn(one, key) ? one[key] : undefined))
    const value = isSame(before, now) ? mine : now
    if (value !== undefined) entries.push([key, value])
  }
  return Object.fromEntries(entries)
}
