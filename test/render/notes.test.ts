// An answer that is open, rests on something assumed or leaves something out says so in every form.
import { describe, expect, it } from 'vitest'
import type { Lab } from '../../src/lab/index.ts'
import type { Note, NoteTopic } from '../../src/model/index.ts'
import { renderHtml, renderMermaid, renderPcapng, renderSvg, renderText } from '../../src/render/index.ts'
import type { Run } from '../../src/shell/index.ts'
import { parseTrace, type Trace, traceToJson } from '../../src/trace/index.ts'
import { clusterLab, type Thing } from '../diagnose/small-cluster.ts'

const A = 'default/a'
const B = 'default/b'

/** Selects by labels that nobody gave: whom, is open. */
const POLICY: Thing = {
  apiVersion: 'projectcalico.org/v3',
  kind: 'NetworkPolicy',
  metadata: { name: 'shut', namespace: 'default' },
  spec: { serviceAccountSelector: "role == 'x'" },
}

const SERVICE: Thing = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { clusterIP: '10.96.0.7', ports: [{ port: 80 }] },
}

const lab = (ignore: readonly NoteTopic[] = []): Lab => clusterLab({ objects: [POLICY, SERVICE], options: { ignore } })

/** Lines of text however they are broken. */
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

/** What a person finds in a form; tags, folds and escapes of it taken away. */
const FORMS: readonly (readonly [name: string, words: (trace: Trace) => string])[] = [
  ['text', (trace) => flat(renderText(trace))],
  ['text, frames', (trace) => flat(renderText(trace, { view: 'frames' }))],
  ['text, bytes', (trace) => flat(renderText(trace, { view: 'bytes' }))],
  ['HTML', (trace) => flat(words(renderHtml(trace)))],
  ['SVG', (trace) => flat(words(renderSvg(trace)))],
  ['Mermaid', (trace) => flat(renderMermaid(trace).replaceAll('<br/>', ' ').replaceAll('#59;', ';'))],
  ['pcapng', (trace) => flat(new TextDecoder().decode(renderPcapng(trace)))],
]

function words(markup: string): string {
  return markup
    .replaceAll(/<style>.*?<\/style>/gs, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&gt;', '>')
    .replaceAll('&lt;', '<')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}

const codes = (run: Run): string[] => run.notes.map(({ code }) => code)

describe.each(FORMS)('%s', (name, form) => {
  it('says what is open, what it decides and the command that decides it', () => {
    const { trace } = lab().tcp(A, B, 80)
    const said = form(trace)
    expect(said).toContain('undecided')
    expect(said).toMatch(
      /undecided: NetworkPolicy\/default\/shut: it selects by labels of namespaces or service accounts, and not all of these are in the input \(c\.json:1:\d+\); it decides whether the packet is let through/,
    )
    expect(said).toContain('Check: kubectl exec -n default a -- nc -vz -w 3 192.168.2.3 80')
  })

  it('says what is open of a Service', () => {
    const said = form(lab().tcp(A, 'svc/web', 80).trace)
    expect(said).toMatch(/undecided: Service\/default\/web: .*; it decides which endpoint gets the packet, if any/)
    expect(said).toContain('Check: iptables-save -t nat | grep default/web')
  })

  it('says what was left out because it was asked to', () => {
    const { trace, certainty } = lab(['policy']).ping(A, B)
    expect(certainty).toBe('assumed')
    const said = form(trace)
    if (name !== 'SVG') expect(said).toMatch(/ignored: NetworkPolicy\/default\/shut: .*\(--ignore policy\)/)
    expect(said).not.toContain('undecided')
  })

  it('says who was assumed to listen, unless nobody was', () => {
    const assumed = lab(['policy']).tcp(A, B, 80)
    const nobody = lab(['policy']).tcp(A, B, 80, { server: false })
    expect(codes(assumed)).toContain('listener')
    expect(codes(nobody)).not.toContain('listener')
    // A picture has room for what is open only.
    if (name !== 'SVG') expect(form(assumed.trace)).toContain(`a program listens on ${B}, TCP 80; --no-server for none`)
    expect(form(nobody.trace)).not.toContain('--no-server')
  })

  it('ends a failure with the commands that confirm it', () => {
    const net = clusterLab()
    net.sh('n1', 'ip route del 192.168.2.0/26')
    const { trace, diagnosis } = net.ping(A, B)
    const said = form(trace)
    if (name !== 'SVG') expect(said).toContain(`Check: ${diagnosis[0]!.checks[0]!.replaceAll(/\s+/g, ' ')}`)
  })
})

describe('HTML', () => {
  it('has a banner in the colour of the answer', () => {
    expect(renderHtml(lab().ping(A, B).trace)).toMatch(/<(ul|div)[^>]* class="notes open"[^>]* role="note">/)
    expect(renderHtml(clusterLab().ping(A, B).trace)).not.toContain('role="note"')
  })
})

describe('JSON', () => {
  const read = (run: Run): { readonly certainty: string; readonly notes: readonly Note[] } =>
    JSON.parse(traceToJson(run.trace)) as { certainty: string; notes: Note[] }

  it('has notes with their codes, and how certain the answer is', () => {
    const { certainty, notes } = read(lab().tcp(A, B, 80))
    expect(certainty).toBe('undecided')
    expect(notes[0]).toMatchObject({
      code: 'policy',
      topic: 'policy',
      effect: 'undecided',
      object: 'NetworkPolicy/default/shut',
    })
    expect(notes[0]).toMatchObject({ file: 'c.json', line: 1, check: expect.stringContaining('nc -vz') })
  })

  it('marks what is ignored, and lacks what is not assumed', () => {
    const { certainty, notes } = read(lab(['policy']).tcp(A, B, 80, { server: false }))
    expect([certainty, notes.map(({ code }) => code)]).toEqual(['certain', []])
    expect(read(lab(['policy']).tcp(A, B, 80)).notes.map(({ code, ignored }) => [code, ignored])).toEqual([
      ['policy', true],
      ['listener', undefined],
    ])
  })

  it('is read back with all of them', () => {
    const { trace } = lab().tcp(A, B, 80)
    expect(parseTrace(traceToJson(trace)).notes).toEqual(trace.notes)
  })
})
