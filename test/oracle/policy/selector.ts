// The selector language of Calico (facts: policy.md §8), read by recursive descent straight into a predicate.
import type { Labels } from './objects.ts'

type Predicate = (labels: Labels) => boolean

/** What `all()` and `global()` mean where the selector stands. */
export interface Meaning {
  readonly all?: Predicate
  readonly global?: Predicate
  /** What stands before every label. */
  readonly prefix?: string
}

const LABEL = /^[A-Za-z0-9_./-]{1,512}/
const BINARY: readonly [RegExp, (have: string, want: string) => boolean][] = [
  [/^==/, (have, want) => have === want],
  [/^contains(?![A-Za-z0-9_./-])/, (have, want) => have.includes(want)],
  [/^starts[ \t]*with(?![A-Za-z0-9_./-])/, (have, want) => have.startsWith(want)],
  [/^ends[ \t]*with(?![A-Za-z0-9_./-])/, (have, want) => have.endsWith(want)],
]

class Reader {
  private readonly text: string
  private readonly meaning: Meaning
  private at = 0

  constructor(text: string, meaning: Meaning) {
    this.text = text
    this.meaning = meaning
  }

  whole(): Predicate {
    // Nothing written is nothing asked: what `all()` means here is not meant.
    if (/^[ \t]*$/.test(this.text)) return () => true
    const found = this.either()
    this.blanks()
    if (this.at !== this.text.length) this.refuse()
    return found
  }

  private refuse(): never {
    throw new Error(`selector ${JSON.stringify(this.text)}, position ${this.at}`)
  }

  private blanks(): void {
    this.take(/^[ \t]*/)
  }

  /** What matches here; undefined, and nothing taken, when it does not. */
  private take(pattern: RegExp): string | undefined {
    const found = pattern.exec(this.text.slice(this.at))?.[0]
    if (found !== undefined) this.at += found.length
    return found
  }

  private word(pattern: RegExp): string | undefined {
    this.blanks()
    return this.take(pattern)
  }

  private either(): Predicate {
    let left = this.both()
    while (this.word(/^\|\|/) !== undefined) {
      const [a, b] = [left, this.both()]
      left = (labels) => a(labels) || b(labels)
    }
    return left
  }

  private both(): Predicate {
    let left = this.one()
    while (this.word(/^&&/) !== undefined) {
      const [a, b] = [left, this.one()]
      left = (labels) => a(labels) && b(labels)
    }
    return left
  }

  private one(): Predicate {
    if (this.word(/^!/) !== undefined) {
      const inner = this.one()
      return (labels) => !inner(labels)
    }
    if (this.word(/^\(/) !== undefined) {
      const inner = this.either()
      if (this.word(/^\)/) === undefined) this.refuse()
      return inner
    }
    if (this.word(/^all\([ \t]*\)/) !== undefined) return this.meaning.all ?? (() => true)
    if (this.word(/^global\([ \t]*\)/) !== undefined) return this.meaning.global ?? (() => true)
    if (this.word(/^has\(/) !== undefined) {
      const key = this.label()
      if (this.word(/^\)/) === undefined) this.refuse()
      return (labels) => key in labels
    }
    return this.comparison(this.label())
  }

  private label(): string {
    const label = this.word(LABEL) ?? this.refuse()
    return (this.meaning.prefix ?? '') + label
  }

  private comparison(key: string): Predicate {
    for (const [operator, holds] of BINARY) {
      if (this.word(operator) === undefined) continue
      const want = this.string()
      return (labels) => key in labels && holds(labels[key]!, want)
    }
    if (this.word(/^!=/) !== undefined) {
      const want = this.string()
      return (labels) => labels[key] !== want
    }
    const isNegated = this.word(/^not[ \t]*in(?=[ \t]*\{)/) !== undefined
    if (!isNegated && this.word(/^in(?=[ \t]*\{)/) === undefined) this.refuse()
    const members = this.members()
    return (labels) => (key in labels && members.has(labels[key]!)) !== isNegated
  }

  private string(): string {
    return (this.word(/^'[^']*'|^"[^"]*"/) ?? this.refuse()).slice(1, -1)
  }

  private members(): ReadonlySet<string> {
    const found = new Set<string>()
    this.word(/^\{/)
    while (this.word(/^\}/) === undefined) {
      found.add(this.string())
      if (this.word(/^,/) === undefined) {
        if (this.word(/^\}/) === undefined) this.refuse()
        break
      }
    }
    return found
  }
}

/** A selector as a predicate over labels; an empty one takes everybody. @throws Error for what is none */
export function readSelector(text: string | undefined, meaning: Meaning = {}): Predicate {
  return new Reader(text ?? '', meaning).whole()
}
