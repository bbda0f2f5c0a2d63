import type { DropCause } from '../model/index.ts'

/** What the matchers read of a packet of a trace. */
export interface TracedPacket {
  /** Part it plays: `request`, `reply`, `error`, … */
  readonly role: string
  /** How it ended. */
  readonly end: string
  /** Why it was dropped, when it was. */
  readonly cause?: DropCause
  /** Namespaces it was in, in order. */
  readonly path: readonly string[]
}

/** What the matchers read of a trace. */
export interface TraceFacts {
  /** What became of the question asked. */
  readonly disposition: { readonly kind: string; readonly cause?: DropCause }
  /** What happened, in words. */
  readonly summary: string
  /** Packets. */
  readonly packets: readonly TracedPacket[]
}

/** What the matchers take: a trace, or a run (`lab.ping(…)`) that has one. */
export type Traced = TraceFacts | { readonly trace: TraceFacts }

/** What a matcher of vitest or jest returns. */
export interface MatcherResult {
  /** Whether it holds. */
  readonly pass: boolean
  /** What to print when it should (or should not) have. */
  readonly message: () => string
}

/**
 * The matchers as methods of `expect(…)`. To have them typed in vitest:
 *
 * ```ts
 * declare module 'vitest' {
 *   interface Matchers<T> extends TraceMatchers<T> {}
 * }
 * ```
 */
export interface TraceMatchers<R> {
  /** A request reached a program that took it, whatever became of the answer. */
  toBeDelivered(): R
  /** The question was answered. */
  toBeAnswered(): R
  /** A request or reply was lost for this cause. */
  toBeDroppedBy(cause: DropCause): R
  /** A request was in these namespaces, in this order; others may lie between. `node/NAME` and `NAME` are the same. */
  toPassThrough(names: readonly string[]): R
}

function factsOf(traced: Traced): TraceFacts {
  return 'trace' in traced ? traced.trace : traced
}

function result(pass: boolean, facts: TraceFacts, should: string): MatcherResult {
  return { pass, message: () => `expected the packet ${pass ? 'not ' : ''}${should}\n\n${facts.summary}` }
}

/** Packets that carry the question or its answer. */
function traffic(facts: TraceFacts, ...roles: string[]): TracedPacket[] {
  return facts.packets.filter((packet) => roles.includes(packet.role))
}

/** Whether names occur in a path in this order. */
function inOrder(path: readonly string[], names: readonly string[]): boolean {
  let at = 0
  for (const hop of path) if (hop === names[at]?.replace(/^node\//, '')) at++
  return at === names.length
}

/**
 * Matchers for `expect.extend(traceMatchers)` of vitest and jest. They take a trace, or what `lab.ping` and its like
 * return.
 */
export const traceMatchers: {
  readonly toBeDelivered: (received: Traced) => MatcherResult
  readonly toBeAnswered: (received: Traced) => MatcherResult
  readonly toBeDroppedBy: (received: Traced, cause: DropCause) => MatcherResult
  readonly toPassThrough: (received: Traced, names: readonly string[]) => MatcherResult
} = {
  toBeDelivered(received) {
    const facts = factsOf(received)
    const { kind } = facts.disposition
    const taken = traffic(facts, 'request').some((packet) => packet.end === 'delivered')
    return result(kind === 'answered' || kind === 'delivered' || taken, facts, 'to be delivered')
  },
  toBeAnswered(received) {
    const facts = factsOf(received)
    return result(facts.disposition.kind === 'answered', facts, 'to be answered')
  },
  toBeDroppedBy(received, cause) {
    const facts = factsOf(received)
    const lost = traffic(facts, 'request', 'reply').filter((packet) => packet.end === 'dropped')
    const causes = [...new Set([facts.disposition.cause, ...lost.map((packet) => packet.cause)])].filter(Boolean)
    const met = causes.length === 0 ? 'nothing was dropped' : `dropped by ${causes.join(', ')}`
    return result(causes.includes(cause), facts, `to be dropped by ${cause}; ${met}`)
  },
  toPassThrough(received, names) {
    const facts = factsOf(received)
    const paths = traffic(facts, 'request').map((packet) => packet.path)
    const met = paths.map((path) => path.join(' → ')).join('; ') || 'there was no request'
    const pass = paths.some((path) => inOrder(path, names))
    return result(pass, facts, `to pass through ${names.join(' → ')}; its way was ${met}`)
  },
}
