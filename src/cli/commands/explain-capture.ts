import { type CaptureInput, captureMarkdown, captureText, explainCapture } from '../../captured/index.ts'
import type { CAPTURE_FORMATS } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { readBytes } from '../files.ts'
import { openLab, type SourceOptions } from '../open-lab.ts'
import { standardOutput } from '../standard-stream.ts'
import { columnsOf } from '../terminal.ts'

/** Options of `packetwalk explain-capture`. */
export interface ExplainCaptureOptions extends SourceOptions {
  /** `--at`, one for each file in order. */
  readonly at?: readonly string[]
  /** `--limit`. */
  readonly limit?: number
  /** `--flows`. */
  readonly flows?: number
  /** `-o`. */
  readonly output: (typeof CAPTURE_FORMATS)[number]
}

/** Explains captures; status 1 when something is missing or disappears, 3 when a packet is unexplained. */
export function explainCaptureCommand(files: readonly string[], options: ExplainCaptureOptions): number {
  const { at = [], limit, flows, output } = options
  const captures = files.map((name, i): CaptureInput => {
    const said = at[i]
    return { name, bytes: readBytes(name), ...(said === undefined ? {} : { at: said }) }
  })
  const { lab } = openLab(options)
  const report = explainCapture(lab, captures, flows === undefined ? {} : { flows })
  switch (output) {
    case 'text': {
      const width = Math.max(80, Math.min(200, columnsOf(standardOutput.terminal)))
      standardOutput.write(captureText(report, { width, ...(limit === undefined ? {} : { limit }) }))
      break
    }
    case 'json':
      standardOutput.write(`${JSON.stringify(report, null, 2)}\n`)
      break
    case 'md':
      standardOutput.write(captureMarkdown(report, limit))
      break
  }
  if (report.disappeared.length > 0 || report.sources.some(({ missing }) => missing.length > 0)) return EXIT.failed
  const isOpen = report.sources.some(({ packets }) => packets.some(({ explained }) => explained === 'unknown'))
  return isOpen ? EXIT.unknown : EXIT.ok
}
