// How the picture of a trace is laid out: letters large enough, lanes as wide as they need, what was told before not told again.
import { describe, expect, it } from 'vitest'
import { renderHtml, renderSvg, storyOf } from '../../src/render/index.ts'
import { drawnStops } from '../../src/render/story/again.ts'
import { stopsOf } from '../../src/render/story/stops.ts'
import type { Trace } from '../../src/trace/index.ts'
import { SCENES } from './scenes.ts'

const traces = Object.entries(SCENES).map(([name, make]): readonly [string, Trace] => [name, make()])
const traceOf = (name: string): Trace => traces.find(([one]) => one === name)?.[1] ?? expect.fail(name)

const attributes = (svg: string, pattern: RegExp): readonly (readonly number[])[] =>
  [...svg.matchAll(pattern)].map((found) => found.slice(1).map(Number))
const sizeOf = (svg: string): readonly number[] =>
  attributes(svg, /<svg [^>]* width="([\d.]+)" height="([\d.]+)"/g)[0] ?? []
const lanesOf = (svg: string): readonly (readonly number[])[] =>
  attributes(svg, /<rect class="pw-lane[^"]*" x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="([\d.]+)"/g)
const wordsOf = (svg: string): string => [...svg.matchAll(/<text [^>]*>([^<]*)</g)].map(([, text]) => text).join(' ')

describe('on a screen of 1280 pixels', () => {
  it.each(traces)('every letter is at least 11 pixels high: %s', (_name, trace) => {
    const svg = renderSvg(trace)
    expect(sizeOf(svg)[0]).toBeLessThanOrEqual(1280)
    expect(Math.min(...attributes(svg, /font-size="([\d.]+)"/g).flat())).toBeGreaterThanOrEqual(11)
  })

  it('six lanes stand side by side, and none is too narrow for an Ethernet address', () => {
    const lanes = lanesOf(renderSvg(traceOf('six lanes'), { width: 1280 }))
    expect(new Set(lanes.map(([x]) => x)).size).toBe(6)
    for (const [, width = 0] of lanes) expect(width).toBeGreaterThan(17 * 11 * 0.605 + 16)
  })

  it('more lanes than are legible are one column, without being asked', () => {
    const story = storyOf(traceOf('six lanes'), { switches: true })
    expect(story.lanes.length).toBeGreaterThan(7)
    const svg = renderSvg(traceOf('six lanes'), { switches: true })
    expect(sizeOf(svg)[0]).toBeLessThanOrEqual(1280)
    expect(new Set(lanesOf(svg).map(([x]) => x)).size).toBe(1)
  })

  it('a node that decides much is wider than the pods beside it', () => {
    const [pod, node, , , other] = lanesOf(renderSvg(traceOf('ipip'))).map(([, width = 0]) => width)
    expect(node).toBeGreaterThan(1.3 * (pod ?? 0))
    expect(node).toBeGreaterThan(1.3 * (other ?? 0))
  })
})

/** Ends of the straight pieces of a way. */
function pieces(path: string): readonly (readonly [x: number, y: number, x: number, y: number])[] {
  let [x, y] = [0, 0]
  return [...path.matchAll(/([MHV])([-\d.]+)(?: ([-\d.]+))?/g)].flatMap(([, letter, a, b]) => {
    const [x0, y0] = [x, y]
    if (letter === 'M') [x, y] = [Number(a), Number(b)]
    else if (letter === 'H') x = Number(a)
    else y = Number(a)
    return letter === 'M' ? [] : [[x0, y0, x, y] as const]
  })
}

describe('ways', () => {
  it.each(traces)('lead from card to card and cross nothing that stands in a lane: %s', (_name, trace) => {
    const svg = renderSvg(trace)
    const boxes = attributes(
      svg,
      /<rect class="pw-(?:card|gone|link|network)[^"]*" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g,
    )
    // Samples in headings and in the legend are short and lie in no lane.
    const ways = [...svg.matchAll(/<path class="pw-way [^"]*" d="([^"]*)"/g)].flatMap(([, path = '']) => pieces(path))
    const crossed = ways.flatMap(([x1, y1, x2, y2]) =>
      boxes.filter(([x = 0, y = 0, w = 0, h = 0]) => {
        const [left, right] = [Math.min(x1, x2), Math.max(x1, x2)]
        const [top, bottom] = [Math.min(y1, y2), Math.max(y1, y2)]
        return left < x + w - 0.5 && right > x + 0.5 && top < y + h - 0.5 && bottom > y + 0.5
      }),
    )
    expect(crossed).toEqual([])
  })

  it('there is one for every wire that a drawn packet crosses', () => {
    for (const [name, trace] of traces) {
      const stops = [...drawnStops(storyOf(trace)).values()]
      const wires = stops.flatMap((all) => all.slice(0, -1).filter((stop) => stop.leaves !== undefined)).length
      const heads = renderSvg(trace).match(/<path class="pw-way [^"]*" d="M[\d. ]+H[\d.]+V/g)?.length ?? 0
      if (storyOf(trace).lanes.length > 1) expect(heads, name).toBe(wires)
    }
  })
})

describe('what an earlier packet met at the same place', () => {
  it.each(traces)('is left out only where it has been drawn, and no end ever: %s', (_name, trace) => {
    const story = storyOf(trace)
    const drawn = new Set<string>()
    for (const [index, stops] of drawnStops(story)) {
      const chapter = story.chapters[index] ?? expect.fail('a chapter')
      const whole = stopsOf(chapter)
      expect(stops.map(({ lane }) => lane)).toEqual(whole.map(({ lane }) => lane))
      for (const [i, stop] of stops.entries()) {
        const both = whole[i]?.steps.filter((step) => stop.steps.includes(step) || stop.leftOut.includes(step))
        expect(both).toEqual(whole[i]?.steps)
        expect(stop.steps.length + stop.leftOut.length).toBe(both?.length)
        for (const step of stop.leftOut) {
          expect(drawn).toContain(`${chapter.direction} ${stop.lane} ${step.sentence}`)
          expect(['decision', 'resolution']).toContain(step.kind)
        }
        expect(stop.asBefore.length > 0).toBe(stop.leftOut.length > 0)
      }
      for (const stop of stops)
        for (const step of stop.steps) drawn.add(`${chapter.direction} ${stop.lane} ${step.sentence}`)
    }
  })

  const traceroute = traceOf('traceroute')
  it('a probe of traceroute that gets one router farther says what is new: the TTL, and the next router', () => {
    const [, second] = [...drawnStops(storyOf(traceroute)).values()]
    const [sender, node] = second ?? []
    expect(sender?.asBefore).toEqual(['route', 'MAC address'])
    expect(sender?.steps).toEqual([])
    const fields = sender?.leaves?.packet.headers.map(({ protocol, fields: own }) => [
      protocol,
      own.map(({ text }) => text),
    ])
    expect(fields).toEqual([
      ['ethernet', []],
      ['ipv4', ['2']],
      ['udp', ['41214', '33437']],
      ['data', ['32 bytes']],
    ])
    expect(node?.asBefore).toEqual([])
  })

  it('is one line in the picture, and in a page one that opens', () => {
    expect(wordsOf(renderSvg(traceroute))).toContain('as before: route, tunnel, MAC address')
    expect(wordsOf(renderSvg(traceroute, { width: 360 }))).toContain('as before: route, tunnel, MAC address')
    const page = renderHtml(traceroute)
    expect(page).toMatch(
      /<details><summary>as before: route, MAC address<\/summary><ul><li class="decision">route default/,
    )
  })

  it('many packets that went the same way are the first, the last, and how many lie between', () => {
    expect(wordsOf(renderSvg(traceroute))).toMatch(
      /as before: request UDP \d+ &gt; 33441; 7 more like it; request UDP \d+ &gt; 33449/,
    )
  })
})
