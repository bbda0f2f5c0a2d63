import { decodeUtf8, encodeUtf8 } from '../../wire/index.ts'
import { byteCount, inputsOf, linesOf, ofTexts, type TextTool, textOf } from './tool.ts'

/** `head`, `head -5`, `head -n 5 [FILE…]`, `head -c 5`; `-n -2` leaves out the last two. */
export const head: TextTool = (input, args) =>
  counted('head', input, args, (all, n, sign) =>
    sign === '-' ? all.slice(0, Math.max(0, all.length - n)) : all.slice(0, n),
  )

/** `tail`, `tail -5`, `tail -n 5 [FILE…]`, `tail -c 5`; `-n +2` begins with the second. */
export const tail: TextTool = (input, args) =>
  counted('tail', input, args, (all, n, sign) => {
    if (sign === '+') return all.slice(Math.max(0, n - 1))
    return n === 0 ? [] : all.slice(-n)
  })

function counted(
  tool: string,
  input: Parameters<TextTool>[0],
  args: readonly string[],
  take: <T>(all: T[], n: number, sign: string) => T[],
): ReturnType<TextTool> {
  const [first = '', second = ''] = args
  const joined = /^-[nc]$/.test(first) ? `${first} ${second}` : first
  const found = /^-(?:([nc]) ?([+-]?)|(?=\d))(\d+)$/.exec(joined)
  const names = args.slice(found === null ? 0 : /^-[nc]$/.test(first) ? 2 : 1)
  if (names.some((name) => name.startsWith('-') && name !== '-')) return undefined
  const { texts, stderr } = inputsOf(tool, input, names)
  const [, unit, sign = '', number = '10'] = found ?? []
  const parts = texts.map(({ name, text }, i) => {
    const title = texts.length > 1 ? `${i > 0 ? '\n' : ''}==> ${name} <==\n` : ''
    const taken =
      unit === 'c'
        ? decodeUtf8(Uint8Array.from(take([...encodeUtf8(text)], Number(number), sign)))
        : textOf(take(linesOf(text), Number(number), sign))
    return `${title}${taken}`
  })
  const said = stderr.replace(/^(\w+): (.*): (No such file or directory)$/gm, "$1: cannot open '$2' for reading: $3")
  const whole = said.replace(/^(\w+): (.*): (Is a directory)$/gm, "$1: error reading '$2': $3")
  return { stdout: parts.join(''), stderr: whole, exitCode: stderr === '' ? 0 : 1 }
}

/** `sort [-rnuVk N] [FILE…]`. */
export const sort: TextTool = (input, args) => {
  const { flags, values, names } = simpleFlags(args, 'rnuhV', 'kt')
  if (names === undefined) return undefined
  const [, column, last, letters = ''] = /^(\d+)(?:,(\d+))?([nrhV]*)$/.exec(values['k'] ?? '') ?? []
  if (values['k'] !== undefined && column === undefined) return undefined
  const ways = flags + letters
  const separator = values['t'] ?? /\s+/
  // A key without an end goes to the end of the line.
  const keyOf = (line: string): string =>
    column === undefined
      ? line
      : line
          .trim()
          .split(separator)
          .slice(Number(column) - 1, last === undefined ? undefined : Number(last))
          .join(values['t'] ?? ' ')
  const byNumber = (a: string, b: string): number => (Number.parseFloat(a) || 0) - (Number.parseFloat(b) || 0)
  const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  const byVersion = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })
  const compare = ways.includes('n') || ways.includes('h') ? byNumber : ways.includes('V') ? byVersion : byText
  const { texts, stderr } = inputsOf('sort', input, names)
  const lines = texts.flatMap(({ text }) => linesOf(text))
  const sorted = lines.sort((a, b) => compare(keyOf(a), keyOf(b)) || byText(a, b))
  const ordered = ways.includes('r') ? sorted.reverse() : sorted
  const kept = flags.includes('u') ? ordered.filter((line, i) => i === 0 || line !== ordered[i - 1]) : ordered
  // It reads all before it prints any.
  if (stderr !== '')
    return { stdout: '', stderr: stderr.replace(/^sort: (?!packetwalk)/gm, 'sort: cannot read: '), exitCode: 2 }
  return { stdout: textOf(kept) }
}

/** `uniq [-cdu]`. */
export const uniq: TextTool = (input, args) => {
  const { flags, names } = simpleFlags(args, 'cdu')
  if (names === undefined) return undefined
  return ofTexts('uniq', input, names, (lines) => {
    const runs: { line: string; count: number }[] = []
    for (const line of lines) {
      const last = runs.at(-1)
      if (last?.line === line) last.count += 1
      else runs.push({ line, count: 1 })
    }
    const kept = runs.filter(
      ({ count }) => (!flags.includes('d') || count > 1) && (!flags.includes('u') || count === 1),
    )
    return kept.map(({ line, count }) => (flags.includes('c') ? `${String(count).padStart(7)} ${line}` : line))
  })
}

/** `wc [-lwc] [FILE…]`. */
export const wc: TextTool = (input, args) => {
  const { flags, names } = simpleFlags(args, 'lwc')
  if (names === undefined) return undefined
  const { texts, stderr } = inputsOf('wc', input, names)
  const shown = [...'lwc'].filter((flag) => flags === '' || flags.includes(flag))
  const counts = texts.map(({ text }): Record<string, number> => {
    const words = text.split(/\s+/).filter((word) => word !== '').length
    return { l: text.split('\n').length - 1, w: words, c: byteCount(text) }
  })
  const totals = { l: 0, w: 0, c: 0 } as Record<string, number>
  for (const one of counts) for (const flag of shown) totals[flag] = (totals[flag] ?? 0) + (one[flag] ?? 0)
  const rows = texts.map(({ name }, i) => ({ name: name === '-' ? '' : ` ${name}`, numbers: counts[i] ?? totals }))
  if (texts.length > 1) rows.push({ name: ' total', numbers: totals })
  const isPiped = rows.some(({ name }) => name === '') && shown.length > 1
  const width = isPiped
    ? 7
    : Math.max(...rows.flatMap(({ numbers }) => shown.map((flag) => String(numbers[flag]).length)))
  const lines = rows.map(
    ({ name, numbers }) => shown.map((flag) => String(numbers[flag]).padStart(width)).join(' ') + name,
  )
  return { stdout: textOf(lines), stderr, exitCode: stderr === '' ? 0 : 1 }
}

/** `cut -d C -f LIST`, `cut -c LIST`. */
export const cut: TextTool = (input, args) => {
  const { flags, values, names } = simpleFlags(args, 's', 'dfc')
  const { d = '\t', f, c } = values
  const list = rangesOf(f ?? c ?? '')
  if (names === undefined || (f === undefined) === (c === undefined) || list === undefined || d.length !== 1)
    return undefined
  return ofTexts('cut', input, names, (lines) =>
    lines.flatMap((line) => {
      if (c !== undefined) return [[...line].filter((_, i) => list(i + 1)).join('')]
      if (!line.includes(d)) return flags.includes('s') ? [] : [line]
      return [
        line
          .split(d)
          .filter((_, i) => list(i + 1))
          .join(d),
      ]
    }),
  )
}

/** `1,3-5,7-`. */
function rangesOf(text: string): ((n: number) => boolean) | undefined {
  const parts = text.split(',').map((part) => /^(\d*)(-?)(\d*)$/.exec(part))
  if (parts.some((part) => part === null || part[0] === '' || part[0] === '-')) return undefined
  const bounds = parts.map((part) => {
    const [, low = '', dash = '', high = ''] = part ?? []
    return {
      low: low === '' ? 1 : Number(low),
      high: dash === '' ? Number(low) : high === '' ? Number.POSITIVE_INFINITY : Number(high),
    }
  })
  return (n) => bounds.some(({ low, high }) => n >= low && n <= high)
}

/** `tr SET SET`, `tr -d SET`, `tr -s SET`; sets of letters, ranges and classes. */
export const tr: TextTool = (input, args) => {
  const { flags, names } = simpleFlags(args, 'ds')
  const [from, to] = (names ?? []).map(lettersOf)
  if (names === undefined || from === undefined || names.length > 2 || input.stdin === undefined) return undefined
  if (flags.includes('d')) return { stdout: [...input.stdin].filter((c) => !from.includes(c)).join('') }
  const mapped = [...input.stdin].map((c) => {
    const at = from.indexOf(c)
    return at === -1 || to === undefined ? c : (to[Math.min(at, to.length - 1)] ?? '')
  })
  if (!flags.includes('s')) return to === undefined ? undefined : { stdout: mapped.join('') }
  const squeezed = to ?? from
  return { stdout: mapped.filter((c, i) => i === 0 || c !== mapped[i - 1] || !squeezed.includes(c)).join('') }
}

const CLASSES: Readonly<Record<string, string>> = {
  '[:upper:]': 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  '[:lower:]': 'abcdefghijklmnopqrstuvwxyz',
  '[:digit:]': '0123456789',
  '[:space:]': ' \t\n\r\f\v',
}

function lettersOf(set: string): string {
  return set
    .replace(/\[:\w+:\]/g, (name) => CLASSES[name] ?? name)
    .replace(/\\n/g, '\n')
    .replace(/\\t/g, '\t')
    .replace(/([a-zA-Z0-9])-([a-zA-Z0-9])/g, (_, low: string, high: string) => {
      const [a, b] = [low.charCodeAt(0), high.charCodeAt(0)]
      return String.fromCharCode(...Array.from({ length: Math.max(0, b - a + 1) }, (_none, i) => a + i))
    })
}

/** Flags of one letter each, those with a value, and what is neither; no names for a flag that is not known. */
function simpleFlags(
  args: readonly string[],
  plain: string,
  valued = '',
): { flags: string; values: Readonly<Record<string, string>>; names: readonly string[] | undefined } {
  const names: string[] = []
  const values: Record<string, string> = {}
  let flags = ''
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string
    if (!/^-./.test(word)) {
      names.push(word)
      continue
    }
    for (let k = 1; k < word.length; k++) {
      const letter = word[k] as string
      if (valued.includes(letter)) {
        const value = k + 1 < word.length ? word.slice(k + 1) : args[++i]
        if (value === undefined) return { flags, values, names: undefined }
        values[letter] = value
        break
      }
      if (!plain.includes(letter)) return { flags, values, names: undefined }
      flags += letter
    }
  }
  return { flags, values, names }
}
