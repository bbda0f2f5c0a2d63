import { printedWords } from '../text/echo.ts'
import { byteCount, linesOf, type TextInput, type TextOutput, type TextTool, textOf } from '../text/tool.ts'
import { diff } from './diff.ts'
import type { FileFault, FilesOfHost } from './files.ts'

/** Flags of one letter and of one word, and the names behind them; undefined when a flag is not known. */
function flagsAndNames(
  args: readonly string[],
  known: string,
  words: readonly string[] = [],
): { flags: string; names: string[] } | undefined {
  const names: string[] = []
  let flags = ''
  for (const word of args) {
    if (words.includes(word)) flags += word.slice(2, 3)
    else if (!/^-./.test(word)) names.push(word)
    else if ([...word.slice(1)].every((letter) => known.includes(letter))) flags += word.slice(1)
    else return undefined
  }
  return { flags, names }
}

/** What was done of many; what could not be is said. */
function done(faults: readonly string[], stdout = ''): TextOutput {
  return { stdout, stderr: faults.map((fault) => `${fault}\n`).join(''), exitCode: faults.length === 0 ? 0 : 1 }
}

function failure(text: string): TextOutput {
  return done([text])
}

/** Where `/proc` ends here. */
const PROC_HINT = ' (packetwalk has /proc/sys/net/…, /proc/net/arp, dev, route and nf_conntrack, /sys/class/net/DEV/…)'

/** `cat [-n] [FILE…]`. */
const cat: TextTool = ({ files, stdin }, args) => {
  const asked = flagsAndNames(args, 'n')
  if (asked === undefined) return undefined
  const names = asked.names.length === 0 ? ['-'] : asked.names.flatMap((name) => files.matching(name))
  const faults: string[] = []
  let stdout = ''
  for (const name of names) {
    const text = name === '-' ? (stdin ?? '') : files.read(name)
    if (typeof text === 'string') stdout += text
    else faults.push(`cat: ${name}: ${text.fault}${isMissing(text) && isForeign(name) ? PROC_HINT : ''}`)
  }
  if (asked.flags.includes('n'))
    stdout = textOf(linesOf(stdout).map((line, i) => `${String(i + 1).padStart(6)}\t${line}`))
  return done(faults, stdout)
}

const isMissing = ({ fault }: FileFault): boolean => fault === 'No such file or directory'
const isForeign = (name: string): boolean => /^\/(?:proc\/(?!sys\/net\/)|sys\/)/.test(name)

/** `ls [-l1aR] [FILE…]`: names, one a line. */
const ls: TextTool = ({ files }, args) => {
  const asked = flagsAndNames(args, 'l1ahtrAd')
  if (asked === undefined) return undefined
  const names = asked.names.length === 0 ? ['.'] : asked.names.flatMap((name) => files.matching(name))
  const faults = names
    .filter((name) => !files.has(name))
    .map((name) => `ls: cannot access '${name}': No such file or directory`)
  const isAll = /[aA]/.test(asked.flags)
  const isLong = asked.flags.includes('l')
  const there = names.filter((name) => files.has(name))
  const plain = there.filter((name) => asked.flags.includes('d') || !files.isFolder(name))
  const folders = there.filter((name) => !plain.includes(name))
  const line = (name: string, path: string): string => (isLong ? `${longName(files, path)} ${name}\n` : `${name}\n`)
  const parts = folders.map((folder) => {
    const all = files.list(folder)
    const own = (Array.isArray(all) ? (all as readonly string[]) : []).filter((name) => isAll || !name.startsWith('.'))
    const title = there.length > 1 ? `${folder}:\n` : ''
    return `${title}${own.map((name) => line(name, `${folder}/${name}`)).join('')}`
  })
  const first = plain.map((name) => line(name, name)).join('')
  return {
    ...done(faults, [first, ...parts].filter((part) => part !== '').join('\n')),
    exitCode: faults.length === 0 ? 0 : 2,
  }
}

/** Kind and size of a file: owners and times nobody keeps here. */
function longName(files: FilesOfHost, path: string): string {
  const text = files.isFolder(path) ? undefined : files.read(path)
  const size = typeof text === 'string' ? byteCount(text) : 4096
  return `${files.isFolder(path) ? 'drwxr-xr-x' : '-rw-r--r--'} 1 root root ${String(size).padStart(6)}`
}

/** `rm [-rf] FILE…`. */
const rm: TextTool = ({ files }, args) => {
  const asked = flagsAndNames(args, 'rfRvi')
  if (asked === undefined) return undefined
  if (asked.names.length === 0) return asked.flags.includes('f') ? done([]) : failure('rm: missing operand')
  const faults = asked.names
    .flatMap((name) => files.matching(name))
    .flatMap((name) => {
      const fault = files.remove(name, /[rR]/.test(asked.flags))
      if (fault === undefined || (isMissing(fault) && asked.flags.includes('f'))) return []
      return [`rm: cannot remove '${name}': ${fault.fault}`]
    })
  return done(faults)
}

/** Files to copy or move, and where to. */
function transfer(tool: 'cp' | 'mv', { files }: TextInput, args: readonly string[]): TextOutput | undefined {
  const asked = flagsAndNames(args, 'fapvri')
  if (asked === undefined || asked.flags.includes('r')) return undefined
  const names = asked.names.slice(0, -1).flatMap((name) => files.matching(name))
  const target = asked.names.at(-1)
  if (target === undefined) return failure(`${tool}: missing file operand`)
  if (names.length === 0) return failure(`${tool}: missing destination file operand after '${target}'`)
  if (names.length > 1 && !files.isFolder(target)) return failure(`${tool}: target '${target}' is not a directory`)
  const faults = names.flatMap((name) => {
    const text = files.read(name)
    if (typeof text !== 'string')
      return [
        isMissing(text)
          ? `${tool}: cannot stat '${name}': ${text.fault}`
          : `${tool}: packetwalk copies no folders: ${name}`,
      ]
    const to = files.isFolder(target) ? `${target}/${name.slice(name.lastIndexOf('/') + 1)}` : target
    if (files.path(to) === files.path(name)) return [`${tool}: '${name}' and '${to}' are the same file`]
    const fault = files.write(to, text) ?? (tool === 'mv' ? files.remove(name) : undefined)
    return fault === undefined ? [] : [`${tool}: cannot create regular file '${to}': ${fault.fault}`]
  })
  return done(faults)
}

/** `mkdir [-p] FOLDER…`. */
const mkdir: TextTool = ({ files }, args) => {
  const asked = flagsAndNames(args, 'pv')
  if (asked === undefined) return undefined
  if (asked.names.length === 0) return failure('mkdir: missing operand')
  return done(
    asked.names.flatMap((name) => {
      const fault = files.makeFolder(name, asked.flags.includes('p'))
      return fault === undefined ? [] : [`mkdir: cannot create directory '${name}': ${fault.fault}`]
    }),
  )
}

/** `rmdir FOLDER…`. */
const rmdir: TextTool = ({ files }, args) => {
  const asked = flagsAndNames(args, '')
  if (asked === undefined) return undefined
  return done(
    asked.names.flatMap((name) => {
      const all = files.list(name)
      const fault = !Array.isArray(all)
        ? files.has(name)
          ? 'Not a directory'
          : 'No such file or directory'
        : all.length > 0
          ? 'Directory not empty'
          : files.remove(name, true)?.fault
      return fault === undefined ? [] : [`rmdir: failed to remove '${name}': ${fault}`]
    }),
  )
}

/** `touch FILE…`: an empty file where there is none. */
const touch: TextTool = ({ files }, args) => {
  if (args.some((word) => word.startsWith('-'))) return undefined
  return done(
    args.flatMap((name) => {
      const fault = files.has(name) ? undefined : files.write(name, '')
      return fault === undefined ? [] : [`touch: cannot touch '${name}': ${fault.fault}`]
    }),
  )
}

/** `tee [-a] FILE…`. */
const tee: TextTool = ({ files, stdin = '' }, args) => {
  const asked = flagsAndNames(args, 'a')
  if (asked === undefined) return undefined
  const faults = asked.names.flatMap((name) => {
    const fault = files.write(name, stdin, asked.flags.includes('a'))
    return fault === undefined ? [] : [`tee: ${name}: ${fault.fault}`]
  })
  return done(faults, stdin)
}

const cd: TextTool = ({ files }, args) => {
  const [name = '~', ...more] = args
  if (more.length > 0) return failure('bash: cd: too many arguments')
  const fault = files.goTo(name)
  return fault === undefined ? done([]) : failure(`bash: cd: ${name}: ${fault.fault}`)
}

/** An editor wants a screen. */
const editor: TextTool = (_input, args) => {
  const name = args.find((word) => !/^[-+]/.test(word)) ?? 'FILE'
  return failure(
    `packetwalk: there is no editor here; sed -i 's/OLD/NEW/' ${name} changes lines, cat > ${name} <<EOF writes the file anew`,
  )
}

/** Commands that read and write files of a host. */
export const FILE_TOOLS: Readonly<Record<string, TextTool>> = {
  cat,
  ls,
  rm,
  cp: (input, args) => transfer('cp', input, args),
  mv: (input, args) => transfer('mv', input, args),
  mkdir,
  rmdir,
  touch,
  tee,
  diff,
  cd,
  pwd: ({ files }) => done([], `${files.folder}\n`),
  echo: (_input, args) => done([], printedWords(args)),
  vi: editor,
  vim: editor,
  nano: editor,
  emacs: editor,
}
