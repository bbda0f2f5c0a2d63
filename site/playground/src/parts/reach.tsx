import { useState } from 'preact/hooks'
import { REACH_PAGE, type ReachAnswer, type ReachCount, type ReachPart, type ReachTable } from '../engine/protocol.ts'
import { useJob } from '../use-played.ts'
import { Scrolled } from './scrolled.tsx'
import type { ViewProps } from './views.tsx'

/** A table with fewer rows and columns is looked through as it is. */
const SMALL = 8

const SIGNS: Readonly<Record<ReachAnswer['verdict'], readonly [sign: string, tone: string]>> = {
  allowed: ['✓', 'good'],
  denied: ['✕', 'bad'],
  broken: ['⚡', 'bad'],
  partly: ['◐', 'open'],
  undecided: ['?', 'open'],
}

/** Who reaches whom: a part of the table at a time, all of it by names and pages. */
export function Reach({ session, engine, acts }: ViewProps) {
  const [part, setPart] = useState<ReachPart>({ from: '', to: '', row: 0, column: 0 })
  const { value, fault } = useJob(engine, { kind: 'reach', session, part })
  if (fault !== '') return <p role="alert">{fault}</p>
  if (value === undefined) return <p class="quiet">On its way …</p>
  const { sends, askers, targets, notes } = value
  return (
    <>
      <p class="about">
        Who asks stands at the left, who is asked on top; what is sent is <b>{sends}</b>, as the question above says. A
        sign traces that flow: ✓ answered, ✕ denied by policy, ⚡ broken, ◐ some of it, ? undecided.
      </p>
      {Math.max(askers.all, targets.all) <= SMALL ? null : (
        <div class="parts">
          <Side
            title="Who asks"
            count={askers}
            name={part.from}
            onName={(from) => setPart({ ...part, from, row: 0 })}
            onFirst={(row) => setPart({ ...part, row })}
          />
          <Side
            title="Who is asked"
            count={targets}
            name={part.to}
            onName={(to) => setPart({ ...part, to, column: 0 })}
            onFirst={(column) => setPart({ ...part, column })}
          />
        </div>
      )}
      <Matrix table={value} onTrace={(question) => acts.change({ ...session, question })} />
      {notes.map((note) => (
        <p key={note} class="quiet">
          {note}
        </p>
      ))}
    </>
  )
}

interface SideProps {
  readonly title: string
  readonly count: ReachCount
  readonly name: string
  readonly onName: (name: string) => void
  readonly onFirst: (first: number) => void
}

/** Which rows, or columns, are shown: by name, and by page. */
function Side({ title, count: { all, found, first }, name, onName, onFirst }: SideProps) {
  const last = Math.min(first + REACH_PAGE, found)
  const shown = found === 0 ? 'none' : found <= REACH_PAGE ? `${found}` : `${first + 1} to ${last} of ${found}`
  return (
    <fieldset class="side">
      <legend>{title}</legend>
      <label>
        <span class="sr">{title}: name</span>
        <input
          type="search"
          placeholder="Name has …"
          value={name}
          onInput={({ currentTarget }) => onName(currentTarget.value)}
        />
      </label>
      <p role="status">
        {shown}
        {found === all ? '' : `, of ${all} in all`}
      </p>
      {found <= REACH_PAGE ? null : (
        <span class="turn">
          <button
            type="button"
            disabled={first === 0}
            aria-label={`${title}: those before`}
            onClick={() => onFirst(first - REACH_PAGE)}
          >
            ←
          </button>
          <button
            type="button"
            disabled={last === found}
            aria-label={`${title}: the next`}
            onClick={() => onFirst(first + REACH_PAGE)}
          >
            →
          </button>
        </span>
      )}
    </fieldset>
  )
}

interface MatrixProps {
  readonly table: ReachTable
  readonly onTrace: (question: NonNullable<ReachAnswer['flow']>) => void
}

function Matrix({ table: { to, rows }, onTrace }: MatrixProps) {
  return (
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
  )
}

interface CellProps {
  readonly answer: ReachAnswer | null
  readonly ends: string
  readonly onTrace: MatrixProps['onTrace']
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
