import { dictionary } from '../dictionary.ts'

/**
 * A record whose values are made when they are first read. Reads, `in`, `Object.keys` and `Object.entries` work as on plain
 * data; it cannot be written. Large clusters need it: a trace looks at a few namespaces of many thousands.
 *
 * @param names - all keys, in order; a function is asked when somebody lists them
 * @param known - whether a key is one of `names`, without a search
 * @param make - makes the value of a key; asked once a key
 */
export function lazyRecord<T>(
  names: readonly string[] | (() => readonly string[]),
  known: (name: string) => boolean,
  make: (name: string) => T,
): Readonly<Record<string, T>> {
  const made = new Map<string, T>()
  const read = (key: string): T | undefined => {
    const value = made.get(key)
    if (value !== undefined || !known(key)) return value
    const fresh = make(key)
    made.set(key, fresh)
    return fresh
  }
  return new Proxy(dictionary<T>(), {
    get: (target, key) => (typeof key === 'string' ? read(key) : Reflect.get(target, key)),
    has: (target, key) => (typeof key === 'string' ? known(key) : Reflect.has(target, key)),
    ownKeys: () => (typeof names === 'function' ? names() : names) as string[],
    getOwnPropertyDescriptor: (target, key) => {
      if (typeof key !== 'string') return Reflect.getOwnPropertyDescriptor(target, key)
      // Not the value itself: listing the keys must not make all of them.
      return known(key) ? { configurable: true, enumerable: true, get: () => read(key) } : undefined
    },
    set: () => false,
    deleteProperty: () => false,
    defineProperty: () => false,
  })
}
