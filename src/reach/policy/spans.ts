import { IP_PROTOCOL } from '../../wire/index.ts'

/** An interval of headers of a protocol, and what is said of it. */
export interface Span {
  /** Number of the protocol; `OTHER` for all that nobody names. */
  readonly protocol: number
  /** First destination port; of ICMP type × 256 + code. */
  readonly low: number
  /** Last. */
  readonly high: number
  /** What is said. */
  readonly value: number
}

/** All headers, in order of protocols and intervals, without a gap. */
export type Spans = readonly Span[]

/** Stands for every protocol that no rule names. */
export const OTHER = -1

const PORTED: ReadonlySet<number> = new Set([IP_PROTOCOL.TCP, IP_PROTOCOL.UDP, IP_PROTOCOL.SCTP])
const MESSAGES: ReadonlySet<number> = new Set([IP_PROTOCOL.ICMP, IP_PROTOCOL.ICMPV6])

/** Whether flows of a protocol have ports. */
export function hasPorts(protocol: number): boolean {
  return PORTED.has(protocol)
}

/** Whether flows of a protocol have types and codes. */
export function hasTypes(protocol: number): boolean {
  return MESSAGES.has(protocol)
}

function axisOf(protocol: number): readonly [number, number] {
  if (hasPorts(protocol)) return [1, 65_535]
  return hasTypes(protocol) ? [0, 65_535] : [0, 0]
}

/** Where intervals of headers begin. */
export class Cuts {
  private readonly starts = new Map<number, Set<number>>()

  /** An interval that is told apart; of every protocol with ports where none is named. */
  add(protocol: number | undefined, low: number, high: number): void {
    for (const one of protocol === undefined ? PORTED : [protocol]) {
      const starts = this.starts.get(one) ?? new Set()
      starts.add(low).add(high + 1)
      this.starts.set(one, starts)
    }
  }

  /** All that other cuts tell apart. */
  addAll(other: Cuts): void {
    for (const [protocol, starts] of other.starts) {
      this.starts.set(protocol, new Set([...(this.starts.get(protocol) ?? []), ...starts]))
    }
  }

  /** The intervals of a protocol. */
  intervals(protocol: number): readonly (readonly [number, number])[] {
    const [first, last] = axisOf(protocol)
    const inside = [...(this.starts.get(protocol) ?? [])].filter((one) => one > first && one <= last)
    const starts = [first, ...inside.sort((a, b) => a - b)]
    return starts.map((low, i) => [low, (starts[i + 1] ?? last + 1) - 1])
  }
}

/** Says something of every interval of some protocols. */
export function spansBy(
  protocols: readonly number[],
  cuts: Cuts,
  say: (protocol: number, low: number, high: number) => number,
): Spans {
  const spans: Span[] = []
  for (const protocol of protocols) {
    for (const [low, high] of cuts.intervals(protocol)) push(spans, protocol, low, high, say(protocol, low, high))
  }
  return spans
}

function push(spans: Span[], protocol: number, low: number, high: number, value: number): void {
  const last = spans.at(-1)
  if (last?.protocol === protocol && last.value === value) spans[spans.length - 1] = { ...last, high }
  else spans.push({ protocol, low, high, value })
}

/** What is said of the same protocols several times, put together. */
export function joined(a: Spans, b: Spans, join: (a: number, b: number) => number): Spans {
  const spans: Span[] = []
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    const [left, right] = [a[i] as Span, b[j] as Span]
    const high = Math.min(left.high, right.high)
    push(spans, left.protocol, Math.max(left.low, right.low), high, join(left.value, right.value))
    if (left.high === high) i += 1
    if (right.high === high) j += 1
  }
  return spans
}

/** Spans by number; equal ones have one. */
export class SpansTable {
  /** All of them. */
  readonly all: Spans[] = []
  private readonly ids = new Map<string, number>()

  /** The number of some spans. */
  of(spans: Spans): number {
    const key = spans.map(({ protocol, low, value }) => `${protocol}/${low}/${value}`).join(' ')
    const known = this.ids.get(key)
    if (known !== undefined) return known
    this.ids.set(key, this.all.length)
    return this.all.push(spans) - 1
  }
}
