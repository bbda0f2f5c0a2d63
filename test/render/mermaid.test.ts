// A trace as a Mermaid sequence: the story of the other pictures, by Mermaid's grammar whatever the names, as Mermaid itself reads it.
import { existsSync } from 'node:fs'
import fc from 'fast-check'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { printable } from '../../src/model/index.ts'
import { renderMermaid, storyOf } from '../../src/render/index.ts'
import { mermaidText } from '../../src/render/mermaid-text.ts'
import { drawnStops } from '../../src/render/story/again.ts'
import { parseTrace, type Trace, traceToJson } from '../../src/trace/index.ts'
import { SCENES } from './scenes.ts'
import { SHOP, shop } from './shop.ts'

/** Two nodes that send a packet to each other until its TTL is gone. */
const circle = shop(SHOP, ['w2: ip route replace 10.244.2.6 via 10.244.1.0 dev vxlan.calico onlink'])
const CIRCLES: Readonly<Record<string, () => Trace>> = {
  'a circle': () => circle.ping('shop/web-0', 'shop/db-0', { ttl: 255 }).trace,
  'a traceroute in a circle': () => circle.traceroute('shop/web-0', 'shop/db-0', { maxHops: 40, probes: 1 }).trace,
}
const traces = Object.entries({ ...SCENES, ...CIRCLES }).map(([name, make]): readonly [string, Trace] => [name, make()])
const traceOf = (name: string): Trace => traces.find(([one]) => one === name)?.[1] ?? expect.fail(name)

/** Text without a character that Mermaid reads, but for entities and line breaks. */
const TEXT = String.raw`(?:[^\n"#$%&;<@\\{}\x60]|#\d+;|<br\/>)+`
const LANES = String.raw`n\d+(?:,n\d+)?`
const ARROWS = String.raw`->>|-->>|--\)|-\)|-x|--x`
const STATEMENT = new RegExp(
  String.raw`^ {2,6}(?:participant n\d+ as ${TEXT}|Note over ${LANES}: ${TEXT}|n\d+(?:${ARROWS})n\d+: ${TEXT}|rect rgba\(\d+, \d+, \d+, 0\.\d+\)|end)$`,
)

/** What is wrong with a diagram; nothing is. */
function faultsOf(diagram: string): string[] {
  const [first, settings, ...lines] = diagram.trimEnd().split('\n')
  const isHead = first === 'sequenceDiagram' && settings === '  %%{init: {"sequence": {"noteAlign": "left"}}}%%'
  const known = new Set(lines.flatMap((line) => /^ {2}participant (n\d+) /.exec(line)?.[1] ?? []))
  let open = 0
  const faults = lines.filter((line) => {
    const word = line.trim()
    if (word.startsWith('rect ')) open += 1
    if (word === 'end') open -= 1
    const ends = word.startsWith('Note over ') ? word.slice(10).split(': ')[0] : /^n\d+\S*(?=:)/.exec(word)?.[0]
    const lanes = ends?.match(/n\d+/g) ?? []
    return open < 0 || !STATEMENT.test(line) || lanes.some((lane) => !known.has(lane))
  })
  return [...(isHead ? [] : [`${first} ${settings}`]), ...faults, ...(open === 0 ? [] : [`${open} rect open`])]
}

/** A diagram's text as a reader has it, without folds. */
const read = (diagram: string): string =>
  diagram
    .replaceAll('<br/>', '')
    .replaceAll(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll(/ /g, '')

describe.each(traces)('%s', (_name, trace) => {
  const story = storyOf(trace)
  const diagram = renderMermaid(trace)
  const steps = [...drawnStops(story).values()].flat().flatMap((stop) => stop.steps)

  it('keeps to the grammar, folded and open, and to the length Mermaid reads', () => {
    expect(faultsOf(diagram)).toEqual([])
    expect(faultsOf(renderMermaid(trace, { resolution: 'open', switches: true }))).toEqual([])
    expect(diagram.length).toBeLessThan(50_000)
  })

  it('has the lanes of the story in their order', () => {
    const names = [...diagram.matchAll(/^ {2}participant n(\d+) as (.*?)(?:<br\/>.*)?$/gm)].map(([, i, name]) => [
      i,
      name,
    ])
    expect(names).toEqual(story.lanes.map(({ index, name }) => [String(index), name]))
  })

  it('tells the sentences of the story in its order', () => {
    const text = read(diagram)
    let at = 0
    for (const step of steps.slice(0, /morestays|morepackets/.test(text) ? 20 : steps.length)) {
      const words = step.kind === 'drop' ? step.cause : step.sentence
      const next = text.toLowerCase().indexOf(words.replaceAll(/\s/g, '').toLowerCase(), at)
      expect(next, step.sentence).toBeGreaterThanOrEqual(at)
      at = next
    }
  })

  it('has an arrow with a cross for every drop, and for nothing else', () => {
    if (read(diagram).includes('morepackets')) return
    const drops = steps.filter((step) => step.kind === 'drop')
    const crosses = diagram.match(/^ *(n\d+)--?x\1: ✗ (DROPPED|NOT SENT)/gm) ?? []
    expect(crosses.length).toBe(drops.length)
  })
})

describe('a way', () => {
  const arrows = (name: string): string[] =>
    [...renderMermaid(traceOf(name)).matchAll(/^ *n(\d+)(-{1,2}(?:>>|\)|x))n(\d+):/gm)].map((m) =>
      m.slice(1, 4).join(' '),
    )

  it('there is solid, back broken', () => {
    expect(arrows('ipip')).toEqual([
      '0 ->> 1',
      '1 ->> 2',
      '2 ->> 3',
      '3 ->> 4',
      '4 -->> 3',
      '3 -->> 2',
      '2 -->> 1',
      '1 -->> 0',
    ])
  })
  it('of an error is broken with an open head', () => expect(arrows('nobody answers ARP').at(-1)).toBe('2 --) 1'))
  it('shows the packet in its wrapping, with what is new, changed and gone', () => {
    const diagram = renderMermaid(traceOf('vxlan'))
    expect(diagram).toMatch(
      /: \+ outer IPv4 [\d.]+ > [\d.]+, TTL 64<br\/>\+ UDP \d+ > 4789<br\/>\+ VXLAN VNI 4096 \[<br\/>IPv4 [\d.]+ > [\d.]+, ✱ TTL 63<br\/>ICMP echo request \]\n/,
    )
    expect(diagram).toMatch(/: − Ethernet, outer IPv4, UDP, VXLAN taken off<br\/>IPv4 /)
  })
  it('in a circle is not told to its end, but its end is', () => {
    const diagram = renderMermaid(traceOf('a circle'))
    expect(diagram).toMatch(/… \d+ more stays, which other forms tell/)
    expect(diagram).toContain('✗ DROPPED')
  })
  it('is counted where Mermaid would read no more', () => {
    const trace = traceOf('a traceroute in a circle')
    const diagram = renderMermaid(trace)
    const more = Number(/… (\d+) more packets/.exec(diagram)?.[1])
    const heads = diagram.match(/Note over n\d,n\d: (?:Request|Error|Reply): /g)?.length ?? 0
    expect(heads).toBeGreaterThan(3)
    expect(more).toBeGreaterThan(3)
    expect(heads + more).toBeLessThanOrEqual(storyOf(trace).chapters.length)
  })
})

describe('address resolution', () => {
  const trace = traceOf('same node')
  it('is one line of the note', () => {
    expect(renderMermaid(trace)).not.toContain('ARP')
    expect(read(renderMermaid(trace))).toContain('?asksfortheMACaddressof169.254.1.1:w1answersee:ee:ee:ee:ee:ee')
  })
  it('is shown wire by wire where it is asked for', () => {
    expect(renderMermaid(trace, { resolution: 'open' })).toMatch(/n0-\)n1: ARP request .*n1-\)n0: ARP reply /s)
  })
})

/** A trace in which a pod is called otherwise. */
const renamed = (name: string): Trace =>
  parseTrace(traceToJson(traceOf('ipip')).replaceAll('shop/web-0', () => JSON.stringify(name).slice(1, -1)))

/** What a name is made of if it wants to be read as something else. */
const TOKENS = [
  ...['"', '#', ';', '#35;', '&amp;', '<b>', '<br/>', '->>', '-x', ':', '%%', '%%{init: {}}%%', '$$x$$', '`', '**a**'],
  ...[
    '\\n',
    '\n',
    'end',
    ' as ',
    'wrap:',
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    '|',
    "'",
    'fa:fa-car',
    '@',
    'Note over',
    '日本',
  ],
  ...['😀', '\u202e', 'ﬂ', 'style a', 'classDef', 'http://a.b', '---', 'title x', ',', '/', 'x'],
]
const names = fc
  .array(fc.constantFrom(...TOKENS), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(''))
  .filter((name) => name.trim() !== '')

describe('names that nobody has', () => {
  it('end no statement', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          names,
          fc.string({ unit: 'binary', minLength: 1 }).filter((one) => one.trim() !== ''),
        ),
        (name) => {
          expect(faultsOf(renderMermaid(renamed(name)))).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })
})

/** Debian's Chromium; where there is none, Mermaid itself is not asked. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

describe.runIf(existsSync(CHROMIUM))('in a browser', () => {
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
    page = await browser.newPage()
    await page.setContent('<!doctype html><body style="font-family:sans-serif"><div id="drawn"></div>')
    await page.addScriptTag({ path: 'node_modules/mermaid/dist/mermaid.min.js' })
  })
  afterAll(() => browser.close())

  const draw = async <T>(diagram: string, question: string): Promise<T> =>
    (await page.evaluate(
      `mermaid.render('m', ${JSON.stringify(diagram)}).then(({ svg }) => {
        const drawn = document.getElementById('drawn'); drawn.innerHTML = svg; return ${question} })`,
    )) as T

  it('Mermaid draws every scene: no text wider than its note, none over another', async () => {
    for (const [name, trace] of traces) {
      const found = await draw<string[]>(
        renderMermaid(trace),
        `(() => {
          const boxes = [...drawn.querySelectorAll('rect.note')].map(one => one.getBoundingClientRect())
          const notes = [...drawn.querySelectorAll('.noteText')]
          const isIn = (text) => boxes.some(b => text.left >= b.left - 1 && text.right <= b.right + 1 && text.top >= b.top - 2 && text.bottom <= b.bottom + 2)
          return [...notes.filter(one => !isIn(one.getBoundingClientRect())).map(one => one.textContent), ...(notes.length > 0 ? [] : ['no notes'])]
        })()`,
      )
      expect(found, name).toEqual([])
    }
  })

  it('Mermaid says every text as it is', async () => {
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        const text = mermaidText(name)
        const diagram = `sequenceDiagram\n  participant a as ${text}\n  Note over a: ${text}\n  a-xa: ${text}\n`
        const said = await draw<string[]>(
          diagram,
          `[...drawn.querySelectorAll('text.actor-box, .noteText, .messageText')].map(one => one.textContent.trim())`,
        )
        const meant = printable(name.replace(/\s+/g, ' ')).replaceAll('ﬂ', 'fl').trim()
        const flow = await draw<string[]>(
          `flowchart TB\n  a["${text}"] ---|"${text}"| b(["${text}"])\n`,
          `[...drawn.querySelectorAll('.nodeLabel, span.edgeLabel')].map(one => one.textContent.trim())`,
        )
        expect([said, flow]).toEqual([
          [meant, meant, meant, meant],
          [meant, meant, meant],
        ])
      }),
      { numRuns: 40 },
    )
  })
})
