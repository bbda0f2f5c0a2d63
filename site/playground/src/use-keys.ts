import { useEffect, useRef } from 'preact/hooks'
import { VIEWS, type View } from './view.ts'

/** What keys do. */
interface KeyActs {
  readonly show: (view: View) => void
  readonly back: () => void
  readonly forth: () => void
  readonly share: () => void
  readonly help: () => void
}

/** The keys, as the page explains them. */
export const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ['Alt+1 … Alt+8', 'Cluster, Picture, Steps, Text, Terminal, Compare, Ask, Time'],
  ['Alt+Z, Alt+Shift+Z', 'undo, redo: edits, commands, questions'],
  ['Alt+S', 'share'],
  ['Left, Right', 'in Steps: the step before, the next one; in tabs: the tab before, the next one'],
  ['Up, Down, Tab', 'in the terminal: earlier lines, complete a name; Esc leaves the terminal'],
  ['Ctrl+Enter', 'in the editor: trace at once'],
  ['?', 'these keys'],
]

/** Listens to keys, wherever the focus is; `?` only where nothing is typed. */
export function useKeys(acts: KeyActs): void {
  const now = useRef(acts)
  now.current = acts
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (act(event, now.current)) event.preventDefault()
    }
    window.addEventListener('keydown', listen, true)
    return () => window.removeEventListener('keydown', listen, true)
  }, [])
}

function act(event: KeyboardEvent, acts: KeyActs): boolean {
  const { altKey, ctrlKey, metaKey, shiftKey, code, key, target } = event
  const isTyping = target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')
  if (key === '?' && !isTyping) {
    acts.help()
    return true
  }
  if (!altKey || ctrlKey || metaKey) return false
  const view = VIEWS[Number(/^Digit(\d)$/.exec(code)?.[1] ?? 0) - 1]
  if (view !== undefined) acts.show(view.name)
  else if (code === 'KeyZ' && shiftKey) acts.forth()
  else if (code === 'KeyZ') acts.back()
  else if (code === 'KeyS') acts.share()
  else return false
  return true
}
