import { freeze } from 'immer'
import { dictionary } from '../dictionary.ts'

/**
 * Gives an object a member that is made when it is first read, and is the very same from then on. What copies the object
 * (a spread, a recipe of `edit`) reads it, and finds plain data.
 */
export function lateMember(target: object, key: string, make: () => unknown): void {
  let made: { readonly value: unknown } | undefined
  const get = (): unknown => {
    made ??= { value: freeze(make(), true) }
    return made.value
  }
  Object.defineProperty(target, key, { enumerable: true, configurable: true, get })
}

/**
 * A record each of whose values is made when it is first read. It is frozen, so that whoever freezes what it is part of
 * looks no further and makes nothing.
 */
export function lateRecord<T>(makers: Iterable<readonly [string, () => T]>): Readonly<Record<string, T>> {
  const record = dictionary<T>()
  for (const [key, make] of makers) lateMember(record, key, make)
  return Object.freeze(record)
}
