import type { Session, SessionFile } from 'packetwalk/session'
import { useState } from 'preact/hooks'
import { scenes } from '../scenes.ts'
import { lazy } from './lazy.tsx'
import type { ViewProps } from './views.tsx'

const Editor = lazy(async () => (await import('./editor.tsx')).Editor)

/** A name that no file has. */
function freeName(files: readonly SessionFile[]): string {
  const names = new Set(files.map(({ name }) => name))
  let n = 1
  while (names.has(`more-${n}.yaml`)) n += 1
  return `more-${n}.yaml`
}

/** The files of the session as tabs, and the one that is edited. */
export function Files({ session, outcome, acts }: ViewProps) {
  const [chosen, setChosen] = useState('')
  const { files, dumps, commands } = session
  const file = files.find(({ name }) => name === chosen) ?? files[0]
  const wrong = new Set(outcome.issues.map((issue) => issue.file))
  const write = (text: string): void => {
    if (file === undefined) return
    acts.change(withText(session, file.name, text), `edit ${file.name}`)
  }
  const add = (): void => {
    const name = freeName(files)
    acts.change({ ...session, files: [...files, { name, text: '' }] })
    setChosen(name)
  }
  const remove = (): void => acts.change({ ...session, files: files.filter((one) => one !== file) })
  const scene = scenes.find(({ title }) => title === session.title)
  return (
    <div class="files">
      {scene === undefined ? null : <p class="about">{scene.summary}</p>}
      <div class="tabs" role="tablist" aria-label="Files">
        {files.map(({ name }) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={name === file?.name}
            aria-controls="file"
            class={wrong.has(name) ? 'wrong' : ''}
            onClick={() => setChosen(name)}
          >
            {name}
            {wrong.has(name) ? <span class="sign"> ✕</span> : null}
          </button>
        ))}
      </div>
      <div id="file" role="tabpanel" aria-label={file?.name ?? 'No file'} class="file">
        {file === undefined ? (
          <p class="quiet">No file of objects. Drop some on the page, or add one.</p>
        ) : (
          <Editor
            key={file.name}
            name={file.name}
            text={file.text}
            issues={outcome.issues.filter((issue) => issue.file === file.name)}
            onText={write}
            meanwhile={
              <textarea
                class="plain-text"
                aria-label={file.name}
                spellcheck={false}
                value={file.text}
                onChange={({ currentTarget }) => write(currentTarget.value)}
              />
            }
          />
        )}
      </div>
      <p class="take">
        <button type="button" onClick={add}>
          Add a file
        </button>
        {files.length > 1 ? (
          <button type="button" onClick={remove}>
            Remove {file?.name}
          </button>
        ) : null}
      </p>
      {dumps.length === 0 ? null : (
        <p class="quiet">
          {dumps.length === 1 ? 'One file' : `${dumps.length} files`} of dumps:{' '}
          {dumps
            .slice(0, 3)
            .map(({ name }) => name)
            .join(', ')}
          {dumps.length > 3 ? ', …' : ''}
        </p>
      )}
      {commands.length === 0 ? null : (
        <p class="quiet">
          {commands.length === 1 ? 'One command was' : `${commands.length} commands were`} typed after it was loaded;
          see Terminal.
        </p>
      )}
      {(outcome.played?.notes.length ?? 0) === 0 ? null : (
        <details class="notes">
          <summary>What was assumed or passed over while reading</summary>
          <ul>
            {outcome.played?.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

function withText(session: Session, name: string, text: string): Session {
  return { ...session, files: session.files.map((one) => (one.name === name ? { name, text } : one)) }
}
