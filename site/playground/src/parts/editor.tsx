import { yaml } from '@codemirror/lang-yaml'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint'
import { EditorState, type Text } from '@codemirror/state'
import { keymap } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { basicSetup, EditorView } from 'codemirror'
import type { Issue } from 'packetwalk'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** Typing rests for so long before the run follows, in milliseconds. */
const REST = 350

/** Keys, values and comments look different, in light and dark; comments lean as well. */
const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--comment)', fontStyle: 'italic' },
  { tag: [tags.string, tags.number, tags.bool, tags.literal], color: 'var(--value)' },
  { tag: [tags.meta, tags.keyword, tags.separator, tags.punctuation], color: 'var(--quiet)' },
])

interface EditorProps {
  readonly name: string
  readonly text: string
  readonly issues: readonly Issue[]
  readonly onText: (text: string) => void
}

/** A text of objects, with what is wrong at its line. */
export function Editor({ name, text, issues, onText }: EditorProps) {
  const place = useRef<HTMLDivElement>(null)
  const editor = useRef<EditorView | null>(null)
  const tell = useRef(onText)
  tell.current = onText

  // One editor a file; later texts come below. All at once with the rest of the page: what stands around the text is
  // never of another text, and who types right after a press types into what the press made.
  useLayoutEffect(() => {
    let rest: ReturnType<typeof setTimeout> | undefined
    const view = new EditorView({
      parent: place.current as HTMLElement,
      state: EditorState.create({
        doc: text,
        extensions: [
          keymap.of([{ key: 'Mod-Enter', run: ({ state }) => told(state) }]),
          basicSetup,
          yaml(),
          syntaxHighlighting(COLOURS),
          lintGutter(),
          EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': `${name}, YAML` }),
          EditorView.updateListener.of(({ docChanged, state, transactions }) => {
            // What comes from outside is known there.
            if (!docChanged || transactions.some((one) => one.isUserEvent('outside'))) return
            clearTimeout(rest)
            rest = setTimeout(() => told(state), REST)
          }),
        ],
      }),
    })
    function told(state: EditorState): true {
      clearTimeout(rest)
      rest = undefined
      tell.current(state.doc.toString())
      return true
    }
    editor.current = view
    return () => {
      if (rest !== undefined) told(view.state)
      view.destroy()
    }
  }, [name])

  useLayoutEffect(() => {
    const view = editor.current
    if (view === null || view.state.doc.toString() === text) return
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, userEvent: 'outside' })
  }, [text])

  useLayoutEffect(() => {
    const view = editor.current
    if (view !== null)
      view.dispatch(
        setDiagnostics(
          view.state,
          issues.map((issue) => diagnosticOf(view.state.doc, issue)),
        ),
      )
  }, [issues])

  return <div class="editor" ref={place} />
}

/** A fault at its line; one without a line at the first. */
function diagnosticOf(doc: Text, { line = 1, path, expected, received }: Issue): Diagnostic {
  const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines))
  const field = path.length === 0 ? '' : `${path.join('.')}: `
  return { from, to, severity: 'error', message: `${field}expected ${expected}, received ${received}` }
}
