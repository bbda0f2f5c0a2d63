import { type PayloadReport, payloadMarkdown, payloadOf, payloadText } from '../../payload/index.ts'
import type { PAYLOAD_FORMATS } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { namespaceOf, openLab, type SourceOptions } from '../open-lab.ts'
import { standardOutput } from '../standard-stream.ts'
import { columnsOf } from '../terminal.ts'

/** Options of `packetwalk mtu`. */
export interface MtuOptions extends SourceOptions {
  /** `-S`. */
  readonly from?: string
  /** `-D`. */
  readonly to?: string
  /** `-6`. */
  readonly ipv6?: boolean
  /** `--limit`. */
  readonly limit?: number
  /** `-o`. */
  readonly output: (typeof PAYLOAD_FORMATS)[number]
}

/** Says how large packets may be between the ends of a network; status 1 when large ones vanish, 3 when that is open. */
export function mtuCommand(options: MtuOptions): number {
  const { from, to, ipv6, limit } = options
  const { lab } = openLab(options)
  const namespace = namespaceOf(options)
  const report = payloadOf(lab, {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(limit === undefined ? {} : { limit }),
    ...(ipv6 === true ? { family: 6 } : {}),
  })
  standardOutput.write(rendered(report, options))
  return report.verdict === 'black_hole' ? EXIT.failed : report.verdict === 'undecided' ? EXIT.unknown : EXIT.ok
}

function rendered(report: PayloadReport, { output }: MtuOptions): string {
  switch (output) {
    case 'text':
      return payloadText(report, Math.max(80, Math.min(160, columnsOf(standardOutput.terminal))))
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`
    case 'md':
      return payloadMarkdown(report)
  }
}
