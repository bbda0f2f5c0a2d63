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

/** Ranges that have begun and not ended: until which line, where that is known. */
type OpenRanges = Map<SedCommand, number | undefined>

/** A script over lines: what it prints. */
function run(asked: Asked, lines: readonly string[]): string {
  const out: string[] = []
  const cycle = new Cycle(lines, asked.isSilent, out)
  while (cycle.begin()) {
    cycle.perform(asked.script)
    cycle.end()
  }
  return textOf(out)
}

/** The line a script works on, and what is printed before and behind it. */
class Cycle {
  private readonly lines: readonly string[]
  private readonly isSilent: boolean
  private readonly out: string[]
  private readonly open: OpenRanges = new Map()
  private line: string | undefined
  private after: string[] = []
  private number = 0
  private quits = false

  constructor(lines: readonly string[], isSilent: boolean, out: string[]) {
    this.lines = lines
    this.isSilent = isSilent
    this.out = out
  }

  /** Takes the next line; false when there is none. */
  begin(): boolean {
    if (this.quits || this.number >= this.lines.length) return false
    this.line = this.lines[this.number++]
    return true
  }

  /** Prints the line, unless it was deleted. */
  end(): void {
    if (this.line !== undefined && !this.isSilent) this.out.push(this.line)
    this.out.push(...this.after)
    this.after = []
  }

  perform(script: readonly SedCommand[]): void {
    for (const command of script) {
      const { line, number } = this
      if (line === undefined || this.quits) return
      const place = { number, isLast: number === this.lines.length, line }
      if (applies(command, place, this.open)) this.act(command.action, line)
    }
  }

  private act(action: SedAction, line: string): void {
    switch (action.does) {
      case 'append':
        this.after.push(action.text)
        return
      case 'insert':
        this.out.push(action.text)
        return
      case 'change':
        this.out.push(action.text)
        this.line = undefined
        return
      case 'print':
        this.out.push(line)
        return
      case 'number':
        this.out.push(String(this.number))
        return
      case 'delete':
        this.line = undefined
        return
      case 'quit':
        this.quits = true
        return
      case 'next':
        // Without a next line GNU's sed prints this one and ends.
        if (this.number >= this.lines.length) this.quits = true
        else {
          this.end()
          this.begin()
        }
        return
      case 'block':
        this.perform(action.commands)
        return
      case 'substitute':
      case 'transliterate': {
        const fresh = changed(line, action)
        this.line = fresh ?? line
        if (action.does === 'substitute' && action.prints && fresh !== undefined) this.out.push(fresh)
        return
      }
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
  const { number } = place
  if (!open.has(command)) {
    if (!fits(first, place)) return false
    const end = endOf(last, number)
    if (end === undefined || end > number) open.set(command, end)
    return true
  }
  const end = open.get(command)
  const isPast = end !== undefined && number > end
  if (isPast || number === end || fits(last, place)) open.delete(command)
  return !isPast
}

/** The last line of a range that begins at a line, where that is known then. */
function endOf(last: Address, number: number): number | undefined {
  if (last === 'last' || 'pattern' in last) return undefined
  return 'line' in last ? last.line : number + last.more
}

function fits(address: Address, { number, isLast, line }: Place): boolean {
  if (address === 'last') return isLast
  if ('more' in address) return false
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
