// Sessions one after the other: what undo goes back to.
import type { Session } from 'packetwalk/session'

/** A session, with those before and those that were undone. */
export interface History {
  /** Before, the oldest first. */
  readonly past: readonly Session[]
  /** Now. */
  readonly now: Session
  /** Undone, the next first. */
  readonly future: readonly Session[]
  /** What the last change was about: another of the same, at once, is one change with it. */
  readonly about: string
}

/** Changes that are kept. */
const KEPT = 200

/** A history that begins. */
export function begun(session: Session): History {
  return { past: [], now: session, future: [], about: '' }
}

/** The next session. @param about - changes about the same thing join into one until something else happens; '' joins with none */
export function changed(history: History, session: Session, about = ''): History {
  if (JSON.stringify(session) === JSON.stringify(history.now)) return history
  const joins = about !== '' && about === history.about
  const past = joins ? history.past : [...history.past, history.now].slice(-KEPT)
  return { past, now: session, future: [], about }
}

/** One step back. */
export function undone({ past, now, future }: History): History {
  const before = past.at(-1)
  if (before === undefined) return { past, now, future, about: '' }
  return { past: past.slice(0, -1), now: before, future: [now, ...future], about: '' }
}

/** One step forward again. */
export function redone({ past, now, future }: History): History {
  const [next, ...rest] = future
  if (next === undefined) return { past, now, future, about: '' }
  return { past: [...past, now], now: next, future: rest, about: '' }
}
