import { useState } from 'preact/hooks'
import type { Causes, Hurting } from '../engine/protocol.ts'
import { useJob } from '../use-played.ts'
import { Commands } from './commands.tsx'
import { Reach } from './reach.tsx'
import type { ViewProps } from './views.tsx'

const QUESTIONS = [
  ['reach', 'Who reaches whom'],
  ['lint', 'What of these objects will hurt'],
  ['flow', 'What could make this flow fail'],
  ['all', 'What could be wrong anywhere'],
] as const
type Asked = (typeof QUESTIONS)[number][0]

/** Questions about the whole cluster. */
export function AskPart(props: ViewProps) {
  const [asked, setAsked] = useState<Asked>('reach')
  return (
    <>
      <label class="depth">
        <span class="label">Ask</span>
        <select value={asked} onChange={({ currentTarget }) => setAsked(currentTarget.value as Asked)}>
          {QUESTIONS.map(([name, title]) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {asked === 'reach' ? <Reach {...props} /> : null}
      {asked === 'lint' ? <Lint {...props} /> : null}
      {asked === 'flow' || asked === 'all' ? <Diagnose key={asked} {...props} ofAll={asked === 'all'} /> : null}
    </>
  )
}

function Lint({ session, engine }: ViewProps) {
  const { value, fault } = useJob(engine, { kind: 'lint', session })
  if (fault !== '') return <p role="alert">{fault}</p>
  if (value === undefined) return <p class="quiet">On its way …</p>
  if (value.length === 0) return <p>Nothing was found.</p>
  return (
    <ul class="findings">
      {value.map((one) => (
        <Finding key={`${one.name} ${one.at} ${one.message}`} finding={one} />
      ))}
    </ul>
  )
}

function Finding({ finding: { name, severity, at, message, more } }: { readonly finding: Hurting }) {
  return (
    <li>
      <b class={{ error: 'bad', warning: 'open', info: '' }[severity]}>{severity}</b> {message}
      <details>
        <summary>
          {name}
          {at === '' ? '' : `, ${at}`}
        </summary>
        {more}
      </details>
    </li>
  )
}

function Diagnose({ session, engine, acts, ofAll }: ViewProps & { readonly ofAll: boolean }) {
  const { value, fault } = useJob(engine, { kind: 'diagnose', session, ofAll })
  if (fault !== '') return <p role="alert">{fault}</p>
  if (value === undefined) return <p class="quiet">On its way …</p>
  return <CausesShown causes={value} onTry={acts.type} />
}

interface CausesShownProps {
  readonly causes: Causes
  readonly onTry: (line: string) => void
}

function CausesShown({ causes: { summary, candidates }, onTry }: CausesShownProps) {
  return (
    <>
      <p class="about">{summary}</p>
      <ol class="findings">
        {candidates.map(({ title, likelihood, because, command, ifSo }) => (
          <li key={title}>
            <b>{likelihood}</b>: {title}
            <details>
              <summary>Why, and what decides it</summary>
              <p>{because}</p>
              {command === '' ? null : <Commands checks={[command]} onTry={onTry} />}
              {ifSo === '' ? null : <p>If so: {ifSo}</p>}
            </details>
          </li>
        ))}
      </ol>
    </>
  )
}
