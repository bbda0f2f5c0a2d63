import { printableLines } from '../model/index.ts'
import type { Trace } from '../trace/index.ts'
import { checkTrace } from '../trace/index.ts'
import { escapeXml } from './escape.ts'
import { renderHtml } from './html.ts'
import { notebookHtml } from './notebook-css.ts'
import { renderSvg } from './svg.ts'
import { renderText } from './text.ts'

/** A value in the forms a notebook can show, by MIME type; the front end takes the richest it knows. */
export interface MimeBundle {
  /** For front ends that render HTML. */
  readonly 'text/html': string
  /** For those that only draw; what sent no packets has none. */
  readonly 'image/svg+xml'?: string
  /** For terminals. */
  readonly 'text/plain': string
}

/** Prose in the forms a notebook can show. */
export interface MarkdownBundle {
  /** For notebooks. */
  readonly 'text/markdown': string
  /** For terminals. */
  readonly 'text/plain': string
}

/** A trace that shows itself in notebooks: an object with the display method the Deno kernel looks for. */
export interface DisplayableTrace {
  /** The trace. */
  readonly trace: Trace
  /** The forms, for kernels that are asked by hand. */
  bundle(): MimeBundle
  /** The summary. */
  toString(): string
  /** The trace itself, so that `JSON.stringify` writes it. */
  toJSON(): Trace
  /** What notebooks ask: `Symbol.for('Jupyter.display')`. */
  readonly [display: symbol]: () => MimeBundle
}

/** The method that Deno's kernel asks of the last expression of a cell: it returns a {@link MimeBundle}. */
const JUPYTER_DISPLAY: symbol = Symbol.for('Jupyter.display')

/**
 * The method that Node's console asks: it returns what is printed. tslab has no display method and prints the last expression of
 * a cell on the console.
 */
const NODE_INSPECT: symbol = Symbol.for('nodejs.util.inspect.custom')

/** The same method for Deno's console. */
const DENO_INSPECT = Symbol.for('Deno.customInspect')

/**
 * Lets a value draw itself at the end of a notebook cell and on a console. It stays plain data: the methods are not enumerable, so
 * that copies, JSON and comparisons do not see them.
 * @param print - the plain text of it, where that takes no picture
 */
export function drawn<T extends object>(
  value: T,
  draw: () => MimeBundle | MarkdownBundle,
  print: () => string = () => draw()['text/plain'],
): T {
  Object.defineProperties(value, {
    [JUPYTER_DISPLAY]: { value: draw, configurable: true },
    [NODE_INSPECT]: { value: print, configurable: true },
    [DENO_INSPECT]: { value: print, configurable: true },
  })
  return value
}

/** A trace in every form. */
export function traceBundle(trace: Trace): MimeBundle {
  return {
    'text/html': notebookHtml(renderHtml(trace)),
    'image/svg+xml': renderSvg(trace),
    'text/plain': plainTrace(trace),
  }
}

/** A trace as consoles show it. */
export function plainTrace(trace: Trace): string {
  return renderText(trace, { view: 'hops' })
}

/** What a program printed. */
export function textBundle(text: string): MimeBundle {
  const plain = printableLines(text)
  const html = plain.replace(/[^\n\t]+/g, escapeXml)
  return { 'text/html': `<pre>${html}</pre>`, 'text/plain': plain }
}

/** Markdown, which is read as it is on terminals. */
export function markdownBundle(markdown: string): MarkdownBundle {
  const plain = printableLines(markdown)
  return { 'text/markdown': plain, 'text/plain': plain }
}

/** A trace for the last line of a notebook cell; needs no particular kernel. */
export function displayable(trace: Trace): DisplayableTrace {
  checkTrace(trace)
  const bundle = (): MimeBundle => traceBundle(trace)
  return { trace, bundle, toString: () => trace.summary, toJSON: () => trace, [JUPYTER_DISPLAY]: bundle }
}
