import { shellWords } from './words.ts'

/** A here-document while its text is still to come. */
interface Pending {
  readonly kind: 'here'
  readonly delimiter: string
  readonly stripsTabs: boolean
  readonly literal: boolean
  text: string
}

/** The here-documents of a line: announced in it, read from the lines behind it. */
export class HereDocuments {
  private pending: Pending[] = []

  /** Delimiter of one whose text has not ended. */
  get open(): string | undefined {
    return this.pending[0]?.delimiter
  }

  /** One is announced: `<<DELIMITER`. Its text is filled in by `read`. */
  begin(word: string, stripsTabs: boolean): Pending {
    const [delimiter = ''] = shellWords(word) ?? []
    const one: Pending = { kind: 'here', delimiter, stripsTabs, literal: delimiter !== word, text: '' }
    this.pending.push(one)
    return one
  }

  /** Reads the texts of those that were announced; returns where the next line begins. */
  read(text: string, from: number): number {
    let at = from
    while (this.pending.length > 0 && at < text.length) {
      const end = text.indexOf('\n', at)
      const line = text.slice(at, end === -1 ? text.length : end)
      at = end === -1 ? text.length : end + 1
      const [one] = this.pending as [Pending]
      const own = one.stripsTabs ? line.replace(/^\t+/, '') : line
      if (own === one.delimiter) this.pending.shift()
      else one.text += `${own}\n`
    }
    return at
  }
}
