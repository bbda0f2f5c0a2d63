import { SECOND } from '../../dataplane/index.ts'
import { seedWord } from '../../model/index.ts'

/** BIRD's timers as confd configures them, in nanoseconds. */
export interface BgpTimers {
  /** A peer that is not heard of for so long is lost. @calico proto/bgp/config.Y hold time */
  readonly hold: number
  /** A session that is up says so this often: a third of the hold time. */
  readonly keepalive: number
  /** How long BIRD waits before it dials. @calico bird.cfg.template */
  readonly connectDelay: number
  /** How long it waits for an answer. @calico bird.cfg.template */
  readonly connectRetry: number
  /** How long it leaves a peer alone after an error at first. @calico bird.cfg.template */
  readonly errorWaitLeast: number
  /** Twice as long each time, up to this. */
  readonly errorWaitMost: number
  /** An error so long ago is forgotten. @calico proto/bgp/config.Y error forget time */
  readonly errorForget: number
  /** How long routes of a peer are kept that restarts. @calico proto/bgp/config.Y graceful restart time */
  readonly restart: number
  /** How long a BIRD that restarts waits for the routes of all its peers. @calico nest graceful restart wait */
  readonly restartWait: number
  /** What is known to a BIRD is with a peer at most so much later. */
  readonly update: number
}

/** As BIRD has them. */
export const BIRD_TIMERS: BgpTimers = {
  hold: 240 * SECOND,
  keepalive: 80 * SECOND,
  connectDelay: 2 * SECOND,
  connectRetry: 5 * SECOND,
  errorWaitLeast: 5 * SECOND,
  errorWaitMost: 30 * SECOND,
  errorForget: 300 * SECOND,
  restart: 120 * SECOND,
  restartWait: 240 * SECOND,
  update: SECOND / 50,
}

/** Everything happens at once. */
export const NO_TIMERS: BgpTimers = {
  hold: 0,
  keepalive: 0,
  connectDelay: 0,
  connectRetry: 0,
  errorWaitLeast: 0,
  errorWaitMost: 0,
  errorForget: 0,
  restart: 0,
  restartWait: 0,
  update: 0,
}

/** What decides how long something takes: timers, and where in its turn each of them is. */
export interface BgpPace {
  /** Timers. */
  readonly timers: BgpTimers
  /** Decides what is chance. */
  readonly seed: number
}

/** A part of a span, drawn from whose it is. */
export function partOf(span: number, seed: number, whose: string): number {
  let hash = seed | 0
  for (let i = 0; i < whose.length; i++) hash = seedWord(hash ^ whose.charCodeAt(i), i)
  return Math.floor((span * (seedWord(hash) >>> 0)) / 0x1_0000_0000)
}

/** How a dialer comes to dial. */
export type Dialling =
  /** It has just got that far: it waits before it dials. */
  | 'afresh'
  /** It was refused until now, and waits between its attempts. */
  | 'refused'
  /** Nothing answered until now, and it tries again when an attempt has taken too long. */
  | 'unanswered'

/** BIRD 1.6 counts whole seconds: a timer goes off with the clock's next one. @calico lib/timer.c */
export function nextSecond(at: number): number {
  return Math.ceil(at / SECOND) * SECOND
}
