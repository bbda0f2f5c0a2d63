import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { isDump } from '../dumps/index.ts'
import { isArchive, readArchive } from '../input/index.ts'
import { InputError } from '../model/index.ts'

/** What one file may hold, and all files of a run together, in bytes: far more than any cluster's objects or dumps. */
const MOST_FILE = 256 * 1024 * 1024
const MOST_TOGETHER = 1024 * 1024 * 1024

/** Files this run has read, as `DEVICE:INODE`: nothing is written over them. */
const read = new Set<string>()
let together = 0

/** Whether a file was read by this run, under whatever name. */
export function wasRead({ dev, ino }: { readonly dev: number; readonly ino: number }): boolean {
  return read.has(`${dev}:${ino}`)
}

export function refuse(file: string, expected: string, received: string): InputError {
  return new InputError([{ kind: 'invalid', file, path: [], expected, received }])
}

/** A file that is open. */
export interface OpenFile {
  /** Its descriptor. */
  readonly fd: number
  /** Its length; undefined for a pipe or a device. */
  readonly size: number | undefined
}

/** Opens a file; `-` is standard input. */
export function openFile(path: string): OpenFile {
  const fd = path === '-' ? 0 : openSync(path, 'r')
  const stat = fstatSync(fd)
  if (!stat.isFile()) return { fd, size: undefined }
  read.add(`${stat.dev}:${stat.ino}`)
  return { fd, size: stat.size }
}

/** The bytes of a file, or of a pipe up to its end; `-` is standard input. */
export function readBytes(path: string): Uint8Array {
  const { fd, size } = openFile(path)
  try {
    if (size !== undefined && size > MOST_FILE) throw refuse(path, `at most ${MOST_FILE} bytes`, `${size} bytes`)
    const bytes = drain(path, fd, size ?? 0)
    together += bytes.length
    if (together > MOST_TOGETHER) throw refuse(path, `at most ${MOST_TOGETHER} bytes in all files`, 'more')
    return bytes
  } catch (error) {
    throw named(error, path)
  } finally {
    if (fd !== 0) closeSync(fd)
  }
}

/** A system error of a descriptor knows no name. */
export function named(error: unknown, path: string): unknown {
  if (error instanceof Error && 'syscall' in error && !('path' in error))
    Object.assign(error, { path: path === '-' ? 'standard input' : path })
  return error
}

const CHUNK = 1 << 16
const PAUSE = new Int32Array(new SharedArrayBuffer(4))

/** Reads to the end. Of a pipe that does not block (its writer shares it so) there may be nothing yet: wait and ask again. */
function drain(path: string, fd: number, size: number): Uint8Array {
  const chunks: Uint8Array[] = []
  let total = 0
  for (;;) {
    const chunk = Buffer.allocUnsafe(total === 0 && size > 0 ? size + 1 : CHUNK)
    const length = readSome(fd, chunk)
    if (length === 0) return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks)
    total += length
    if (total > MOST_FILE) throw refuse(path, `at most ${MOST_FILE} bytes`, 'more')
    chunks.push(chunk.subarray(0, length))
  }
}

/** Reads what there is, from an index of a file, or what comes next; 0 at the end. */
export function readSome(fd: number, chunk: Uint8Array, position: number | null = null): number {
  for (;;) {
    try {
      return readSync(fd, chunk, 0, chunk.length, position)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'EOF') return 0 // a closed pipe of Windows
      if (code !== 'EAGAIN') throw error
      Atomics.wait(PAUSE, 0, 0, 10)
    }
  }
}

/** Regular files of a folder and the folders in it, by their path inside, in the order of names; the rest is named. */
export function filesIn(folder: string, skipped: (line: string) => void, below = ''): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) return filesIn(folder, skipped, path)
      const stat = statSync(join(folder, path), { throwIfNoEntry: false })
      if (stat?.isFile()) return [path]
      if (stat?.isDirectory()) return [] // a link to a folder may lead back here
      skipped(`${join(folder, path)} is not read: ${stat === undefined ? 'a link to nothing' : 'not a regular file'}`)
      return []
    })
}

/** All files of a folder by their path in it. */
export function readFolder(folder: string, skipped: (line: string) => void = () => {}): Map<string, Uint8Array> {
  return new Map(filesIn(folder, skipped).map((path) => [path, readBytes(join(folder, path))]))
}

/**
 * Reads the files of `--dump`: a folder of folders, one a machine; the folder of one machine; or an archive of such folders.
 * The path of each begins with the name of what was given, so that it can name the machine; `NAME=PATH` says it outright.
 */
export function readDumps(paths: readonly string[], skipped: (line: string) => void): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const word of paths) {
    const { machine, path } = namedDump(word)
    if (machine !== undefined) {
      for (const [inside, bytes] of filesOfMachine(path, skipped)) files.set(`${machine}/${inside}`, bytes)
      continue
    }
    const name = basename(resolve(path))
    if (path === '-' || !statSync(path).isDirectory()) files.set(path === '-' ? 'stdin' : name, readBytes(path))
    else for (const [inside, bytes] of readFolder(path, skipped)) files.set(`${name}/${inside}`, bytes)
  }
  return files
}

/** `NAME=PATH`, where no file is called so. */
function namedDump(word: string): { readonly machine?: string; readonly path: string } {
  const [, machine, path] = /^([\w.-]+)=(.+)$/.exec(word) ?? []
  return machine === undefined || path === undefined || existsSync(word) ? { path: word } : { machine, path }
}

/** The files of one machine, without the folders that all of them are in and what they say its name is. */
function filesOfMachine(path: string, skipped: (line: string) => void): Map<string, Uint8Array> {
  const all = path !== '-' && statSync(path).isDirectory() ? readFolder(path, skipped) : unpackedFile(path)
  let files = [...all].filter(([name]) => !/(^|\/)hostname(\.txt)?$/i.test(name))
  for (;;) {
    const [first = ''] = files.map(([name]) => name.slice(0, name.indexOf('/') + 1))
    if (first === '' || !files.every(([name]) => name.startsWith(first))) return new Map(files)
    files = files.map(([name, bytes]) => [name.slice(first.length), bytes])
  }
}

/** Whether a folder or an archive has dumps of machines in it, not objects; nothing else has. */
export function holdsDumps(path: string): boolean {
  const stat = path === '-' ? undefined : statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return false
  if (stat.isDirectory()) return isDump(filesIn(path, () => {}))
  if (/\.(ya?ml|json)$/i.test(path)) return false
  const bytes = readBytes(path)
  return isArchive(bytes) && isDump(readArchive(path, bytes).keys())
}

function unpackedFile(path: string): Map<string, Uint8Array> {
  const bytes = readBytes(path)
  if (!isArchive(bytes)) return new Map([[path === '-' ? 'stdin' : basename(resolve(path)), bytes]])
  return new Map(readArchive(path, bytes))
}
