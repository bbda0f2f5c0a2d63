import { isArchive, readArchive } from '../input/index.ts'
import { InputError } from '../model/index.ts'

/** What one file of a dump may hold, and all files together, in bytes. */
const MOST_FILE = 64 * 1024 * 1024
const MOST_TOGETHER = 512 * 1024 * 1024

function tooLarge(file: string, most: number, size: number): InputError {
  const expected = `at most ${most} bytes in ${file === '' ? 'all files of the dumps' : 'a file of a dump'}`
  return new InputError([{ kind: 'invalid', file, path: [], expected, received: `${size} bytes` }])
}

/** Archives replaced by what is in them. A machine's archive that holds no folder lends it its own name. */
export function unpacked(files: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> {
  const all = new Map<string, Uint8Array>()
  let total = 0
  const add = (path: string, bytes: Uint8Array): void => {
    total += bytes.length
    if (bytes.length > MOST_FILE) throw tooLarge(path, MOST_FILE, bytes.length)
    if (total > MOST_TOGETHER) throw tooLarge('', MOST_TOGETHER, total)
    all.set(path, bytes)
  }
  for (const [path, bytes] of files) {
    // What stands beside other files is an archive by its name; what was given by itself, by its bytes.
    const given = !path.includes('/') && isArchive(bytes)
    if (!given && !/\.(tar|tgz|gz|zip)$/i.test(path)) {
      add(path, bytes)
      continue
    }
    const base = path.replace(/(\.tar)?\.(gz|tgz|tar|zip)$/i, '')
    for (const [name, content] of readArchive(path, bytes)) add(`${base}/${name}`, content)
  }
  return all
}
