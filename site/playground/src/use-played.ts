import { first } from 'virtual:prepared'
import type { Issue } from 'packetwalk'
import type { Session } from 'packetwalk/session'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Answer, Cancelled, type Engine, WrongInput } from './engine/engine.ts'
import type { Job, Played, Results } from './engine/protocol.ts'
import { scenes } from './scenes.ts'

/** What the engine makes of a session. */
export interface Outcome {
  /** The last session that could be played; null before the first. */
  readonly played: Played | null
  /** Who calculated it: the build, or the engine here. */
  readonly by: 'build' | 'engine'
  /** What is wrong with the files as they are now. */
  readonly issues: readonly Issue[]
  /** What is wrong with packetwalk; '' when nothing is. */
  readonly fault: string
  /** Whether `played` is of the session as it is now. */
  readonly isCurrent: boolean
}

/** The same, with the session that it is of. */
interface Known extends Omit<Outcome, 'isCurrent'> {
  /** The session that `played` is of. */
  readonly of: Session | null
}

const NOTHING: Known = { of: null, played: null, by: 'engine', issues: [], fault: '' }

/** A session as far as its run depends on it: the same one while only its timeline is another. */
export function useAsked(session: Session): Session {
  const asked = useRef(session)
  const isSame = (Object.keys({ ...session, ...asked.current }) as (keyof Session)[]).every(
    (field) => field === 'timeline' || session[field] === asked.current[field],
  )
  if (!isSame) asked.current = session
  return asked.current
}

/** Plays a session each time it is another, or the page gets another width. The first scene is shown as the build played it until the engine has. */
export function usePlayed(engine: Engine, session: Session, width: number): Outcome {
  const [known, setKnown] = useState(NOTHING)
  useEffect(() => {
    let isWanted = true
    if (session === scenes[0]?.session) {
      const show = (played: Played): void => {
        if (isWanted) setKnown((now) => (now.of === session ? now : { ...NOTHING, of: session, played, by: 'build' }))
      }
      first(width).then(show, () => {})
    }
    const { result, cancel } = engine.ask<'play'>({ kind: 'play', session, width })
    result.then(
      (played) => isWanted && setKnown({ of: session, played, by: 'engine', issues: [], fault: '' }),
      (error: unknown) => isWanted && setKnown((before) => ({ ...before, ...faultOf(error) })),
    )
    return () => {
      isWanted = false
      cancel()
    }
  }, [engine, session, width])
  const { of, ...outcome } = known
  useEffect(() => {
    // What the test of the page measures.
    if (outcome.played !== null) performance.mark(`packetwalk: run of the ${outcome.by}`)
  }, [outcome.played, outcome.by])
  return { ...outcome, isCurrent: of === session }
}

function faultOf(error: unknown): Pick<Outcome, 'issues' | 'fault'> {
  if (error instanceof WrongInput) return { issues: error.issues, fault: '' }
  if (error instanceof Cancelled) return { issues: [], fault: '' }
  return { issues: [], fault: error instanceof Error ? error.message : String(error) }
}

/** What else the engine is asked: again when the job is another. Undefined until it answers. */
export function useJob<K extends Job['kind']>(
  engine: Engine,
  job: Extract<Job, { kind: K }> | null,
): { readonly value: Results[K] | undefined; readonly fault: string } {
  const [state, setState] = useState<{ value: Results[K] | undefined; fault: string }>({ value: undefined, fault: '' })
  const key = JSON.stringify(job)
  const asked = useRef<Answer<Results[K]> | null>(null)
  // The job is another when its text is.
  useEffect(() => {
    if (job === null) return
    const answer = engine.ask<K>(job)
    asked.current = answer
    answer.result.then(
      (value) => asked.current === answer && setState({ value, fault: '' }),
      (error: unknown) => {
        if (asked.current !== answer || error instanceof Cancelled) return
        setState((before) => ({ ...before, fault: error instanceof Error ? error.message : String(error) }))
      },
    )
    return answer.cancel
  }, [engine, key])
  return state
}
