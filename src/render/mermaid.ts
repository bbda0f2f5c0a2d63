import type { Trace } from '../trace/index.ts'
import { mermaidLines } from './mermaid-text.ts'
import { PALETTES } from './palette.ts'
import { DIRECTIONS } from './picture/chapter-head.ts'
import { type DrawnHeader, type DrawnPacket, type DrawnStop, drawnStops, headerTitle } from './story/again.ts'
import { fieldWords } from './story/field-words.ts'
import { laneAbout } from './story/lanes.ts'
import { chapterGroups, dropWords, quietLines } from './story/stops.ts'
import type {
  DropStep,
  MoveStep,
  ResolutionStep,
  Story,
  StoryChapter,
  StoryDirection,
  StoryLane,
  StoryStep,
} from './story/story.ts'
import { storyOf } from './story/story-of.ts'
import { checkPictureOptions, type PictureOptions } from './svg.ts'

/** Characters of a line of text over one lane, over all of them, and on an arrow. A longer one would push the lanes apart. */
const WIDTHS = { lane: 34, all: 72, arrow: 44 } as const

/** Mermaid refuses more than 50,000; the heading, and what stands before lines, are not counted. */
const MOST_CHARACTERS = 40_000
/** Stays of one packet that are told: one that goes in a circle has more than anybody reads. */
const STAYS = { first: 14, last: 2 } as const

/** Notes are lists: they are read from the left. */
const SETTINGS = '%%{init: {"sequence": {"noteAlign": "left"}}}%%'

/**
 * A trace as a Mermaid sequence diagram, told as the other pictures tell it: a participant a lane, notes for what is decided there, an
 * arrow for every wire with the headers of the packet. Requests are solid, replies broken; a drop is an arrow that ends in a cross.
 * @throws InputError for options out of range
 */
export function renderMermaid(trace: Trace, options: Pick<PictureOptions, 'switches' | 'resolution'> = {}): string {
  checkPictureOptions(options)
  const story = storyOf(trace, options)
  if (story.lanes.length === 0) return 'sequenceDiagram\n'
  const lines = [SETTINGS, ...story.lanes.map(laneLine), headLine(story), ...chaptersOf(story, options)]
  return `sequenceDiagram\n${lines.map((line) => `  ${line}\n`).join('')}`
}

/** Chapters in their order, as far as Mermaid reads. */
function chaptersOf(story: Story, { resolution }: Pick<PictureOptions, 'resolution'>): readonly string[] {
  const groups = chapterGroups(story)
  const stops = drawnStops(story)
  const lines: string[] = []
  let left = MOST_CHARACTERS
  for (const [i, { quiet, chapters }] of groups.entries()) {
    const [first] = chapters
    const isQuiet = quiet || first === undefined
    const told = isQuiet
      ? [across(story, quietLines(story, chapters))]
      : chapterLines(story, first, stops.get(first.index) ?? [], resolution === 'open')
    const drawn = isQuiet || groups.length === 1 ? told : boxed(PALETTES.light[first.direction], 0.08, told)
    left -= drawn.reduce((sum, line) => sum + line.length, 0)
    if (left < 0) {
      const more = groups.slice(i).reduce((sum, group) => sum + group.chapters.length, 0)
      return [...lines, across(story, [`… ${more} more packets: Mermaid reads no longer text; other forms tell them`])]
    }
    lines.push(...drawn)
  }
  return lines
}

function laneLine(lane: StoryLane): string {
  const about = laneAbout(lane).trim()
  return `participant ${idOf(lane.index)} as ${mermaidLines([lane.name, ...(about === '' ? [] : [about])], WIDTHS.arrow)}`
}

const SIGNS = { ok: '✓', bad: '✗', open: '?' } as const

/** What was asked, what came of it, what could turn the answer. */
function headLine(story: Story): string {
  const { title, outcome, summary, notes } = story
  const verdict = `${SIGNS[outcome.tone]} ${outcome.word}`
  return across(story, [title === '' ? verdict : `${title}: ${verdict}`, summary, ...notes])
}

/** A note over all lanes. */
function across({ lanes }: Story, texts: readonly string[]): string {
  const ends = lanes.length === 1 ? idOf(0) : `${idOf(0)},${idOf(lanes.length - 1)}`
  return `Note over ${ends}: ${mermaidLines(
    texts.filter((text) => text !== ''),
    lanes.length === 1 ? WIDTHS.lane : WIDTHS.all,
  )}`
}

/** Lines before a background, which is seen through: the page may be dark. */
function boxed(colour: string, strength: number, lines: readonly string[]): readonly string[] {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
  return [`rect rgba(${parts.join(', ')}, ${strength})`, ...lines.map((line) => `  ${line}`), 'end']
}

function chapterLines(
  story: Story,
  chapter: StoryChapter,
  stops: readonly DrawnStop[],
  isOpen: boolean,
): readonly string[] {
  const head = across(story, [`${DIRECTIONS[chapter.direction]}: ${chapter.title}`])
  const more = stops.length - STAYS.first - STAYS.last
  const told = (some: readonly DrawnStop[]): readonly string[] => some.flatMap((stop) => stopLines(stop, isOpen))
  if (more < 2) return [head, ...told(stops)]
  const gap = across(story, [`… ${more} more stays, which other forms tell`])
  return [head, ...told(stops.slice(0, STAYS.first)), gap, ...told(stops.slice(-STAYS.last))]
}

/** A stay: interfaces and decisions in a note, a drop as what it is, then the way on. */
function stopLines({ lane, devices, asBefore, steps, leaves }: DrawnStop, isOpen: boolean): readonly string[] {
  const lines: string[] = []
  let said = [
    ...(devices.length === 0 ? [] : [devices.join(' → ')]),
    ...(asBefore.length === 0 ? [] : [`= as before: ${asBefore.join(', ')}`]),
  ]
  const note = (): void => {
    if (said.length > 0) lines.push(noteLine(lane, said))
    said = []
  }
  for (const step of steps) {
    if (step.kind === 'drop') {
      note()
      lines.push(...dropLines(step))
    } else {
      said.push(`${MARKS[step.kind]} ${step.sentence}`)
      if (step.kind !== 'resolution' || !isOpen) continue
      note()
      lines.push(...resolutionLines(step))
    }
  }
  note()
  return leaves === undefined ? lines : [...lines, moveLine(leaves, ARROWS[leaves.direction])]
}

const MARKS = { decision: '▸', delivery: '✓', resolution: '?' } as const

/** Solid with a full head, broken with a full head, broken with an open one, solid with an open one. */
const ARROWS: Readonly<Record<StoryDirection, string>> = { request: '->>', reply: '-->>', error: '--)', other: '-)' }

function noteLine(lane: number, texts: readonly string[]): string {
  return `Note over ${idOf(lane)}: ${mermaidLines(texts, WIDTHS.lane)}`
}

/** A way that ends in a cross, and what the cause rests on, before the colour of alarm. */
function dropLines(step: DropStep): readonly string[] {
  const { head, rest } = dropWords(step)
  const id = idOf(step.at.lane)
  const arrow = step.direction === 'request' || step.direction === 'other' ? '-x' : '--x'
  const why = rest === '' ? [] : [noteLine(step.at.lane, [rest])]
  return boxed(PALETTES.light.bad, 0.15, [`${id}${arrow}${id}: ${mermaidLines([`✗ ${head}`], WIDTHS.lane)}`, ...why])
}

/** What was asked and answered, wire by wire. */
function resolutionLines({ steps }: ResolutionStep): readonly string[] {
  return steps.flatMap((step: StoryStep): readonly string[] => {
    if (step.kind === 'move') return step.over === 'wire' ? [moveLine(step, ARROWS.other)] : []
    return [noteLine(step.at.lane, [step.sentence])]
  })
}

/** A frame on a wire: what came off, then its headers, those of a tunnel before those it carries. */
function moveLine(
  { from, at, packet }: Omit<MoveStep, 'packet'> & { readonly packet: DrawnPacket },
  arrow: string,
): string {
  const { headers, removed } = packet
  const told = headers.filter(({ protocol }) => protocol !== 'ethernet' && protocol !== 'data')
  const inner = told.findIndex(({ outer }) => !outer)
  const words = (told.length === 0 ? headers : told).map(headerLines)
  const isWrapped = inner > 0
  const ended = words.flatMap((lines, i) => (isWrapped && i === inner - 1 ? endedBy(lines, ' [') : lines))
  const gone = removed.length === 0 ? [] : [`− ${removed.join(', ')} taken off`]
  const lines = [...gone, ...(isWrapped ? endedBy(ended, ' ]') : ended)]
  return `${idOf(from.lane)}${arrow}${idOf(at.lane)}: ${mermaidLines(lines, WIDTHS.arrow)}`
}

function endedBy(lines: readonly string[], end: string): readonly string[] {
  return lines.map((line, i) => (i === lines.length - 1 ? line + end : line))
}

/** Fields that only a capture needs. */
const MINOR: ReadonlySet<string> = new Set(['identifier', 'sequence', 'counter'])

/** `+ outer IPv4 10.0.1.11 > 10.0.2.12, TTL 63`; a star marks what changed. A field stays on one line. */
function headerLines(header: DrawnHeader): readonly string[] {
  const fields = header.fields.filter(({ name, was }) => was !== undefined || !MINOR.has(name))
  const [first = '', ...others] = fieldWords({ ...header, fields }).map(({ text, was }) =>
    was === '' ? text : `✱ ${text}`,
  )
  const lines = [`${headerTitle(header)} ${first}`.trimEnd()]
  for (const words of others) {
    const longer = `${lines.at(-1)}, ${words}`
    if (longer.length <= WIDTHS.arrow) lines.splice(-1, 1, longer)
    else lines.push(words)
  }
  return lines
}

function idOf(lane: number): string {
  return `n${lane}`
}
