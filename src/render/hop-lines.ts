import type { Origin } from '../model/index.ts'
import type { HopView, ViewEnd, ViewRow } from './hop-view.ts'
import { shortName, wrap } from './layout-text.ts'
import type { Style } from './style.ts'
import type { DecisionLine } from './told.ts'

/** Columns where nobody says how many there are. */
export const DEFAULT_WIDTH = 100
/** Narrower than this nothing is folded any further. */
const LEAST_WIDTH = 40

/** The view as lines of text, none longer than `width` unless a name alone is. */
export function hopLines(view: HopView, width: number, style: Style): string[] {
  const columns = Math.max(LEAST_WIDTH, width)
  const rows = view.legs.flatMap((leg) => leg.rows)
  const places = placesFor(rows, columns)
  const lines = headLines(view, columns, style)
  let number = 0
  for (const leg of view.legs) {
    if (leg.title !== '') lines.push(`    ${style('heading', leg.title)}`)
    for (const row of leg.rows) {
      number += 1
      lines.push(
        ...rowLines(row, number, places, style),
        ...row.decisions.flatMap((one) => decided(one, columns, style)),
      )
    }
  }
  for (const line of view.ledger) lines.push(...wrapped(line, columns))
  for (const line of view.more) lines.push(...wrap(line, columns - 4).map((part) => `    ${style('minor', part)}`))
  return lines
}

/** A decision on lines of its own, below the stay it fell in. */
function decided({ text, origin, bad }: DecisionLine, columns: number, style: Style): string[] {
  const place = origin?.file === undefined ? '' : ` (${placeIn(origin)})`
  return wrapped(`${text}${place}`, columns).map((line) => (bad ? style('bad', line) : line))
}

function placeIn({ file = '', line }: Origin): string {
  return line === undefined ? file : `${file}:${line}`
}

/** Indented, and its further lines a little more. */
function wrapped(text: string, columns: number): string[] {
  return wrap(text, columns - 6).map((line, i) => `${i === 0 ? '    ' : '      '}${line}`)
}

function headLines(view: HopView, columns: number, style: Style): string[] {
  const ends = `${endText(view.from)} → ${endText(view.to)}`
  const rest = [view.question, view.outcome, view.means].filter((part) => part !== '')
  const shown = rest.map((part) => (part === view.outcome ? style(view.ok ? 'good' : 'bad', part) : part))
  const length = [ends, ...rest].join('   ').length
  if (length <= columns) return [[style('heading', ends), ...shown].join('   ')]
  const isWide = 4 + rest.join('   ').length > columns
  const pair = ends.length <= columns ? [ends] : [endText(view.from), `  → ${endText(view.to)}`]
  const heads = pair.map((line) => style('heading', line))
  return [...heads, ...(isWide ? shown : [shown.join('   ')]).map((part) => `    ${part}`)]
}

function endText(end: ViewEnd): string {
  if (end.name === '' || end.name === end.address) return end.address || 'nowhere'
  return end.address === '' ? end.name : `${end.name} ${end.address}`
}

/** Where the columns begin and how wide they are. */
interface Places {
  readonly digits: number
  readonly name: number
  readonly device: number
  readonly words: number
  /** The words stand on lines of their own: the columns before them leave no room. */
  readonly below: boolean
}

const LEAST_WORDS = 28
/** Names give way until the words have this much. */
const GOOD_WORDS = 54
const BELOW_INDENT = 6

function placesFor(rows: readonly ViewRow[], columns: number): Places {
  const digits = Math.max(2, String(rows.length).length + 1)
  const device = Math.max(0, ...rows.map((row) => deviceText(row).length))
  const longest = Math.max(0, ...rows.map((row) => row.netns.length))
  const room = columns - digits - device - GOOD_WORDS - 5
  const name = Math.min(longest, Math.max(18, Math.min(26, room)))
  const words = columns - digits - name - device - 5
  if (words >= LEAST_WORDS) return { digits, name, device, words, below: false }
  return {
    digits,
    name: Math.min(longest, Math.max(12, columns - digits - device - 3)),
    device,
    words: columns - BELOW_INDENT,
    below: true,
  }
}

function deviceText(row: ViewRow): string {
  return row.devices.join(' → ')
}

function rowLines(row: ViewRow, number: number, places: Places, style: Style): string[] {
  const name = shortName(row.netns, places.name)
  const start = `${style('minor', String(number).padStart(places.digits))} ${style('node', name.padEnd(places.name))}  ${style('device', deviceText(row).padEnd(places.device))}`
  const plainStart = places.digits + 1 + places.name + 2 + places.device
  const text = wordLines(row, places.words, style)
  const indent = ' '.repeat(places.below ? BELOW_INDENT : plainStart + 2)
  if (places.below) return [start, ...text.map((line) => `${indent}${line}`)].map((line) => line.trimEnd())
  return text.map((line, i) => `${i === 0 ? `${start}  ` : indent}${line}`.trimEnd())
}

function wordLines(row: ViewRow, room: number, style: Style): string[] {
  const assumed = row.assumed === undefined ? [] : [`assumed: ${row.assumed}`]
  const said = row.tone === 'bad' ? [...row.said, ...assumed] : [...assumed, ...row.said]
  const mark = row.tone === 'bad' ? '✗ ' : ''
  const lines = wrap(`${mark}${said.join('; ')}`, room)
  const shown = lines.map((line) =>
    row.tone === 'bad' ? style('bad', line) : row.tone === 'end' ? style('good', line) : line,
  )
  if (row.origin === undefined) return shown
  const last = lines.at(-1) ?? ''
  const beside = originForms(row.origin).find((form) => last.length + form.length + 2 <= room)
  const pad = (form: string): string => ' '.repeat(room - last.length - form.length)
  if (beside !== undefined && last !== '')
    return [...shown.slice(0, -1), `${shown.at(-1)}${pad(beside)}${style('origin', beside)}`]
  const under = originForms(row.origin).find((form) => form.length <= room)
  return under === undefined || row.tone !== 'bad'
    ? shown
    : [...shown, `${' '.repeat(room - under.length)}${style('origin', under)}`]
}

/** An origin in ever shorter forms: `felix · ipipMode Always (cluster.yaml:63)`, …, `felix`. */
function originForms(origin: Origin): string[] {
  const field = origin.field?.replace(/^spec\./, '') ?? ''
  const valued = field === '' || origin.value === undefined ? field : `${field} ${origin.value}`
  const line = origin.line === undefined ? '' : `:${origin.line}`
  const file = origin.file === undefined ? '' : `${origin.file}${line}`
  const base = origin.file === undefined ? '' : `${origin.file.slice(origin.file.lastIndexOf('/') + 1)}${line}`
  const about = valued === '' ? (origin.object ?? '') : valued
  const parts = (subject: string, place: string): string =>
    `${origin.component}${subject === '' ? '' : ` · ${subject}`}${place === '' ? '' : ` (${place})`}`
  return [
    parts(about, file),
    parts(about, base),
    parts(field, base),
    parts(valued, ''),
    parts('', base),
    parts(field, ''),
    origin.component,
  ]
}
