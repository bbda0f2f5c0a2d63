import { isDump } from '../dumps/index.ts'
import { decodeText, isArchive, readArchive } from '../input/index.ts'
import { dumpOfBytes } from './read-session.ts'
import type { SessionDump, SessionFile } from './session.ts'

/** A file that somebody gave, by its path. */
export interface DroppedFile {
  /** Path in the folder that was given, or its name. */
  readonly name: string
  /** Content. */
  readonly bytes: Uint8Array
}

/** What somebody gave, by what it is. */
export interface SortedFiles {
  /** Texts of objects. */
  readonly files: readonly SessionFile[]
  /** Dumps of machines. */
  readonly dumps: readonly SessionDump[]
  /** Names of what is neither, e.g. a picture in a folder. */
  readonly passedOver: readonly string[]
}

const TEXT = /\.(ya?ml|json)$/i

/**
 * Tells objects from dumps of machines, by names and bytes: an archive or a folder of files as `packetwalk collect` gathers them is a
 * dump, YAML and JSON elsewhere are objects, also in an archive.
 * @throws InputError for an archive that is damaged
 */
export function sortFiles(given: readonly DroppedFile[]): SortedFiles {
  const files: SessionFile[] = []
  const dumps: SessionDump[] = []
  const passedOver: string[] = []
  const loose: DroppedFile[] = []
  for (const one of given) {
    if (!isArchive(one.bytes)) loose.push(one)
    else {
      const inside = readArchive(one.name, one.bytes)
      if (isDump(inside.keys())) dumps.push(dumpOfBytes(one.name, one.bytes))
      else loose.push(...[...inside].map(([name, bytes]) => ({ name, bytes })))
    }
  }
  const isOfDump = isDump(loose.map(({ name }) => name))
  for (const { name, bytes } of loose) {
    if (isOfDump && !/\.ya?ml$/i.test(name)) dumps.push(dumpOfBytes(name, bytes))
    else if (TEXT.test(name) || given.length === 1) files.push({ name, text: decodeText(bytes) })
    else passedOver.push(name)
  }
  return { files, dumps, passedOver }
}
