import type { RunView } from '../engine/protocol.ts'
import { useJob } from '../use-played.ts'
import { Scrolled } from './scrolled.tsx'
import { toneOf } from './verdict.tsx'
import type { ViewProps } from './views.tsx'

function Side({
  title,
  run,
  other,
}: {
  readonly title: string
  readonly run: RunView | null
  readonly other: RunView | null
}) {
  if (run === null) return <p class="quiet">{title}: nothing is asked.</p>
  const lines = run.text.trimEnd().split('\n')
  const others = new Set(other?.text.split('\n'))
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <p class={`summary ${toneOf(run).name}`}>
        <span class="sign" aria-hidden="true">
          {toneOf(run).sign}
        </span>
        {run.summary}
      </p>
      <Scrolled class="text" label={`${title} as text`}>
        <pre>{lines.map((line, i) => (others.has(line) ? `${line}\n` : <mark key={i}>{`${line}\n`}</mark>))}</pre>
      </Scrolled>
    </section>
  )
}

/** Two runs beside each other: the one kept, and the one now. */
export function Compare({ session, against, engine, onKeep }: ViewProps) {
  const { value, fault } = useJob(engine, { kind: 'compare', left: against, right: session })
  if (fault !== '') return <p role="alert">{fault}</p>
  if (value === undefined) return <p class="quiet">On its way …</p>
  const { left, right, parting } = value
  return (
    <>
      <p class="parting">
        {parting === null
          ? 'One of them asks nothing.'
          : parting.same
            ? 'Both runs are the same. Change a line of the cluster, the question, or type a command, and see here where they part.'
            : `The same for ${parting.commonHops} hops; then they part: ${parting.why}${parting.outcome === '' ? '' : `. ${parting.outcome}`}`}
      </p>
      <p>
        <button type="button" onClick={onKeep}>
          Keep the run as it is now on the left side
        </button>
      </p>
      <div class="sides">
        <Side title="Kept" run={left} other={right} />
        <Side title="Now" run={right} other={left} />
      </div>
    </>
  )
}
