import { readdirSync, statSync } from 'node:fs'
import { decodeText } from '../input/index.ts'
import type { RealFiles } from '../shell/index.ts'
import { isFileError } from './exit.ts'
import { readBytes } from './files.ts'

/** Files of the folder packetwalk was started in, for commands of a shell that name them: read, never written. */
export function realFiles(): RealFiles {
  return {
    read: (path) =>
      of(
        path,
        (stat) => stat.isFile(),
        () => decodeText(readBytes(path)),
      ),
    list: (path) =>
      of(
        path,
        (stat) => stat.isDirectory(),
        () => readdirSync(path).sort(),
      ),
  }
}

/** What is asked of a file; undefined when there is none of that sort, or it cannot be read. */
function of<T>(
  path: string,
  isRight: (stat: ReturnType<typeof statSync> & object) => boolean,
  ask: () => T,
): T | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    return stat !== undefined && isRight(stat) ? ask() : undefined
  } catch (error) {
    if (isFileError(error)) return undefined
    throw error
  }
}
