/** What a number may be: a whole one, or any, between two bounds. */
export interface Range {
  /** The least. */
  readonly low: number
  /** The most. */
  readonly high: number
  /** Without a fraction. */
  readonly whole: boolean
}

const whole = (low: number, high: number): Range => ({ low, high, whole: true })
const seconds = (high: number): Range => ({ low: 0, high, whole: false })

const TTL = whole(1, 255)
const TOS = whole(0, 255)
/** The longest IP packet; what its headers leave of it the host says itself (EMSGSIZE). */
const SIZE = whole(0, 65535)
const COUNT = whole(1, 1_000_000)
const DAY = 86_400
/** A port somebody can send to, or listen on. */
export const PORT: Range = whole(1, 65535)

/** Numbers that `ping` takes. */
export const PING_RANGES: Readonly<Record<string, Range>> = {
  count: COUNT,
  interval: seconds(DAY),
  linger: seconds(DAY),
  deadline: seconds(DAY),
  size: SIZE,
  ttl: TTL,
  tos: TOS,
  ident: whole(0, 65535),
  mark: whole(0, 4294967295),
}

/** Numbers that `traceroute` takes. */
export const TRACEROUTE_RANGES: Readonly<Record<string, Range>> = {
  maxHops: TTL,
  firstHop: TTL,
  probes: whole(1, 10),
  simultaneous: whole(1, 1024),
  wait: seconds(DAY),
  sport: PORT,
  port: PORT,
  tos: TOS,
  packetLength: SIZE,
}

/** Numbers that sending over UDP and TCP takes. */
export const TRANSFER_RANGES: Readonly<Record<string, Range>> = {
  sourcePort: PORT,
  size: SIZE,
  count: COUNT,
  ttl: TTL,
  request: whole(0, 16_777_216),
  reply: whole(0, 16_777_216),
  timeout: seconds(DAY),
}

/** A number that is out of its range. */
export interface OutOfRange {
  /** The option. */
  readonly name: string
  /** What was given. */
  readonly value: unknown
  /** What it may be. */
  readonly range: Range
}

/** The first of the options that is no number in its range; options without a range are not looked at. */
export function outOfRange(options: object, ranges: Readonly<Record<string, Range>>): OutOfRange | undefined {
  for (const [name, value] of Object.entries(options)) {
    const range = Object.hasOwn(ranges, name) ? ranges[name] : undefined
    if (range !== undefined && value !== undefined && !isIn(value, range)) return { name, value, range }
  }
  return undefined
}

/** Whether a value is a number in a range. */
function isIn(value: unknown, { low, high, whole: isWhole }: Range): boolean {
  if (typeof value !== 'number' || Number.isNaN(value) || value < low || value > high) return false
  return !isWhole || Number.isInteger(value)
}

/** A range in words: `a whole number from 1 to 255`. */
export function describeRange({ low, high, whole: isWhole }: Range): string {
  return `a ${isWhole ? 'whole ' : ''}number from ${low} to ${high}`
}
