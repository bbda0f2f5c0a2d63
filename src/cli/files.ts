import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { type InputText, isArchive, readArchive } from '../input/index.ts'
import { InputError } from '../model/index.ts'

const TEXT_FILES = /\.(ya?ml|json)(\.gz)?$/i

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

function refuse(file: string, expected: string, received: string): InputError {
  return new InputError([{ kind: 'invalid', file, path: [], expected, received }])
}

/** The bytes of a file, or of a pipe up to its end; `-` is standard input. */
export function readBytes(path: string): Uint8Array {
  const fd = path === '-' ? 0 : openSync(path, 'r')
  try {
    const stat = fstatSync(fd)
    if (stat.isFile()) read.add(`${stat.dev}:${stat.ino}`)
    if (stat.isFile() && stat.size > MOST_FILE) throw refuse(path, `at most ${MOST_FILE} bytes`, `${stat.size} bytes`)
    const bytes = drain(path, fd, stat.isFile() ? stat.size : 0)
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
function named(error: unknown, path: string): unknown {
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

function readSome(fd: number, chunk: Uint8Array): number {
  for (;;) {
    try {
      return readSync(fd, chunk)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'EOF') return 0 // a closed pipe of Windows
      if (code !== 'EAGAIN') throw error
      Atomics.wait(PAUSE, 0, 0, 10)
    }
  }
}

/** Bytes as text: UTF-8, or UTF-16 when they begin with its mark (PowerShell writes that). A byte order mark is no text. */
export function decodeText(bytes: Uint8Array): string {
  const [a, b] = bytes
  if (a === 0xff && b === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return new TextDecoder().decode(bytes)
}

/**
 * Reads the texts of `-f`: files, folders (every .yaml, .yml and .json in them), archives and .gz of such, `-` for standard input.
 * @param skipped - told of what stands in a folder and is not read: pipes, devices, links to nothing
 */
export function readTexts(paths: readonly string[], skipped: (line: string) => void): InputText[] {
  return paths.flatMap((path) => {
    if (path === '-' || !statSync(path).isDirectory()) return textsOf(path)
    return filesIn(path, skipped)
      .filter((name) => TEXT_FILES.test(name))
      .flatMap((name) => textsOf(join(path, name)))
  })
}

/** The text of a file; of a .gz what is in it, of an archive all its texts. */
function textsOf(path: string): InputText[] {
  const bytes = readBytes(path)
  if (!isArchive(bytes)) return [{ name: path, text: decodeText(bytes) }]
  const files = [...readArchive(path, bytes)]
  const texts = files.length === 1 ? files : files.filter(([name]) => TEXT_FILES.test(name))
  return texts.map(([name, content]) => ({
    name: files.length === 1 ? path : `${path}/${name}`,
    text: decodeText(content),
  }))
}

/** Regular files of a folder and the folders in it, by their path inside, in the order of names; the rest is named. */
function filesIn(folder: string, skipped: (line: string) => void, below = ''): string[] {
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
 * The path of each begins with the name of what was given, so that it can name the machine.
 */
export function readDumps(paths: readonly string[], skipped: (line: string) => void): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const path of paths) {
    const name = basename(resolve(path))
    if (path === '-' || !statSync(path).isDirectory()) files.set(path === '-' ? 'stdin' : name, readBytes(path))
    else for (const [inside, bytes] of readFolder(path, skipped)) files.set(`${name}/${inside}`, bytes)
  }
  return files
}
