import { RAND_CONSTANTS } from './rand-constants.ts'

const LENGTH = 607
const TAP = 273
/** Modulus of the seeding generator, 2^31 - 1. */
const MODULUS = 0x7fff_ffff
const MULTIPLIER = 48271
/** Steps of the seeding generator before the first word, and per word. */
const WARM_UP = 20
const PER_WORD = 3

/** a·b mod 2^31-1, without leaving the exact range of doubles. */
function mulmod(a: number, b: number): number {
  const high = ((a >>> 16) * b) % MODULUS
  return (high * 0x1_0000 + (a & 0xffff) * b) % MODULUS
}

/** MULTIPLIER^n for n below STRIDE, and for its multiples: any power is one of each. Filled when the first source is made. */
const STRIDE = 64
let small: Uint32Array | undefined
let large: Uint32Array | undefined

function powersOf(base: number, count: number): Uint32Array {
  const powers = new Uint32Array(count)
  powers[0] = 1
  for (let i = 1; i < count; i++) powers[i] = mulmod(powers[i - 1]!, base)
  return powers
}

/** MULTIPLIER^n mod 2^31-1. */
function multiplierPower(n: number): number {
  small ??= powersOf(MULTIPLIER, STRIDE + 1)
  large ??= powersOf(small[STRIDE]!, Math.ceil((WARM_UP + LENGTH * PER_WORD + 1) / STRIDE))
  return mulmod(small[n % STRIDE]!, large[Math.floor(n / STRIDE)]!)
}

/** Upper and lower halves of the additive constants, read when they are first needed; `known` says which are. */
const highKeys = new Uint32Array(LENGTH)
const lowKeys = new Uint32Array(LENGTH)
const known = new Uint8Array(LENGTH)

function readKey(i: number): void {
  known[i] = 1
  highKeys[i] = Number.parseInt(RAND_CONSTANTS.slice(i * 16, i * 16 + 8), 16)
  lowKeys[i] = Number.parseInt(RAND_CONSTANTS.slice(i * 16 + 8, i * 16 + 16), 16)
}

/**
 * Go's classic seeded random source: an additive lagged Fibonacci generator over 64-bit words. Calico picks a node's
 * first block with it, so its outputs decide pod addresses. A word of the state is made when it is first read: the few
 * outputs a block choice needs cost a few multiplications instead of a seeding of 607 words.
 */
export class GoRandSource {
  /** Upper and lower halves of the state words; those of the present seed have its number in `made`. */
  private readonly high = new Uint32Array(LENGTH)
  private readonly low = new Uint32Array(LENGTH)
  private readonly made = new Uint32Array(LENGTH)
  private seeds = 0
  private start = 0
  private tap = 0
  private feed = 0

  /** @param seed - a non-negative integer; only its remainder by 2^31-1 counts */
  constructor(seed = 0) {
    this.seed(seed)
  }

  /** Starts again from a seed. */
  seed(seed: number): void {
    const rest = seed % MODULUS
    this.start = rest === 0 ? 89482311 : rest
    this.seeds += 1
    this.tap = 0
    this.feed = LENGTH - TAP
  }

  /** Makes word `i` of the seeded state if nobody has read or written it. */
  private ready(i: number): void {
    if (this.made[i] === this.seeds) return
    this.made[i] = this.seeds
    const a = mulmod(multiplierPower(WARM_UP + i * PER_WORD + 1), this.start)
    const b = mulmod(a, MULTIPLIER)
    const c = mulmod(b, MULTIPLIER)
    if (known[i] === 0) readKey(i)
    this.high[i] = (a << 8) ^ (b >>> 12) ^ highKeys[i]!
    this.low[i] = (b << 20) ^ c ^ lowKeys[i]!
  }

  /** Moves on by one output, which is then word `feed`. */
  private step(): void {
    this.tap = this.tap === 0 ? LENGTH - 1 : this.tap - 1
    this.feed = this.feed === 0 ? LENGTH - 1 : this.feed - 1
    const { tap, feed, high, low } = this
    this.ready(tap)
    this.ready(feed)
    const sum = low[feed]! + low[tap]!
    low[feed] = sum
    high[feed] = high[feed]! + high[tap]! + (sum > 0xffff_ffff ? 1 : 0)
  }

  /** The next output, 64 bits. */
  uint64(): bigint {
    this.step()
    return (BigInt(this.high[this.feed]!) << 32n) | BigInt(this.low[this.feed]!)
  }

  /** The next output as Go's `Uint32` cuts it: bits 31 to 62. */
  uint32(): number {
    this.step()
    return ((this.high[this.feed]! << 1) | (this.low[this.feed]! >>> 31)) >>> 0
  }
}
