/** A small generator of its own: the same seed gives the same frames on every machine. */
export class Random {
  private state: number

  constructor(seed: number) {
    this.state = (seed | 0) ^ 0x9e3779b9 || 1
  }

  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number {
    this.state ^= this.state << 13
    this.state ^= this.state >>> 17
    this.state ^= this.state << 5
    return Math.floor(((this.state >>> 0) / 2 ** 32) * below)
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0
  }

  /** One of a list. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }
}

const ODD = [0, 1, 4, 5, 0x0f, 0x40, 0x45, 0x60, 0x7f, 0x80, 0xfe, 0xff] as const

/** Bytes changed at random: single ones, odd values, cut, lengthened, pieces moved, the beginning of one with the end of another. */
export function mutate(random: Random, original: Uint8Array, other: Uint8Array): Uint8Array {
  let bytes = Uint8Array.from(original)
  if (random.oneIn(12))
    bytes = Uint8Array.from([
      ...bytes.subarray(0, random.below(bytes.length + 1)),
      ...other.subarray(random.below(other.length + 1)),
    ])
  if (random.oneIn(8)) bytes = bytes.slice(0, random.below(bytes.length + 1))
  if (random.oneIn(16)) bytes = Uint8Array.from([...bytes, ...other.subarray(0, random.below(200))])
  const changes = random.oneIn(10) ? 0 : 1 + random.below(random.oneIn(10) ? 40 : 5)
  const reach = random.oneIn(3) ? bytes.length : Math.min(bytes.length, 80)
  for (let i = 0; i < changes && reach > 0; i++) {
    const at = random.below(reach)
    if (random.oneIn(3)) bytes[at] = random.pick(ODD)
    else if (random.oneIn(2)) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8))
    else bytes[at] = random.below(256)
  }
  return bytes
}
