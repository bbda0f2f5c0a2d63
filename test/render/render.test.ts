import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  displayable,
  renderHtml,
  renderMermaid,
  renderPcapng,
  renderSvg,
  renderTcpdump,
  renderText,
  tcpdumpOf,
  timeText,
} from '../../src/render/index.ts'
import { parseTrace, type Trace, traceToJson } from '../../src/trace/index.ts'
import { LINK_TYPE, readPcapng } from '../../src/wire/index.ts'
import { pingTrace, TWO_NODES } from '../trace/two-nodes.ts'

/** Traces of `test/trace/two-nodes.ts`, saved as JSON: what they look like does not depend on the engine. */
const saved = (name: string): Trace =>
  parseTrace(readFileSync(new URL(`goldens/${name}.golden.json`, import.meta.url), 'utf8'), name)

const answered = saved('answered')
const dropped = saved('dropped')

/** Every renderer, its result as text. */
const RENDERERS: readonly { readonly name: string; readonly render: (trace: Trace) => string }[] = [
  { name: 'text, frames', render: (trace) => renderText(trace, { view: 'frames' }) },
  { name: 'text, reasons', render: (trace) => renderText(trace, { view: 'reasons' }) },
  { name: 'text, bytes', render: (trace) => renderText(trace, { view: 'bytes' }) },
  { name: 'mermaid', render: (trace) => renderMermaid(trace) },
  { name: 'tcpdump', render: (trace) => renderTcpdump(trace) },
  { name: 'pcapng', render: (trace) => String(renderPcapng(trace)) },
  { name: 'svg', render: (trace) => renderSvg(trace) },
  { name: 'html', render: (trace) => renderHtml(trace) },
]

describe.each(RENDERERS)('$name', ({ render }) => {
  it('needs no engine: a trace read back from JSON looks the same', () => {
    expect(render(parseTrace(traceToJson(answered)))).toBe(render(answered))
  })

  it('is the same for the same run', () => {
    expect(render(pingTrace(TWO_NODES))).toBe(render(pingTrace(TWO_NODES)))
  })

  it('survives a trace in which nothing happened', () => {
    const empty: Trace = { ...answered, hops: [], packets: [], nodes: [], exchanges: [] }
    expect(render(empty)).not.toContain('undefined')
  })

  it('says no undefined and no NaN', () => {
    expect(render(answered) + render(dropped)).not.toMatch(/undefined|NaN|\[object/)
  })
})

describe('text', () => {
  it.each([
    { view: 'frames', trace: answered, file: 'answered.frames' },
    { view: 'reasons', trace: answered, file: 'answered.reasons' },
    { view: 'bytes', trace: answered, file: 'answered.bytes' },
    { view: 'frames', trace: dropped, file: 'dropped.frames' },
    { view: 'reasons', trace: dropped, file: 'dropped.reasons' },
  ] as const)('$file is as it was looked at and found good', async ({ view, trace, file }) => {
    await expect(renderText(trace, { view })).toMatchFileSnapshot(`goldens/${file}.golden.txt`)
  })

  it('has a line for every frame in the view of frames', () => {
    const frames = answered.hops.filter((hop) => hop.kind === 'tx' || hop.kind === 'rx')
    const lines = renderText(answered, { view: 'frames' })
      .split('\n')
      .filter((line) => / (Out|In ) /.test(line))
    expect(lines).toHaveLength(frames.length)
  })

  it('shows the drop, and why, in every view of frames', () => {
    for (const view of ['frames', 'reasons', 'bytes'] as const) {
      expect(renderText(dropped, { view })).toMatch(/route_blackhole.*10\.1\.0\.100 falls into the blackhole route/)
    }
  })

  it('only adds colour: without it the text is the same', () => {
    const style = (role: string, text: string): string => `<${role}>${text}</${role}>`
    const coloured = renderText(answered, { view: 'reasons', style })
    expect(coloured).toMatch(/<out>Out<\/out>/)
    expect(coloured.replace(/<\/?[a-z]+>/g, '')).toBe(renderText(answered, { view: 'reasons' }))
  })

  it('reports a bug of ours instead of hiding it', () => {
    const text = renderText({ ...answered, faults: [{ packet: 3, text: 'tx in a after its end' }] })
    expect(text).toContain('packetwalk has a bug here, please report it: packet 3 tx in a after its end')
  })
})

describe('tcpdump', () => {
  it('prints what one interface saw, in the format of tcpdump', () => {
    expect(renderTcpdump(answered, { netns: 'n1', dev: 'tunl0' })).toBe(
      [
        '00:00:00.000000 IP 10.1.0.2 > 10.1.0.66: ICMP echo request, id 7, seq 1, length 64',
        '00:00:00.000000 IP 10.1.0.66 > 10.1.0.2: ICMP echo reply, id 7, seq 1, length 64',
        '',
      ].join('\n'),
    )
  })

  it('lists every interface that saw a frame', () => {
    const names = tcpdumpOf(answered).map(({ netns, dev }) => `${netns}/${dev}`)
    expect(names).toEqual(['a/eth0', 'n1/cali1', 'n1/tunl0', 'n1/eth0', 'n2/eth0', 'n2/tunl0', 'n2/cali1', 'b/eth0'])
  })

  it.each([
    { ns: 0, text: '00:00:00.000000' },
    { ns: 1_999, text: '00:00:00.000001' },
    { ns: 61_000_250_000, text: '00:01:01.000250' },
    { ns: 3_600e9, text: '01:00:00.000000' },
  ])('prints $ns ns as $text', ({ ns, text }) => {
    expect(timeText(ns)).toBe(text)
  })
})

describe('pcapng', () => {
  const file = readPcapng(renderPcapng(answered, { at: 'all', epoch: 1_700_000_000_000_000_000n }))

  it('has every frame with its direction and time', () => {
    const frames = answered.hops.filter((hop) => hop.kind === 'tx' || hop.kind === 'rx')
    expect(file.packets).toHaveLength(frames.length)
    expect(file.packets.map((packet) => packet.direction === 'outbound')).toEqual(
      frames.map((hop) => hop.kind === 'tx'),
    )
    expect(file.packets[0]?.timestamp).toBe(1_700_000_000_000_000_000n)
  })

  it.each([
    { at: 'n1/tunl0', linkType: LINK_TYPE.RAW },
    { at: 'n1/eth0', linkType: LINK_TYPE.ETHERNET },
  ] as const)('names interfaces and keeps their link types: $at', ({ at, linkType }) => {
    expect(readPcapng(renderPcapng(answered, { at })).interfaces).toMatchObject([{ name: at, linkType }])
  })

  it('says at each packet why it is here', () => {
    expect(file.packets.every((packet) => (packet.comments?.[0] ?? '').length > 20)).toBe(true)
    const [outer] = readPcapng(renderPcapng(answered, { at: 'n1/eth0' })).packets.filter(({ bytes }) => bytes[23] === 4)
    expect(outer?.comments?.[0]).toContain('ipip: outer destination 192.168.0.2: gateway of the route')
  })

  it('tells the end of a packet at its last frame', () => {
    const last = readPcapng(renderPcapng(dropped)).packets.at(-1)
    expect(last?.comments?.[0]).toMatch(/; then: a blackhole route swallows this destination/)
  })
})

describe('SVG', () => {
  it('is well formed', () => {
    for (const trace of [answered, dropped]) expect(unbalanced(renderSvg(trace))).toEqual([])
  })

  it('has a lane for every namespace and a chip for every interface', () => {
    const text = renderSvg(answered)
    for (const node of answered.nodes) {
      expect(text).toContain(`>${node.name}</text>`)
      for (const name of node.interfaces) expect(text).toContain(`>${name}</text>`)
    }
  })

  it('takes names with characters that mean something in markup', () => {
    const text = renderSvg({ ...answered, title: '<b>&"' })
    expect(text).toContain('&lt;b&gt;&amp;&quot;')
    expect(unbalanced(text)).toEqual([])
  })
})

describe('HTML', () => {
  it('is well formed and stands by itself', () => {
    const html = renderHtml(answered)
    expect(unbalanced(html)).toEqual([])
    expect(html).not.toMatch(/<script|src=|href=|url\(/)
  })

  it('names origins', () => {
    expect(renderHtml(answered)).toContain('← bird, IPPool/default spec.ipipMode (cluster.yaml:12)')
  })
})

describe('in a notebook', () => {
  it('answers the display method with HTML, SVG and text', () => {
    const shown = displayable(answered) as unknown as Record<symbol, () => Record<string, string>>
    const bundle = shown[Symbol.for('Jupyter.display')]?.()
    expect(Object.keys(bundle ?? {})).toEqual(['text/html', 'image/svg+xml', 'text/plain'])
    expect(bundle?.['image/svg+xml']).toBe(renderSvg(answered))
  })

  it('prints as its summary, and as JSON', () => {
    expect(String(displayable(answered))).toBe(answered.summary)
    expect(JSON.parse(JSON.stringify({ trace: displayable(answered) })).trace.schema).toBe('packetwalk.trace/2')
  })
})

/** Tags that are not closed in order. */
function unbalanced(markup: string): string[] {
  const open: string[] = []
  for (const [, close, name, self] of markup.matchAll(/<(\/?)([a-z][a-z0-9]*)(?:[^>"]|"[^"]*")*?(\/?)>/g)) {
    if (self === '/' || VOID.has(name ?? '')) continue
    if (close !== '/') open.push(name ?? '')
    else if (open.pop() !== name) return [`</${name}>`]
  }
  return open
}

const VOID = new Set(['br'])
