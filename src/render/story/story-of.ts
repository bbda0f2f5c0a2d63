import { checkOptions } from '../../model/index.ts'
import { checkTrace, type FrameHop, type Hop, headersOfHop, type Trace } from '../../trace/index.ts'
import { dispositionWord, noteLines, tone } from '../notes.ts'
import { type Section, sectionsOf } from '../sections.ts'
import { toldOf } from '../told.ts'
import { answeredTargets } from '../visible.ts'
import { Lanes } from './lanes.ts'
import { packetTitle } from './packet-boxes.ts'
import { NOT_SENT } from './stops.ts'
import type { Story, StoryChapter, StoryDirection, StoryOptions, StoryStep } from './story.ts'
import { ChapterTeller, type Draft, directionOf, type Telling } from './tell-chapter.ts'

/**
 * A trace as a story: lanes, and packet by packet the steps in time order, each with its place, the packet as nested headers with
 * what changed, and a sentence. Of a packet in pieces the piece is followed that tells most. Plain data, the same for the same trace.
 */
export function storyOf(trace: Trace, options: StoryOptions = {}): Story {
  checkTrace(trace)
  checkOptions(options)
  const lanes = new Lanes(trace, options.switches === true)
  const telling: Telling = {
    trace,
    told: toldOf(trace),
    lanes,
    answered: answeredTargets(trace),
    roles: new Map(trace.packets.map((packet) => [packet.id, packet.role])),
    indexOf: new Map(trace.hops.map((hop, i) => [hop, i])),
    onlyResolution: trace.packets.every((packet) => packet.role === 'resolution'),
  }
  const chapters = numbered(sectionsOf(trace).flatMap((section) => draftOf(telling, section)))
  const told = chapters.length === 0 ? notSent(trace, lanes) : chapters
  return {
    title: trace.title,
    outcome: { word: dispositionWord(trace).replace('-', ' '), tone: tone(trace) },
    summary: trace.summary,
    notes: noteLines(trace),
    lanes: lanes.told(),
    chapters: told,
    steps: told.flatMap((chapter) => chapter.steps),
  }
}

/** A chapter whose steps have no numbers yet. */
interface ChapterDraft extends Omit<StoryChapter, 'index' | 'steps' | 'sameAs'> {
  readonly steps: readonly Draft[]
}

function draftOf(telling: Telling, section: Section): readonly ChapterDraft[] {
  const steps = new ChapterTeller(telling, section).tell()
  const { packet } = section
  if (steps.length === 0 || packet === undefined) return []
  const direction = telling.onlyResolution ? 'request' : directionOf(packet.role)
  return [{ direction, packetId: packet.id, title: titleOf(telling, section), steps }]
}

function titleOf(telling: Telling, section: Section): string {
  if (section.role === 'resolution' && !telling.onlyResolution) return 'address resolution'
  const frame = section.visits.flatMap((visit) => visit.hops).find((hop) => isFrameOf(telling, hop, section))
  const headers = frame === undefined ? [] : headersOfHop(frame as FrameHop)
  return packetTitle(headers) || (section.packet?.line ?? '')
}

/** A frame of the packet, or of its first piece. */
function isFrameOf({ roles }: Telling, hop: Hop, { packet }: Section): boolean {
  return (
    (hop.kind === 'tx' || hop.kind === 'rx') && (hop.packet === packet?.id || roles.get(hop.packet) === packet?.role)
  )
}

/** Numbers steps through all chapters, and finds those that say nothing new. */
function numbered(drafts: readonly ChapterDraft[]): readonly StoryChapter[] {
  let number = 0
  const known = new Map<string, number>()
  return drafts.map((draft, index) => {
    const steps = draft.steps.map((step) => {
      number += 1
      return withNumber(step, number, index)
    })
    const way = wayOf(draft.direction, steps)
    const sameAs = known.get(way)
    if (sameAs === undefined) known.set(way, index)
    return { ...draft, index, steps, ...(sameAs === undefined ? {} : { sameAs }) }
  })
}

/** Steps inside a resolution carry its number. */
function withNumber(step: Draft, number: number, chapter: number): StoryStep {
  const numbers = { number, chapter }
  if (step.kind !== 'resolution') return { ...step, ...numbers }
  return { ...step, ...numbers, steps: step.steps.map((one) => withNumber(one, number, chapter)) }
}

/** Where a packet went, in which wrapping, and how it ended. */
function wayOf(direction: StoryDirection, steps: readonly StoryStep[]): string {
  return JSON.stringify([direction, steps.flatMap(wayPart)])
}

function wayPart(step: StoryStep): readonly unknown[] {
  switch (step.kind) {
    case 'move':
      return [step.from, step.at, step.packet.headers.filter((one) => one.outer).map((one) => one.protocol)]
    case 'drop':
      return [step.at, step.cause]
    case 'delivery':
      return [step.at, 'taken in']
    case 'resolution':
    case 'decision':
      return []
  }
}

/** A story without a packet: the program was told why. */
function notSent(trace: Trace, lanes: Lanes): readonly StoryChapter[] {
  const { disposition } = trace
  const { first } = lanes
  if (disposition.kind !== 'not-sent' || first === undefined) return []
  const step: StoryStep = {
    number: 1,
    chapter: 0,
    packetId: 0,
    time: trace.hops.at(-1)?.time ?? 0,
    direction: 'request',
    at: lanes.place(first, ''),
    sentence: disposition.why,
    hops: [],
    kind: 'drop',
    cause: NOT_SENT,
  }
  return [{ index: 0, direction: 'request', packetId: 0, title: 'no packet was made', steps: [step] }]
}
