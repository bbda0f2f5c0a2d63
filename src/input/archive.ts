import { Gunzip, unzipSync } from 'fflate'
import { InputError } from '../model/index.ts'
import { tarFault, unpackTar } from './tar.ts'

/** What an archive may grow to, in bytes: dumps are small, and a short file can claim to be endless. */
const MOST = 512 * 1024 * 1024

/** The fault of an archive that cannot be read. */
function archiveError(file: string, expected: string, received: string): InputError {
  return new InputError([{ kind: 'syntax', file, path: [], expected, received }])
}

/** Whether the bytes begin as a .zip, a .gz or a .tar does. */
export function isArchive(bytes: Uint8Array): boolean {
  return isGzip(bytes) || isZip(bytes) || tarFault(bytes) === undefined
}

/**
 * The files of an archive by their path in it: `.zip`, `.tar` (ustar, with pax or GNU long names), `.tar.gz`; a `.gz` of
 * something else is one file. Told by the bytes, not by the name. Links, devices and folders are left out.
 * @param name - of the archive, for errors
 * @param most - bytes it may unpack to; absent = 512 MiB
 * @throws InputError when it is none of these, is damaged, or unpacks to too much
 */
export function readArchive(name: string, bytes: Uint8Array, most: number = MOST): Map<string, Uint8Array> {
  if (isZip(bytes)) return unzip(name, bytes, most)
  if (!isGzip(bytes)) return unpackTar(name, bytes)
  const inside = gunzip(name, bytes, most)
  if (tarFault(inside) === undefined) return unpackTar(name, inside)
  const base = name.split('/').at(-1) ?? name
  return new Map([[base.replace(/\.gz$/i, ''), inside]])
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

/** `PK` and a local file, or the end of an empty archive. */
function isZip(bytes: Uint8Array): boolean {
  const kind = (bytes[2] ?? 0) * 256 + (bytes[3] ?? 0)
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (kind === 0x0304 || kind === 0x0506)
}

function gunzip(name: string, bytes: Uint8Array, most: number): Uint8Array {
  const chunks: Uint8Array[] = []
  let total = 0
  let ended = false
  try {
    const stream = new Gunzip((chunk, final) => {
      total += chunk.length
      if (total > most) throw archiveError(name, `at most ${most} bytes unpacked`, 'more')
      chunks.push(chunk)
      ended ||= final
    })
    for (let at = 0; at < bytes.length; at += STEP)
      stream.push(bytes.subarray(at, at + STEP), at + STEP >= bytes.length)
  } catch (error) {
    throw error instanceof InputError ? error : archiveError(name, 'a gzip file', reasonOf(error))
  }
  if (!ended) throw archiveError(name, 'a whole gzip file', 'one that ends too early')
  return joined(chunks, total)
}

/** Bytes given to the decompressor at once, so that what comes out can be counted. */
const STEP = 64 * 1024

function joined(chunks: readonly Uint8Array[], total: number): Uint8Array {
  const all = new Uint8Array(total)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}

function unzip(name: string, bytes: Uint8Array, most: number): Map<string, Uint8Array> {
  let total = 0
  try {
    const files = unzipSync(bytes, {
      filter: (file) => {
        if (file.name.endsWith('/')) return false
        total += file.originalSize
        if (total > most) throw archiveError(name, `at most ${most} bytes unpacked`, `${total} bytes`)
        return true
      },
    })
    return new Map(Object.entries(files))
  } catch (error) {
    throw error instanceof InputError ? error : archiveError(name, 'a zip file', reasonOf(error))
  }
}

/** What the decompressor says; its faults are of its own making, or those of an array that is too short. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? `damaged bytes (${error.message})` : 'damaged bytes'
}
