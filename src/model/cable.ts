import type { Origin } from './origin.ts'

/** One end of a cable: an interface of a namespace. */
export interface CableEnd {
  /** Namespace name. */
  readonly netns: string
  /** Interface name in it. */
  readonly dev: string
}

/**
 * A cable joins two interfaces: the ends of a veth pair, or a network card and a switch port. A segment with more
 * than two stations is a namespace with role `switch` and a bridge.
 */
export interface Cable {
  /** The two ends. */
  readonly ends: readonly [CableEnd, CableEnd]
  /** What made it. */
  readonly origin?: Origin
}
