import { type Address, type SedAction, type SedCommand, type SedFault, sedScript } from './sed-script.ts'
import { inputsOf, linesOf, type TextInput, type TextOutput, type TextTool, textOf } from './tool.ts'

/** What `sed` is asked. */
interface Asked {
  readonly script: readonly SedCommand[]
  readonly isSilent: boolean
  /** `-i`, and what is put behind the name of the file as it was. */
  readonly inPlace: string | undefined
  readonly names: readonly string[]
}

/** `sed [-n] [-E|-r] [-i[SUFFIX]] [-e SCRIPT]… SCRIPT [FILE…]`. */
export const sed: TextTool = (input, args) => {
  const asked = askedOf(args)
  if (asked === undefined) return undefined
  if ('fault' in asked) return { stdout: '', stderr: `sed: -e expression #1, ${asked.fault}\n`, exitCode: 1 }
  return asked.inPlace === undefined ? printed(input, asked) : edited(input, asked)
}

function askedOf(args: readonly string[]): Asked | SedFault | undefined {
  const names: string[] = []
  const scripts: string[] = []
  let [isSilent, isExtended] = [false, false]
  let inPlace: string | undefined
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string
    const [, suffix] = /^(?:-i|--in-place=?)(.*)$/.exec(word) ?? []
    if (suffix !== undefined && !/^-i[nEre]/.test(word)) inPlace = suffix
    else if (word === '-e' || word === '--expression') scripts.push(args[++i] ?? '')
    else if (/^-[nEr]+$/.test(word)) {
      isSilent ||= word.includes('n')
      isExtended ||= /[Er]/.test(word)
    } else if (word === '--regexp-extended') isExtended = true
    else if (word === '--quiet' || word === '--silent') isSilent = true
    else if (/^-./.test(word)) return undefined
    else names.push(word)
  }
  if (scripts.length === 0) scripts.push(...names.splice(0, 1))
  if (scripts.length === 0) return undefined
  const script = sedScript(scripts.join('\n'), isExtended)
  return 'fault' in script ? script : { script, isSilent, inPlace, names }
}

function printed(input: TextInput, asked: Asked): TextOutput {
  const { texts, stderr } = inputsOf('sed', input, asked.names)
  // sed reads its files as one text.
  const stdout =
    texts.length === 0
      ? ''
      : run(
          asked,
          texts.flatMap(({ text }) => linesOf(text)),
        )
  return { stdout, stderr, exitCode: stderr === '' ? 0 : 2 }
}

function edited(input: TextInput, asked: Asked): TextOutput {
  if (asked.names.length === 0) return { stdout: '', stderr: 'sed: no input files\n', exitCode: 1 }
  let stderr = ''
  for (const name of asked.names.flatMap((one) => input.files.matching(one))) {
    const text = input.files.read(name)
    if (typeof text !== 'string') {
      stderr +=
        text.fault === 'Is a directory'
          ? `sed: couldn't edit ${name}: not a regular file\n`
          : `sed: can't read ${name}: ${text.fault}\n`
      continue
    }
    const kept = asked.inPlace === '' ? undefined : input.files.write(`${name}${asked.inPlace}`, text)
    const fault = kept ?? input.files.write(name, run(asked, linesOf(text)))
    if (fault !== undefined) stderr += `sed: couldn't edit ${name}: ${fault.fault}\n`
  }
  return { stdout: '', stderr, exitCode: stderr === '' ? 0 : 2 }
}

/** Ranges that have begun and not ended. */
type OpenRanges = Set<SedCommand>

/** A script over lines: what it prints. */
function run({ script, isSilent }: Asked, lines: readonly string[]): string {
  const out: string[] = []
  const open: OpenRanges = new Set()
  for (let i = 0; i < lines.length; i++) {
    const place = { number: i + 1, isLast: i === lines.length - 1, line: lines[i] as string }
    const { line, before, after, quits } = lineOf(script, place, open)
    out.push(...before, ...(line === undefined || isSilent ? [] : [line]), ...after)
    if (quits) break
  }
  return textOf(out)
}

/** What a script makes of a line: the line, undefined when it was deleted, and what is printed before and behind it. */
interface EditedLine {
  line: string | undefined
  readonly before: string[]
  readonly after: string[]
  quits: boolean
}

function lineOf(script: readonly SedCommand[], place: Place, open: OpenRanges): EditedLine {
  const edited: EditedLine = { line: place.line, before: [], after: [], quits: false }
  for (const command of script) {
    const { line } = edited
    if (line === undefined || edited.quits) break
    if (applies(command, { ...place, line }, open)) act(command.action, edited, line, place.number)
  }
  return edited
}

function act(action: SedAction, edited: EditedLine, line: string, number: number): void {
  switch (action.does) {
    case 'append':
      edited.after.push(action.text)
      return
    case 'insert':
      edited.before.push(action.text)
      return
    case 'change':
      edited.before.push(action.text)
      edited.line = undefined
      return
    case 'print':
      edited.before.push(line)
      return
    case 'number':
      edited.before.push(String(number))
      return
    case 'delete':
      edited.line = undefined
      return
    case 'quit':
      edited.quits = true
      return
    case 'substitute':
    case 'transliterate': {
      const fresh = changed(line, action)
      edited.line = fresh ?? line
      if (action.does === 'substitute' && action.prints && fresh !== undefined) edited.before.push(fresh)
      return
    }
  }
}

interface Place {
  readonly number: number
  readonly isLast: boolean
  readonly line: string
}

function applies(command: SedCommand, place: Place, open: OpenRanges): boolean {
  const [first, last] = command.addresses
  if (first === undefined) return !command.negated
  const isIn = last === undefined ? fits(first, place) : isInRange(command, first, last, place, open)
  return isIn !== command.negated
}

/** From a line that the first address fits to the next that the second does; a number before it means that line alone. */
function isInRange(command: SedCommand, first: Address, last: Address, place: Place, open: OpenRanges): boolean {
  if (!open.has(command)) {
    if (!fits(first, place)) return false
    const endsHere = typeof last === 'object' && 'line' in last && last.line <= place.number
    if (!endsHere) open.add(command)
    return true
  }
  const isPast = typeof last === 'object' && 'line' in last && place.number > last.line
  if (isPast || fits(last, place)) open.delete(command)
  return !isPast
}

function fits(address: Address, { number, isLast, line }: Place): boolean {
  if (address === 'last') return isLast
  return 'line' in address ? address.line === number : address.pattern.test(line)
}

/** A line after a substitution; undefined when nothing in it was replaced. */
function changed(
  line: string,
  action: Extract<SedAction, { does: 'substitute' | 'transliterate' }>,
): string | undefined {
  if (action.does === 'transliterate') {
    return [...line].map((c) => (action.from.includes(c) ? (action.to[action.from.indexOf(c)] ?? c) : c)).join('')
  }
  let out = ''
  let done = 0
  let count = 0
  for (let at = 0; at <= line.length; ) {
    const found = action.pattern.find(line, at)
    if (found === undefined) break
    count += 1
    if (count >= action.from) {
      const fresh = action.replacement
        .map((part) => (typeof part === 'string' ? part : (found.groups[part] ?? '')))
        .join('')
      out += line.slice(done, found.start) + fresh
      done = found.end
      if (!action.all) break
    }
    at = found.end > found.start ? found.end : found.end + 1
  }
  return count < action.from ? undefined : out + line.slice(done)
}
