import type { Session } from 'packetwalk/session'
import { useState } from 'preact/hooks'
import { fragmentOf } from '../address.ts'
import type { Acts } from '../app.tsx'
import type { Engine } from '../engine/engine.ts'
import type { Outcome } from '../use-played.ts'
import { Faults } from './faults.tsx'
import { Files } from './files.tsx'
import { Drawing } from './picture.tsx'
import { toneOf } from './verdict.tsx'

interface EmbeddedProps {
  readonly session: Session
  readonly outcome: Outcome
  readonly engine: Engine
  readonly acts: Acts
}

/** The page in another, or on a slide: verdict and picture; files when they are asked for. */
export function Embedded({ session, outcome, engine, acts }: EmbeddedProps) {
  const [isOpen, setOpen] = useState(false)
  const run = outcome.played?.run ?? null
  const view = { session, against: session, outcome, engine, acts, onKeep: () => {} }
  return (
    <main class="embedded">
      <header>
        <h1>{session.title === '' ? 'packetwalk' : session.title}</h1>
        <span class="acts">
          <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? 'Close the editor' : 'Edit'}
          </button>
          <a href={`./${fragmentOf(session, 'picture') ?? ''}`} target="_blank" rel="noreferrer">
            Open the playground
          </a>
        </span>
      </header>
      <Faults outcome={outcome} />
      <p role="status" class={`summary ${run === null ? 'open' : toneOf(run).name}`}>
        {run === null ? (
          'On its way …'
        ) : (
          <>
            <span class="sign" aria-hidden="true">
              {toneOf(run).sign}
            </span>
            {run.summary}
          </>
        )}
      </p>
      {isOpen ? <Files {...view} /> : null}
      {run === null ? null : <Drawing svg={outcome.played?.svg ?? ''} label="Picture of the run" />}
    </main>
  )
}
