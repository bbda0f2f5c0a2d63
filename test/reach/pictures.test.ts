// The picture of who reaches whom: every theme can be read, and what a colour says a mark says too.
import { describe, expect, it } from 'vitest'
import { reachHtml, reachOf, reachSvg } from '../../src/ask/index.ts'
import { MARKS, SQUARES, WORDS } from '../../src/reach/forms/picture-css.ts'
import { scene } from '../../src/teach/index.ts'
import { contrast } from '../support/contrast.ts'

const reach = reachOf(scene('policy').lab, { packets: false })
const THEMES = ['light', 'dark', 'print'] as const
const words = Object.keys(WORDS) as (keyof typeof WORDS)[]

describe.each(THEMES)('%s', (theme) => {
  it.each(words.filter((word) => word !== 'allowed'))('the mark of %s stands out from its square', (word) => {
    const { fill, mark } = SQUARES[theme][word]
    expect(contrast(fill, mark)).toBeGreaterThanOrEqual(3)
  })

  it('has its colours, and those of no other', () => {
    const svg = reachSvg(reach, { theme })
    expect(svg).toContain(`class="pw-reach-${theme}"`)
    expect(svg).not.toContain('prefers-color-scheme')
    for (const word of words)
      expect(svg).toContain(`.pw-reach-${theme} rect.${word}{fill:${SQUARES[theme][word].fill}}`)
    const rules =
      /<style>(.*?)<\/style>/s
        .exec(svg)?.[1]
        ?.split('}')
        .filter((rule) => rule !== '') ?? []
    expect(rules.filter((rule) => !rule.startsWith(`.pw-reach-${theme} `))).toEqual([])
    expect(reachHtml(reach, { theme })).toContain(svg)
  })
})

it('print knows only greys', () => {
  for (const { fill, mark } of Object.values(SQUARES.print)) {
    for (const colour of [fill, mark]) expect(colour).toMatch(/^#(..)\1\1$/)
  }
})

it('no two squares have the same mark', () => {
  const marks = words.map((word) => MARKS[word](0, 0))
  expect(new Set(marks).size).toBe(words.length)
})

it('every square of a pair that is denied has a cross, and the legend one', () => {
  const svg = reachSvg(reach, { theme: 'print' })
  const squares = [...svg.matchAll(/<rect class="cell denied" x="(\d+)" y="(\d+)"/g)]
  const [, d = ''] = /<path class="denied" d="([^"]*)"/.exec(svg) ?? []
  expect(squares.length).toBeGreaterThan(2)
  expect(d).toBe(
    squares
      .map(([, x, y]) => MARKS.denied(Number(x), Number(y)))
      .sort((a, b) => order(d, a) - order(d, b))
      .join(''),
  )
})

const order = (all: string, one: string): number => all.indexOf(one)

it('left to the reader, the theme is that of the screen', () => {
  expect(reachSvg(reach)).toContain('@media (prefers-color-scheme:dark)')
})

it('a theme nobody knows is refused', () => {
  expect(() => reachSvg(reach, { theme: 'sepia' as never })).toThrow('one of auto, light, dark, print')
  expect(() => reachHtml(reach, { theme: 'sepia' as never })).toThrow('one of auto, light, dark, print')
})
