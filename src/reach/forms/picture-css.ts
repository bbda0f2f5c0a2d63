import type { Palette, ThemeName } from '../../render/index.ts'
import type { ReachVerdict } from '../reach.ts'
import { COLOURS } from './tables.ts'

/** What a square of the picture can say. */
export type Shown = ReachVerdict | 'mixed'

/** Everything it can say, and the words for it, in the order of the legend. */
export const WORDS: Readonly<Record<Shown, string>> = {
  allowed: 'allowed',
  mixed: 'some allowed, the rest denied',
  denied: 'denied',
  partly: 'partly',
  broken: 'broken',
  undecided: 'undecided',
}

/** A square, and the mark on it, each `#rrggbb`. */
export interface Square {
  /** Colour of the square. */
  readonly fill: string
  /** Colour of its mark. */
  readonly mark: string
}

const INK = '#12161e'

/** Squares by theme. `print` is greys: there the marks tell them apart, as they do for those who see no colours. */
export const SQUARES: Readonly<Record<ThemeName, Readonly<Record<Shown, Square>>>> = {
  light: {
    allowed: { fill: COLOURS.allowed, mark: INK },
    mixed: { fill: COLOURS.mixed, mark: INK },
    denied: { fill: COLOURS.denied, mark: INK },
    partly: { fill: COLOURS.partly, mark: INK },
    broken: { fill: COLOURS.broken, mark: '#ffffff' },
    undecided: { fill: COLOURS.undecided, mark: '#ffffff' },
  },
  dark: {
    allowed: { fill: '#3fbf8f', mark: INK },
    mixed: { fill: '#5aa9d6', mark: INK },
    denied: { fill: '#77839a', mark: INK },
    partly: { fill: '#e8b64c', mark: INK },
    broken: { fill: '#ff7a72', mark: INK },
    undecided: { fill: '#b79be3', mark: INK },
  },
  print: {
    allowed: { fill: '#ffffff', mark: '#000000' },
    mixed: { fill: '#f0f0f0', mark: '#000000' },
    denied: { fill: '#cfcfcf', mark: '#000000' },
    partly: { fill: '#ffffff', mark: '#000000' },
    broken: { fill: '#000000', mark: '#ffffff' },
    undecided: { fill: '#ffffff', mark: '#000000' },
  },
}

/** The mark of a square, 16 pixels wide, by its upper left corner; what is allowed has none. */
export const MARKS: Readonly<Record<Shown, (x: number, y: number) => string>> = {
  allowed: () => '',
  mixed: (x, y) => `M${x + 4} ${y + 12}l8 -8`,
  denied: (x, y) => `M${x + 5} ${y + 5}l6 6m0 -6l-6 6`,
  partly: (x, y) => `M${x + 3} ${y + 8}h10`,
  broken: (x, y) => `M${x + 8} ${y + 3}v6m0 3.5v0.5`,
  undecided: (x, y) => `M${x + 5} ${y + 8}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0`,
}

/** Rules of the picture for one palette, all of them below a class. */
export function pictureRules(under: string, palette: Palette, name: ThemeName): string {
  const squares = Object.entries(SQUARES[name]).flatMap(([word, { fill, mark }]) => [
    `rect.${word}{fill:${fill}}`,
    `path.${word}{stroke:${mark}}`,
  ])
  return [
    `.paper{fill:${palette.paper}}`,
    `text{fill:${palette.ink}}`,
    `text.note{fill:${palette.quiet}}`,
    `.cell{stroke:${palette.rule}}`,
    ...squares,
  ]
    .map((rule) => `${under} ${rule}`)
    .join('')
}

/** Rules of the page around it. */
export function pageRules(palette: Palette, name: ThemeName): string {
  const rows = Object.entries(SQUARES[name]).map(([word, { fill }]) => `tr.${word}{border-left-color:${fill}}`)
  return `:root{color-scheme:${name === 'dark' ? 'dark' : 'light'}}body{color:${palette.ink};background:${palette.paper}}td,th{border-bottom-color:${palette.rule}}${rows.join('')}`
}
