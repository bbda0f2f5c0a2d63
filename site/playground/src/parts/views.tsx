import type { Session } from 'packetwalk/session'
import { useEffect } from 'preact/hooks'
import type { Acts } from '../app.tsx'
import type { Engine } from '../engine/engine.ts'
import { useMedia } from '../use-media.ts'
import type { Outcome } from '../use-played.ts'
import { VIEWS, type View } from '../view.ts'
import { AskPart } from './ask.tsx'
import { Compare } from './compare.tsx'
import { Files } from './files.tsx'
import { lazy } from './lazy.tsx'
import { Picture } from './picture.tsx'
import { TextPart } from './text.tsx'
import { TimePart } from './time.tsx'

const Steps = lazy(async () => (await import('./steps.tsx')).Steps)
const Terminal = lazy(async () => (await import('./terminal.tsx')).Terminal)

/** Where files and result stand beside each other. */
const WIDE = '(min-width: 75rem)'

/** What a view is given. */
export interface ViewProps {
  readonly session: Session
  readonly against: Session
  readonly outcome: Outcome
  readonly engine: Engine
  readonly acts: Acts
  readonly onKeep: () => void
}

/** The views as tabs; where there is room, the cluster stands beside them. */
export function Views({ view, ...props }: ViewProps & { readonly view: View }) {
  const isWide = useMedia(WIDE)
  const shown = isWide && view === 'cluster' ? 'picture' : view
  const tabs = VIEWS.filter(({ name }) => !(isWide && name === 'cluster'))
  const move = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (by === 0) return
    const at = tabs.findIndex(({ name }) => name === shown)
    const next = tabs[(at + by + tabs.length) % tabs.length]
    if (next === undefined) return
    props.acts.show(next.name)
    document.getElementById(`tab-${next.name}`)?.focus()
  }
  useEffect(() => {
    // On a phone, not all tabs find room.
    document.getElementById(`tab-${shown}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [shown])
  useEffect(() => {
    // Alt+1 on a wide page leads to the files beside.
    if (isWide && view === 'cluster')
      document.querySelector<HTMLElement>('.files [role=tab], .files .cm-content')?.focus()
  }, [isWide, view])
  return (
    <div class="views">
      {isWide ? (
        <section class="beside" aria-label="Cluster">
          <Files {...props} />
        </section>
      ) : null}
      <section class="seen" aria-label="Views">
        <div role="tablist" aria-label="Views" class="tabs" onKeyDown={move}>
          {tabs.map(({ name, title }) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`tab-${name}`}
              aria-controls="panel"
              aria-selected={name === shown}
              tabIndex={name === shown ? 0 : -1}
              onClick={() => props.acts.show(name)}
            >
              {title}
            </button>
          ))}
        </div>
        <div role="tabpanel" id="panel" aria-labelledby={`tab-${shown}`} class="panel">
          <Shown view={shown} {...props} />
        </div>
      </section>
    </div>
  )
}

function Shown({ view, ...props }: ViewProps & { readonly view: View }) {
  switch (view) {
    case 'cluster':
      return <Files {...props} />
    case 'picture':
      return <Picture {...props} />
    case 'steps':
      return <Steps {...props} />
    case 'text':
      return <TextPart {...props} />
    case 'terminal':
      return <Terminal {...props} />
    case 'compare':
      return <Compare {...props} />
    case 'ask':
      return <AskPart {...props} />
    case 'time':
      return <TimePart {...props} />
  }
}
