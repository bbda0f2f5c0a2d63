import type { RunView } from '../engine/protocol.ts'
import type { Outcome } from '../use-played.ts'
import { Commands } from './commands.tsx'

/** How a verdict looks: a sign as well as a colour. */
export function toneOf({ ok, certainty }: RunView): { readonly name: 'good' | 'bad' | 'open'; readonly sign: string } {
  if (certainty === 'undecided') return { name: 'open', sign: '?' }
  return ok ? { name: 'good', sign: '✓' } : { name: 'bad', sign: '✕' }
}

/** Whether the sentence above says what a cause is: it is not said twice. */
function isTold(text: string, summary: string): boolean {
  const [cause = ''] = text.replace(/^[^:]*: /, '').split('; ')
  return cause.length > 20 && summary.includes(cause)
}

interface VerdictProps {
  readonly outcome: Outcome
  readonly isBusy: boolean
  readonly onStop: () => void
  readonly onTry: (line: string) => void
}

/** What became of the packet, in a sentence, and why. */
export function Verdict({ outcome, isBusy, onStop, onTry }: VerdictProps) {
  const { played, by, isCurrent } = outcome
  const run = played?.run ?? null
  return (
    <section
      class={`verdict ${run === null ? 'open' : toneOf(run).name}`}
      aria-label="What became of it"
      aria-busy={!isCurrent}
    >
      <div role="status">
        {run === null ? (
          <p class="summary">
            {played === null
              ? 'The engine is on its way …'
              : played.refused.length > 0
                ? 'This cannot be asked:'
                : 'Nothing is asked yet.'}
          </p>
        ) : (
          <p class="summary">
            <span class="sign" aria-hidden="true">
              {toneOf(run).sign}
            </span>
            {run.summary}
          </p>
        )}
        {played?.refused.map((issue) => (
          <p key={issue.expected}>
            Expected {issue.expected}, received {issue.received}.
          </p>
        ))}
      </div>
      {run === null || run.findings.length === 0 ? null : (
        <ul class="findings">
          {run.findings.map(({ text, checks }) => (
            <li key={text} class={isTold(text, run.summary) ? 'told' : ''}>
              {isTold(text, run.summary) ? null : text}
              {checks.length === 0 ? null : (
                <details>
                  <summary>How to confirm it on a real machine</summary>
                  <Commands checks={checks} onTry={onTry} />
                </details>
              )}
            </li>
          ))}
        </ul>
      )}
      {run === null || run.notes.length === 0 ? null : (
        <details class="notes">
          <summary>{run.notes.length === 1 ? 'One note' : `${run.notes.length} notes`} on this answer</summary>
          <ul>
            {run.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </details>
      )}
      <p class="busy" data-by={by} data-current={isCurrent}>
        {isBusy ? (
          <>
            {by === 'build' ? 'The engine is on its way; this run is that of the build. ' : 'Working … '}
            <button type="button" class="plain" onClick={onStop}>
              Stop
            </button>
          </>
        ) : null}
      </p>
    </section>
  )
}
