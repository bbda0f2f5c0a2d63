import { describeOrigin } from '../../trace/index.ts'
import { escapeXml as e } from '../escape.ts'
import { type DrawnHeader, type DrawnPacket, type DrawnStop, drawnStops, headerTitle } from '../story/again.ts'
import { fieldWords } from '../story/field-words.ts'
import { laneAbout } from '../story/lanes.ts'
import { chapterGroups, dropWords, quietLines, type StopStep } from '../story/stops.ts'
import type { Story, StoryChapter, StoryLane, StoryStep } from '../story/story.ts'
import { DIRECTIONS } from './chapter-head.ts'
import { columnsFor, naturalWidth } from './lane-widths.ts'
import { type Row, rowsOf } from './rows.ts'

/**
 * A story as markup: chapters, in each the stays in the order they happen, as an ordered list. Lanes are columns where there is
 * room for them, and headings of the stays where there is not; that is left to the style sheet.
 */
export function storyHtml(story: Story): string {
  const lanes = story.lanes.map(
    (lane) =>
      `<div class="lane${lane.assumed ? ' assumed' : ''} ${lane.role}" style="--lane:${lane.index + 1}"><b>${e(lane.name)}</b>${aboutHtml(lane)}</div>`,
  )
  const rows = new Map([...drawnStops(story)].map(([chapter, stops]) => [chapter, rowsOf(stops)]))
  const chapters = chapterGroups(story).map(({ quiet, chapters: group }) => {
    const [first] = group
    const body = first === undefined ? undefined : rows.get(first.index)
    if (quiet || first === undefined || body === undefined)
      return `<ul class="quiet">${quietLines(story, group)
        .map((line) => `<li>${e(line)}</li>`)
        .join('')}</ul>`
    return chapterHtml(story, first, body)
  })
  return `<div class="story" style="--lanes:${tracks(story, [...rows.values()].flat())}">
<div class="lanes" aria-hidden="true">${lanes.join('')}</div>
${chapters.join('\n')}
</div>`
}

function aboutHtml(lane: StoryLane): string {
  const about = laneAbout(lane)
  return about === '' ? '' : ` <small>${e(about)}</small>`
}

/** Widths of the lanes, as shares of the room there is: a node that decides much is wider than a pod that decides little. */
function tracks(story: Story, rows: readonly Row[]): string {
  const widths = columnsFor(story, rows, naturalWidth(story), { resolution: false })?.widths ?? story.lanes.map(() => 1)
  return widths.map((width) => `minmax(${LEAST}px,${Math.round(width)}fr)`).join(' ') || 'minmax(0,1fr)'
}

/** No lane is narrower: an Ethernet address stands on one line. */
const LEAST = 154

function chapterHtml(story: Story, chapter: StoryChapter, rows: readonly Row[]): string {
  const head = `<h4 class="way ${chapter.direction}">${e(`${DIRECTIONS[chapter.direction]}: ${chapter.title}`)}</h4>`
  const stays = rows.flatMap(({ stops }, i) => stops.map((stop) => stayHtml(story, chapter, stop, i + 1)))
  return `<section class="chapter">${head}\n<ol class="stays ${chapter.direction}">\n${stays.join('\n')}\n</ol></section>`
}

/** A stay: where, by which interfaces, what is decided; and the packet that leaves. */
function stayHtml(story: Story, { direction }: StoryChapter, stop: DrawnStop, row: number): string {
  const lane = story.lanes[stop.lane]
  const about = lane === undefined ? '' : aboutHtml(lane)
  const devices = stop.devices
    .map((name) => `<code class="dev">${e(name)}</code>`)
    .join('<span aria-hidden="true">→</span>')
  const steps = [...beforeHtml(story, stop), ...stepItems(story, stop.steps)].join('')
  const to = stop.leaves === undefined ? undefined : story.lanes[stop.leaves.at.lane]
  const isBack = stop.leaves !== undefined && stop.leaves.at.lane < stop.lane
  const packet =
    stop.leaves === undefined
      ? ''
      : `<div class="leaves ${direction}${isBack ? ' back' : ''}"><span class="to">to ${e(to?.name ?? '')}</span>${packetHtml(stop.leaves.packet)}</div>`
  return `<li class="stay${lane?.assumed === true ? ' assumed' : ''} ${lane?.role ?? ''}" style="--lane:${stop.lane + 1};--row:${row}">
<div class="card"><div class="where"><span class="no">${stop.number}</span> <b>${e(lane?.name ?? '')}</b>${about}</div>
<div class="devs">${devices}</div><ul class="steps">${steps}</ul></div>
${packet}</li>`
}

function stepItems(story: Story, steps: readonly StopStep[]): readonly string[] {
  return steps.map((step) => `<li class="${step.kind}">${stepHtml(story, step)}</li>`)
}

/** What is decided as for an earlier packet, opened on demand. */
function beforeHtml(story: Story, { asBefore, leftOut }: DrawnStop): readonly string[] {
  if (asBefore.length === 0) return []
  const steps = stepItems(story, leftOut).join('')
  return [
    `<li class="resolution"><details><summary>as before: ${e(asBefore.join(', '))}</summary><ul>${steps}</ul></details></li>`,
  ]
}

function stepHtml(story: Story, step: StopStep): string {
  switch (step.kind) {
    case 'decision':
      return `${e(step.sentence)}${originHtml(step)}`
    case 'delivery':
      return `<b>✓ ${e(step.sentence)}</b>`
    case 'drop': {
      const { head, rest } = dropWords(step)
      return `<b>✗ ${e(head)}</b>${rest === '' ? '' : `<br>${e(rest)}`}${originHtml(step)}`
    }
    case 'resolution': {
      const inner = step.steps.map((one) => `<li>${e(`${story.lanes[one.at.lane]?.name ?? ''}: ${one.sentence}`)}</li>`)
      if (inner.length === 0) return e(step.sentence)
      return `<details><summary>${e(step.sentence)}</summary><ol>${inner.join('')}</ol></details>`
    }
  }
}

/** The setting behind a decision, opened on demand. */
function originHtml({ origin }: StoryStep): string {
  if (origin === undefined || (origin.object === undefined && origin.file === undefined)) return ''
  return ` <details class="origin"><summary>from</summary>${e(describeOrigin(origin))}</details>`
}

function packetHtml({ headers, removed }: DrawnPacket): string {
  const gone = removed.length === 0 ? '' : `<p class="gone">− ${e(removed.join(', '))} taken off</p>`
  return `${gone}${headerHtml(headers)}`
}

function headerHtml(headers: readonly DrawnHeader[]): string {
  const [header, ...inside] = headers
  if (header === undefined) return ''
  const fields = fieldWords(header).map(({ text, was }) => {
    if (was === '') return `<code>${e(text)}</code>`
    const before = header.layer === 'link' ? '' : ` <small>(was ${e(was)})</small>`
    return `<mark><code>✱ ${e(text)}</code>${before}</mark>`
  })
  const name = headerTitle(header)
  return `<div class="header ${header.layer}${header.added ? ' added' : ''}"><b>${e(name)}</b> ${fields.join(' ')}${headerHtml(inside)}</div>`
}
