// The picture of a trace: nothing overlaps, nothing stands outside, and it says in words and marks what it says in colours.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { type PictureOptions, renderHtml, renderSvg, storyOf } from '../../src/render/index.ts'
import { widthOf } from '../../src/render/picture/text-width.ts'
import { drawnStops } from '../../src/render/story/again.ts'
import type { Trace } from '../../src/trace/index.ts'
import { SCENES } from './scenes.ts'

const traces = Object.entries(SCENES).map(([name, make]): readonly [string, Trace] => [name, make()])
const traceOf = (name: string): Trace => traces.find(([one]) => one === name)?.[1] ?? expect.fail(name)

/** A box in the picture. */
interface Box {
  readonly what: string
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

const unescaped = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&#39;', "'")

function textsOf(svg: string): Box[] {
  const found = svg.matchAll(
    /<text class="pw-(mono|sans)( pw-b)?[^"]*" font-size="([\d.]+)" x="([-\d.]+)" y="([-\d.]+)">([^<]*)</g,
  )
  return [...found].map(([, family, bold, size, x, y, content = '']) => {
    const what = unescaped(content)
    const s = Number(size)
    // That no browser sets it wider is measured in one: site/playground/test/pictures.test.ts.
    const w = widthOf(what, { size: s, family: family === 'mono' ? 'mono' : 'sans', bold: bold !== undefined })
    return { what, x: Number(x), y: Number(y) - 0.76 * s, w, h: 0.98 * s }
  })
}

function rectsOf(svg: string): Box[] {
  const found = svg.matchAll(/<rect class="([^"]*)" x="([-\d.]+)" y="([-\d.]+)" width="([-\d.]+)" height="([-\d.]+)"/g)
  return [...found].map(([, what = '', x, y, w, h]) => ({
    what,
    x: Number(x),
    y: Number(y),
    w: Number(w),
    h: Number(h),
  }))
}

const overlaps = (a: Box, b: Box): boolean =>
  a.x < b.x + b.w - 0.5 && b.x < a.x + a.w - 0.5 && a.y < b.y + b.h - 0.5 && b.y < a.y + a.h - 0.5

const holds = (outer: Box, inner: Box): boolean =>
  inner.x >= outer.x - 0.5 &&
  inner.x + inner.w <= outer.x + outer.w + 0.5 &&
  inner.y >= outer.y - 0.5 &&
  inner.y + inner.h <= outer.y + outer.h + 1

/** The smallest rectangle a text begins in. */
function homeOf(text: Box, rects: readonly Box[]): Box | undefined {
  const around = rects.filter((one) => holds(one, { ...text, w: 1, y: text.y + text.h / 2, h: 1 }))
  return around.sort((a, b) => a.w * a.h - b.w * b.h)[0]
}

const FORMS: readonly (readonly [string, PictureOptions])[] = [
  ['as wide as it needs', {}],
  ['on a phone of 360 pixels', { width: 360 }],
  ['on a projector of 1280 pixels, larger', { width: 1280, scale: 1.6 }],
  ['with address resolution open, 700 pixels', { width: 700, resolution: 'open' }],
]

describe.each(traces)('%s', (_name, trace) => {
  it.each(FORMS)('no text on other text, none outside of its box: %s', (_form, options) => {
    const svg = renderSvg(trace, options)
    const [texts, rects] = [textsOf(svg), rectsOf(svg)]
    expect(texts.length).toBeGreaterThan(3)
    const clashes = texts.flatMap((a, i) =>
      texts.slice(i + 1).flatMap((b) => (overlaps(a, b) ? [`${a.what} / ${b.what}`] : [])),
    )
    expect(clashes).toEqual([])
    const outside = texts.filter((text) => {
      const home = homeOf(text, rects)
      return home === undefined || !holds(home, text)
    })
    expect(outside.map((one) => one.what)).toEqual([])
  })

  it.each(FORMS)('is read in the order of the story: %s', (_form, options) => {
    const read = textsOf(renderSvg(trace, options))
      .map((one) => one.what)
      .join(' ')
      .replace(/\s+/g, '')
    let at = 0
    for (const stops of drawnStops(storyOf(trace)).values()) {
      for (const step of stops.flatMap((stop) => stop.steps)) {
        if (step.kind !== 'decision' && step.kind !== 'resolution') continue
        const next = read.indexOf(step.sentence.replace(/\s+/g, ''), at)
        expect(next, step.sentence).toBeGreaterThanOrEqual(at)
        at = next + 1
      }
    }
  })
})

describe('what a colour says is said otherwise too', () => {
  it.each([
    ['dropped by policy', 'DROPPED at cali43878a68a0a: denied by policy'],
    ['dropped: no forwarding', 'DROPPED at'],
    ['nobody answers ARP', 'DROPPED at eth1: nobody answered the ARP'],
    ['not sent', 'NOT SENT'],
  ])('a drop says so, where and why: %s', (name, words) => {
    const svg = renderSvg(traceOf(name))
    expect(
      textsOf(svg)
        .map((one) => one.what)
        .join(' '),
    ).toContain(words)
    expect(svg).toContain('class="pw-cross"')
  })

  it('a reply has a word and a broken line, a request a solid one', () => {
    const svg = renderSvg(traceOf('ipip'))
    expect(svg).toContain('Reply: ICMP echo reply')
    expect(svg).toMatch(/\.pw-way\.pw-reply\{stroke-dasharray/)
    expect(svg).not.toMatch(/\.pw-way\.pw-request\{stroke-dasharray/)
  })

  it('what changed has a star, what was added a plus, what came off a minus', () => {
    const words = textsOf(renderSvg(traceOf('ipip'))).map((one) => one.what)
    for (const word of ['✱ TTL 63 (was 64)', '+ outer IPv4', '− outer IPv4 taken off']) expect(words).toContain(word)
  })
})

describe('for those who do not see it', () => {
  const svg = renderSvg(traceOf('dropped by policy'))
  it('has a role, a name and the story in words', () => {
    expect(svg).toMatch(/<svg [^>]*role="img" aria-label="ping from shop\/web-0 to shop\/db-0: dropped"/)
    expect(svg).toContain('<title>ping from shop/web-0 to shop/db-0: dropped</title>')
    expect(/<desc>([^<]*)</.exec(svg)?.[1]).toMatch(/Request: ICMP echo request\..*w2: dropped: denied by policy/)
  })
})

describe('themes', () => {
  const trace = traceOf('same node')
  it.each([
    ['auto', true],
    ['light', false],
    ['dark', false],
  ] as const)('%s', (theme, asks) => {
    const svg = renderSvg(trace, { theme })
    expect(svg.includes('prefers-color-scheme')).toBe(asks)
    expect(svg).toContain(`class="pw-picture pw-${theme}"`)
    // Two pictures on one page do not recolour each other.
    const rules = /<style>(.*?)<\/style>/s.exec(svg)?.[1]?.replace(/@media[^{]*\{/, '') ?? ''
    expect(rules.split('}').filter((rule) => rule.trim() !== '' && !rule.startsWith(`.pw-${theme} `))).toEqual([])
  })
})

describe('size', () => {
  it('stays within the width that is asked for, and is one column where lanes do not fit', () => {
    for (const width of [280, 360, 600, 900, 1600]) {
      const svg = renderSvg(traceOf('vxlan'), { width })
      expect(Number(/ width="([\d.]+)"/.exec(svg)?.[1])).toBeLessThanOrEqual(width)
    }
  })

  it('is larger by the scale, and draws the same', () => {
    const [one, two] = [renderSvg(traceOf('ipip')), renderSvg(traceOf('ipip'), { scale: 2 })]
    const size = (svg: string): number => Number(/ width="([\d.]+)"/.exec(svg)?.[1])
    expect(size(two)).toBe(2 * size(one))
    expect(textsOf(two)).toEqual(textsOf(one))
  })

  it.each<[string, object, string]>([
    ['a width no phone has', { width: 279 }, 'pixels, from 280'],
    ['a width that is none', { width: Number.NaN }, 'pixels, from 280'],
    ['a scale of nothing', { scale: 0 }, 'a number from 0.5 to 4'],
    ['a theme nobody knows', { theme: 'sepia' }, 'auto, light, dark or print'],
    ['a way to fold nobody knows', { resolution: 'some' }, 'folded or open'],
  ])('refuses %s', (_what, options, message) => {
    expect(() => renderSvg(traceOf('ipip'), options as PictureOptions)).toThrow(message)
  })
})

describe('address resolution', () => {
  it('is one quiet line until it is asked for', () => {
    const open = renderSvg(traceOf('same node'), { resolution: 'open' })
    const folded = renderSvg(traceOf('same node'))
    expect(folded).toContain('asks for the MAC address of')
    expect(open.length).toBeGreaterThan(folded.length)
    expect(folded).not.toContain('– ')
    expect(open).toContain('– reaches w1')
  })
})

const POLICY = 'a-policy-with-a-name-that-is-much-longer-than-two-lanes-of-a-picture-are-wide'
const OBJECTS = `
{apiVersion: v1, kind: Node, metadata: {name: w1}, status: {addresses: [{type: InternalIP, address: 10.0.0.11}]}}
---
{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pods}, spec: {cidr: 10.244.0.0/16}}
---
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}, spec: {nodeName: w1}, status: {podIP: 10.244.0.5}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: shop}, spec: {nodeName: w1}, status: {podIP: 10.244.0.6}}
---
{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: ${POLICY}, namespace: shop}, spec: {serviceAccountSelector: role == 'x'}}
`

describe('an answer that is none', () => {
  const { trace } = Lab.load(OBJECTS).ping('shop/a', 'shop/b')

  it.each([undefined, 360])('names what is open, folded into the width (%s)', (width) => {
    const svg = renderSvg(trace, width === undefined ? {} : { width })
    const words = textsOf(svg).map((one) => one.what)
    expect(words.join('').replaceAll(' ', '')).toContain(`undecided:NetworkPolicy/shop/${POLICY}`)
    expect(words).toContain('? undecided')
  })

  it('says it once in a page: in the banner', () => {
    expect(trace.certainty).toBe('undecided')
    expect(renderHtml(trace).split('it decides').length - 1).toBe(
      trace.notes.filter((n) => n.effect === 'undecided').length,
    )
  })
})
