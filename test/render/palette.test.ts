// Colours that can be read and told apart, in light and dark surroundings and in print, also by readers who do not see green.
import { describe, expect, it } from 'vitest'
import { LAYER_KINDS, PALETTES, type Palette } from '../../src/render/palette.ts'
import { contrast, linear, type Rgb } from '../support/contrast.ts'

/** What a reader with deuteranopia sees: Machado, Oliveira, Fernandes 2009, severity 1, in linear light. */
function deuteranopia([r, g, b]: Rgb): Rgb {
  return [
    0.367322 * r + 0.860646 * g - 0.227968 * b,
    0.280085 * r + 0.672501 * g + 0.047413 * b,
    -0.01182 * r + 0.04294 * g + 0.968881 * b,
  ].map((c) => Math.min(1, Math.max(0, c))) as unknown as Rgb
}

/** CIE L*a*b* under D65. */
function lab([r, g, b]: Rgb): Rgb {
  const f = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116)
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505)
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b)
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

const distance = (a: Rgb, b: Rgb): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])

/** Text and what it stands on. */
function textPairs(p: Palette): readonly (readonly [string, string, string])[] {
  const words = ['ink', 'quiet', 'request', 'reply', 'error', 'other', 'good', 'bad', 'open'] as const
  const grounds = ['paper', 'lane', 'card'] as const
  return [
    ...words.flatMap((word) => grounds.map((ground) => [`${word} on ${ground}`, p[word], p[ground]] as const)),
    ...(['ink', 'bad'] as const).map((word) => [`${word} on alarm`, p[word], p.alarm] as const),
    ['mark', p.markInk, p.mark],
    ...LAYER_KINDS.map((kind) => [kind, p.layers[kind].ink, p.layers[kind].fill] as const),
  ]
}

const pairs = LAYER_KINDS.flatMap((a, i) => LAYER_KINDS.slice(i + 1).map((b) => [a, b] as const))

describe.each(['light', 'dark', 'print'] as const)('colours of %s', (theme) => {
  const palette = PALETTES[theme]

  it.each(textPairs(palette))('text is readable: %s', (_what, ink, ground) => {
    expect(contrast(ink, ground)).toBeGreaterThanOrEqual(4.5)
  })

  it.each(LAYER_KINDS)('the border of %s is seen on a card (WCAG 1.4.11)', (kind) => {
    expect(contrast(palette.layers[kind].edge, palette.card)).toBeGreaterThanOrEqual(3)
  })

  it.each(pairs)('%s and %s are told apart without seeing green', (a, b) => {
    const seen = (kind: typeof a): Rgb => lab(deuteranopia(linear(palette.layers[kind].edge)))
    expect(distance(seen(a), seen(b))).toBeGreaterThan(15)
  })
})
