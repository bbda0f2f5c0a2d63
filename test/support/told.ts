// All that is told of a run, in every form, for goldens.
import { inspect } from 'node:util'
import type { Lab } from '../../src/lab/index.ts'
import { describeNote } from '../../src/model/index.ts'
import {
  displayable,
  hopViewOf,
  renderHtml,
  renderMermaid,
  renderPcapng,
  renderPcaps,
  renderSvg,
  renderTcpdump,
  renderText,
  type Style,
  type TextView,
} from '../../src/render/index.ts'
import type { Run } from '../../src/shell/index.ts'
import { traceMatchers } from '../../src/testing/index.ts'
import {
  decisionsOf,
  decisionWords,
  describeDecision,
  isDenial,
  isQuiet,
  natLedgerOf,
  type Trace,
  traceToJson,
  triedRules,
} from '../../src/trace/index.ts'
import { toHex } from '../../src/wire/index.ts'

/** Roles as tags around their text. */
export const marked: Style = (role, text) => `<${role}>${text}</${role}>`
/** As a terminal would have it. */
const coloured: Style = (role, text) => `\u001b[${role.length}m${text}\u001b[0m`
const VIEWS: readonly TextView[] = ['hops', 'both', 'frames', 'reasons', 'bytes']

function texts(trace: Trace, lab: Lab): string[] {
  const { network } = lab
  return [
    ...VIEWS.map((view) => renderText(trace, { view, style: marked })),
    ...[50, 72, 200].map((width) => renderText(trace, { width })),
    renderText(trace, { view: 'hops', style: coloured }),
    renderText(trace, { view: 'bytes', network, switches: false }),
    renderText(trace, { view: 'frames', switches: true }),
  ]
}

function drawings(trace: Trace): string[] {
  return [renderHtml(trace), renderSvg(trace), renderMermaid(trace)]
}

function captures(trace: Trace): string[] {
  const devices = trace.nodes.flatMap(({ name, interfaces }) => interfaces.map((dev) => `${name}/${dev}` as const))
  const [first = 'none/eth0'] = devices
  return [
    renderTcpdump(trace, { verbose: true, link: true }),
    renderTcpdump(trace, { at: 'wire' }),
    renderTcpdump(trace, { netns: trace.nodes[0]?.name ?? '' }),
    renderTcpdump(trace, { dev: first.split('/').at(-1) as string }),
    ...(['wire', 'links', first] as const).map((at) => toHex(renderPcapng(trace, { at }))),
    ...renderPcaps(trace).map(({ name, bytes }) => `${name} ${toHex(bytes)}`),
  ]
}

function decisions(trace: Trace, lab: Lab): string[] {
  const made = decisionsOf(trace).map((one) =>
    [JSON.stringify(one), describeDecision(one), decisionWords(one), isDenial(one), isQuiet(one)].join('\n'),
  )
  return [...made, JSON.stringify(natLedgerOf(trace)), JSON.stringify([...triedRules(trace, lab.network)])]
}

/** Forms that Node, Deno and notebooks ask for; what is as drawn stands there by its name only. */
function displays(run: Run, lab: Lab): string[] {
  const { trace } = run
  const deno = Symbol.for('Deno.customInspect')
  const jupyter = Symbol.for('Jupyter.display')
  const drawn = new Map([
    [renderHtml(trace), 'html'],
    [renderSvg(trace), 'svg'],
    [renderText(trace), 'text'],
  ])
  const short = (_: string, value: unknown): unknown =>
    typeof value === 'string'
      ? [...drawn].reduce((text, [form, name]) => text.replaceAll(form, `[${name}]`), value)
      : value
  const forms = [run, trace, lab].flatMap((one) => {
    const methods = one as unknown as Record<symbol, () => unknown>
    return [inspect(one), methods[deno]?.() === inspect(one), JSON.stringify(methods[jupyter]?.(), short)].map(String)
  })
  const shown = displayable(trace)
  return [
    ...forms,
    `${shown}`,
    JSON.stringify(shown.bundle(), short),
    `${JSON.stringify(shown) === JSON.stringify(trace)}`,
  ]
}

function matched(run: Run): string[] {
  const path = run.trace.packets.find(({ role }) => role === 'request')?.path ?? []
  const results = [
    traceMatchers.toBeDelivered(run),
    traceMatchers.toBeAnswered(run.trace),
    ...(['no_route', 'netfilter_drop', 'ttl_exceeded'] as const).map((cause) =>
      traceMatchers.toBeDroppedBy(run, cause as never),
    ),
    traceMatchers.toPassThrough(run, path),
    traceMatchers.toPassThrough(run, path.slice(1)),
    traceMatchers.toPassThrough(run, [...path].reverse()),
    traceMatchers.toPassThrough(run, [`node/${path[1] ?? 'none'}`]),
  ]
  return results.map(({ pass, message }) => `${pass}: ${message()}`)
}

/** What a run printed and how it ended, what was assumed, and its trace as data. */
export function told(run: Run): string {
  const { stdout, stderr, exitCode, outcome, ok, certainty, notes, diagnosis, trace, files } = run
  const said = { exitCode, outcome, ok, certainty, notes, diagnosis, files: files.length }
  return [stdout, stderr, JSON.stringify(said, null, 1), ...notes.map(describeNote), traceToJson(trace)].join('\n')
}

/** The same, what was decided, and the usual text. */
export function toldInShort(run: Run, lab: Lab): string {
  const all = [
    renderText(run.trace),
    renderText(run.trace, { view: 'reasons' }),
    ...decisions(run.trace, lab),
    ...matched(run),
  ]
  return [told(run), ...all].join('\n=====\n')
}

/** The same, and every other form. */
export function toldInAllForms(run: Run, lab: Lab): string {
  const { trace } = run
  const view = JSON.stringify(hopViewOf(trace) ?? null)
  const all = [
    texts(trace, lab),
    drawings(trace),
    captures(trace),
    decisions(trace, lab),
    displays(run, lab),
    matched(run),
  ]
  return [told(run), view, ...all.flat()].join('\n=====\n')
}
