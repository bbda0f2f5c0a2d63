/** A parsed Calico selector. */
export type Selector =
  | { readonly op: 'all' }
  | { readonly op: 'global' }
  | { readonly op: 'has'; readonly label: string }
  | {
      readonly op: '==' | '!=' | 'contains' | 'starts with' | 'ends with'
      readonly label: string
      readonly value: string
    }
  | { readonly op: 'in' | 'not in'; readonly label: string; readonly values: readonly string[] }
  | { readonly op: 'not'; readonly inner: Selector }
  | { readonly op: '&&' | '||'; readonly terms: readonly Selector[] }

/** Why a text is not a selector. */
export interface SelectorFault {
  /** Place of the first wrong character, from 0. */
  readonly position: number
  /** What was expected there. */
  readonly expected: string
  /** Nothing is wrong with the text, but more parentheses are inside each other than are followed. */
  readonly isTooDeep?: true
}

/** Thrown inside the parser only; callers get a {@link SelectorFault}. */
class Stop {
  readonly fault: SelectorFault
  constructor(position: number, expected: string, isTooDeep = false) {
    this.fault = { position, expected, ...(isTooDeep ? { isTooDeep } : {}) }
  }
}

const LABEL = /[A-Za-z0-9_./-]{1,512}/y
const COMPARISON =
  /[ \t]*(==|!=|contains|starts[ \t]+with|startswith|ends[ \t]+with|endswith|in|not[ \t]+in|notin)(?=[ \t]*['"{])/y

/** Parentheses inside each other that a selector may have; what walks a selector goes as deep. */
const DEEPEST = 200

/** Recursive descent over one text. */
class Parser {
  private readonly text: string
  private readonly deepest: number
  private at = 0
  private depth = 0

  constructor(text: string, deepest: number) {
    this.text = text
    this.deepest = deepest
  }

  whole(): Selector {
    this.blank()
    if (this.at === this.text.length) return { op: 'all' }
    const selector = this.or()
    if (this.at < this.text.length) throw new Stop(this.at, '"&&", "||" or the end')
    return selector
  }

  private blank(): void {
    while (this.text[this.at] === ' ' || this.text[this.at] === '\t') this.at += 1
  }

  private take(token: string): boolean {
    this.blank()
    if (!this.text.startsWith(token, this.at)) return false
    this.at += token.length
    this.blank()
    return true
  }

  private or(): Selector {
    const terms = [this.and()]
    while (this.take('||')) terms.push(this.and())
    return terms.length === 1 ? terms[0]! : { op: '||', terms }
  }

  private and(): Selector {
    const terms = [this.operation()]
    while (this.take('&&')) terms.push(this.operation())
    return terms.length === 1 ? terms[0]! : { op: '&&', terms }
  }

  private operation(): Selector {
    let negated = false
    while (this.take('!')) negated = !negated
    const inner = this.plain()
    return negated ? { op: 'not', inner } : inner
  }

  private plain(): Selector {
    if (this.take('(')) {
      this.depth += 1
      if (this.depth > this.deepest) this.tooDeep()
      const inner = this.or()
      if (!this.take(')')) throw new Stop(this.at, '")"')
      this.depth -= 1
      return inner
    }
    for (const op of ['all', 'global'] as const) {
      if (this.take(`${op}(`)) {
        if (!this.take(')')) throw new Stop(this.at, '")"')
        return { op }
      }
    }
    if (this.take('has(')) {
      const label = this.label()
      if (!this.take(')')) throw new Stop(this.at, '")"')
      return { op: 'has', label }
    }
    return this.comparison(this.label())
  }

  private tooDeep(): never {
    throw new Stop(this.at, `at most ${this.deepest} parentheses inside each other`, true)
  }

  private label(): string {
    this.blank()
    LABEL.lastIndex = this.at
    const found = LABEL.exec(this.text)
    if (!found) throw new Stop(this.at, 'a label, has(…), all() or "("')
    this.at += found[0].length
    return found[0]
  }

  private comparison(label: string): Selector {
    COMPARISON.lastIndex = this.at
    const found = COMPARISON.exec(this.text)
    if (!found) throw new Stop(this.at, 'a comparison and a quoted value')
    this.at += found[0].length
    const op = found[1]!
    if (op === 'in') return { op, label, values: this.set() }
    if (op.startsWith('not')) return { op: 'not in', label, values: this.set() }
    const value = this.quoted()
    if (op === '==' || op === '!=' || op === 'contains') return { op, label, value }
    return { op: op.startsWith('starts') ? 'starts with' : 'ends with', label, value }
  }

  private quoted(): string {
    this.blank()
    const quote = this.text[this.at]
    if (quote !== '"' && quote !== "'") throw new Stop(this.at, 'a quoted value')
    const end = this.text.indexOf(quote, this.at + 1)
    if (end < 0) throw new Stop(this.text.length, `a closing ${quote}`)
    const value = this.text.slice(this.at + 1, end)
    this.at = end + 1
    this.blank()
    return value
  }

  private set(): string[] {
    if (!this.take('{')) throw new Stop(this.at, '"{"')
    const values: string[] = []
    while (!this.take('}')) {
      if (values.length > 0 && !this.take(',')) throw new Stop(this.at, '"," or "}"')
      if (this.take('}')) break
      values.push(this.quoted())
    }
    return values
  }
}

/** A selector text, parsed; the fault when it is none. The empty text selects everything. @calico libcalico-go/lib/selector */
export function parseSelector(text: string, deepest: number = DEEPEST): Selector | SelectorFault {
  try {
    return new Parser(text, deepest).whole()
  } catch (stop) {
    if (stop instanceof Stop) return stop.fault
    throw stop
  }
}

/** Whether {@link parseSelector} gave a fault. */
export function isSelectorFault(parsed: Selector | SelectorFault): parsed is SelectorFault {
  return 'position' in parsed
}

/** Whether a selector selects an object with these labels. A missing label makes `!=` and `not in` true, all else false. */
export function selects(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  return selectsBy(selector, (label) => (Object.hasOwn(labels, label) ? labels[label] : undefined))
}

/** {@link selects}, where the labels are looked up one by one. */
export function selectsBy(selector: Selector, labelOf: (label: string) => string | undefined): boolean {
  switch (selector.op) {
    case 'all':
    case 'global':
      return true
    case 'not':
      return !selectsBy(selector.inner, labelOf)
    case '&&':
      return selector.terms.every((term) => selectsBy(term, labelOf))
    case '||':
      return selector.terms.some((term) => selectsBy(term, labelOf))
    case 'has':
      return labelOf(selector.label) !== undefined
    default:
      return compares(selector, labelOf(selector.label))
  }
}

type Comparison = Extract<Selector, { readonly value: string } | { readonly values: readonly string[] }>

function compares(selector: Comparison, value: string | undefined): boolean {
  switch (selector.op) {
    case '==':
      return value === selector.value
    case '!=':
      return value !== selector.value
    case 'in':
      return value !== undefined && selector.values.includes(value)
    case 'not in':
      return value === undefined || !selector.values.includes(value)
    case 'contains':
      return value?.includes(selector.value) ?? false
    case 'starts with':
      return value?.startsWith(selector.value) ?? false
    case 'ends with':
      return value?.endsWith(selector.value) ?? false
  }
}
