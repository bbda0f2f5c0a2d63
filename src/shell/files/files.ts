import { applyCommand } from '../../commands/index.ts'
import { procSys } from '../../linux/index.ts'
import { goRegexp } from '../../model/index.ts'
import type { Desk } from '../desk.ts'
import type { HostFile } from './host-file.ts'
import { hostFiles } from './host-files.ts'

/** Files of the machine that runs packetwalk: read where no file of that name was written here, never written. */
export interface RealFiles {
  /** Text of a file; undefined when there is none. */
  read(path: string): string | undefined
  /** Names in a folder; undefined when there is none. */
  list(path: string): readonly string[] | undefined
}

/** What was written on a host: the text of a file, a folder, or that one was taken away. */
type Entry = { readonly text: string } | 'folder' | 'gone'

/** All that was written, by host and path. */
export type WrittenFiles = ReadonlyMap<string, ReadonlyMap<string, Entry>>

/** Folders that every machine has. */
const FOLDERS: readonly string[] = ['/', '/etc', '/home', '/opt', '/root', '/tmp', '/var', '/var/tmp']
const HOME = '/root'

/** Why a file cannot be read or written, in the words of the C library. */
export interface FileFault {
  readonly fault:
    | 'No such file or directory'
    | 'Is a directory'
    | 'Not a directory'
    | 'File exists'
    | 'Directory not empty'
    | string
}

/** The files of all hosts of a session. None of them is on a disk. */
export class Files {
  /** What was written so far; a moment that is saved keeps it. */
  written: WrittenFiles = new Map()
  private readonly desk: Desk
  private readonly real: RealFiles | undefined
  private readonly folders = new Map<string, string>()

  constructor(desk: Desk, real?: RealFiles) {
    this.desk = desk
    this.real = real
  }

  /** The files of a host. */
  on(netns: string): FilesOfHost {
    return new FilesOfHost(this.desk, netns, {
      entries: () => this.written.get(netns) ?? new Map(),
      keep: (entries) => {
        this.written = new Map(this.written).set(netns, entries)
      },
      folder: () => this.folders.get(netns) ?? HOME,
      goTo: (path) => void this.folders.set(netns, path),
      real: this.real,
    })
  }
}

/** What a host's files are kept in. */
interface Store {
  readonly entries: () => ReadonlyMap<string, Entry>
  readonly keep: (entries: ReadonlyMap<string, Entry>) => void
  readonly folder: () => string
  readonly goTo: (path: string) => void
  readonly real: RealFiles | undefined
}

/** Files of a host: those that were written in this session, those that programs keep there, and `/proc/sys/net`. */
export class FilesOfHost {
  private readonly desk: Desk
  private readonly netns: string
  private readonly store: Store

  constructor(desk: Desk, netns: string, store: Store) {
    this.desk = desk
    this.netns = netns
    this.store = store
  }

  /** The folder that names without a slash in front are in. */
  get folder(): string {
    return this.store.folder()
  }

  /** Goes to another folder. */
  goTo(path: string): FileFault | undefined {
    const full = this.path(path)
    if (this.isFolder(full)) this.store.goTo(full)
    else return { fault: this.has(full) ? 'Not a directory' : 'No such file or directory' }
    return undefined
  }

  /** A path from the root, `.` and `..` taken out. */
  path(name: string): string {
    const whole = name === '~' || name.startsWith('~/') ? `${HOME}${name.slice(1)}` : name
    const parts: string[] = []
    for (const part of (whole.startsWith('/') ? whole : `${this.folder}/${whole}`).split('/')) {
      if (part === '..') parts.pop()
      else if (part !== '' && part !== '.') parts.push(part)
    }
    return `/${parts.join('/')}`
  }

  /** The text of a file. */
  read(name: string): string | FileFault {
    const path = this.path(name)
    if (path === '/dev/null') return ''
    const entry = this.store.entries().get(path)
    if (typeof entry === 'object') return entry.text
    if (entry === undefined) {
      const own = this.ownText(path) ?? this.proc(path) ?? this.realText(path)
      if (own !== undefined) return own
    }
    return { fault: this.isFolder(path) ? 'Is a directory' : 'No such file or directory' }
  }

  /** Writes a file, or what a program keeps. */
  write(name: string, text: string, append = false): FileFault | undefined {
    const path = this.path(name)
    if (path === '/dev/null') return undefined
    if (path.startsWith('/proc/')) return this.writeProc(path, text)
    if (this.isFolder(path)) return { fault: 'Is a directory' }
    if (!this.isFolder(parentOf(path))) return { fault: this.missingFolder(path) }
    const own = this.own().get(path)
    const before = append && own?.live !== true ? this.read(path) : ''
    const whole = typeof before === 'string' ? before + text : text
    if (own !== undefined) {
      const fault = own.write === undefined ? undefined : own.write(whole)
      if (fault !== undefined) return { fault }
      if (own.live === true) return undefined
    }
    this.set(path, { text: whole })
    return undefined
  }

  /** Takes a file away; a folder with all that is in it, where `whole` says so. */
  remove(name: string, whole = false): FileFault | undefined {
    const path = this.path(name)
    if (this.isFile(path)) return this.removeFile(path)
    if (!this.isFolder(path)) return { fault: 'No such file or directory' }
    if (!whole) return { fault: 'Is a directory' }
    for (const file of this.filesUnder(path)) {
      const fault = this.removeFile(file)
      if (fault !== undefined) return fault
    }
    const folders = [...this.store.entries().keys()].filter((one) => one === path || one.startsWith(`${path}/`))
    const entries = new Map(this.store.entries())
    for (const one of folders) if (entries.get(one) === 'folder') entries.delete(one)
    if (this.own().size > 0 || FOLDERS.includes(path)) entries.set(path, 'gone')
    this.store.keep(entries)
    return undefined
  }

  /** Makes a folder; those above it, too, where `parents` says so. */
  makeFolder(name: string, parents = false): FileFault | undefined {
    const path = this.path(name)
    if (this.isFolder(path)) return parents ? undefined : { fault: 'File exists' }
    if (this.isFile(path)) return { fault: 'File exists' }
    if (!this.isFolder(parentOf(path))) {
      if (!parents) return { fault: 'No such file or directory' }
      const fault = this.makeFolder(parentOf(path), true)
      if (fault !== undefined) return fault
    }
    this.set(path, 'folder')
    return undefined
  }

  /** Whether there is such a file or folder. */
  has(name: string): boolean {
    const path = this.path(name)
    return this.isFile(path) || this.isFolder(path)
  }

  /** Whether a name is a folder. */
  isFolder(name: string): boolean {
    const path = this.path(name)
    const entry = this.store.entries().get(path)
    if (entry === 'folder') return true
    if (this.filesUnder(path).length > 0) return true
    if (entry !== undefined) return false
    if (FOLDERS.includes(path)) return true
    return (
      [...this.store.entries()].some(([one, kept]) => kept === 'folder' && one.startsWith(`${path}/`)) ||
      this.realList(path) !== undefined
    )
  }

  /** Names in a folder, in the order of `ls`. */
  list(name: string): readonly string[] | FileFault {
    const path = this.path(name)
    if (!this.isFolder(path)) return { fault: 'No such file or directory' }
    const prefix = path === '/' ? '/' : `${path}/`
    const folders = [...this.store.entries()].filter(([, kept]) => kept === 'folder').map(([one]) => one)
    const standing = FOLDERS.filter((one) => this.store.entries().get(one) !== 'gone')
    const all = [...this.filesUnder(path), ...folders, ...standing].filter(
      (one) => one.startsWith(prefix) && one !== '/',
    )
    const names = all.map((one) => one.slice(prefix.length).split('/', 1)[0] as string)
    return [...new Set([...names, ...(this.realList(path) ?? [])])].sort()
  }

  /** Paths that a name with `*`, `?` or `[…]` stands for; the name itself when it has none of these or fits nothing. */
  matching(name: string): readonly string[] {
    if (!/[*?[]/.test(name)) return [name]
    const slash = name.lastIndexOf('/')
    const [folder, pattern] = slash === -1 ? ['', name] : [name.slice(0, slash + 1), name.slice(slash + 1)]
    const names = this.list(folder === '' ? '.' : folder)
    if (!Array.isArray(names)) return [name]
    const test = globTest(pattern)
    const found = (names as readonly string[]).filter(
      (one) => test(one) && (pattern.startsWith('.') || !one.startsWith('.')),
    )
    return found.length === 0 ? [name] : found.map((one) => `${folder}${one}`)
  }

  private missingFolder(path: string): string {
    return this.isFile(parentOf(path)) ? 'Not a directory' : 'No such file or directory'
  }

  private removeFile(path: string): FileFault | undefined {
    const own = this.own().get(path)
    const fault = own?.remove?.()
    if (fault !== undefined) return { fault }
    const entries = new Map(this.store.entries())
    const isListed = this.ownText(path) !== undefined || this.realText(path) !== undefined
    if (isListed) entries.set(path, 'gone')
    else entries.delete(path)
    // A folder does not go with the last file in it.
    if (!FOLDERS.includes(parentOf(path)) && entries.get(parentOf(path)) === undefined)
      entries.set(parentOf(path), 'folder')
    this.store.keep(entries)
    return undefined
  }

  private set(path: string, entry: Entry): void {
    this.store.keep(new Map(this.store.entries()).set(path, entry))
  }

  private own(): ReadonlyMap<string, HostFile> {
    return hostFiles(this.desk, this.netns)
  }

  /** The text of a file that a program keeps. */
  private ownText(path: string): string | undefined {
    const own = this.own().get(path)
    return own === undefined || own.absent === true ? undefined : own.text()
  }

  private isFile(path: string): boolean {
    const entry = this.store.entries().get(path)
    if (entry !== undefined) return typeof entry === 'object'
    return this.ownText(path) !== undefined || this.proc(path) !== undefined || this.realText(path) !== undefined
  }

  private filesUnder(path: string): readonly string[] {
    const entries = this.store.entries()
    const prefix = path === '/' ? '/' : `${path}/`
    const own = [...this.own()].flatMap(([one, { absent }]) => (absent === true || entries.has(one) ? [] : [one]))
    const written = [...entries].filter(([, kept]) => typeof kept === 'object').map(([one]) => one)
    return [...own, ...written].filter((one) => one.startsWith(prefix))
  }

  /** A sysctl is written as a command writes it. */
  private writeProc(path: string, text: string): FileFault | undefined {
    const applied = applyCommand(this.desk.network, this.netns, `echo ${text.trim()} > ${path}`)
    if ('refused' in applied) return { fault: applied.refused }
    this.desk.setNetwork(applied.network)
    return undefined
  }

  private proc(path: string): string | undefined {
    return path.startsWith('/proc/') ? procSys(this.desk.simulation.netns(this.netns).model, path) : undefined
  }

  /** A file beside the user, where the session is at home. */
  private realText(path: string): string | undefined {
    return path.startsWith(`${HOME}/`) ? this.store.real?.read(path.slice(HOME.length + 1)) : undefined
  }

  private realList(path: string): readonly string[] | undefined {
    return path.startsWith(`${HOME}/`) ? this.store.real?.list(path.slice(HOME.length + 1)) : undefined
  }
}

/** The folder a path is in. */
function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')))
}

/** A name of files with `*`, `?` and `[…]`. */
function globTest(pattern: string): (name: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*+/g, '[^/]*')
    .replace(/\?/g, '[^/]')
    .replace(/\[!/g, '[^')
  const expression = goRegexp(`^${source}$`)
  return typeof expression === 'string' ? (name) => name === pattern : (name) => expression.test(name)
}
