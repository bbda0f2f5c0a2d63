import type { Resources } from './resources.ts'

/** Lists of objects by name, or what makes one when somebody reads it. */
export type Lists = { readonly [Name in keyof Resources]?: Resources[Name] | (() => Resources[Name]) }

/** Objects with other lists. Of the rest none is read: some are made when somebody does. */
export function withLists(now: Resources, lists: Lists): Resources {
  const made = Object.defineProperties({} as Resources, Object.getOwnPropertyDescriptors(now))
  for (const [name, list] of Object.entries(lists)) {
    const own = typeof list === 'function' ? { get: list } : { value: list, writable: true }
    Object.defineProperty(made, name, { enumerable: true, configurable: true, ...own })
  }
  return made
}
