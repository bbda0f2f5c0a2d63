// Files that somebody gives the page. They are read here and go nowhere.
import { type DroppedFile, NO_SESSION, parseSession, type Session } from 'packetwalk/session'
import type { Engine } from './engine/engine.ts'

/** Files of an input or of a drag, folders opened. */
export function filesGiven(from: HTMLInputElement | DataTransfer): Promise<DroppedFile[]> {
  if (from instanceof HTMLInputElement) return Promise.all([...(from.files ?? [])].map((file) => read(file, file.name)))
  const entries = [...from.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  const files = [...from.files]
  if (entries.length === 0) return Promise.all(files.map((file) => read(file, file.name)))
  return Promise.all(entries.map(filesIn)).then((lists) => lists.flat())
}

async function read(file: File, name: string): Promise<DroppedFile> {
  return { name, bytes: new Uint8Array(await file.arrayBuffer()) }
}

async function filesIn(entry: FileSystemEntry): Promise<DroppedFile[]> {
  const name = entry.fullPath.replace(/^\//, '')
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    return [await read(file, name)]
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const found: DroppedFile[] = []
  // A reader gives some entries at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return found
    for (const one of some) found.push(...(await filesIn(one)))
  }
}

/** A session of files: one that was kept as a file, or a new one of objects and dumps. @throws WrongInput */
export async function dropped(engine: Engine, given: readonly DroppedFile[]): Promise<Session> {
  const [only] = given
  if (only !== undefined && given.length === 1) {
    const kept = keptSession(only)
    if (kept !== undefined) return kept
  }
  const { files, dumps, passedOver } = await engine.ask<'sort'>({ kind: 'sort', files: given }).result
  if (files.length > 0 || dumps.length > 0) return { ...NO_SESSION, title: only?.name ?? '', files, dumps }
  const what = passedOver.length > 0 ? passedOver.slice(0, 3).join(', ') : 'nothing'
  throw new Error(`Expected YAML, JSON, or dumps as packetwalk collect gathers them; received ${what}.`)
}

function keptSession({ name, bytes }: DroppedFile): Session | undefined {
  if (!/\.json$/i.test(name)) return undefined
  const text = new TextDecoder().decode(bytes)
  return /^\s*\{[^}]*"schema"\s*:\s*"packetwalk\.session\//.test(text) ? parseSession(text, name) : undefined
}

/** The session that `packetwalk playground -f …` serves beside the page. */
export async function localSession(): Promise<Session> {
  const answer = await fetch('./session.json')
  if (!answer.ok) throw new Error('packetwalk playground is not running any more: its session cannot be read.')
  return parseSession(await answer.text(), 'session.json')
}

/** Gives the user a file. */
export function download(name: string, content: Uint8Array | string, type: string): void {
  const url = URL.createObjectURL(new Blob([content as BlobPart], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
