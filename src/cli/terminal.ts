import { styleText } from 'node:util'
import { printableLines } from '../model/index.ts'
import { DEFAULT_WIDTH, plainStyle, type Style, type StyleRole } from '../render/index.ts'
import { standardError } from './standard-stream.ts'

type Look = Parameters<typeof styleText>[0]

const LOOKS: Readonly<Record<StyleRole, Look>> = {
  bad: ['bold', 'red'],
  change: 'yellow',
  device: 'cyan',
  good: ['bold', 'green'],
  heading: 'bold',
  in: 'green',
  minor: 'dim',
  node: ['bold', 'blue'],
  origin: 'dim',
  out: 'magenta',
  reason: 'italic',
  time: 'dim',
}

/** Colour for a stream: only on a terminal, and not with NO_COLOR. */
export function styleFor(stream: NodeJS.WriteStream | undefined): Style {
  if (!stream?.isTTY || process.env['NO_COLOR']) return plainStyle
  return (role, text) => styleText(LOOKS[role], printableLines(text), { stream })
}

/** Columns of a stream: of the terminal, or what COLUMNS says; 100 otherwise. */
export function columnsOf(stream: NodeJS.WriteStream | undefined): number {
  const said = Number(process.env['COLUMNS'])
  return stream?.isTTY ? stream.columns : Number.isInteger(said) && said > 0 ? said : DEFAULT_WIDTH
}

/** Says on standard error what is going on, once it takes longer than a second. */
export class Progress {
  private readonly started = Date.now()
  private shown = false

  /** One step; printed only when the work has taken longer than a second, and only on a terminal. */
  step(text: string): void {
    if (Date.now() - this.started < 1000 || !standardError.terminal?.isTTY) return
    standardError.write(`\r\u001b[K${text}`)
    this.shown = true
  }

  /** Wipes the line. */
  done(): void {
    if (this.shown) standardError.write('\r\u001b[K')
  }
}
