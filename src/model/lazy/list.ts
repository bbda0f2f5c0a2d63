const late = new WeakSet<object>()

/** Whether a list was made by {@link lateList}: to freeze it, or to compare it with another, makes all of it. */
export function isLateList(list: readonly unknown[]): boolean {
  return late.has(list)
}

/** The index that a key of a list is; -1 where it is none of a list so long. */
export function indexOf(key: string | symbol, length: number): number {
  const index = typeof key === 'string' ? Number(key) : -1
  return Number.isInteger(index) && index >= 0 && index < length && String(index) === key ? index : -1
}

/** Notes that a list is made late. */
export function markLate(list: readonly unknown[]): void {
  late.add(list)
}

/**
 * A list whose elements are made when they are first read, and are the very same from then on. It reads as any array does (`find`,
 * `map`, a loop, JSON), and cannot be written. What asks for all of it, such as freezing, makes all of it.
 *
 * @param make - makes the element of an index; asked once an index
 */
export function lateList<T>(length: number, make: (index: number) => T): readonly T[] {
  const made: T[] = new Array(length)
  const at = (index: number): T => {
    made[index] ??= make(index)
    return made[index]
  }
  const all = (target: T[]): T[] => {
    for (let i = 0; i < length; i++) at(i)
    return target
  }
  const list: readonly T[] = new Proxy(made, {
    get: (target, key) => {
      const known: unknown = target[key as unknown as number]
      if (known !== undefined) return known
      const index = indexOf(key, length)
      return index < 0 ? undefined : at(index)
    },
    has: (target, key) => indexOf(key, length) >= 0 || Reflect.has(target, key),
    ownKeys: (target) => Reflect.ownKeys(all(target)),
    getOwnPropertyDescriptor: (target, key) => {
      const index = indexOf(key, length)
      if (index >= 0) at(index)
      return Reflect.getOwnPropertyDescriptor(target, key)
    },
    preventExtensions: (target) => Reflect.preventExtensions(all(target)),
    set: () => false,
    deleteProperty: () => false,
  })
  late.add(list)
  return list
}

/**
 * A list like {@link lateList} that keeps nothing itself: who gives its elements does. It costs the same, however long it is.
 *
 * @param at - the element of an index; the very same whenever it is asked for
 */
export function viewList<T>(length: number, at: (index: number) => T): readonly T[] {
  const filled = (target: T[]): T[] => {
    for (let i = target.length; i < length; i++) target.push(at(i))
    return target
  }
  const list: readonly T[] = new Proxy<T[]>([], {
    get: (target, key) => {
      if (key === 'length') return length
      const index = indexOf(key, length)
      return index < 0 ? Reflect.get(target, key) : at(index)
    },
    has: (target, key) => indexOf(key, length) >= 0 || Reflect.has(target, key),
    ownKeys: (target) => Reflect.ownKeys(filled(target)),
    getOwnPropertyDescriptor: (target, key) => Reflect.getOwnPropertyDescriptor(filled(target), key),
    preventExtensions: (target) => Reflect.preventExtensions(filled(target)),
    set: () => false,
    deleteProperty: () => false,
  })
  late.add(list)
  return list
}
