import { checkTrace, describeChange, describeOrigin, type FrameHop, type Hop, type Trace } from '../trace/index.ts'
import { hexDump, parseHex } from '../wire/index.ts'
import { changeLines } from './change-lines.ts'
import { escapeXml } from './escape.ts'
import { noteLines, tone } from './notes.ts'
import { lanesClass, pageCss } from './picture/page-css.ts'
import { storyHtml } from './picture/story-html.ts'
import { type Section, sectionsOf } from './sections.ts'
import { storyOf } from './story/story-of.ts'
import { checkPictureOptions, type PictureOptions } from './svg.ts'
import { timeText } from './time.ts'
import { answeredTargets, backgroundOf, isIdle } from './visible.ts'

/**
 * A trace as a piece of HTML that stands by itself: verdict, summary, the story in lanes, and a table that opens to bytes and
 * origins. Needs no scripts; lanes stand side by side where there is room and below each other on a phone.
 * @throws InputError for options out of range
 */
export function renderHtml(trace: Trace, options: Pick<PictureOptions, 'switches' | 'theme'> = {}): string {
  checkTrace(trace)
  checkPictureOptions(options)
  const { theme = 'auto' } = options
  const story = storyOf(trace, options)
  const hidden = options.switches === true ? new Set<string>() : backgroundOf(trace)
  const title = trace.title === '' ? '' : `${escapeXml(trace.title)}: `
  const verdict = `<span class="${tone(trace)}">${escapeXml(story.outcome.word)}</span>`
  const answered = answeredTargets(trace)
  const tables = sectionsOf(trace).map((section) => sectionTable(section, hidden, answered))
  const lanes = Math.max(1, story.lanes.length)
  return `<section class="packetwalk pw-${theme} ${lanesClass(lanes)}"><style>${pageCss(theme, lanes)}</style>
<h3>${title}${verdict}</h3>
${banner(trace)}<p>${escapeXml(trace.summary)}</p>
${changeBlock(trace)}${storyHtml(story)}
<details class="all"><summary>Hop by hop</summary>
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
  return `<h4>${escapeXml(TITLES[section.role])}${about}</h4>\n<div class="table"><table>${rows.join('\n')}</table></div>`
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
