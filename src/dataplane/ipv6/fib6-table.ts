import { prefixKey } from '../../wire/index.ts'
import type { Fib6Info } from './fib6-info.ts'
import type { SharedRoutes6 } from './fib6-shared.ts'

/** A routing table: one hash map per prefix length in use, asked from the longest to the shortest. */
export class Fib6Table {
  /** Number. */
  readonly id: number
  private lengths: number[] = []
  private readonly maps = new Map<number, Map<string, Fib6Info[]>>()
  private readonly shared: SharedRoutes6[] = []

  constructor(id: number) {
    this.id = id
  }

  /** Prefix lengths in use, longest first. */
  get prefixLengths(): readonly number[] {
    return this.lengths
  }

  /** Puts a route in: routes of one prefix stand by metric, equals in the order they came. */
  insert(info: Fib6Info): void {
    const { prefixLength } = info
    let map = this.maps.get(prefixLength)
    if (map === undefined) {
      map = new Map()
      this.maps.set(prefixLength, map)
      this.useLength(prefixLength)
    }
    const key = prefixKey(info.dst, prefixLength)
    const list = map.get(key)
    if (list === undefined) map.set(key, [info])
    else insertSorted(list, info)
  }

  /** Adds the routes of a shared table. */
  addShared(view: SharedRoutes6): void {
    this.shared.push(view)
    for (const length of view.lengths) this.useLength(length)
  }

  /** Routes of exactly this prefix, in the order they are tried; undefined = none. */
  at(address: string, length: number): readonly Fib6Info[] | undefined {
    const key = prefixKey(address, length)
    const own = this.maps.get(length)?.get(key)
    if (this.shared.length === 0) return own
    let list: Fib6Info[] | undefined
    for (const view of this.shared) {
      for (const info of view.at(key, length)) {
        list ??= own === undefined ? [] : [...own]
        insertSorted(list, info)
      }
    }
    return list ?? own
  }

  /** Every route of the table that is its own, unordered. */
  infos(): Fib6Info[] {
    return [...this.maps.values()].flatMap((map) => [...map.values()].flat())
  }

  private useLength(length: number): void {
    if (!this.lengths.includes(length)) this.lengths = [...this.lengths, length].sort((a, b) => b - a)
  }
}

function insertSorted(list: Fib6Info[], info: Fib6Info): void {
  let at = list.length
  while (at > 0 && info.metric < (list[at - 1] as Fib6Info).metric) at--
  list.splice(at, 0, info)
}
