import { useState } from 'preact/hooks'
import type { Causes, Hurting, ReachAnswer, ReachTable } from '../engine/protocol.ts'
import { useJob } from '../use-played.ts'
import { Commands } from './commands.tsx'
import { Scrolled } from './scrolled.tsx'
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

const SIGNS: Readonly<Record<ReachAnswer['verdict'], readonly [sign: string, tone: string]>> = {
  allowed: ['✓', 'good'],
  denied: ['✕', 'bad'],
  broken: ['⚡', 'bad'],
  partly: ['◐', 'open'],
  undecided: ['?', 'open'],
}

function Reach({ session, engine, acts }: ViewProps) {
  const { value, fault } = useJob(engine, { kind: 'reach', session })
  if (fault !== '') return <p role="alert">{fault}</p>
  if (value === undefined) return <p class="quiet">On its way …</p>
  return <ReachShown table={value} onTrace={(question) => acts.change({ ...session, question })} />
}

interface ReachShownProps {
  readonly table: ReachTable
  readonly onTrace: (question: NonNullable<ReachAnswer['flow']>) => void
}

function ReachShown({ table: { sends, to, rows, notes, left }, onTrace }: ReachShownProps) {
  return (
    <>
      <p class="about">
        Who asks stands at the left, who is asked on top; what is sent is <b>{sends}</b>, as the question above says. A
        sign traces that flow: ✓ answered, ✕ denied by policy, ⚡ broken, ◐ some of it, ? undecided.
      </p>
      <Scrolled class="matrix" label="Who reaches whom">
        <table>
          <thead>
            <tr>
              <td />
              {to.map(({ label, members }) => (
                <th key={label} scope="col" title={members.join(', ')}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ from, answers }) => (
              <tr key={from.label}>
                <th scope="row" title={from.members.join(', ')}>
                  {from.label}
                </th>
                {answers.map((answer, i) => (
                  <td key={to[i]?.label}>
                    <Cell answer={answer} ends={`${from.label} to ${to[i]?.label}`} onTrace={onTrace} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolled>
      {left === 0 ? null : <p class="quiet">{left} more rows and columns: `packetwalk reach` has them all.</p>}
      {notes.map((note) => (
        <p key={note} class="quiet">
          {note}
        </p>
      ))}
    </>
  )
}

interface CellProps {
  readonly answer: ReachAnswer | null
  readonly ends: string
  readonly onTrace: ReachShownProps['onTrace']
}

function Cell({ answer, ends, onTrace }: CellProps) {
  if (answer === null) return null
  const { verdict, why, flow } = answer
  const [sign, tone] = SIGNS[verdict]
  const said = `${ends}: ${verdict}${why === '' ? '' : `, ${why}`}`
  if (flow === null)
    return (
      <span class={`cell ${tone}`} role="img" aria-label={said} title={said}>
        {sign}
      </span>
    )
  return (
    <button type="button" class={`cell ${tone}`} aria-label={said} title={said} onClick={() => onTrace(flow)}>
      {sign}
    </button>
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
