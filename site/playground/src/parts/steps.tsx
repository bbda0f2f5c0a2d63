import type { PacketStep, StepFact, StepFrame, StepLookup, StepSaid, StepsView, StepWalk } from 'packetwalk/views'
import { useState } from 'preact/hooks'
import { useJob } from '../use-played.ts'
import { Scrolled } from './scrolled.tsx'
import type { ViewProps } from './views.tsx'

/** One hop at a time: headers open, bytes beside them, tables asked, chains walked, and the line of YAML behind each. */
export function Steps({ session, engine }: ViewProps) {
  const { value, fault } = useJob(engine, { kind: 'steps', session })
  if (fault !== '') return <p role="alert">{fault}</p>
  return value === undefined ? <p class="quiet">On its way …</p> : <Walk view={value} />
}

function Walk({ view }: { readonly view: StepsView }) {
  const [number, setNumber] = useState(0)
  const [hasAsides, setAsides] = useState(false)
  const steps = view.steps.filter((one) => hasAsides || !one.aside)
  const found = steps.findIndex((one) => one.number >= number)
  const at = found < 0 ? steps.length - 1 : found
  const step = steps[at]
  if (step === undefined) return <p class="quiet">No packet was sent.</p>
  const go = (by: number): void => {
    const next = steps[at + by]
    if (next !== undefined) setNumber(next.number)
  }
  const keys = (event: KeyboardEvent): void => {
    const { target, key } = event
    if (target instanceof HTMLElement && target.closest('.headers, input, select') !== null) return
    if (key === 'ArrowLeft') go(-1)
    else if (key === 'ArrowRight') go(1)
    else return
    event.preventDefault()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys for the buttons in it
    <div class="walk" onKeyDown={keys}>
      <div class="pace">
        <button type="button" onClick={() => go(-1)} disabled={at === 0}>
          ← Before
        </button>
        <label>
          <span class="sr">Step</span>
          <select value={String(step.number)} onChange={({ currentTarget }) => setNumber(Number(currentTarget.value))}>
            {steps.map((one, i) => (
              <option key={one.number} value={String(one.number)}>
                {i + 1}. {one.netns}: {one.title}
              </option>
            ))}
          </select>
        </label>
        <button type="button" onClick={() => go(1)} disabled={at === steps.length - 1}>
          Next →
        </button>
        <label class="check">
          <input
            type="checkbox"
            checked={hasAsides}
            onChange={({ currentTarget }) => setAsides(currentTarget.checked)}
          />
          <span>ARP and switches</span>
        </label>
      </div>
      <progress max={steps.length} value={at + 1} aria-label={`Step ${at + 1} of ${steps.length}`} />
      <StepPart key={step.number} step={step} />
    </div>
  )
}

function StepPart({ step }: { readonly step: PacketStep }) {
  const {
    netns,
    dev,
    title,
    reason,
    line,
    end,
    frame,
    decisions,
    others,
    lookups,
    walks,
    translations,
    connections,
    neighbour,
    part,
  } = step
  return (
    <article class={`step ${end?.bad === true ? 'bad' : ''}`} aria-live="polite">
      <h2>
        {netns}
        {dev === '' ? '' : ` · ${dev}`}: {title}
      </h2>
      {reason === '' ? null : <p>{reason}</p>}
      {line === '' ? null : (
        <p class="line">
          <span class="label">{part}</span> <code>{line}</code>
        </p>
      )}
      {frame === undefined ? null : <Frame frame={frame} />}
      <Said title="Decided" said={decisions} />
      {translations.map(({ side, from, to, reason: why, facts }) => (
        <section key={`${side} ${from}`}>
          <h3>Translated: {side}</h3>
          <p>
            <code>{from}</code> → <code>{to}</code>. {why}
          </p>
          <Facts facts={facts} />
        </section>
      ))}
      {lookups.map((one) => (
        <Lookup key={`${one.kind} ${one.destination} ${one.source} ${one.table}`} lookup={one} />
      ))}
      {neighbour === undefined ? null : (
        <section>
          <h3>Neighbour entry</h3>
          <p>
            <code>
              {neighbour.address} {neighbour.lladdr === '' ? '' : `lladdr ${neighbour.lladdr} `}
              {neighbour.state}
            </code>{' '}
            {neighbour.reason}
          </p>
          <Facts facts={neighbour.facts} />
        </section>
      )}
      {walks.map((one) => (
        <Walked key={`${one.hook} ${one.table}`} walk={one} />
      ))}
      {connections.map(({ state, isNew, original, reply }) => (
        <section key={original}>
          <h3>
            Connection: {state}
            {isNew ? ', made for this packet' : ''}
          </h3>
          <p>
            <code>{original}</code> <code>{reply}</code>
          </p>
        </section>
      ))}
      <Said title="Also" said={others} />
    </article>
  )
}

function Facts({ facts }: { readonly facts: readonly StepFact[] }) {
  if (facts.length === 0) return null
  return (
    <ul class="facts">
      {facts.map(({ text, from, source }) => (
        <li key={text}>
          <code>{text}</code>
          {from === undefined ? null : <span class="from"> {from}</span>}
          {source === undefined ? null : <pre class="source">{source}</pre>}
        </li>
      ))}
    </ul>
  )
}

function Said({ title, said }: { readonly title: string; readonly said: readonly StepSaid[] }) {
  if (said.length === 0) return null
  return (
    <section>
      <h3>{title}</h3>
      <ul>
        {said.map(({ text, bad, facts }) => (
          <li key={text} class={bad ? 'bad' : ''}>
            {bad ? '✕ ' : ''}
            {text}
            <Facts facts={facts} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Lookup({ lookup }: { readonly lookup: StepLookup }) {
  const { kind, destination, source, reason, candidates, facts, bad } = lookup
  const what = kind === 'reverse' ? 'Where an answer would go' : 'Routing table'
  return (
    <section>
      <h3>
        {what}
        {destination === '' ? '' : `: ${destination}`}
        {source === '' ? '' : ` from ${source}`}
      </h3>
      <p class={bad ? 'bad' : ''}>{reason}</p>
      {candidates.length === 0 ? null : (
        <table>
          <thead>
            <tr>
              <th scope="col">Route</th>
              <th scope="col">Table</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {candidates.map(({ text, table, won, why }) => (
              <tr key={`${table} ${text}`} class={won ? 'won' : ''}>
                <td>
                  {won ? '✓ ' : ''}
                  <code>{text}</code>
                </td>
                <td>{table}</td>
                <td>{why}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Facts facts={facts} />
    </section>
  )
}

function Walked({ walk }: { readonly walk: StepWalk }) {
  const { hook, table, tool, verdict, rules } = walk
  const matched = rules.filter((one) => one.matched)
  return (
    <details class="walked">
      <summary>
        {tool} {table}, {hook}
        {verdict === '' ? '' : `: ${verdict}`} ({rules.length} rules looked at, {matched.length} matched)
      </summary>
      <ol>
        {rules.map(({ chain, position, text, matched: isMatch, decision, facts }) => (
          <li key={`${chain} ${position}`} class={isMatch ? 'won' : ''}>
            {isMatch ? '✓ ' : ''}
            <code>{text}</code>
            {decision === undefined ? null : <p>{decision}</p>}
            {isMatch ? <Facts facts={facts} /> : null}
          </li>
        ))}
      </ol>
    </details>
  )
}

/** Bytes from and to, in the frame. */
interface Range {
  readonly start: number
  readonly length: number
}

/** The frame: headers and their fields, bytes beside; what is chosen in one is marked in the other. */
function Frame({ frame: { bytes, layers, changes } }: { readonly frame: StepFrame }) {
  const [chosen, setChosen] = useState<Range | null>(null)
  const is = (one: Range): boolean => chosen?.start === one.start && chosen.length === one.length
  const choose = (one: Range): void => setChosen(is(one) ? null : one)
  const octets = bytes.match(/../g) ?? []
  const fieldAt = (at: number): Range | undefined => {
    const fields = layers.flatMap((layer) => [...layer.fields, layer])
    return fields.find(({ start, length }) => at >= start && at < start + length)
  }
  return (
    <section class="frame">
      {changes.length === 0 ? null : <p class="changes">Changed: {changes.join(', ')}</p>}
      <div class="headers">
        {layers.map((layer) => (
          <details
            key={`${layer.protocol} ${layer.start}`}
            open={layer.protocol !== 'data'}
            class={`layer ${layer.change} ${colourOf(layer.protocol)}`}
            style={{ marginInlineStart: `${layer.depth}rem` }}
          >
            <summary>
              {layer.name} <span class="from">{layer.length} bytes</span>
              {layer.change === 'new' ? <span class="new"> new</span> : null}
            </summary>
            <ul class="fields">
              {layer.fields.map((field) => (
                <li key={`${field.name} ${field.start}.${field.bit}`}>
                  <button
                    type="button"
                    class={`plain field ${field.change}`}
                    aria-pressed={is(field)}
                    onClick={() => choose(field)}
                  >
                    <span class="name">{field.name}</span> {field.value}
                    {field.before === undefined ? null : <span class="from"> was {field.before}</span>}
                  </button>
                </li>
              ))}
            </ul>
          </details>
        ))}
      </div>
      <Scrolled class="hex" label="Bytes of the frame">
        {Array.from({ length: Math.ceil(octets.length / 16) }, (_, row) => row * 16).map((from) => (
          <div key={from} class="row">
            <span class="offset">{from.toString(16).padStart(4, '0')}</span>
            {octets.slice(from, from + 16).map((octet, i) => {
              const at = from + i
              const isIn = chosen !== null && at >= chosen.start && at < chosen.start + chosen.length
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: fields are buttons beside it, for keys
                // biome-ignore lint/a11y/noStaticElementInteractions: the same
                <span
                  key={at}
                  class={isIn ? 'octet in' : 'octet'}
                  onClick={() => choose(fieldAt(at) ?? { start: at, length: 1 })}
                >
                  {octet}
                </span>
              )
            })}
          </div>
        ))}
      </Scrolled>
    </section>
  )
}

/** Which layer a protocol belongs to, for its colour. */
function colourOf(protocol: string): string {
  if (/^(ethernet|vlan|arp)/.test(protocol)) return 'link'
  if (/^ip/.test(protocol)) return 'net'
  if (/^(vxlan|wireguard|gre)/.test(protocol)) return 'tunnel'
  return protocol === 'data' ? 'data' : 'transport'
}
