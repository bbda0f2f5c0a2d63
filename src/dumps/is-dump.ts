import { namedFile } from './file-kinds.ts'

/** Files of a machine that tell a dump from a folder of objects: one alone may be called so by chance. */
const ENOUGH = 2

/** Whether files of these paths are a dump of machines by their names, not objects. */
export function isDump(paths: Iterable<string>): boolean {
  const kinds = new Set<string>()
  for (const path of paths) {
    const parts = path.split('/')
    const name = parts.pop() ?? ''
    const kind = /\.ya?ml(\.gz)?$/i.test(name) ? undefined : namedFile(name, parts.at(-1))?.kind
    if (kind !== undefined && kind !== 'other') kinds.add(kind)
  }
  return kinds.size >= ENOUGH
}
