import { type OtherResource, objectKey } from '../control/index.ts'
import { indexInPieces, withElements, withoutElements } from '../model/index.ts'

type Objects = readonly OtherResource[]

/** A list from which it pays to know where each object stands. */
const LONG = 500
/** After so many objects that were taken out places are noted anew: each is looked for over as many. */
const MOST_GONE = 200

/**
 * Where objects stand in a long list, and in those that were made of it: an edit of one pod among many thousands must not go through all
 * of them to find it.
 */
class Places {
  /** At most so far back the first object of a key stands, in whichever of the lists. */
  private readonly known: Map<string, number>
  /** How many were taken out of lists since: so much further in front it may stand. */
  gone = 0

  constructor(list: Objects) {
    this.known = new Map()
    for (const [i, one] of list.entries()) {
      const key = objectKey(one)
      if (!this.known.has(key)) this.known.set(key, i)
    }
  }

  /** The place of the object of a key; -1 where there is none. */
  find(list: Objects, key: string): number {
    const last = this.known.get(key)
    if (last === undefined) return -1
    for (let i = Math.max(0, last - this.gone); i <= last && i < list.length; i++) {
      if (objectKey(list[i]!) === key) return i
    }
    // It was put at the end of a list that was made later than this one, or taken out.
    return list.findIndex((one) => objectKey(one) === key)
  }

  /** An object was put at the end of a list. */
  added(key: string, place: number): void {
    this.known.set(key, place + this.gone)
  }
}

const places = new WeakMap<Objects, Places>()

function placesOf(list: Objects): Places {
  const known = places.get(list)
  if (known !== undefined && known.gone < MOST_GONE) return known
  const made = new Places(list)
  places.set(list, made)
  return made
}

/** Whether it is worth to note places of a list only to find something. */
export function isLong(list: Objects): boolean {
  return list.length > LONG
}

/** The place of the first object of a key; -1 where there is none. */
export function placeIn(list: Objects, key: string): number {
  return placesOf(list).find(list, key)
}

/** A list with others in some places, and more at its end. */
export function withPut(list: Objects, replaced: ReadonlyMap<number, OtherResource>, added: Objects): Objects {
  const noted = placesOf(list)
  const made = withElements(list, replaced, added)
  for (const [i, object] of added.entries()) noted.added(objectKey(object), list.length + i)
  places.set(made, noted)
  return made
}

/** A list without some of its objects. */
export function withTakenOut(list: Objects, objects: Iterable<OtherResource>): Objects {
  const noted = placesOf(list)
  const gone: number[] = []
  for (const object of objects) {
    const found = noted.find(list, objectKey(object))
    const place = list[found] === object ? found : indexInPieces(list, object)
    if (place >= 0) gone.push(place)
  }
  const made = withoutElements(list, gone)
  noted.gone += gone.length
  places.set(made, noted)
  return made
}

/** The same list as another one that holds the very same objects: what is noted of it holds on. */
export function sameList<T>(known: readonly T[], other: readonly T[]): readonly T[] {
  const isSame = known === other || (known.length === other.length && known.every((one, i) => one === other[i]))
  return isSame ? known : other
}
