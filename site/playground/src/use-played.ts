import { useEffect, useRef, useState } from 'preact/hooks'
import type { Issue } from 'packetwalk'
import type { Session } from 'packetwalk/session'
import { first } from 'virtual:prepared'
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

const NOTHING: Outcome = { played: null, by: 'engine', issues: [], fault: '', isCurrent: false }

/** Plays a session each time it is another. The first scene is shown as the build played it until the engine has. */
export function usePlayed(engine: Engine, session: Session): Outcome {
  const [outcome, setOutcome] = useState(NOTHING)
  useEffect(() => {
    let isWanted = true
    setOutcome((before) => ({ ...before, isCurrent: false }))
    if (session === scenes[0]?.session) {
      const show = (played: Played): void => {
        if (isWanted) setOutcome((now) => (now.isCurrent ? now : { ...NOTHING, played, by: 'build', isCurrent: true }))
      }
      first().then(show, () => {})
    }
    const { result, cancel } = engine.ask<'play'>({ kind: 'play', session })
    result.then(
      (played) => isWanted && setOutcome({ played, by: 'engine', issues: [], fault: '', isCurrent: true }),
      (error: unknown) => isWanted && setOutcome((before) => ({ ...before, ...faultOf(error) })),
    )
    return () => {
      isWanted = false
      cancel()
    }
  }, [engine, session])
  return outcome
}

function faultOf(error: unknown): Pick<Outcome, 'issues' | 'fault' | 'isCurrent'> {
  if (error instanceof WrongInput) return { issues: error.issues, fault: '', isCurrent: false }
  if (error instanceof Cancelled) return { issues: [], fault: '', isCurrent: false }
  return { issues: [], fault: error instanceof Error ? error.message : String(error), isCurrent: false }
}

/** What else the engine is asked: again when the job is another. Undefined until it answers. */
export function useJob<K extends Job['kind']>(
  engine: Engine,
  job: Extract<Job, { kind: K }> | null,
): { readonly value: Results[K] | undefined; readonly fault: string } {
  const [state, setState] = useState<{ value: Results[K] | undefined; fault: string }>({ value: undefined, fault: '' })
  const key = JSON.stringify(job)
  const asked = useRef<Answer<Results[K]> | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the job is another when its text is
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
