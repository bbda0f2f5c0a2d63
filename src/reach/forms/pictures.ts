import type { Reach, ReachCell, ReachEnd, ReachVerdict } from '../reach.ts'
import { checkAnswer } from '../reach-form.ts'
import { COLOURS, shown } from './tables.ts'
import { endWords } from './text.ts'
import { footnotes, outcomeWords, patternWords } from './words.ts'

const CELL = 18
const LABEL = 330
const MOST = 46
const WORDS: Readonly<Record<ReachVerdict | 'mixed', string>> = {
  allowed: 'allowed',
  mixed: 'some allowed, the rest denied',
  denied: 'denied',
  partly: 'partly',
  broken: 'broken',
  undecided: 'undecided',
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

function short(text: string): string {
  return text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text
}

/** What a cell says, for who points at it. */
function cellWords(reach: Reach, { from, to, pattern }: ReachCell): string {
  const said = patternWords(reach, reach.patterns[pattern] ?? [])
  const lines = said.map(({ headers, outcome }) => `${headers}: ${outcomeWords(outcome)}`)
  return [`${reach.ends[from]?.label} → ${reach.ends[to]?.label}`, ...lines].join('\n')
}

function colourOf(reach: Reach, { pattern }: ReachCell): string {
  const said = patternWords(reach, reach.patterns[pattern] ?? [])
  return COLOURS[shown(said.map(({ outcome }) => outcome.verdict))]
}

/** Ends that ask, and ends that are asked. */
function sides({ cells }: Reach): { readonly rows: number[]; readonly columns: number[] } {
  const sorted = (all: Iterable<number>): number[] => [...new Set(all)].sort((a, b) => a - b)
  return { rows: sorted(cells.map(({ from }) => from)), columns: sorted(cells.map(({ to }) => to)) }
}

/** The answer as a picture: a square for each pair of classes. */
export function reachSvg(reach: Reach): string {
  checkAnswer('reach', reach)
  const { rows, columns } = sides(reach)
  const top = 250
  const width = Math.max(LABEL + columns.length * CELL + 190, 840)
  const notes = footnotes(reach).flatMap((line) => line.match(/.{1,115}(\s|$)/g) ?? [])
  const height = top + rows.length * CELL + 60 + notes.length * 16
  const place = new Map(columns.map((end, i) => [end, LABEL + i * CELL]))
  const line = new Map(rows.map((end, i) => [end, top + i * CELL]))
  const label = (end: number): string => escaped(short(endWords(reach.ends[end] as ReachEnd)))
  const parts = [
    ...rows.map(
      (end) => `<text x="${LABEL - 8}" y="${(line.get(end) ?? 0) + 13}" text-anchor="end">${label(end)}</text>`,
    ),
    ...columns.map((end) => {
      const [x, y] = [(place.get(end) ?? 0) + 13, top - 8]
      return `<text x="${x}" y="${y}" transform="rotate(-50 ${x} ${y})">${label(end)}</text>`
    }),
    ...reach.cells.map((cell) => {
      const at = `x="${place.get(cell.to)}" y="${line.get(cell.from)}" width="${CELL - 2}" height="${CELL - 2}"`
      return `<rect ${at} fill="${colourOf(reach, cell)}"><title>${escaped(cellWords(reach, cell))}</title></rect>`
    }),
    ...legend(16, 20),
    ...notes.map(
      (text, i) =>
        `<text x="16" y="${top + rows.length * CELL + 40 + i * 16}" fill="#555">${escaped(text.trim())}</text>`,
    ),
  ]
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="#fff"/>\n${parts.join('\n')}\n</svg>\n`
}

function legend(x: number, y: number): string[] {
  return (Object.keys(WORDS) as (keyof typeof WORDS)[]).map((word, i) => {
    const at = y + i * 20
    return `<rect x="${x}" y="${at}" width="14" height="14" fill="${COLOURS[word]}"/><text x="${x + 22}" y="${at + 12}">${WORDS[word]}</text>`
  })
}

/** The answer as a page: the picture, and below it what each cell says. */
export function reachHtml(reach: Reach): string {
  checkAnswer('reach', reach)
  const rows = reach.cells.flatMap((cell) =>
    patternWords(reach, reach.patterns[cell.pattern] ?? []).map(({ headers, outcome }) => {
      const texts = [
        endWords(reach.ends[cell.from] as ReachEnd),
        endWords(reach.ends[cell.to] as ReachEnd),
        headers,
        outcomeWords(outcome),
        `${outcome.how}, ${outcome.certainty}`,
      ]
      const cells = texts.map((text) => `<td>${escaped(text)}</td>`).join('')
      return `<tr style="border-left:6px solid ${COLOURS[outcome.verdict]}">${cells}</tr>`
    }),
  )
  const style =
    'body{font-family:sans-serif;margin:2em}table{border-collapse:collapse;font-size:14px}td,th{padding:3px 10px;text-align:left;border-bottom:1px solid #ddd;vertical-align:top}div{overflow:auto}'
  const head = '<tr><th>from</th><th>to</th><th>what</th><th>verdict</th><th>how</th></tr>'
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Who reaches whom</title><style>${style}</style></head>\n<body><h1>Who reaches whom</h1>\n<div>${reachSvg(reach)}</div>\n<table>${head}\n${rows.join('\n')}\n</table></body></html>\n`
}
