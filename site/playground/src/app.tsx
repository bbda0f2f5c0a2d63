import type { Session } from 'packetwalk/session'
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { fragmentOf } from './address.ts'
import type { Begun } from './begin.ts'
import { Engine } from './engine/engine.ts'
import { begun, changed, type History, redone, undone } from './history.ts'
import { dropped, filesGiven, localSession } from './loading.ts'
import { keepForOffline } from './offline.ts'
import { Embedded } from './parts/embedded.tsx'
import { Faults } from './parts/faults.tsx'
import { KeysDialog } from './parts/keys.tsx'
import { QuestionForm } from './parts/question.tsx'
import { ShareDialog } from './parts/share.tsx'
import { Top } from './parts/top.tsx'
import { Try } from './parts/try.tsx'
import { Verdict } from './parts/verdict.tsx'
import { Views } from './parts/views.tsx'
import { scenes } from './scenes.ts'
import { useKeys } from './use-keys.ts'
import { useAsked, usePlayed } from './use-played.ts'
import { useRoom } from './use-room.ts'
import type { View } from './view.ts'

/** What a part of the page may do. */
export interface Acts {
  /** Makes another session of this one. */
  readonly change: (session: Session, about?: string) => void
  /** Begins with another: what is compared begins anew, too. */
  readonly open: (session: Session) => void
  /** Looks at something. */
  readonly show: (view: View) => void
  /** Types a line in the terminal, and looks at what comes. */
  readonly type: (line: string) => void
}

/** The page. */
export function App({ session: linked, isLocal, view: wanted, isEmbedded, fault: linkFault }: Begun) {
  const start = linked ?? scenes[0]!.session
  const [isBusy, setBusy] = useState(false)
  const engine = useMemo(() => new Engine(setBusy), [])
  const [history, setHistory] = useState<History>(() => begun(start))
  const [against, setAgainst] = useState(start)
  const [view, setView] = useState<View>(wanted ?? 'picture')
  const [dialog, setDialog] = useState<'share' | 'keys' | null>(null)
  const [said, setSaid] = useState(linkFault)
  const session = history.now
  const outcome = usePlayed(engine, useAsked(session), useRoom())

  // The command serves its own copy, which is there or is not.
  const isRunning = outcome.by === 'engine' && outcome.played !== null
  useEffect(() => {
    if (isRunning && !isLocal) keepForOffline()
  }, [isRunning, isLocal])

  const change = useCallback((next: Session, about = '') => setHistory((now) => changed(now, next, about)), [])
  const open = useCallback((next: Session) => {
    setHistory((now) => changed(now, next))
    setAgainst(next)
    setSaid('')
  }, [])
  const type = useCallback((line: string) => {
    setHistory((before) => changed(before, { ...before.now, commands: [...before.now.commands, line] }))
    setView('terminal')
  }, [])
  const acts = useMemo<Acts>(() => ({ change, open, show: setView, type }), [change, open, type])

  useEffect(() => {
    if (isLocal) localSession().then(open, (error: Error) => setSaid(error.message))
  }, [isLocal, open])

  // The address is the link to what is seen, as far as it fits. What the command gave stays behind its name.
  useEffect(() => {
    if (!isLocal) window.history.replaceState(null, '', fragmentOf(session, view) ?? `#view=${view}`)
  }, [session, view, isLocal])

  const take = useCallback(
    async (given: ReturnType<typeof filesGiven>) => {
      try {
        open(await dropped(engine, await given))
      } catch (error) {
        setSaid(error instanceof Error ? error.message : String(error))
      }
    },
    [engine, open],
  )

  const file = useRef<HTMLInputElement>(null)
  const back = useCallback(() => setHistory(undone), [])
  const forth = useCallback(() => setHistory(redone), [])
  useKeys({ show: setView, back, forth, share: () => setDialog('share'), help: () => setDialog('keys') })

  if (isEmbedded) return <Embedded session={session} outcome={outcome} engine={engine} acts={acts} />
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: files may be dropped anywhere; Open does the same for keys
    <div
      class="page"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        if (event.dataTransfer !== null) void take(filesGiven(event.dataTransfer))
      }}
    >
      <a class="skip" href="#main">
        Skip to the result
      </a>
      <Top
        session={session}
        canUndo={history.past.length > 0}
        canRedo={history.future.length > 0}
        onUndo={back}
        onRedo={forth}
        onScene={open}
        onFiles={() => file.current?.click()}
        onShare={() => setDialog('share')}
        onKeys={() => setDialog('keys')}
      />
      <input
        ref={file}
        class="hidden"
        type="file"
        multiple
        aria-label="Open files: YAML, JSON, dumps, a session"
        tabIndex={-1}
        onChange={({ currentTarget }) => {
          void take(filesGiven(currentTarget))
          currentTarget.value = ''
        }}
      />
      <QuestionForm session={session} outcome={outcome} acts={acts} />
      <main id="main" tabIndex={-1}>
        {said === '' ? null : (
          <p class="said" role="alert">
            {said}{' '}
            <button type="button" class="plain" onClick={() => setSaid('')}>
              Dismiss
            </button>
          </p>
        )}
        <Faults outcome={outcome} />
        <Verdict outcome={outcome} isBusy={isBusy} onStop={() => engine.stop()} onTry={acts.type} />
        <Try session={session} outcome={outcome} onChange={change} />
        <Views
          view={view}
          session={session}
          against={against}
          outcome={outcome}
          engine={engine}
          acts={acts}
          onKeep={() => setAgainst(session)}
        />
      </main>
      {dialog === 'share' ? <ShareDialog session={session} view={view} onClose={() => setDialog(null)} /> : null}
      {dialog === 'keys' ? <KeysDialog onClose={() => setDialog(null)} /> : null}
    </div>
  )
}
