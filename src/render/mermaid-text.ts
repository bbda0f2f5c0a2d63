import { printable } from '../model/index.ts'
import { wrapHard } from './layout-text.ts'

/**
 * What Mermaid, the Markdown around it or HTML would read: ends of statements and strings, its entities (which begin with a hash and
 * stand for all of these), comments and directives (`%%`), formulas (`$$`), icons (`fa:`), tags, entities of HTML, statements about style
 * anywhere in a line, whose last semicolon it takes away.
 */
const READ = /["#$%&;<@\\`{}¶]|^\s*(?:no)?wrap(?=:)|fa[a-z]?(?=:fa-)|s(?=tyle)|c(?=lassDef)/g

/** Text that Mermaid takes as text, as a label in quotes and as a message of a sequence. */
export function mermaidText(text: string): string {
  // While it reads it writes entities with this ligature, and finds those of a text too.
  const plain = printable(text.replace(/\s+/g, ' ')).replaceAll('ﬂ', 'fl')
  return plain.replace(READ, (found) => [...found].map((char) => `#${char.codePointAt(0)};`).join(''))
}

/** Texts folded to a width, line under line. Mermaid breaks lines nowhere by itself in what a sequence says. */
export function mermaidLines(texts: readonly string[], width: number): string {
  return texts
    .flatMap((text) => wrapHard(printable(text.replace(/\s+/g, ' ')), width))
    .map(mermaidText)
    .join('<br/>')
}
