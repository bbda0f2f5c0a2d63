import { checkArgument, checkOptions } from '../../model/index.ts'
import { escapeXml, THEMES, type Theme, themedCss } from '../../render/index.ts'
import type { Reach, ReachCell, ReachEnd } from '../reach.ts'
import { checkAnswer } from '../reach-form.ts'
import { MARKS, pageRules, pictureRules, type Shown, WORDS } from './picture-css.ts'
import { shown } from './tables.ts'
import { endWords } from './text.ts'
import { footnotes, outcomeWords, patternWords } from './words.ts'

/** How an answer is drawn. */
export interface ReachPictureOptions {
  /** Colours for light or dark surroundings, greys for `print`; `auto`, the reader's own setting, when left out. */
  readonly theme?: Theme
}

const CELL = 18
const LABEL = 330
const MOST = 46

function short(text: string): string {
  return text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text
}

/** What a cell says, for who points at it. */
function cellWords(reach: Reach, { from, to, pattern }: ReachCell): string {
  const said = patternWords(reach, reach.patterns[pattern] ?? [])
  const lines = said.map(({ headers, outcome }) => `${headers}: ${outcomeWords(outcome)}`)
  return [`${reach.ends[from]?.label} → ${reach.ends[to]?.label}`, ...lines].join('\n')
}

function shownIn(reach: Reach, { pattern }: ReachCell): Shown {
  return shown(patternWords(reach, reach.patterns[pattern] ?? []).map(({ outcome }) => outcome.verdict))
}

/** Ends that ask, and ends that are asked. */
function sides({ cells }: Reach): { readonly rows: number[]; readonly columns: number[] } {
  const sorted = (all: Iterable<number>): number[] => [...new Set(all)].sort((a, b) => a - b)
  return { rows: sorted(cells.map(({ from }) => from)), columns: sorted(cells.map(({ to }) => to)) }
}

/** The theme that is asked for. @throws InputError for another */
function themeOf(options: ReachPictureOptions): Theme {
  checkOptions(options)
  const { theme = 'auto' } = options
  checkArgument(THEMES.includes(theme), 'options.theme', `one of ${THEMES.join(', ')}`, theme)
  return theme
}

/**
 * The answer as a picture: a square for each pair of classes, coloured and marked by what becomes of its flows.
 * @throws InputError for what is no answer of `reachOf`, and for options out of range
 */
export function reachSvg(reach: Reach, options: ReachPictureOptions = {}): string {
  checkAnswer('reach', reach)
  const theme = themeOf(options)
  const { rows, columns } = sides(reach)
  const top = 250
  const width = Math.max(LABEL + columns.length * CELL + 190, 840)
  const notes = footnotes(reach).flatMap((line) => line.match(/.{1,115}(\s|$)/g) ?? [])
  const height = top + rows.length * CELL + 60 + notes.length * 16
  const place = new Map(columns.map((end, i) => [end, LABEL + i * CELL]))
  const line = new Map(rows.map((end, i) => [end, top + i * CELL]))
  const label = (end: number): string => escapeXml(short(endWords(reach.ends[end] as ReachEnd)))
  const cells = reach.cells.map((cell) => {
    const [x, y] = [place.get(cell.to) ?? 0, line.get(cell.from) ?? 0]
    return { x, y, word: shownIn(reach, cell), title: cellWords(reach, cell) }
  })
  const parts = [
    ...rows.map(
      (end) => `<text x="${LABEL - 8}" y="${(line.get(end) ?? 0) + 13}" text-anchor="end">${label(end)}</text>`,
    ),
    ...columns.map((end) => {
      const [x, y] = [(place.get(end) ?? 0) + 13, top - 8]
      return `<text x="${x}" y="${y}" transform="rotate(-50 ${x} ${y})">${label(end)}</text>`
    }),
    ...cells.map(({ x, y, word, title }) =>
      square(word, x, y, `<title>${title.split('\n').map(escapeXml).join('\n')}</title>`),
    ),
    ...legend(16, 20),
    ...marksOf([...cells, ...legendSquares(16, 20)]),
    ...notes.map(
      (text, i) =>
        `<text class="note" x="16" y="${top + rows.length * CELL + 40 + i * 16}">${escapeXml(text.trim())}</text>`,
    ),
  ]
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`
  const under = `.pw-reach-${theme}`
  const css = `${under} text{font:12px sans-serif}${under} path{fill:none;stroke-width:1.8;stroke-linecap:round;pointer-events:none}${themedCss(theme, (palette, name) => pictureRules(under, palette, name))}`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} class="pw-reach-${theme}" role="img" aria-label="Who reaches whom">\n<style>${css}</style>\n<rect class="paper" width="100%" height="100%"/>\n${parts.join('\n')}\n</svg>\n`
}

function square(word: Shown, x: number, y: number, inside = ''): string {
  return `<rect class="cell ${word}" x="${x}" y="${y}" width="${CELL - 2}" height="${CELL - 2}">${inside}</rect>`
}

/** A square and where it stands. */
interface Place {
  readonly word: Shown
  readonly x: number
  readonly y: number
}

/** The marks of all squares, a path for each word: squares are many. */
function marksOf(squares: readonly Place[]): string[] {
  return (Object.keys(WORDS) as Shown[]).flatMap((word) => {
    const d = squares.map((one) => (one.word === word ? MARKS[word](one.x, one.y) : '')).join('')
    return d === '' ? [] : [`<path class="${word}" d="${d}"/>`]
  })
}

function legendSquares(x: number, y: number): Place[] {
  return (Object.keys(WORDS) as Shown[]).map((word, i) => ({ word, x, y: y + i * 20 }))
}

function legend(x: number, y: number): string[] {
  return legendSquares(x, y).map(
    ({ word, y: at }) => `${square(word, x, at)}<text x="${x + 24}" y="${at + 12}">${WORDS[word]}</text>`,
  )
}

/**
 * The answer as a page: the picture, and below it what each cell says.
 * @throws InputError for what is no answer of `reachOf`, and for options out of range
 */
export function reachHtml(reach: Reach, options: ReachPictureOptions = {}): string {
  checkAnswer('reach', reach)
  const theme = themeOf(options)
  const rows = reach.cells.flatMap((cell) =>
    patternWords(reach, reach.patterns[cell.pattern] ?? []).map(({ headers, outcome }) => {
      const texts = [
        endWords(reach.ends[cell.from] as ReachEnd),
        endWords(reach.ends[cell.to] as ReachEnd),
        headers,
        outcomeWords(outcome),
        `${outcome.how}, ${outcome.certainty}`,
      ]
      const cells = texts.map((text) => `<td>${escapeXml(text)}</td>`).join('')
      return `<tr class="${outcome.verdict}">${cells}</tr>`
    }),
  )
  const style = `body{font-family:sans-serif;margin:2em}table{border-collapse:collapse;font-size:14px}td,th{padding:3px 10px;text-align:left;border-bottom:1px solid;vertical-align:top}tr{border-left:6px solid transparent}div{overflow:auto}${themedCss(theme, pageRules)}`
  const head = '<tr><th>from</th><th>to</th><th>what</th><th>verdict</th><th>how</th></tr>'
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Who reaches whom</title><style>${style}</style></head>\n<body><h1>Who reaches whom</h1>\n<div>${reachSvg(reach, options)}</div>\n<table>${head}\n${rows.join('\n')}\n</table></body></html>\n`
}
