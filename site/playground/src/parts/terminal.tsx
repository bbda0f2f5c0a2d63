import { FitAddon } from '@xterm/addon-fit'
import { Terminal as Xterm } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { useEffect, useRef } from 'preact/hooks'
import type { TypedLine } from '../engine/protocol.ts'
import { download } from '../loading.ts'
import { LineEditor } from './line-editor.ts'
import type { ViewProps } from './views.tsx'

const DARK = { background: '#11151d', foreground: '#e6e9f0', cursor: '#7eb0ff', selectionBackground: '#2f4a78' }
const LIGHT = { background: '#ffffff', foreground: '#1d2433', cursor: '#1f5fbf', selectionBackground: '#bcd4f7' }

/** The shell: a session on the nodes, in the lab of the question. What is typed is part of the session. */
export function Terminal({ session, outcome, engine, acts }: ViewProps) {
  const place = useRef<HTMLDivElement>(null)
  const screen = useRef<Screen | null>(null)
  const now = useRef({ session, acts })
  now.current = { session, acts }
  const played = outcome.isCurrent && outcome.by === 'engine' ? outcome.played : null

  useEffect(() => {
    const made = new Screen(place.current as HTMLElement, {
      type: (line) => {
        const { session: before, acts: act } = now.current
        act.change({ ...before, commands: [...before.commands, line] })
      },
      complete: (line) => engine.ask<'complete'>({ kind: 'complete', session: now.current.session, line }).result,
      isUnfinished: (text) =>
        engine.ask<'unfinished'>({ kind: 'unfinished', session: now.current.session, text }).result,
    })
    screen.current = made
    return () => made.close()
  }, [engine])

  useEffect(() => {
    if (played !== null) screen.current?.show(played.typed, played.prompt)
  }, [played])

  const files = played?.typed.flatMap((one) => one.files) ?? []
  return (
    <>
      <p class="quiet" id="terminal-help">
        The shell of a node: ip route, ping, kubectl, calicoctl, tcpdump, iptables-save; help lists all. What you
        change, the question above meets. Esc leaves the terminal.
      </p>
      <div class="shell" ref={place} />
      {files.length === 0 ? null : (
        <p class="take">
          {files.map(({ name, bytes }) => (
            <button
              key={name}
              type="button"
              onClick={() => download(name.split('/').at(-1) ?? name, bytes, 'application/octet-stream')}
            >
              Download {name}
            </button>
          ))}
        </p>
      )}
    </>
  )
}

/** The terminal and what stands in it. */
class Screen {
  private readonly terminal: Xterm
  private readonly editor: LineEditor
  private readonly resized: ResizeObserver
  private shown: readonly TypedLine[] = []
  private prompt = ''

  constructor(place: HTMLElement, acts: ConstructorParameters<typeof LineEditor>[1]) {
    const dark = window.matchMedia('(prefers-color-scheme: dark)').matches
    this.terminal = new Xterm({
      convertEol: true,
      cursorBlink: true,
      screenReaderMode: true,
      fontFamily: 'ui-monospace, Menlo, Consolas, monospace',
      fontSize: 13,
      scrollback: 5000,
      minimumContrastRatio: 4.5,
      theme: dark ? DARK : LIGHT,
    })
    const fit = new FitAddon()
    this.terminal.loadAddon(fit)
    this.terminal.open(place)
    fit.fit()
    this.resized = new ResizeObserver(() => fit.fit())
    this.resized.observe(place)
    this.editor = new LineEditor((text) => this.terminal.write(text), acts)
    this.terminal.onData((data) => void this.editor.take(data))
    this.terminal.attachCustomKeyEventHandler((event) => {
      if (event.altKey && /^(Digit|Key[ZS])/.test(event.code)) return false
      if (event.key !== 'Escape' || event.type !== 'keydown') return true
      this.terminal.blur()
      document.getElementById('tab-terminal')?.focus()
      return false
    })
    this.terminal.textarea?.setAttribute('aria-describedby', 'terminal-help')
    this.terminal.focus()
  }

  /** Shows what was typed; what stands there already is not written again. */
  show(typed: readonly TypedLine[], prompt: string): void {
    const isMore =
      this.prompt !== '' && this.shown.every((one, i) => isSame(one, typed[i])) && typed.length >= this.shown.length
    if (isMore && typed.length === this.shown.length && prompt === this.prompt) return
    if (!isMore) this.terminal.reset()
    const fresh = isMore ? typed.slice(this.shown.length) : typed
    const isOwn = isMore && fresh.length === 1 && this.editor.isWaiting
    for (const { prompt: before, line, output } of fresh) {
      this.terminal.write(isOwn ? '' : `${isMore ? '\r\x1b[K' : ''}${before}${line}\n`)
      this.terminal.write(output === '' || output.endsWith('\n') ? output : `${output}\n`)
    }
    this.shown = typed
    this.prompt = prompt
    this.editor.begin(
      prompt,
      typed.map(({ line }) => line),
    )
  }

  close(): void {
    this.resized.disconnect()
    this.terminal.dispose()
  }
}

function isSame(a: TypedLine, b: TypedLine | undefined): boolean {
  return b !== undefined && a.prompt === b.prompt && a.line === b.line && a.output === b.output
}
