import { checkCount, checkReport, printableLines } from '../model/index.ts'
import { shortName, wrap } from '../render/index.ts'
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

/** Columns of the table: who sends to whom, then numbers, then words. */
const WIDTHS = [49, 7, 7, 7, 7] as const

/** A report as a table with what it means below each line. @param width - columns; absent = 100 */
export function payloadText(report: PayloadReport, width = 100): string {
  checkReport('report', report, PAYLOAD_FORM)
  checkCount('width', width, 'a number of columns')
  const head = row(['bytes of data with DF; TCP: segment', 'packet', 'ping', 'UDP', 'TCP'], 'verdict', '')
  const lines = [
    head,
    ...report.classes.flatMap((one, i) => [...titleOf(one, report.classes[i - 1]), ...linesOf(one, width)]),
    ...(report.classes.length === 0 ? ['no two ends to ask: the network has no pods and nodes with addresses'] : []),
    ...(report.untried === 0 ? [] : ['', `${report.untried} more classes of pairs were not tried (--limit)`]),
    ...restLines(report, width),
  ]
  return lines.map((line) => `${printableLines(line).trimEnd()}\n`).join('')
}

function titleOf({ kind, family }: PayloadClass, before: PayloadClass | undefined): string[] {
  return before?.kind === kind && before.family === family ? [] : ['', `${kind}, IPv${family}`]
}

function row(cells: readonly string[], verdict: string, basis: string): string {
  const [first = '', ...numbers] = cells
  const columns = [first.padEnd(WIDTHS[0]), ...numbers.map((cell, i) => cell.padStart(WIDTHS[i + 1] ?? 0))]
  return `${columns.join('')}  ${verdict.padEnd(13)}${basis}`
}

function linesOf(one: PayloadClass, width: number): string[] {
  const { there, back, what, isAsymmetric } = one
  const about = wrap(`${what} (${membersOf(one)})`, width - 2).map((line) => `  ${line}`)
  if (back === undefined) return [...about, ...wayLines(there, '→', width)]
  if (isSame(there, back)) return [...about, ...wayLines(there, '↔', width)]
  const note = isAsymmetric ? ['    the two ways differ'] : []
  return [...about, ...wayLines(there, '→', width), ...wayLines(back, '→', width), ...note]
}

function membersOf({ members: [from, to], kind }: PayloadClass): string {
  const words = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
  if (kind === 'pod and Service' || kind === 'pod and outside') return words(from, 'asker')
  return `${words(from, 'member')} and ${to}`
}

/** Whether a line does for both ways: the numbers and what they mean are the same but for the names. */
function isSame(a: PayloadWay, b: PayloadWay): boolean {
  const numbers = (way: PayloadWay): string => {
    const { packet, ping, udp, tcp, verdict, tunnels } = way
    return JSON.stringify([
      packet,
      ping?.whole,
      ping?.fragmented,
      udp?.whole,
      udp?.fragmented,
      tcp,
      verdict,
      tunnels,
      blockedWords(way),
    ])
  }
  return numbers(a) === numbers(b) && a.verdict === 'fits'
}

function wayLines(way: PayloadWay, arrow: string, width: number): string[] {
  const { from, to, packet, ping, udp, tcp, tunnels, verdict } = way
  const name = `  ${shortName(from, 22)} ${arrow} ${shortName(to, 22)}`
  const numbers = [packet, ping?.whole, udp?.whole, tcp?.largest].map((one) => (one == null ? '–' : String(one)))
  const details = [
    tunnels.length === 0 ? '' : `over ${tunnels.join(' in ')}`,
    way.cut === undefined ? '' : cutWords(way.cut),
    blockedWords(way),
    ping === undefined ? '' : fragmentWords(ping),
    segmentWords(way),
    `rests on: ${basisWords(way)}`,
  ]
  const told = details.filter((text) => text !== '').flatMap((text) => folded(text, width))
  return [row([name, ...numbers], VERDICT_WORDS[verdict], ''), ...told]
}

function folded(text: string, width: number): string[] {
  return wrap(text, width - 6).map((line, i) => `${i === 0 ? '    ' : '      '}${line}`)
}

function restLines({ rests }: PayloadReport, width: number): string[] {
  if (rests.length === 0) return []
  const ways = (count: number): string => (count === 1 ? '1 way' : `${count} ways`)
  const lines = rests.flatMap((one) => folded(`${ways(one.ways)}: ${becauseWords(one)}`, width))
  return ['', 'What is assumed or open', ...lines]
}
