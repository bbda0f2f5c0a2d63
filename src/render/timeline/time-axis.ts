/** Where moments of virtual time stand in a picture: quiet time is shortened, so that a gap of a moment can be seen. */
export interface TimeAxis {
  /** The place of a moment. */
  at(ns: number): number
  /** Moments to be labelled, in order. */
  readonly labels: readonly number[]
}

/** A stretch of this much time is as wide as ever a short one must be to be seen, in nanoseconds. */
const SHORT = 20e6
/** Two moments nearer to each other than this are one, in nanoseconds. */
const SAME = 5e6
/** Labels stand at least this far apart. */
const APART = 64

/**
 * An axis on which time between two moments where something happens is as wide as the logarithm of its length.
 *
 * @param moments - where something happens, in nanoseconds, in any order
 */
export function timeAxis(moments: readonly number[], end: number, from: number, to: number): TimeAxis {
  const stops = [0]
  for (const moment of [...moments, end].sort((a, b) => a - b)) if (moment - stops.at(-1)! > SAME) stops.push(moment)
  if (stops.length === 1) stops.push(Math.max(end, 1))
  const widths = stops.slice(1).map((stop, i) => Math.log1p((stop - stops[i]!) / SHORT))
  const scale = (to - from) / widths.reduce((all, one) => all + one, 0)
  const places = [from]
  for (const width of widths) places.push(places.at(-1)! + width * scale)
  const at = (ns: number): number => {
    let low = 0
    let high = stops.length - 1
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (stops[middle]! <= ns) low = middle
      else high = middle
    }
    const part = (ns - stops[low]!) / (stops[high]! - stops[low]!)
    return places[low]! + Math.min(1, Math.max(0, part)) * (places[high]! - places[low]!)
  }
  return { at, labels: apart(stops, at) }
}

/** As many of these moments as have room for their labels, the first and the last among them. */
function apart(stops: readonly number[], at: (ns: number) => number): readonly number[] {
  const [first, last] = [stops[0]!, stops.at(-1)!]
  const kept = [first]
  for (const stop of stops) {
    if (at(stop) - at(kept.at(-1)!) >= APART && at(last) - at(stop) >= APART) kept.push(stop)
  }
  return [...kept, last]
}
