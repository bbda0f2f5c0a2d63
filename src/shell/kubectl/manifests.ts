import { loadResources, type RawObject, readObjects } from '../../input/index.ts'
import { describeIssue } from '../../model/index.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import type { Kube } from './kube.ts'
import { type Asked, isRun, named } from './options.ts'

/** Options of verbs that read objects from files. */
export const READING: Readonly<Record<string, string>> = named('-f --filename')
/** The same without a value. */
export const READING_PLAIN: Readonly<Record<string, string>> = named('-R --recursive')

/** An object that was read, and from where, as kubectl says it. */
export interface Manifest {
  readonly raw: RawObject
  readonly source: string
}

const ENDINGS = /\.(?:json|ya?ml)$/

interface Source {
  readonly name: string
  readonly text: string
}

/** What was read. */
export interface Manifests {
  readonly manifests: readonly Manifest[]
  /** What is said of fields that are not modelled. */
  readonly warnings: readonly string[]
}

/** Reads the objects of `-f FILE|FOLDER|-`. @throws InputError with every fault of the objects, with file and line */
export function manifestsOf(kube: Kube, asked: Asked): Manifests | Run {
  const names = asked.all('filename').flatMap((one) => one.split(','))
  if (names.length === 0) return failed('error: must specify one of -f and -k')
  const sources: Source[] = []
  for (const name of names) {
    const found = sourcesOf(kube, name, asked.has('recursive'))
    if (isRun(found)) return found
    sources.push(...found)
  }
  const manifests = sources.flatMap((input) => readObjects([input]).map((raw) => ({ raw, source: input.name })))
  if (manifests.length === 0) return failed('error: no objects passed to apply')
  const { warnings } = loadResources(sources)
  return { manifests, warnings: warnings.map((one) => `Warning: ${describeIssue(one)}`) }
}

function sourcesOf(kube: Kube, name: string, recursive: boolean): readonly Source[] | Run {
  if (name === '-') {
    if (kube.stdin === undefined)
      return failed(
        'error: no objects passed to apply (packetwalk: nothing stands before the pipe, and no <<EOF behind)',
      )
    return [{ name: 'STDIN', text: kube.stdin }]
  }
  if (/^https?:\/\//.test(name))
    return failed(
      `error: -f ${name} is not modelled here: nothing is downloaded; put its text into a file and give that`,
    )
  if (kube.files.isFolder(name)) return folderOf(kube, name, recursive)
  const text = kube.files.read(name)
  if (typeof text === 'string') return [{ name, text }]
  if (text.fault === 'No such file or directory') return failed(`error: the path "${name}" does not exist`)
  return failed(`error: the path "${name}" cannot be accessed: ${text.fault}`)
}

function folderOf(kube: Kube, folder: string, recursive: boolean): readonly Source[] | Run {
  const names = kube.files.list(folder)
  if ('fault' in names) return failed(`error: the path "${folder}" cannot be accessed: ${names.fault}`)
  const sources: Source[] = []
  for (const one of names) {
    const path = `${folder.replace(/\/$/, '')}/${one}`
    if (kube.files.isFolder(path) ? !recursive : !ENDINGS.test(one)) continue
    const found = sourcesOf(kube, path, recursive)
    if (isRun(found)) return found
    sources.push(...found)
  }
  return sources
}
