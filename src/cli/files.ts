import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { InputText } from '../input/index.ts'

const TEXT_FILES = /\.(ya?ml|json)$/i

/** Reads the texts of `-f`: files, folders (every .yaml, .yml and .json in them), `-` for standard input. */
export function readTexts(paths: readonly string[]): InputText[] {
  return paths.flatMap((path) => {
    if (path === '-') return [{ name: '-', text: readFileSync(0, 'utf8') }]
    if (!statSync(path).isDirectory()) return [{ name: path, text: readFileSync(path, 'utf8') }]
    return readTexts(textFilesIn(path))
  })
}

function textFilesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return textFilesIn(path)
      return TEXT_FILES.test(entry.name) ? [path] : []
    })
}

/** All files of a folder by their path in it. */
export function readFolder(folder: string, below = ''): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory()) for (const [name, bytes] of readFolder(folder, path)) files.set(name, bytes)
    else if (entry.isFile()) files.set(path, readFileSync(join(folder, path)))
  }
  return files
}

/**
 * Reads the files of `--dump`: a folder of folders, one a machine; the folder of one machine; or an archive of such folders.
 * The path of each begins with the name of what was given, so that it can name the machine.
 */
export function readDumps(paths: readonly string[]): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const path of paths) {
    const name = basename(resolve(path))
    if (!statSync(path).isDirectory()) files.set(name, readFileSync(path))
    else for (const [inside, bytes] of readFolder(path)) files.set(`${name}/${inside}`, bytes)
  }
  return files
}
