import { closeSync, openSync, realpathSync, renameSync, rmSync, type Stats, statSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { InputError } from '../model/index.ts'
import { encodeUtf8 } from '../wire/index.ts'
import { wasRead } from './files.ts'

/**
 * Writes a file as a whole or not at all: beside its place, and renamed when complete, so that an earlier file survives a full
 * disk. Only regular files are written, and none that this run has read.
 * @throws InputError, or the system's error with the name of the file
 */
export function writeOutput(path: string, content: Uint8Array | string): void {
  checkOutput(path)
  replaceFile(path, content)
}

/**
 * Writes a file anew that this run has read: as {@link writeOutput}, as a whole or not at all.
 * @throws the system's error with the name of the file
 */
export function replaceFile(path: string, content: Uint8Array | string): void {
  const target = realName(path)
  const beside = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`)
  const bytes = typeof content === 'string' ? encodeUtf8(content) : content
  endAtInterrupt()
  try {
    writeAll(beside, bytes, statSync(target, { throwIfNoEntry: false })?.mode)
    renameSync(beside, target)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error instanceof Error ? Object.assign(error, { path }) : error
  }
}

/** Refuses a name that must not be written, before any work is done. */
export function checkOutput(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false })
  const fault = stat === undefined ? undefined : faultOf(stat)
  if (fault === undefined) return
  throw new InputError([{ kind: 'invalid', file: path, path: [], expected: 'a file to write', received: fault }])
}

function faultOf(stat: Stats): string | undefined {
  if (stat.isDirectory()) return 'a folder'
  if (!stat.isFile()) return 'a device or a pipe'
  return wasRead(stat) ? 'the input itself' : undefined
}

/** Behind a link the file itself is replaced, not the link. */
function realName(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function writeAll(path: string, bytes: Uint8Array, mode: number | undefined): void {
  const fd = openSync(path, 'wx', mode === undefined ? 0o666 : mode & 0o777)
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
  } finally {
    closeSync(fd)
  }
}

let waits = false

/** An interrupt in the middle of writing waits until the file is whole; the status is that of the signal. */
function endAtInterrupt(): void {
  if (waits) return
  waits = true
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    process.on(signal, () => process.exit(status))
}
