import type { Origin } from './origin.ts'

/** One end of a wire: an interface of a namespace. */
export interface WireEnd {
  /** Namespace name. */
  readonly netns: string
  /** Interface name in it. */
  readonly dev: string
}

/**
 * A wire joins two interfaces: a veth pair, or the cable between a network card and a switch port. A segment with more
 * than two stations is a namespace with role `switch` and a bridge.
 */
export interface Wire {
  /** The two ends. */
  readonly ends: readonly [WireEnd, WireEnd]
  /** What made it. */
  readonly origin?: Origin
}
