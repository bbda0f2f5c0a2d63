import { indexOf, markLate } from './list.ts'

/** Elements a piece holds: an edit copies one, and the list of pieces. */
const PIECE = 256

/** A list from which it pays not to copy all of it. */
const LONG = 2 * PIECE

const MUTATING: ReadonlySet<string | symbol> = new Set(
  'copyWithin fill pop push reverse shift sort splice unshift'.split(' '),
)

interface Pieces<T> {
  readonly pieces: readonly (readonly T[])[]
  /** Index of the first element of each piece. */
  readonly starts: readonly number[]
  readonly length: number
}

const known = new WeakMap<readonly unknown[], Pieces<unknown>>()

/**
 * The pieces of a list, in order: what an edit left alone is the very same piece as before it. Of a list that is no list in pieces it is the
 * list itself.
 */
export function piecesOf<T>(list: readonly T[]): readonly (readonly T[])[] {
  return (known.get(list) as Pieces<T> | undefined)?.pieces ?? [list]
}

/** The index of the first element that is the very same, without writing out the list; -1 where there is none. */
export function indexInPieces<T>(list: readonly T[], element: T): number {
  let start = 0
  for (const piece of piecesOf(list)) {
    const found = piece.indexOf(element)
    if (found >= 0) return start + found
    start += piece.length
  }
  return -1
}

/** The first element that passes a test, without writing out the list. */
export function findInPieces<T>(list: readonly T[], test: (element: T) => boolean): T | undefined {
  for (const piece of piecesOf(list)) {
    const found = piece.findIndex(test)
    if (found >= 0) return piece[found]
  }
  return undefined
}

/** Where two lists may differ: in order, stretches of the one and of the other. Pieces that both have are in none. */
export function stretchesApart<T>(
  before: readonly T[],
  after: readonly T[],
): (readonly [readonly T[], readonly T[]])[] {
  const [left, right] = [piecesOf(before), piecesOf(after)]
  const places = new Map(right.map((piece, place) => [piece, place]))
  const stretches: (readonly [readonly T[], readonly T[]])[] = []
  let from = 0
  let done = 0
  for (let i = 0; i <= left.length; i++) {
    const shared = i === left.length ? right.length : (places.get(left[i]!) ?? -1)
    if (shared < done) continue
    if (i > from || shared > done) stretches.push([left.slice(from, i).flat(), right.slice(done, shared).flat()])
    from = i + 1
    done = shared + 1
  }
  return stretches
}

/** A list with other elements in some places, and more at its end. It costs what is edited, once the list is in pieces. */
export function withElements<T>(
  list: readonly T[],
  replaced: ReadonlyMap<number, T>,
  added: readonly T[],
): readonly T[] {
  if (!isLong(list)) {
    const made = list.concat(added)
    for (const [index, element] of replaced) made[index] = element
    return made
  }
  const { pieces, starts } = inPieces(list)
  const made = pieces.slice()
  const fresh = new Set<number>()
  for (const [index, element] of replaced) {
    const place = placeIn(starts, index)
    if (!fresh.has(place)) made[place] = pieces[place]!.slice()
    fresh.add(place)
    ;(made[place] as T[])[index - starts[place]!] = element
  }
  if (added.length > 0) made.push(...cut([...(made.pop() ?? []), ...added]))
  return listOf(made)
}

/** A list without the elements in some places. */
export function withoutElements<T>(list: readonly T[], gone: Iterable<number>): readonly T[] {
  const places = new Set(gone)
  if (!isLong(list)) return list.filter((_, index) => !places.has(index))
  const { pieces, starts } = inPieces(list)
  const made = pieces.slice()
  for (const place of new Set([...places].map((index) => placeIn(starts, index)))) {
    made[place] = pieces[place]!.filter((_, i) => !places.has(starts[place]! + i))
  }
  return listOf(made.filter(({ length }) => length > 0))
}

function isLong(list: readonly unknown[]): boolean {
  return known.has(list) || list.length > LONG
}

function inPieces<T>(list: readonly T[]): Pieces<T> {
  return (known.get(list) as Pieces<T> | undefined) ?? withStarts(cut(list))
}

function cut<T>(list: readonly T[]): (readonly T[])[] {
  if (list.length <= LONG) return [list]
  const pieces: (readonly T[])[] = []
  for (let i = 0; i < list.length; i += PIECE) pieces.push(list.slice(i, i + PIECE))
  return pieces
}

function withStarts<T>(pieces: readonly (readonly T[])[]): Pieces<T> {
  const starts: number[] = []
  let length = 0
  for (const piece of pieces) {
    starts.push(length)
    length += piece.length
  }
  return { pieces, starts, length }
}

/** The piece an index is in. */
function placeIn(starts: readonly number[], index: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (starts[middle]! <= index) low = middle
    else high = middle - 1
  }
  return low
}

/** A list of pieces. It reads as any array does; what asks for all of it writes it out, once. */
function listOf<T>(pieces: readonly (readonly T[])[]): readonly T[] {
  const all = withStarts(pieces)
  const { starts, length } = all
  const target: T[] = []
  const filled = (): T[] => {
    if (target.length === 0) for (const piece of pieces) for (let i = 0; i < piece.length; i++) target.push(piece[i]!)
    return target
  }
  const at = (index: number): T => {
    if (target.length > 0) return target[index]!
    const place = placeIn(starts, index)
    return pieces[place]![index - starts[place]!]!
  }
  const list: readonly T[] = new Proxy<T[]>(target, {
    get: (_, key) => {
      if (key === 'length') return length
      const index = indexOf(key, length)
      if (index >= 0) return at(index)
      const value: unknown = Reflect.get(target, key)
      // A pass over all of them goes over the written out list, at the speed of an array.
      const isPass = typeof value === 'function' && key !== 'constructor' && !MUTATING.has(key)
      return isPass ? value.bind(filled()) : value
    },
    has: (_, key) => indexOf(key, length) >= 0 || Reflect.has(target, key),
    ownKeys: () => Reflect.ownKeys(filled()),
    getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(filled(), key),
    preventExtensions: () => Reflect.preventExtensions(filled()),
    set: () => false,
    deleteProperty: () => false,
  })
  markLate(list)
  known.set(list, all)
  return list
}
