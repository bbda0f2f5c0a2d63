import { checkOptions } from '../model/index.ts'
import { checkTrace, describeChange, describeOrigin, type FrameHop, type Hop, type Trace } from '../trace/index.ts'
import { hexDump, parseHex } from '../wire/index.ts'
import { changeLines } from './change-lines.ts'
import { escapeXml } from './escape.ts'
import { dispositionWord, noteLines, tone } from './notes.ts'
import type { PathOptions } from './path-events.ts'
import { type Section, sectionsOf } from './sections.ts'
import { renderSvgBare } from './svg.ts'
import { timeText } from './time.ts'
import { answeredTargets, backgroundOf, isIdle } from './visible.ts'

const CSS = `
.packetwalk{font:14px/1.45 system-ui,sans-serif;color:#1d2433;background:#fff;border:1px solid #d5d9e0;border-radius:8px;padding:14px 16px;max-width:100%;overflow-x:auto}
.packetwalk h3{margin:0 0 4px;font-size:16px;color:inherit}.packetwalk h4{margin:14px 0 4px;font-size:13px;color:#5a6478}
.packetwalk .ok{color:#0b7a53}.packetwalk .bad{color:#b3261e}.packetwalk p{margin:4px 0 10px}
.packetwalk table{border-collapse:collapse;font-size:12px;color:inherit}.packetwalk td{padding:2px 10px 2px 0;vertical-align:top;text-align:left;border:0;background:none;white-space:nowrap}
.packetwalk td.w{white-space:normal;min-width:22em}.packetwalk code,.packetwalk pre{font:12px/1.4 ui-monospace,Menlo,Consolas,monospace;background:none;color:inherit}
.packetwalk pre{margin:2px 0;white-space:pre}.packetwalk tr.d td{color:#5a6478}.packetwalk tr.f td{border-top:1px solid #eceff4}
.packetwalk .open{color:#8a6100}.packetwalk .notes{margin:4px 0 10px;padding:8px 8px 8px 26px;border:1px solid;border-radius:6px}
.packetwalk .o{color:#8a6100}.packetwalk summary{cursor:pointer}.packetwalk svg{max-width:100%;height:auto}
@media (prefers-color-scheme:dark){.packetwalk{color:#e6e9f0;background:#171b24;border-color:#333b4a}.packetwalk h4,.packetwalk tr.d td{color:#a3adbf}
.packetwalk .ok{color:#5fd0a4}.packetwalk .bad{color:#ff8a80}.packetwalk .o,.packetwalk .open{color:#e0b04a}.packetwalk tr.f td{border-color:#2a3140}}
`

/** A trace as a piece of HTML that stands by itself: verdict, summary, picture, and a table that opens to bytes and origins. */
export function renderHtml(trace: Trace, options: PathOptions = {}): string {
  checkTrace(trace)
  checkOptions(options)
  const hidden = options.switches === true ? new Set<string>() : backgroundOf(trace)
  const title = trace.title === '' ? '' : `${escapeXml(trace.title)}: `
  const verdict = `<span class="${tone(trace)}">${escapeXml(dispositionWord(trace))}</span>`
  const answered = answeredTargets(trace)
  const tables = sectionsOf(trace).map((section) => sectionTable(section, hidden, answered))
  return `<section class="packetwalk"><style>${CSS.replaceAll('\n', '')}</style>
<h3>${title}${verdict}</h3>
${banner(trace)}<p>${escapeXml(trace.summary)}</p>
${changeBlock(trace)}${renderSvgBare(trace, options)}<details><summary>Hop by hop</summary>
${tables.join('\n')}
</details></section>
`
}

/** The change of a policy that would let the packet through. */
function changeBlock(trace: Trace): string {
  const lines = changeLines(trace)
  return lines.length === 0 ? '' : `<pre>${lines.map(escapeXml).join('\n')}</pre>\n`
}

/** What could turn the answer, and what it rests on. */
function banner(trace: Trace): string {
  const lines = noteLines(trace)
  if (lines.length === 0) return ''
  const items = lines.map((line) => `<li>${escapeXml(line)}</li>`)
  return `<ul class="notes ${tone(trace)}" role="note">${items.join('')}</ul>\n`
}

const TITLES = {
  request: 'Request',
  reply: 'Reply',
  error: 'Error',
  resolution: 'Address resolution',
  other: 'Other packets',
} as const

function sectionTable(section: Section, hidden: ReadonlySet<string>, answered: ReadonlySet<string>): string {
  const rows = section.visits
    .filter((visit) => !hidden.has(visit.netns))
    .flatMap((visit) => visit.hops.filter((hop) => !isIdle(hop, answered)).map(hopRow))
  if (rows.length === 0) return ''
  const about = section.packet === undefined ? '' : `: <code>${escapeXml(section.packet.line)}</code>`
  return `<h4>${escapeXml(TITLES[section.role])}${about}</h4>\n<table>${rows.join('\n')}</table>`
}

function hopRow(hop: Hop): string {
  if (hop.kind === 'tx' || hop.kind === 'rx') return frameRow(hop)
  const facts = hop.facts.map((fact) => {
    const origin =
      fact.origin === undefined ? '' : ` <span class="o">← ${escapeXml(describeOrigin(fact.origin))}</span>`
    return `<br><code>${escapeXml(fact.text)}</code>${origin}`
  })
  const bad = hop.kind === 'drop' && !hop.harmless ? ' class="bad"' : ''
  const word = hop.kind === 'drop' && hop.harmless ? 'taken in' : hop.kind
  return `<tr class="d"><td></td><td>${escapeXml(hop.netns)}</td><td></td><td${bad}>${escapeXml(word)}</td><td class="w">${escapeXml(hop.reason)}${facts.join('')}</td></tr>`
}

function frameRow(hop: FrameHop): string {
  const changes = hop.changes.filter((change) => change.kind !== 'field' || !change.derived).map(describeChange)
  const changed = changes.length === 0 ? '' : `<div>changed: ${escapeXml(changes.join(', '))}</div>`
  const bytes = hexDump(parseHex(hop.bytes) ?? new Uint8Array(0)).replace(/^\t/gm, '')
  const line = `<details><summary><code>${escapeXml(hop.line)}</code></summary>${escapeXml(hop.reason)}<pre>${bytes.split('\n').map(escapeXml).join('\n')}</pre></details>`
  const cells = [timeText(hop.time), hop.netns, hop.dev, hop.kind === 'tx' ? 'Out' : 'In'].map(
    (text) => `<td>${escapeXml(text)}</td>`,
  )
  return `<tr class="f">${cells.join('')}<td class="w">${line}${changed}</td></tr>`
}
