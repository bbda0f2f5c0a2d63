import { MILLISECOND } from '../dataplane/index.ts'
import { INTERVALS } from './delays.ts'
import type { FollowerState } from './follower-state.ts'
import type { Follower } from './watching.ts'

/** How often a program may begin to write: so often at once, after that once in an interval. */
interface Throttle {
  readonly burst: number
  /** In nanoseconds. */
  readonly interval: number
}

/** BIRD writes whenever it learns something. */
const THROTTLES: Readonly<Record<Follower, Throttle>> = {
  felix: { burst: INTERVALS.felixBurst, interval: INTERVALS.felixThrottle * MILLISECOND },
  bird: { burst: 1, interval: 0 },
  'kube-proxy': { burst: INTERVALS.kubeProxyBurst, interval: INTERVALS.kubeProxyMinSync * MILLISECOND },
}

/** How often a program that did nothing for a while may begin at once. */
export const FULL_TOKENS: number = Math.max(...Object.values(THROTTLES).map(({ burst }) => burst))

function tokensAt(program: Follower, { tokens, wrote }: FollowerState, now: number): number {
  const { burst, interval } = THROTTLES[program]
  if (interval === 0) return burst
  const made = wrote < 0 ? burst : Math.floor((now - wrote) / interval)
  return Math.min(burst, tokens + made)
}

/** How long it must wait before it may begin, in nanoseconds, and how often it may begin at once after that. */
export function throttled(
  program: Follower,
  state: FollowerState,
  now: number,
): { readonly wait: number; readonly tokens: number } {
  const tokens = tokensAt(program, state, now)
  if (tokens >= 1) return { wait: 0, tokens: tokens - 1 }
  return { wait: Math.max(0, state.wrote + THROTTLES[program].interval - now), tokens: 0 }
}
