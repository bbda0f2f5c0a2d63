import type { Finding } from '../model/index.ts'
import type { DropHop } from '../trace/index.ts'
import type { Facts } from './facts.ts'
import type { Lost } from './lost.ts'

/** A packet that was dropped, and what is known of the place. */
export interface DropPlace {
  /** The drop. */
  readonly drop: DropHop
  /** The packet. */
  readonly lost: Lost
  /** The network and the cluster. */
  readonly facts: Facts
}

/** A packet that was lost or waits on a device. */
export interface LinkPlace extends Omit<DropPlace, 'drop'> {
  /** Where. */
  readonly drop: Pick<DropHop, 'netns' | 'dev'>
}

/** A finding without its place: that is the drop's. */
export type Cause = Partial<Finding> &
  Pick<Finding, 'code' | 'right'> & {
    /** Commands that say already where they are to be typed. */
    readonly placed?: readonly string[]
  }
