import type { ResyncPart } from '../control/index.ts'
import type { ClusterEvent } from './event.ts'
import type { Part } from './follower-state.ts'
import type { TimedDeed } from './machines/machine-deeds.ts'
import type { Revision } from './revision.ts'
import type { Follower } from './watching.ts'

/** Something that happens at its time. Plain data: a saved moment holds what was still to happen. */
export type Step =
  | { readonly kind: 'event'; readonly event: ClusterEvent }
  /** A program hears of a stored state. `node` empty: all that nobody looks at. `life` tells it from what was before a restart. */
  | {
      readonly kind: 'hear'
      readonly program: Follower
      readonly node: string
      readonly life: number
      readonly revision: Revision
    }
  /** It begins to write what it has heard. */
  | {
      readonly kind: 'begin'
      readonly program: Follower
      readonly node: string
      readonly life: number
    }
  /** It writes parts of it. */
  | {
      readonly kind: 'write'
      readonly program: Follower
      readonly node: string
      readonly life: number
      readonly revision: Revision
      readonly parts: readonly Part[]
    }
  /** It has written all. */
  | { readonly kind: 'done'; readonly program: Follower; readonly node: string; readonly life: number }
  /** It is up, because of an event. */
  | {
      readonly kind: 'started'
      readonly program: Follower
      readonly node: string
      readonly life: number
      readonly event: number
    }
  /** A program looks again at a part of what it wrote. */
  | { readonly kind: 'resync'; readonly part: ResyncPart; readonly node: string }
  /** Something becomes of a machine, and what after it, because of an event. */
  | { readonly kind: 'machine'; readonly node: string; readonly deeds: readonly TimedDeed[]; readonly event: number }
  /** Something is due with BGP sessions. */
  | { readonly kind: 'sessions'; readonly event: number }
  /** kube-controllers gives back what of IPAM nobody uses, because of an event. */
  | { readonly kind: 'garbage'; readonly event: number }
  /** Kubelets take down what is left of pods that are gone, because of an event. */
  | { readonly kind: 'teardown'; readonly event: number }
  /** Controllers look at what is stored, because of an event. */
  | { readonly kind: 'controllers'; readonly event: number }

/** A step and how long it is till then, in nanoseconds. */
export interface Later {
  readonly delay: number
  readonly step: Step
}
