import type { TextView } from 'packetwalk'
import { useState } from 'preact/hooks'
import { useJob } from '../use-played.ts'
import { Scrolled } from './scrolled.tsx'
import type { ViewProps } from './views.tsx'

const TEXTS: readonly (readonly [view: TextView, title: string])[] = [
  ['hops', 'A line a hop'],
  ['frames', 'Frames'],
  ['reasons', 'Reasons'],
  ['bytes', 'Bytes'],
]

/** The run as text, in four depths. */
export function TextPart({ session, outcome, engine }: ViewProps) {
  const [view, setView] = useState<TextView>('hops')
  const { value, fault } = useJob(engine, view === 'hops' ? null : { kind: 'text', session, view })
  const text = view === 'hops' ? outcome.played?.run?.text : value
  return (
    <>
      <label class="depth">
        <span class="label">Show</span>
        <select value={view} onChange={({ currentTarget }) => setView(currentTarget.value as TextView)}>
          {TEXTS.map(([name, title]) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {fault === '' ? null : <p role="alert">{fault}</p>}
      <Scrolled class="text" label="The run as text">
        <pre>{text ?? 'On its way …'}</pre>
      </Scrolled>
    </>
  )
}
