import { ARCHIVE_LIMITS, archiveError } from './archive-fault.ts'
import { gunzip } from './gzip.ts'
import { tarFault, unpackTar } from './tar.ts'
import { unzip } from './zip.ts'

/** First bytes of packed files that are not read. */
const FOREIGN: readonly (readonly [name: string, start: readonly number[]])[] = [
  ['an xz file', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['a bzip2 file', [0x42, 0x5a, 0x68]],
  ['a zstd file', [0x28, 0xb5, 0x2f, 0xfd]],
  ['an lz4 file', [0x04, 0x22, 0x4d, 0x18]],
  ['a 7z file', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['a rar file', [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]],
]

/** Whether the bytes begin as an archive or a packed file does, also one that is not read. */
export function isArchive(bytes: Uint8Array): boolean {
  return isGzip(bytes) || isZip(bytes) || foreignName(bytes) !== undefined || tarFault(bytes) === undefined
}

/**
 * The files of an archive by their path in it: `.zip`, `.tar` (ustar, with pax or GNU long names), `.tar.gz`; a `.gz` of
 * something else is one file. Told by the bytes, not by the name. Links, devices and folders are left out; checksums and lengths
 * must hold.
 * @param name - of the archive, for errors
 * @param most - bytes it may unpack to; absent = 256 MiB
 * @param mostOfFile - bytes a file in it may have; absent = 64 MiB
 * @throws InputError when it is none of these, is damaged, or is beyond {@link ARCHIVE_LIMITS}
 */
export function readArchive(
  name: string,
  bytes: Uint8Array,
  most: number = ARCHIVE_LIMITS.unpacked,
  mostOfFile: number = ARCHIVE_LIMITS.file,
): Map<string, Uint8Array> {
  const foreign = foreignName(bytes)
  if (foreign !== undefined) throw archiveError(name, '.tar, .tar.gz, .tgz, .gz or .zip (unpack it first)', foreign)
  if (isZip(bytes)) return unzip(name, bytes, most, mostOfFile)
  if (!isGzip(bytes)) return unpackTar(name, bytes, mostOfFile)
  const inside = gunzip(name, bytes, most)
  if (tarFault(inside) === undefined) return unpackTar(name, inside, mostOfFile)
  const base = name.split('/').at(-1) ?? name
  return new Map([[base.replace(/\.gz$/i, ''), inside]])
}

function foreignName(bytes: Uint8Array): string | undefined {
  return FOREIGN.find(([, start]) => start.every((byte, i) => bytes[i] === byte))?.[0]
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

/** `PK` and a local file, or the end of an empty archive. */
function isZip(bytes: Uint8Array): boolean {
  const kind = (bytes[2] ?? 0) * 256 + (bytes[3] ?? 0)
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (kind === 0x0304 || kind === 0x0506)
}
