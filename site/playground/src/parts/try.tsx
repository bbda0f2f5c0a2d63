import type { Session } from 'packetwalk/session'
import { changesOf } from '../changes.ts'
import type { Outcome } from '../use-played.ts'

interface TryProps {
  readonly session: Session
  readonly outcome: Outcome
  readonly onChange: (session: Session) => void
}

/** A change to begin with, by one press: what becomes of the packet then stands above. */
export function Try({ session, outcome: { played }, onChange }: TryProps) {
  const changes = played === null ? [] : changesOf(session, played)
  if (changes.length === 0) return null
  return (
    <p class="try">
      <span class="quiet">Change one value:</span>
      {changes.map(({ label, session: changed }) => (
        <button key={label} type="button" onClick={() => onChange(changed)}>
          {label}
        </button>
      ))}
    </p>
  )
}
