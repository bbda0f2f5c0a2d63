import { checkCount, checkReport, printableLines } from '../model/index.ts'
import type { CapturedSource, CaptureReport } from './report.ts'
import { CAPTURE_FORM } from './report-form.ts'
import { disappearedWords, flowWords, headOf, packetWords } from './text.ts'

/** A report as Markdown, for tickets and wikis. @param limit - packets of each capture; absent = 50 */
export function captureMarkdown(report: CaptureReport, limit = 50): string {
  checkReport('report', report, CAPTURE_FORM)
  checkCount('limit', limit)
  const { sources, flows, disappeared } = report
  const blocks = [
    ...sources.flatMap((source) => sourceBlocks(source, limit)),
    ...listOf(
      'Between the captures',
      disappeared.map((one) => disappearedWords(one, report)),
    ),
    ...listOf('What the simulation makes of each conversation', flows.map(flowWords)),
  ]
  return `${blocks.join('\n\n')}\n`
}

function sourceBlocks(source: CapturedSource, limit: number): string[] {
  const { packets, missing, remarks, fault } = source
  const rows = packets
    .slice(0, limit)
    .map((one) => [String(one.number), (one.time / 1e9).toFixed(6), one.line, packetWords(one)])
  return [
    `### ${cell(headOf(source))}`,
    table(['packet', 'seconds', 'as tcpdump has it', 'what it is'], rows),
    ...(packets.length > limit ? [`${packets.length - limit} more packets.`] : []),
    ...listOf(
      'Missing',
      missing.map(({ what, after, means }) => `${what}, after packet ${after}: ${means}`),
    ),
    ...listOf('Worth a word', [
      ...(fault === undefined ? [] : [`the file is damaged ${fault}`]),
      ...remarks.map(({ number, what }) => `packet ${number}: ${what}`),
    ]),
  ]
}

function listOf(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`${title}:\n\n${items.map((item) => `* ${cell(item)}`).join('\n')}`]
}

/** Signs that mean something in a cell. */
function cell(text: string): string {
  return printableLines(text)
    .replace(/[\\|*_<>`[\]]/g, '\\$&')
    .replaceAll('\n', ' ')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `| ${head.map(() => '---').join(' | ')} |`, ...rows.map(line)].join('\n')
}
