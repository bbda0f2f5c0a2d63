import { HereDocuments } from './here-documents.ts'

/** Where a command reads or writes otherwise than at the terminal. */
export type Redirect =
  | {
      readonly kind: 'out'
      readonly stream: 'stdout' | 'stderr' | 'both'
      readonly append: boolean
      readonly target: string
    }
  | { readonly kind: 'join'; readonly stream: 'stdout' | 'stderr' }
  | { readonly kind: 'in'; readonly target: string }
  | { readonly kind: 'string'; readonly word: string }
  | {
      readonly kind: 'here'
      readonly text: string
      /** The delimiter was quoted: nothing in it is expanded. */
      readonly literal: boolean
    }

/** A command of a line, its words as they were typed. */
export interface Stage {
  readonly text: string
  readonly redirects: readonly Redirect[]
}

/** Commands with pipes between them, and when they run: always, or as the one before them ended. */
export interface Step {
  readonly when: 'always' | 'succeeded' | 'failed'
  readonly stages: readonly Stage[]
  /** `&` stood behind it. */
  readonly background: boolean
}

/** A line taken apart; why it was not; or what of it is still to come. */
export type ParsedLine =
  | { readonly steps: readonly Step[] }
  | { readonly refused: string }
  | { readonly unfinished: string }

/** What is said of a word of the shell that only a shell of Linux has. */
const notHere = (word: string, why: string): { readonly refused: string } => ({
  refused: `"${word}" is not known here: ${why}`,
})

const KEYWORDS: ReadonlySet<string> = new Set(
  'for while until if then else elif fi case esac do done function select [[ {'.split(' '),
)

/** Takes a line apart, here-documents and all, as a POSIX shell does; quotes stay in the words. */
export function parseLine(text: string): ParsedLine {
  const parser = new Parser(text)
  return parser.parse()
}

class Parser {
  private readonly text: string
  private at = 0
  private readonly steps: Step[] = []
  private stages: Stage[] = []
  private when: Step['when'] = 'always'
  private words = ''
  private redirects: Redirect[] = []
  private readonly documents = new HereDocuments()

  constructor(text: string) {
    this.text = text
  }

  parse(): ParsedLine {
    while (this.at < this.text.length) {
      const wrong = this.next()
      if (wrong !== undefined) return wrong
    }
    const open = this.documents.open
    if (open !== undefined) return { unfinished: `a here-document is not closed by ${open}` }
    const last = this.endStep(false)
    if (last !== undefined) return last
    if (this.when !== 'always') return { unfinished: 'a command is missing at the end' }
    return { steps: this.steps }
  }

  private next(): ParsedLine | undefined {
    const c = this.text[this.at] as string
    const two = this.text.slice(this.at, this.at + 2)
    if (c === '\\') return this.escaped(two)
    if (c === "'" || c === '"') return this.quoted(c)
    if (c === '`' || two === '$(') return this.substituted(two)
    if (c === '\n') return this.lineEnd()
    if (c === '#' && /(^|\s)$/.test(this.words)) return this.comment()
    if (c === '>' || c === '<' || two === '&>') return this.redirect()
    if (two === ';;') return notHere(';;', 'one command follows another, and nothing branches')
    if (two === '&&' || two === '||') return this.operator(2, two === '&&' ? 'succeeded' : 'failed')
    if (c === ';') return this.operator(1, 'always')
    if (c === '&') return this.ends(1, true)
    if (c === '|') return this.pipe(two)
    if (c === '(' && this.words.trim() === '') return notHere('(', 'there are no subshells')
    this.words += c
    this.at += 1
    return undefined
  }

  private escaped(two: string): ParsedLine | undefined {
    if (two.length === 1) return { unfinished: 'a line ends with a backslash' }
    if (two !== '\\\n') this.words += two
    this.at += 2
    return undefined
  }

  private quoted(quote: string): ParsedLine | undefined {
    const end = closing(this.text, this.at, quote)
    if (end === -1) return { unfinished: 'a quote is not closed' }
    this.words += this.text.slice(this.at, end)
    this.at = end
    return undefined
  }

  /** `$(…)` and what stands between backticks is taken whole: it runs when the line does. */
  private substituted(two: string): ParsedLine | undefined {
    const end = two === '$(' ? closingParenthesis(this.text, this.at + 1) : closing(this.text, this.at, '`')
    if (end === -1) return { unfinished: `${two === '$(' ? '$(' : 'a backtick'} is not closed` }
    this.words += this.text.slice(this.at, end)
    this.at = end
    return undefined
  }

  private comment(): undefined {
    const end = this.text.indexOf('\n', this.at)
    this.at = end === -1 ? this.text.length : end
  }

  private lineEnd(): ParsedLine | undefined {
    this.at = this.documents.read(this.text, this.at + 1)
    // Behind a pipe or && the command goes on in the next line.
    if (this.words.trim() === '' && this.redirects.length === 0) return undefined
    return this.endStep(false)
  }

  private operator(length: number, when: Step['when']): ParsedLine | undefined {
    const wrong = this.ends(length, false)
    this.when = when
    return wrong
  }

  private ends(length: number, background: boolean): ParsedLine | undefined {
    if (this.words.trim() === '' && this.redirects.length === 0 && this.stages.length === 0) {
      const word = this.text.slice(this.at, this.at + length)
      return { refused: `syntax error near unexpected token "${word}": a command stands before it` }
    }
    this.at += length
    return this.endStep(background)
  }

  private pipe(two: string): ParsedLine | undefined {
    if (two === '|&') this.redirects.push({ kind: 'join', stream: 'stderr' })
    this.at += two === '|&' ? 2 : 1
    return this.endStage()
  }

  private endStage(): ParsedLine | undefined {
    const text = this.words.trim()
    if (text === '' && this.redirects.length === 0) return { unfinished: 'a command is missing at a pipe' }
    const [first = ''] = text.split(/\s/, 1)
    if (KEYWORDS.has(first))
      return notHere(first, 'commands run one after another (; && ||), without loops and branches')
    this.stages.push({ text, redirects: this.redirects })
    this.words = ''
    this.redirects = []
    return undefined
  }

  private endStep(background: boolean): ParsedLine | undefined {
    if (this.words.trim() === '' && this.redirects.length === 0 && this.stages.length === 0) return undefined
    const wrong = this.endStage()
    if (wrong !== undefined) return wrong
    this.steps.push({ when: this.when, stages: this.stages, background })
    this.stages = []
    this.when = 'always'
    return undefined
  }

  private redirect(): ParsedLine | undefined {
    const found = /^(&>>?|<<<|<<-?|>>|>&|>\||<&|[<>]\(|[<>])[ \t]*/.exec(this.text.slice(this.at, this.at + 64))
    const [whole = '', operator = ''] = found ?? []
    const number = /(?:^|\s)([012])$/.exec(this.words)?.[1]
    if (number !== undefined) this.words = this.words.slice(0, -1)
    if (operator.endsWith('(')) return notHere(operator, 'a file takes the place of a command there')
    if (operator === '<&') return notHere(operator, 'streams of other numbers than 0, 1 and 2')
    this.at += whole.length
    const target = this.word()
    if (typeof target !== 'string') return target
    return this.redirected(operator, number, target)
  }

  private redirected(operator: string, number: string | undefined, target: string): ParsedLine | undefined {
    const stream = number === '2' ? 'stderr' : 'stdout'
    if (operator === '>&' && /^[12]$/.test(target)) {
      this.redirects.push({ kind: 'join', stream })
    } else if (operator.startsWith('&>') || operator === '>&') {
      this.redirects.push({ kind: 'out', stream: 'both', append: operator === '&>>', target })
    } else if (operator.startsWith('>')) {
      this.redirects.push({ kind: 'out', stream, append: operator === '>>', target })
    } else if (operator === '<') {
      this.redirects.push({ kind: 'in', target })
    } else if (operator === '<<<') {
      this.redirects.push({ kind: 'string', word: target })
    } else {
      this.redirects.push(this.documents.begin(target, operator === '<<-'))
    }
    return undefined
  }

  /** A word as it is typed, quotes and all. */
  private word(): string | ParsedLine {
    const from = this.at
    while (this.at < this.text.length && !/[\s;|&<>]/.test(this.text[this.at] as string)) {
      const c = this.text[this.at] as string
      const end = this.endOfPart(c)
      if (end === -1) return { unfinished: c === '$' ? '$( is not closed' : 'a quote is not closed' }
      this.at = end
    }
    const word = this.text.slice(from, this.at)
    return word === '' ? { refused: 'a file is missing behind a redirection' } : word
  }

  /** Where a letter of a word, or what is quoted or substituted in it, ends. */
  private endOfPart(c: string): number {
    if (c === "'" || c === '"' || c === '`') return closing(this.text, this.at, c)
    if (this.text.startsWith('$(', this.at)) return closingParenthesis(this.text, this.at + 1)
    return this.at + (c === '\\' ? 2 : 1)
  }
}

/** Where behind a quote or backtick its end is; -1 when it is not closed. */
function closing(text: string, from: number, quote: string): number {
  for (let i = from + 1; i < text.length; i++) {
    if (text[i] === '\\' && quote !== "'") i += 1
    else if (text[i] === quote) return i + 1
  }
  return -1
}

/** Where behind `(` its end is, other parentheses and quotes in it apart; -1 when it is not closed. */
function closingParenthesis(text: string, from: number): number {
  let depth = 0
  for (let i = from; i < text.length; i++) {
    const c = text[i] as string
    if (c === '\\') i += 1
    else if (c === "'" || c === '"') {
      const end = closing(text, i, c)
      if (end === -1) return -1
      i = end - 1
    } else if (c === '(') depth += 1
    else if (c === ')' && --depth === 0) return i + 1
  }
  return -1
}
