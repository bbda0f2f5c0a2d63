import { checkCount, checkOptions, checkReport, confidenceText, printableLines } from '../model/index.ts'
import { wrap } from '../render/index.ts'
import { placeName } from './places.ts'
import type { CapturedFlow, CapturedPacket, CapturedSource, CaptureReport, Disappeared, Explained } from './report.ts'
import { CAPTURE_FORM } from './report-form.ts'

/** How a report is printed. */
export interface CaptureTextOptions {
  /** Packets of each capture that are printed; absent = 50. */
  readonly limit?: number
  /** Columns; absent = 100. */
  readonly width?: number
}

/** Packets that are printed unless more are asked for. */
const LIMIT = 50

/** A report for people: each capture with its place, a line a packet and what it is, what is missing, and what was predicted. */
export function captureText(report: CaptureReport, options: CaptureTextOptions = {}): string {
  checkReport('report', report, CAPTURE_FORM)
  checkOptions(options)
  const { limit = LIMIT, width = 100 } = options
  checkCount('options.limit', limit)
  checkCount('options.width', width, 'a number of columns')
  const fold = (text: string, indent: number): string[] =>
    wrap(text, width - indent - 2).map((line, i) => `${' '.repeat(i === 0 ? indent : indent + 2)}${line}`)
  const lines = [
    ...report.sources.flatMap((source, i) => [...(i === 0 ? [] : ['']), ...sourceLines(source, limit, fold)]),
    ...(report.disappeared.length === 0 ? [] : ['', 'Between the captures']),
    ...report.disappeared.flatMap((one) => fold(disappearedWords(one, report), 2)),
    ...(report.flows.length === 0 ? [] : ['', 'What the simulation makes of each conversation']),
    ...report.flows.flatMap((flow, i) => fold(flowWords(flow, i), 2)),
    ...(report.unsimulated === 0 ? [] : [`  ${report.unsimulated} more conversations were not simulated (--flows)`]),
  ]
  return lines.map((line) => `${printableLines(line).trimEnd()}\n`).join('')
}

type Fold = (text: string, indent: number) => string[]

function sourceLines(source: CapturedSource, limit: number, fold: Fold): string[] {
  const { packets, missing, remarks, fault } = source
  const more = packets.length - limit
  return [
    ...fold(headOf(source), 0),
    ...packets.slice(0, limit).flatMap((packet) => packetLines(packet, fold)),
    ...(more > 0 ? [`  ${more} more packets (--limit)`] : []),
    ...(fault === undefined ? [] : fold(`the file is damaged ${fault}`, 2)),
    ...missing.flatMap(({ what, after, means, basis }) =>
      fold(`MISSING ${what}, after packet ${after}: ${means} (${BASIS[basis]})`, 2),
    ),
    ...remarks.flatMap(({ number, what }) => fold(`packet ${number}: ${what}`, 2)),
  ]
}

const BASIS = { packets: 'from the packets alone', prediction: 'by the simulation' } as const

/** File, place, how sure that is, and how much it explains. */
export function headOf(source: CapturedSource): string {
  const { file, interface: name, place, alternatives, placeBy, fits, packets } = source
  const what = `${file}${name === '' ? '' : ` (${name})`}: ${packets.length} ${packets.length === 1 ? 'packet' : 'packets'}`
  if (place === undefined) return `${what}; no place of the network explains any of them`
  const others = alternatives.slice(0, 6).map(placeName)
  const more = alternatives.length > 6 ? ` and ${alternatives.length - 6} more` : ''
  const equal = others.length === 0 ? '' : `, or as well ${others.join(', ')}${more}`
  const how = placeBy === 'said' ? 'as --at says' : alternatives.length === 0 ? 'computed' : 'computed; equally good'
  return `${what}, taken at ${placeName(place)} (${how})${equal}; ${fits[0]} of ${fits[1]} are expected there`
}

const EXPLAINED: Readonly<Record<Explained, string>> = {
  expected: '',
  elsewhere: 'expected elsewhere',
  known: 'no prediction',
  unknown: 'UNEXPLAINED',
}

function packetLines(packet: CapturedPacket, fold: Fold): string[] {
  const { number, time, line, cutFrom } = packet
  const first = `${String(number).padStart(5)}  ${(time / 1e9).toFixed(6)}  ${line.split('\n')[0] ?? ''}`
  const cut = cutFrom === undefined ? [] : [`cut off by the capture: it had ${cutFrom} bytes`]
  return [first, ...fold([packetWords(packet), ...cut].join('; '), 7)]
}

/** What a packet is, and how it is explained. */
export function packetWords({ what, nat, explained, at }: CapturedPacket): string {
  const places = explained === 'elsewhere' ? ` at ${at.slice(0, 4).map(placeName).join(', ')}` : ''
  const word = EXPLAINED[explained]
  return [what, nat ?? '', word === '' ? '' : `${word}${places}`].filter((text) => text !== '').join('; ')
}

/** A conversation with its prediction and what that is worth. */
export function flowWords(flow: CapturedFlow, index: number): string {
  const { protocol, client, server, predicted, confidence } = flow
  const ends = `${index + 1}. ${protocol} ${client.name} ${client.address} → ${server.name} ${server.address}`
  if (predicted === '') return `${ends}: not simulated: nobody in the network could ask that`
  return `${ends}: ${predicted} (${confidenceText(confidence)})`
}

/** Packets that do not get from one capture to the next. */
export function disappearedWords(one: Disappeared, { sources, flows }: CaptureReport): string {
  const { flow, way, packets, between } = one
  const [from, to] = [one.from, one.to].map((index) => {
    const source = sources[index]
    return source?.place === undefined ? (source?.file ?? '') : placeName(source.place)
  })
  const { client, server } = flows[flow]!
  const ends = way === 'request' ? `${client.name} → ${server.name}` : `${server.name} → ${client.name}`
  const numbers = packets.length > 6 ? `${packets.slice(0, 6).join(', ')} … (${packets.length})` : packets.join(', ')
  const path = between.length === 0 ? '' : `; on the way between: ${between.map(placeName).join(', ')}`
  return `${ends}: packets ${numbers} of ${sources[one.from]?.file} are at ${from} and not at ${to}${path}`
}
