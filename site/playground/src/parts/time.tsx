import { useState } from 'preact/hooks'
import type { Ends } from '../engine/protocol.ts'
import { useJob } from '../use-played.ts'
import { Drawing } from './picture.tsx'
import { Scrolled } from './scrolled.tsx'
import type { ViewProps } from './views.tsx'

/** A timeline to begin with: the routing daemon of a node stops, and comes back. */
function beginningOf({ nodes }: Ends, from: string, to: string): string {
  const node = (nodes.at(-1) ?? 'node/node01').replace(/^node\//, '')
  return `apiVersion: packetwalk/v1
kind: Timeline
metadata: {name: bird-stopped}
spec:
  until: 4m
  probes:
  - name: the question
    ping: {from: ${from}, to: ${to}}
    every: 500ms
  events:
  - at: 10s
    agent: {name: bird, node: ${node}, action: kill}
  - at: 3m
    agent: {name: bird, node: ${node}, action: start}
`
}

/** What happens to the cluster over time, and which packets meet the gap. */
export function TimePart({ session, outcome, engine, acts }: ViewProps) {
  // Of a link, what it shows is run at once.
  const [run, setRun] = useState(session.timeline ?? null)
  const { value, fault } = useJob(engine, run === null ? null : { kind: 'time', session, timeline: run })
  const { ends, question } = outcome.played ?? { ends: null, question: null }
  if (ends === null || question === null) return <p class="quiet">There is nothing to ask yet.</p>
  const text = session.timeline ?? beginningOf(ends, question.from, question.to)
  const keep = (timeline: string): void => acts.change({ ...session, timeline }, 'timeline')
  const runIt = (): void => {
    keep(text)
    setRun(text)
  }
  return (
    <>
      <p class="about">
        A timeline says what happens when, and which flows are asked meanwhile: every answer that is lost is told, with
        its cause. The cluster is that of the files; lines of the terminal are not typed here.
      </p>
      <textarea
        class="plain-text timeline"
        aria-label="Timeline, YAML"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => keep(currentTarget.value)}
        onKeyDown={(event) => event.key === 'Enter' && event.ctrlKey && runIt()}
      />
      <p class="take">
        <button type="button" onClick={runIt}>
          Run
        </button>
        {run === null || run === text ? null : <span class="quiet">Changed since it was run.</span>}
      </p>
      {fault === '' ? null : <p role="alert">{fault}</p>}
      {run !== null && value === undefined && fault === '' ? <p class="quiet">On its way …</p> : null}
      {value === undefined ? null : (
        <>
          <Drawing svg={value.svg} label="Picture of what happened" />
          <Scrolled class="text" label="What happened, as text">
            <pre>{value.text}</pre>
          </Scrolled>
        </>
      )}
    </>
  )
}
