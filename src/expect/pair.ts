import type { Miss, Observation } from './report.ts'

/** Two ends, by the names that a lab takes. */
export interface Pair {
  readonly from: string
  readonly to: string
}

/** What is otherwise of one pair. */
export type PairMiss = Omit<Miss, 'pairs'>

/** What was found of one pair. */
export interface Walked {
  readonly pair: Pair
  readonly observation: Observation
  readonly misses: readonly PairMiss[]
  /** Bytes of the largest whole packet; undefined where nobody asked. */
  readonly mtu: number | undefined
}
