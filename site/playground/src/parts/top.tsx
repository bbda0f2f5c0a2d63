import type { Session } from 'packetwalk/session'
import { scenes } from '../scenes.ts'

/** What the top of the page does. */
interface TopProps {
  readonly session: Session
  readonly canUndo: boolean
  readonly canRedo: boolean
  readonly onUndo: () => void
  readonly onRedo: () => void
  readonly onScene: (session: Session) => void
  readonly onFiles: () => void
  readonly onShare: () => void
  readonly onKeys: () => void
}

/** Name, scenes, undo, files, share. */
export function Top({ session, canUndo, canRedo, onUndo, onRedo, onScene, onFiles, onShare, onKeys }: TopProps) {
  const scene = scenes.find(({ title }) => title === session.title)
  return (
    <header class="top">
      <h1>packetwalk</h1>
      <label class="scene">
        <span class="label">Scene</span>
        <select
          value={scene?.name ?? ''}
          onChange={({ currentTarget }) => {
            const chosen = scenes.find(({ name }) => name === currentTarget.value)
            if (chosen !== undefined) onScene(chosen.session)
          }}
        >
          {scene === undefined ? <option value="">{session.title === '' ? 'Your own' : session.title}</option> : null}
          {scenes.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <nav class="acts" aria-label="Session">
        <button type="button" onClick={onUndo} disabled={!canUndo} title="Undo (Alt+Z)" aria-label="Undo">
          ↶
        </button>
        <button type="button" onClick={onRedo} disabled={!canRedo} title="Redo (Alt+Shift+Z)" aria-label="Redo">
          ↷
        </button>
        <button type="button" onClick={onFiles} title="Your own YAML, dumps or session; or drop them on the page">
          Open
        </button>
        <button type="button" onClick={onShare} title="Alt+S">
          Share
        </button>
        <button type="button" onClick={onKeys} aria-label="Keys" title="Keys (?)">
          ?
        </button>
      </nav>
    </header>
  )
}
