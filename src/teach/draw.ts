import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { seedWord } from '../model/index.ts'

/** Choices that a seed makes, one after the other: the same seed makes the same ones. */
export interface Draw {
  /** A whole number, both bounds included. */
  readonly int: (low: number, high: number) => number
  /** One of a list. */
  readonly pick: <T>(list: readonly T[]) => T
  /** So many of a list, each once, in an order of their own. */
  readonly some: <T>(list: readonly T[], count: number) => T[]
}

/** The choices of a seed. Neighbouring seeds have nothing in common, though people count them 1, 2, 3. */
export function drawOf(seed: number): Draw {
  const generator = xoroshiro128plus(seedWord(seed, 0x7ea))
  const int = (low: number, high: number): number => uniformInt(generator, low, high)
  const some = <T>(list: readonly T[], count: number): T[] => {
    const left = [...list]
    return Array.from({ length: count }, () => left.splice(int(0, left.length - 1), 1)[0] as T)
  }
  return { int, some, pick: <T>(list: readonly T[]): T => list[int(0, list.length - 1)] as T }
}
