import { checkReport, printableLines } from '../model/index.ts'
import type { PayloadClass, PayloadReport, PayloadWay } from './report.ts'
import { PAYLOAD_FORM } from './report-form.ts'
import {
  basisWords,
  becauseWords,
  blockedWords,
  cutWords,
  fragmentWords,
  segmentWords,
  VERDICT_WORDS,
} from './words.ts'

/** A report as Markdown, for tickets and wikis. */
export function payloadMarkdown(report: PayloadReport): string {
  checkReport('report', report, PAYLOAD_FORM)
  const { classes, rests, untried } = report
  const rows = classes.flatMap((one) =>
    [one.there, one.back].flatMap((way) => (way === undefined ? [] : [rowOf(one, way)])),
  )
  const blocks = [
    table(['pair', 'way', 'packet', 'ping', 'UDP', 'TCP segment', 'verdict', 'rests on', 'why'], rows),
    ...(untried === 0 ? [] : [`${untried} more classes of pairs were not tried.`]),
    ...(rests.length === 0
      ? []
      : [`Assumed or open:\n\n${rests.map((one) => `* ${cell(becauseWords(one))}`).join('\n')}`]),
  ]
  return `${blocks.join('\n\n')}\n`
}

function rowOf({ kind, family, what }: PayloadClass, way: PayloadWay): string[] {
  const { from, to, packet, ping, udp, tcp, verdict, cut, tunnels } = way
  const why = [
    tunnels.length === 0 ? '' : `over ${tunnels.join(' in ')}`,
    cut === undefined ? '' : cutWords(cut),
    blockedWords(way),
    ping === undefined ? '' : fragmentWords(ping),
    segmentWords(way),
  ]
  return [
    `${kind}, IPv${family}: ${what}`,
    `${from} → ${to}`,
    ...[packet, ping?.whole, udp?.whole, tcp?.largest].map((one) => (one == null ? '–' : String(one))),
    VERDICT_WORDS[verdict],
    basisWords(way),
    why.filter((text) => text !== '').join('; '),
  ]
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
