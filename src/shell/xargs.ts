import { failed, printed, reprinted } from './result.ts'
import type { Run } from './run.ts'

/** What `xargs` is asked. */
interface Asked {
  /** `-n`, `-L`: words, or lines, of a command at most. */
  readonly most: number
  readonly byLines: boolean
  /** `-I`: the word in whose place a line stands. */
  readonly place: string | undefined
  /** `-d`, `-0`: what stands between items; undefined = blanks. */
  readonly between: string | undefined
  readonly isSilentWhenEmpty: boolean
  readonly tells: boolean
  readonly command: readonly string[]
}

/** `xargs [-n N|-L N|-I {}] [-d C|-0] [-r] [-t] COMMAND…`: runs commands with the words of a text, one after the other. */
export function xargs(args: readonly string[], stdin: string, run: (command: readonly string[]) => Run): Run {
  const asked = askedOf(args)
  if ('stdout' in asked) return asked
  const items = itemsOf(stdin, asked)
  if (typeof items === 'string') return failed(items)
  const runs: Run[] = []
  let stdout = ''
  let stderr = ''
  for (const command of commandsOf(asked, items)) {
    const one = run(command)
    runs.push(one)
    stdout += one.stdout
    stderr += `${asked.tells ? `${command.join(' ')}\n` : ''}${one.stderr}`
    // A status of 255 ends it at once.
    if (one.exitCode === 255) break
  }
  const exitCode = statusOf(runs.map((one) => one.exitCode))
  const files = runs.flatMap((one) => one.files)
  return reprinted(runs.at(-1) ?? printed(''), { stdout, stderr, exitCode, files }, exitCode === 0)
}

function commandsOf({ command, place, most, byLines, isSilentWhenEmpty }: Asked, items: readonly string[]): string[][] {
  if (place !== undefined) return items.map((item) => command.map((word) => word.replaceAll(place, item)))
  if (items.length === 0) return isSilentWhenEmpty ? [] : [[...command]]
  const commands: string[][] = []
  for (let i = 0; i < items.length; i += most) {
    const group = items.slice(i, i + most)
    commands.push([...command, ...(byLines ? group.flatMap((line) => line.trim().split(/[ \t]+/)) : group)])
  }
  return commands
}

function askedOf(args: readonly string[]): Asked | Run {
  let most = Number.POSITIVE_INFINITY
  let byLines = false
  let place: string | undefined
  let between: string | undefined
  let [isSilentWhenEmpty, tells] = [false, false]
  let i = 0
  for (; i < args.length; i++) {
    const word = args[i] as string
    if (!word.startsWith('-') || word === '-') break
    if (word === '--') {
      i++
      break
    }
    const [, letter = '', joined = ''] = /^-([nLIdPis])(.*)$/s.exec(word) ?? []
    const value = joined !== '' || letter === '' || letter === 'i' ? joined : (args[++i] ?? '')
    if (letter === 'n' || letter === 'L') {
      if (!/^\d+$/.test(value)) return failed(`xargs: invalid number "${value}" for -${letter} option`)
      if (Number(value) < 1)
        return failed(
          `xargs: value ${value} for -${letter} option should be >= 1\nTry 'xargs --help' for more information.`,
        )
      most = Number(value)
      byLines = letter === 'L'
    } else if (letter === 'I') place = value
    else if (letter === 'i') place = joined === '' ? '{}' : joined
    else if (letter === 'd') between = { '\\n': '\n', '\\t': '\t', '\\0': '\0' }[value] ?? value.slice(0, 1)
    else if (letter === 'P')
      continue // one command runs at a time
    else if (word === '-0' || word === '--null') between = '\0'
    else if (word === '-r' || word === '--no-run-if-empty') isSilentWhenEmpty = true
    else if (word === '-t' || word === '--verbose') tells = true
    else if (/^-[rt0]{2,}$/.test(word)) {
      isSilentWhenEmpty ||= word.includes('r')
      tells ||= word.includes('t')
      if (word.includes('0')) between = '\0'
    } else return failed(`xargs: packetwalk does not know ${word}; there are -n -L -I -d -0 -r -t -P`)
  }
  const command = args.slice(i)
  return {
    most,
    byLines,
    place,
    between,
    isSilentWhenEmpty,
    tells,
    command: command.length === 0 ? ['echo'] : command,
  }
}

/** Items of a text; a text says what is wrong with it. */
function itemsOf(text: string, { between, place, byLines }: Asked): string[] | string {
  if (between !== undefined) {
    const items = text.split(between)
    return items.at(-1) === '' ? items.slice(0, -1) : items
  }
  const lines = text.split('\n').map((line) => line.replace(/^[ \t]+/, ''))
  if (place !== undefined || byLines) return lines.filter((line) => line !== '')
  return wordsOf(text)
}

/** Words between blanks; quotes and backslashes keep blanks together. A text says which quote is open. */
function wordsOf(text: string): string[] | string {
  const words: string[] = []
  let word: string | undefined
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    if (/\s/.test(c)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (c === '\\') word = (word ?? '') + (text[++i] ?? '')
    else if (c === "'" || c === '"') {
      const end = text.indexOf(c, i + 1)
      if (end === -1 || text.slice(i, end).includes('\n'))
        return `xargs: unmatched ${c === "'" ? 'single' : 'double'} quote; by default quotes are special to xargs unless you use the -0 option`
      word = (word ?? '') + text.slice(i + 1, end)
      i = end
    } else word = (word ?? '') + c
  }
  return word === undefined ? words : [...words, word]
}

/** What `xargs` ends with, by what its commands ended with. @posix xargs */
function statusOf(codes: readonly number[]): number {
  if (codes.some((code) => code === 127 || code === 126))
    return codes.find((code) => code === 127 || code === 126) ?? 127
  if (codes.some((code) => code === 255)) return 124
  return codes.some((code) => code !== 0) ? 123 : 0
}
