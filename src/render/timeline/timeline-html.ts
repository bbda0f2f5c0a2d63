import { describeOrigin } from '../../trace/index.ts'
import { escapeXml } from '../escape.ts'
import { renderHtml } from '../html.ts'
import type { Theme } from '../palette.ts'
import { endLine, entryLine, eventOf, gapLine, tallyLine } from './gap-words.ts'
import { momentText } from './moment.ts'
import type { ReportedGap, ReportedProbe, TimelineReport } from './report.ts'
import { checkTimelineReport } from './report-form.ts'
import { renderTimelineSvg, type TimelinePictureOptions, themed, timelineTheme } from './timeline-svg.ts'

const CSS = `
.pw-timeline{font:14px/1.45 system-ui,sans-serif;color:#1d2433;background:#fff;padding:14px 16px;max-width:1040px;overflow-x:auto}
.pw-timeline h3{margin:16px 0 4px;font-size:15px}.pw-timeline svg{width:100%;min-width:680px;max-width:1000px;height:auto}.pw-timeline dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:2px 12px;margin:4px 0 10px}
.pw-timeline dt{color:#5a6478}.pw-timeline dd{margin:0;overflow-wrap:anywhere}.pw-timeline .bad{color:#b3261e}.pw-timeline .ok{color:#0b7a53}
.pw-timeline table{border-collapse:collapse;font:12px/1.4 ui-monospace,Menlo,Consolas,monospace}.pw-timeline td{padding:1px 10px 1px 0;vertical-align:top}
.pw-timeline summary{cursor:pointer}.pw-timeline .o{color:#8a6100}
@media (max-width:600px){.pw-timeline dl{grid-template-columns:minmax(0,1fr)}}
`
const DARK = `.pw-timeline{color:#e6e9f0;background:#171b24}.pw-timeline dt{color:#a3adbf}.pw-timeline .bad{color:#ff8a80}.pw-timeline .ok{color:#5fd0a4}.pw-timeline .o{color:#e0b04a}
`

/** What happened over time as a piece of HTML that stands by itself: the picture, each probe with its gaps and why, the log. @throws InputError for what is no report */
export function renderTimelineHtml(report: TimelineReport, options: TimelinePictureOptions = {}): string {
  checkTimelineReport('report', report)
  const theme = timelineTheme(options)
  const rows = report.log.map((entry) => {
    const origin =
      entry.origin === undefined ? '' : ` <span class="o">← ${escapeXml(describeOrigin(entry.origin))}</span>`
    return `<tr><td>${momentText(entry.at)}</td><td>${entry.event}</td><td>${escapeXml(entryLine(entry))}${origin}</td></tr>`
  })
  const notes = report.notes.map((note) => `<li>${escapeXml(note)}</li>`)
  return `<section class="pw-timeline"><style>${themed(theme, CSS, DARK)}</style>
${renderTimelineSvg(report, options)}${report.probes.map((probe) => probeBlock(report, probe, theme)).join('\n')}
${notes.length === 0 ? '' : `<ul role="note">${notes.join('')}</ul>\n`}<details><summary>Log: ${rows.length} changes</summary><table>
${rows.join('\n')}
</table></details></section>
`
}

function probeBlock(report: TimelineReport, probe: ReportedProbe, theme: Theme): string {
  const tone = probe.lost === 0 ? 'ok' : 'bad'
  const gaps = probe.gaps.map((gap) => gapBlock(report, gap, theme))
  return `<h3>${escapeXml(probe.name)}</h3><p class="${tone}">${escapeXml(tallyLine(probe))}</p>${gaps.join('\n')}`
}

function gapBlock(report: TimelineReport, gap: ReportedGap, theme: Theme): string {
  const rows: [string, string | undefined][] = [
    ['lost', endLine(gap)],
    ['began', gap.begun && `${momentText(gap.begun.at)}: ${entryLine(gap.begun)}`],
    ['event', eventOf(report, gap.begun)?.title],
    ['story', gap.story === '' ? undefined : gap.story],
    ['ended', gap.ended && `${momentText(gap.ended.at)}: ${entryLine(gap.ended)}`],
  ]
  const list = rows.flatMap(([word, text]) =>
    text === undefined ? [] : [`<dt>${word}</dt><dd>${escapeXml(text)}</dd>`],
  )
  const life =
    gap.trace === undefined
      ? ''
      : `<details><summary>The packet's life</summary>${renderHtml(gap.trace, { theme })}</details>`
  return `<p class="bad">${escapeXml(gapLine(gap, report.end))}</p><dl>${list.join('')}</dl>${life}`
}
