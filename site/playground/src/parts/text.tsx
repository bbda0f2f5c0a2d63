import type { TextView } from 'packetwalk'
import { useState } from 'preact/hooks'
import { useJob } from '../use-played.ts'
import { lineOf } from './commands.tsx'
import { Scrolled } from './scrolled.tsx'
import type { ViewProps } from './views.tsx'

const TEXTS: readonly (readonly [view: TextView, title: string])[] = [
  ['hops', 'A line a hop'],
  ['frames', 'Frames'],
  ['reasons', 'Reasons'],
  ['bytes', 'Bytes'],
]

/** How a text of a run says which command confirms what it says; a long one goes on in the next line, further in. */
const CHECK = /^Check: .*(?:\n +\S.*)*$/m

/** A text, each of its commands with a button that runs it here. */
function WithCommands({ text, onTry }: { readonly text: string; readonly onTry: (line: string) => void }) {
  const found = CHECK.exec(text)
  if (found === null) return <>{text}</>
  const [told] = found
  const end = found.index + told.length
  const check = told.replace(/^Check: /, '').replace(/\n +/g, ' ')
  return (
    <>
      {text.slice(0, end)}{' '}
      <button
        type="button"
        class="plain run"
        aria-label={`Run in the terminal: ${check}`}
        onClick={() => onTry(lineOf(check))}
      >
        Run
      </button>
      <WithCommands text={text.slice(end)} onTry={onTry} />
    </>
  )
}

/** The run as text, in four depths. */
export function TextPart({ session, outcome, engine, acts }: ViewProps) {
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
        <pre>{text === undefined ? 'On its way …' : <WithCommands text={text} onTry={acts.type} />}</pre>
      </Scrolled>
    </>
  )
}
