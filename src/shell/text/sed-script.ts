import type { GoPattern } from '../../model/index.ts'
import { textPattern } from './pattern.ts'

/** Where a command of sed applies: a line by its number, the last, those that a pattern fits, or so many behind the first of a range. */
export type Address = { readonly line: number } | 'last' | { readonly pattern: GoPattern } | { readonly more: number }

/** What a command of sed does to a line. */
export type SedAction =
  | {
      readonly does: 'substitute'
      readonly pattern: GoPattern
      /** Text, and numbers of groups. */
      readonly replacement: readonly (string | number)[]
      readonly all: boolean
      /** The first to replace, from 1. */
      readonly from: number
      readonly prints: boolean
    }
  | { readonly does: 'delete' | 'print' | 'quit' | 'number' | 'next' }
  | { readonly does: 'block'; readonly commands: readonly SedCommand[] }
  | { readonly does: 'append' | 'insert' | 'change'; readonly text: string }
  | { readonly does: 'transliterate'; readonly from: string; readonly to: string }

/** A command of a script of sed. */
export interface SedCommand {
  readonly addresses: readonly Address[]
  readonly negated: boolean
  readonly action: SedAction
}

/** What is not known of a script. */
export interface SedFault {
  readonly fault: string
}

/** Reads a script of sed: commands behind `;` or in lines of their own. */
export function sedScript(text: string, isExtended: boolean): readonly SedCommand[] | SedFault {
  return new Reader(text, isExtended).commands(false)
}

class Reader {
  private readonly text: string
  private readonly isExtended: boolean
  private at = 0

  constructor(text: string, isExtended: boolean) {
    this.text = text
    this.isExtended = isExtended
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length
  }

  /** Commands up to the end, or to the brace that closes them. */
  commands(isBlock: boolean): readonly SedCommand[] | SedFault {
    const commands: SedCommand[] = []
    for (;;) {
      this.skip(/[\s;]/)
      if (this.isAtEnd) return isBlock ? { fault: "unmatched `{'" } : commands
      if (this.text[this.at] === '}') {
        if (!isBlock) return { fault: "unexpected `}'" }
        this.at += 1
        return commands
      }
      const command = this.command()
      if ('fault' in command) return command
      commands.push(command)
    }
  }

  skip(what: RegExp): void {
    while (!this.isAtEnd && what.test(this.text[this.at] as string)) this.at += 1
  }

  command(): SedCommand | SedFault {
    const addresses: Address[] = []
    for (;;) {
      const address = addresses.length === 1 ? (this.more() ?? this.address()) : this.address()
      if (address === undefined) break
      if (typeof address === 'object' && 'fault' in address) return address
      addresses.push(address)
      this.skip(/ /)
      if (this.text[this.at] !== ',' || addresses.length === 2) break
      this.at += 1
      this.skip(/ /)
    }
    this.skip(/ /)
    const negated = this.text[this.at] === '!'
    if (negated) this.at += 1
    this.skip(/ /)
    const action = this.action()
    return 'fault' in action ? action : { addresses, negated, action }
  }

  /** `+N` behind the comma of a range. */
  private more(): Address | undefined {
    const [word, number] = /^\+(\d+)/.exec(this.text.slice(this.at)) ?? []
    if (word === undefined) return undefined
    this.at += word.length
    return { more: Number(number) }
  }

  private address(): Address | SedFault | undefined {
    const rest = this.text.slice(this.at)
    const [number] = /^\d+/.exec(rest) ?? []
    if (number !== undefined) {
      this.at += number.length
      return { line: Number(number) }
    }
    if (rest.startsWith('$')) {
      this.at += 1
      return 'last'
    }
    const delimiter = rest.startsWith('/') ? '/' : rest.startsWith('\\') ? rest[1] : undefined
    if (delimiter === undefined) return undefined
    this.at += rest.startsWith('/') ? 1 : 2
    const source = this.until(delimiter)
    if (source === undefined) return { fault: 'unterminated address regex' }
    const flags = this.text[this.at] === 'I' ? 'i' : ''
    this.at += flags.length
    return this.compiled(source, flags)
  }

  private compiled(source: string, flags: string): { readonly pattern: GoPattern } | SedFault {
    const pattern = textPattern(source, this.isExtended ? 'extended' : 'basic', flags)
    return pattern === undefined ? { fault: `packetwalk does not know the pattern ${source}` } : { pattern }
  }

  private action(): SedAction | SedFault {
    const c = this.text[this.at++] ?? ''
    if (c === '') return { fault: 'missing command' }
    if (c === 's') return this.substitute()
    if (c === 'y') return this.transliterate()
    if (c === 'a' || c === 'i' || c === 'c') return this.insertion(c)
    if (c === '{') return this.block()
    const plain = { d: 'delete', p: 'print', q: 'quit', n: 'next', '=': 'number' } as const
    if (!Object.hasOwn(plain, c))
      return { fault: `packetwalk does not know the command "${c}"; there are s, y, d, p, n, q, a, i, c, =, {…}` }
    return this.ended({ does: plain[c as keyof typeof plain] })
  }

  private block(): SedAction | SedFault {
    const commands = this.commands(true)
    return 'fault' in commands ? commands : { does: 'block', commands }
  }

  /** Nothing but `;`, a brace, a line's end or blanks may follow. */
  private ended(action: SedAction): SedAction | SedFault {
    this.skip(/[ \t]/)
    if (!this.isAtEnd && !/[;}\n]/.test(this.text[this.at] as string))
      return { fault: 'extra characters after command' }
    return action
  }

  private substitute(): SedAction | SedFault {
    const delimiter = this.text[this.at++] ?? ''
    const source = this.until(delimiter)
    const replacement = source === undefined ? undefined : this.until(delimiter, true)
    if (source === undefined || replacement === undefined || delimiter === '')
      return { fault: "unterminated `s' command" }
    const [flags = ''] = /^[gpiI\d]*/.exec(this.text.slice(this.at)) ?? []
    this.at += flags.length
    const compiled = this.compiled(source, /i/i.test(flags) ? 'i' : '')
    if ('fault' in compiled) return compiled
    const parts = replacementOf(replacement)
    if ('fault' in parts) return parts
    const from = Number(/\d+/.exec(flags)?.[0] ?? 1)
    if (!this.isAtEnd && !/[\s;}]/.test(this.text[this.at] as string)) return { fault: "unknown option to `s'" }
    return this.ended({
      does: 'substitute',
      pattern: compiled.pattern,
      replacement: parts,
      all: flags.includes('g'),
      from,
      prints: flags.includes('p'),
    })
  }

  private transliterate(): SedAction | SedFault {
    const delimiter = this.text[this.at++] ?? ''
    const [from, to] = [this.until(delimiter), this.until(delimiter)]
    if (from === undefined || to === undefined) return { fault: "unterminated `y' command" }
    if (from.length !== to.length) return { fault: "strings for `y' command are different lengths" }
    return this.ended({ does: 'transliterate', from, to })
  }

  /** `a\` and a line below, or GNU's `a TEXT`; the text goes to the line's end. */
  private insertion(c: 'a' | 'i' | 'c'): SedAction {
    const rest = this.text.slice(this.at)
    const [whole = '', text = ''] = /^[ \t]*(?:\\\n|\\)?([^\n]*)/.exec(rest) ?? []
    this.at += whole.length
    return { does: ({ a: 'append', i: 'insert', c: 'change' } as const)[c], text }
  }

  /** Text up to a delimiter; a delimiter behind a backslash is a letter. */
  private until(delimiter: string, keepsEscapes = false): string | undefined {
    let out = ''
    let inBracket = false
    for (; this.at < this.text.length; this.at++) {
      const c = this.text[this.at] as string
      if (c === '\\') {
        const next = this.text[++this.at] ?? ''
        out +=
          next === delimiter && !(keepsEscapes && next === '&')
            ? isSpecial(next) && !keepsEscapes
              ? `\\${next}`
              : next
            : `\\${next}`
        continue
      }
      if (c === delimiter && !inBracket) {
        this.at += 1
        return out
      }
      if (!keepsEscapes && c === '[') inBracket = true
      if (c === ']') inBracket = false
      out += c
    }
    return undefined
  }
}

/** Delimiters that would mean something in a pattern if the backslash went. */
const isSpecial = (c: string): boolean => '.*[]^$'.includes(c)

/** `&` and `\0` to `\9` are groups, `\n` and `\t` a line's end and a tab. */
function replacementOf(text: string): readonly (string | number)[] | SedFault {
  const parts: (string | number)[] = []
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    if (c === '&') parts.push(0)
    else if (c === '\\') {
      const next = text[++i] ?? ''
      if (/\d/.test(next)) parts.push(Number(next))
      else if (/[ULEul]/.test(next)) return { fault: `packetwalk does not know \\${next} in what takes the place` }
      else parts.push(next === 'n' ? '\n' : next === 't' ? '\t' : next)
    } else parts.push(c)
  }
  return parts
}
