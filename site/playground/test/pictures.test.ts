// Pictures of traces as a browser sets them, with the letters it has: no text over another, none outside of its box.
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PictureOptions, renderSvg } from '../../../src/render/index.ts'
import { type Face, widthOf } from '../../../src/render/picture/text-width.ts'
import { SCENES } from '../../../test/render/scenes.ts'

const CHROMIUM =
  process.env['CHROMIUM'] ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

const WIDTHS: readonly (readonly [string, PictureOptions])[] = [
  ['narrow', { width: 360 }],
  ['wide', {}],
  ['a screen of 1280 pixels', { width: 1280 }],
  ['projector', { width: 1280, scale: 1.6 }],
  ['narrow, address resolution open', { width: 360, resolution: 'open' }],
]
const THEMES = ['light', 'dark', 'print'] as const

/**
 * Texts of the pictures in a page that lie over another or leave the smallest box they begin in. Boxes are of what is printed
 * (getBBox is of the whole line box: accents and descenders that no letter has are taken off).
 */
const MEASURE = `[...document.querySelectorAll('svg')].flatMap((svg) => {
  const texts = [...svg.querySelectorAll('text')].map((one) => {
    const b = one.getBBox()
    const size = Number(one.getAttribute('font-size'))
    const y = Number(one.getAttribute('y'))
    const face = { size, family: one.classList.contains('pw-mono') ? 'mono' : 'sans', bold: one.classList.contains('pw-b') }
    return { what: one.textContent, x: b.x, w: one.getComputedTextLength(), y: y - 0.74 * size, h: 0.92 * size, face }
  })
  const rects = [...svg.querySelectorAll('rect')].map((one) => one.getBBox()).map((b) => ({ x: b.x, y: b.y, w: b.width, h: b.height }))
  const overlap = (a, b) => a.x < b.x + b.w - 0.5 && b.x < a.x + a.w - 0.5 && a.y < b.y + b.h - 0.5 && b.y < a.y + a.h - 0.5
  const holds = (r, t) => t.x >= r.x - 0.5 && t.x + t.w <= r.x + r.w + 0.5 && t.y >= r.y - 0.5 && t.y + t.h <= r.y + r.h + 1
  const faults = []
  for (const [i, a] of texts.entries()) {
    for (const b of texts.slice(i + 1)) if (overlap(a, b)) faults.push(a.what + ' over ' + b.what)
    const begins = { x: a.x, w: 1, y: a.y + a.h / 2, h: 1 }
    const home = rects.filter((r) => holds(r, begins)).sort((r, s) => r.w * r.h - s.w * s.h)[0]
    if (home === undefined || !holds(home, a)) faults.push(a.what + ' outside of its box')
  }
  return [{ texts, faults }]
})`

/** A picture without its colours. */
function placed(svg: string): string {
  return svg.replace(/<style>[^<]*<\/style>/, '').replace(/ pw-(?:auto|light|dark|print)"/, '"')
}

interface Measured {
  readonly texts: readonly { readonly what: string; readonly w: number; readonly face: Face }[]
  readonly faults: readonly string[]
}

describe('pictures in a browser', () => {
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
      args: ['--no-sandbox'],
    })
    page = await browser.newPage()
  })
  afterAll(() => browser.close())

  const measured = async (svgs: readonly string[]): Promise<readonly Measured[]> => {
    await page.setContent(`<!doctype html><body>${svgs.join('\n')}</body>`)
    return (await page.evaluate(MEASURE)) as readonly Measured[]
  }

  it('finds a text that lies over another, and one that leaves its box', async () => {
    const text = (x: number, y: number, words: string): string =>
      `<text font-size="12" x="${x}" y="${y}">${words}</text>`
    const box = '<rect x="0" y="0" width="60" height="40"/>'
    const [over, outside] = await measured([
      `<svg>${box}${text(2, 20, 'one')}${text(6, 24, 'two')}</svg>`,
      `<svg>${box}${text(2, 20, 'much longer than its box')}</svg>`,
    ])
    expect(over?.faults).toEqual(['one over two'])
    expect(outside?.faults).toEqual(['much longer than its box outside of its box'])
  })

  const traces = Object.entries(SCENES).map(([name, make]) => [name, make()] as const)
  it('themes differ in colours alone: one is measured for all', () => {
    const [, first] = traces[0] ?? expect.fail('no scene')
    const [light = '', ...others] = THEMES.map((theme) => renderSvg(first, { theme }))
    for (const other of others) expect(placed(other)).toBe(placed(light))
  })

  it.each(WIDTHS)('no text over another, none outside of its box: %s', async (_name, options) => {
    for (const [name, trace] of traces) {
      const [found] = await measured([renderSvg(trace, { ...options, theme: 'light' })])
      expect(found?.texts.length, name).toBeGreaterThan(3)
      expect(found?.faults, name).toEqual([])
      const wider = found?.texts.filter(({ what, w, face }) => w > widthOf(what, face) + 0.5)
      expect(wider, `${name}: wider than the picture takes it for`).toEqual([])
    }
  })
})
