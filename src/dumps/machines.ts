import { InputError, pushTo } from '../model/index.ts'
import { decodeUtf8 } from '../wire/index.ts'
import { isGenericFolder, type NamedFile, namedFile } from './file-kinds.ts'

/** A file of a machine. */
export interface MachineFile {
  /** Where it is. */
  readonly path: string
  /** Its text. */
  readonly text: string
  /** What its name says. */
  readonly named: NamedFile | undefined
  /** No text, or hidden: nothing of it is read. */
  readonly isPassedOver: boolean
}

/** The files of one machine or network namespace. */
export interface Machine {
  /** Its name. */
  readonly name: string
  /** Its files, in the order given. */
  readonly files: readonly MachineFile[]
}

/**
 * Sorts files by the machine they were gathered on. A machine is named by its bundle: the innermost folder that collectors do
 * not make on every machine (`networking`, `sos_commands/…`), or what a file `hostname` in that folder says.
 * @param alone - name of the machine when the files stand in no folder
 * @throws InputError when two folders would be one machine and hold the same file
 */
export function sortByMachine(files: ReadonlyMap<string, Uint8Array | string>, alone: string): Machine[] {
  const bundles = new Map<string, MachineFile[]>()
  const hosts = new Map<string, string>()
  for (const [path, content] of files) {
    const folders = path.split('/').filter((part) => part !== '' && part !== '.')
    const name = folders.pop() ?? ''
    const bundle = bundleOf(folders)
    if (/^hostname(\.txt)?$/i.test(name)) hosts.set(bundle, firstWord(content))
    const isPassedOver = name.startsWith('.') || isBinary(content)
    const file = isPassedOver
      ? { path, text: '', named: undefined, isPassedOver }
      : { path, text: textOf(content), named: namedFile(name, folders.at(-1)), isPassedOver }
    pushTo(bundles, bundle, file)
  }
  const machines = new Map<string, { bundle: string; files: MachineFile[] }>()
  for (const [bundle, list] of bundles) {
    const name = hosts.get(bundle) || lastFolder(bundle) || alone
    for (const file of list)
      put(machines, file.named?.netns === undefined ? name : `${name}.${file.named.netns}`, bundle, file)
  }
  return [...machines]
    .map(([name, { files: own }]) => ({ name, files: own }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function put(
  machines: Map<string, { bundle: string; files: MachineFile[] }>,
  name: string,
  bundle: string,
  file: MachineFile,
): void {
  const known = machines.get(name)
  if (known === undefined) machines.set(name, { bundle, files: [file] })
  else if (known.bundle === bundle) known.files.push(file)
  else {
    const twin = known.files.find((other) => file.named !== undefined && baseOf(other.path) === baseOf(file.path))
    if (twin !== undefined) {
      const expected = `one folder for ${name}: two folders of this name hold the same file (a file hostname in each tells machines apart)`
      throw new InputError([{ kind: 'invalid', file: file.path, path: [], expected, received: `${twin.path} as well` }])
    }
    known.files.push(file)
  }
}

/** The name of a file without its folders. */
export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The path of the folder that stands for the machine. */
function bundleOf(folders: readonly string[]): string {
  let end = folders.length
  while (end > 1 && isGenericFolder(folders[end - 1] ?? '')) end -= 1
  return folders.slice(0, end).join('/')
}

function lastFolder(bundle: string): string {
  return bundle.slice(bundle.lastIndexOf('/') + 1)
}

function textOf(content: Uint8Array | string): string {
  return typeof content === 'string' ? content : decodeUtf8(content)
}

function firstWord(content: Uint8Array | string): string {
  const word = textOf(content).trim().split(/\s+/)[0] ?? ''
  return /^[\w.-]{1,253}$/.test(word) ? word : ''
}

/** Programs, pictures and journals among the files of a collector. */
function isBinary(content: Uint8Array | string): boolean {
  return typeof content !== 'string' && content.subarray(0, 4096).includes(0)
}
