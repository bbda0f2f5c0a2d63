import { InputError } from '../model/index.ts'

/** What an archive, its files and all of them together may be: far more than dumps are; a short file can claim to be endless. */
export const ARCHIVE_LIMITS: Readonly<Record<'unpacked' | 'file' | 'files' | 'depth', number>> = {
  /** Bytes an archive may unpack to. */
  unpacked: 256 * 1024 * 1024,
  /** Bytes of one file in it. */
  file: 64 * 1024 * 1024,
  /** Files in it. */
  files: 65_536,
  /** Folders one in another. */
  depth: 64,
}

/** The fault of an archive that cannot be read. */
export function archiveError(file: string, expected: string, received: string): InputError {
  return new InputError([{ kind: 'syntax', file, path: [], expected, received }])
}

/** Refuses a file of an archive that is too large, too many or too deep. */
export function checkEntry(archive: string, path: string, size: number, count: number, file: number): void {
  const { files, depth } = ARCHIVE_LIMITS
  if (size > file)
    throw archiveError(`${archive}/${path}`, `at most ${file} bytes in a file of an archive`, `${size} bytes`)
  if (count > files) throw archiveError(archive, `at most ${files} files in an archive`, 'more')
  if (path.split('/').length > depth)
    throw archiveError(archive, `at most ${depth} folders one in another`, `${path.split('/').length}`)
}
