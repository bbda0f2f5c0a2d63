import type { Question, Session } from 'packetwalk/session'
import type { ComponentChildren, InputHTMLAttributes } from 'preact'
import { useId, useState } from 'preact/hooks'
import type { Acts } from '../app.tsx'
import type { Ends } from '../engine/protocol.ts'
import type { Outcome } from '../use-played.ts'

/** Ends that a list shows; of more, names are typed. */
const MOST_LISTED = 300
const OTHER = '…'
const NO_ENDS: Ends = { pods: [], nodes: [], services: [] }

interface TypedProps {
  /** Above the field; absent where `field` names it. */
  readonly label?: string
  readonly children?: ComponentChildren
  readonly value: string
  readonly onDone: (text: string) => void
  /** What else the field has. */
  readonly field: InputHTMLAttributes<HTMLInputElement>
}

/** A field that is asked when it is left or Enter is pressed: what is being typed stays, whatever the engine answers meanwhile. */
function Typed({ label, children, value, onDone, field }: TypedProps) {
  const [draft, setDraft] = useState<string | undefined>(undefined)
  const id = useId()
  const input = (
    <input
      {...field}
      id={id}
      value={draft ?? value}
      onInput={({ currentTarget }) => setDraft(currentTarget.value)}
      onChange={({ currentTarget }) => {
        setDraft(undefined)
        onDone(currentTarget.value.trim())
      }}
    />
  )
  if (label === undefined) return input
  return (
    <label for={id}>
      <span class="label">{label}</span>
      {input}
      {children}
    </label>
  )
}

interface EndProps {
  readonly label: string
  readonly value: string
  readonly ends: Ends
  readonly hasServices: boolean
  readonly onChoose: (name: string) => void
}

/** One end: chosen from what there is, or typed. */
function End({ label, value, ends, hasServices, onChoose }: EndProps) {
  const services = hasServices ? ends.services.map(({ name }) => name) : []
  const outside = hasServices ? ['internet'] : []
  const groups = [
    { title: 'Pods', names: ends.pods.slice(0, MOST_LISTED) },
    { title: 'Services', names: services.slice(0, MOST_LISTED) },
    { title: 'Nodes', names: ends.nodes.slice(0, MOST_LISTED) },
    { title: 'Outside', names: outside },
  ].filter(({ names }) => names.length > 0)
  const isListed = groups.some(({ names }) => names.includes(value))
  const [isTyped, setTyped] = useState(false)
  const typed = isTyped || !(isListed || value === '')
  return (
    <div class="end">
      <label>
        <span class="label">{label}</span>
        <select
          value={typed ? OTHER : value}
          onChange={({ currentTarget }) => {
            setTyped(currentTarget.value === OTHER)
            if (currentTarget.value !== OTHER) onChoose(currentTarget.value)
          }}
        >
          {groups.map(({ title, names }) => (
            <optgroup key={title} label={title}>
              {names.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </optgroup>
          ))}
          <option value={OTHER}>Address or name …</option>
        </select>
      </label>
      {typed ? (
        <Typed
          value={value}
          onDone={(name) => name !== '' && onChoose(name)}
          field={{
            'aria-label': `${label}: address or name`,
            placeholder: '192.0.2.7, deploy/web',
            spellcheck: false,
            autocapitalize: 'off',
          }}
        />
      ) : null}
    </div>
  )
}

interface QuestionProps {
  readonly session: Session
  readonly outcome: Outcome
  readonly acts: Acts
}

/** Who asks whom, and what. */
export function QuestionForm({ session, outcome, acts }: QuestionProps) {
  const { played } = outcome
  const ends = played?.ends ?? NO_ENDS
  const question = session.question ?? played?.question ?? { from: '', to: '', protocol: 'ping' as const }
  const ask = (next: Question): void => acts.change({ ...session, question: next })
  const service = ends.services.find(({ name }) => name === question.to)

  const to = (name: string): void => {
    const [first] = ends.services.find((one) => one.name === name)?.ports ?? []
    ask(
      first === undefined
        ? { ...question, to: name }
        : { ...question, to: name, protocol: first.protocol, port: first.port },
    )
  }
  const protocol = (name: string): void => {
    const { port: _, ...rest } = question
    if (name === 'tcp' || name === 'udp')
      ask({ ...rest, protocol: name, port: question.port ?? (name === 'tcp' ? 80 : 53) })
    else ask({ ...rest, protocol: 'ping' })
  }
  const port = (text: string): void => {
    if (text !== '') ask({ ...question, port: /^\d+$/.test(text) ? Math.min(Math.max(Number(text), 1), 65_535) : text })
  }
  const size = (text: string): void => {
    const { size: _, ...rest } = question
    ask(text === '' ? rest : { ...rest, size: Math.min(Math.max(Math.round(Number(text)), 0), 65_000) })
  }
  const dontFragment = (isSet: boolean): void => {
    const { dontFragment: _, ...rest } = question
    ask(isSet ? { ...rest, dontFragment: true } : rest)
  }
  return (
    <form class="question" aria-label="What is sent" onSubmit={(event) => event.preventDefault()}>
      <End
        label="From"
        value={question.from}
        ends={ends}
        hasServices={false}
        onChoose={(from) => ask({ ...question, from })}
      />
      <End label="To" value={question.to} ends={ends} hasServices onChoose={to} />
      <div class="kind">
        <label>
          <span class="label">Send</span>
          <select value={question.protocol} onChange={({ currentTarget }) => protocol(currentTarget.value)}>
            <option value="ping">ping</option>
            <option value="tcp">TCP</option>
            <option value="udp">UDP</option>
          </select>
        </label>
        {question.protocol === 'ping' ? null : (
          <Typed
            label="Port"
            value={String(question.port ?? '')}
            onDone={port}
            field={{ class: 'short', list: 'ports', autocapitalize: 'off' }}
          >
            <datalist id="ports">
              {(service?.ports ?? []).map((one) => (
                <option key={`${one.port}/${one.protocol}`} value={String(one.port)} />
              ))}
            </datalist>
          </Typed>
        )}
        <Typed
          label="Bytes"
          value={question.size === undefined ? '' : String(question.size)}
          onDone={size}
          field={{ class: 'short', type: 'number', min: 0, max: 65_000, placeholder: 'usual' }}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={question.dontFragment === true}
            onChange={({ currentTarget }) => dontFragment(currentTarget.checked)}
          />
          <span title="Never cut into fragments">DF</span>
        </label>
      </div>
    </form>
  )
}
