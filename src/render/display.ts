import type { Trace } from '../trace/index.ts'
import { renderHtml } from './html.ts'
import { renderSvg } from './svg.ts'
import { renderText } from './text.ts'

/** A trace in the forms a notebook can show, by MIME type; the front end takes the richest it knows. */
export interface MimeBundle {
  /** For front ends that render HTML. */
  readonly 'text/html': string
  /** For those that only draw. */
  readonly 'image/svg+xml': string
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

const JUPYTER_DISPLAY: symbol = Symbol.for('Jupyter.display')

/** A trace for the last line of a notebook cell; needs no particular kernel. */
export function displayable(trace: Trace): DisplayableTrace {
  const bundle = (): MimeBundle => ({
    'text/html': renderHtml(trace),
    'image/svg+xml': renderSvg(trace),
    'text/plain': renderText(trace, { view: 'hops' }),
  })
  return { trace, bundle, toString: () => trace.summary, toJSON: () => trace, [JUPYTER_DISPLAY]: bundle }
}
