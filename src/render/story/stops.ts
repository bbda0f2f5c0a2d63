import type { DropStep, MoveStep, Story, StoryChapter, StoryStep } from './story.ts'

/** A step that happens at a stop: everything but the moves, which lead from stop to stop. */
export type StopStep = Exclude<StoryStep, MoveStep>

/** A packet's stay in one namespace: what a picture shows in one place. */
export interface StoryStop {
  /** From 1, in the order of the chapter. */
  readonly number: number
  /** Index of the lane. */
  readonly lane: number
  /** Interfaces in the order they are passed. */
  readonly devices: readonly string[]
  /** What happens there. */
  readonly steps: readonly StopStep[]
  /** The way on over a wire; absent where the way ends. */
  readonly leaves?: MoveStep
}

interface Open {
  readonly lane: number
  readonly devices: string[]
  readonly steps: StopStep[]
}

/** The stays of a chapter, in order. */
export function stopsOf({ steps }: StoryChapter): readonly StoryStop[] {
  const stops: Omit<StoryStop, 'number'>[] = []
  let open: Open | undefined
  const at = (lane: number): Open => {
    if (open?.lane === lane) return open
    if (open !== undefined) stops.push(open)
    open = { lane, devices: [], steps: [] }
    return open
  }
  for (const step of steps) {
    if (step.kind !== 'move') {
      at(step.at.lane).steps.push(step)
    } else {
      const here = at(step.from.lane)
      pass(here, step.from.device)
      if (step.over === 'machine') pass(at(step.at.lane), step.at.device)
      else {
        stops.push({ ...here, leaves: step })
        open = { lane: step.at.lane, devices: [step.at.device], steps: [] }
      }
    }
  }
  return (open === undefined ? stops : [...stops, open]).map((stop, i) => ({ ...stop, number: i + 1 }))
}

function pass({ devices }: Open, device: string): void {
  if (device !== '' && devices.at(-1) !== device) devices.push(device)
}

/** A drop in two parts: what happened where, and what the cause rests on; the second is '' where the first says all. */
export function dropWords({ cause, sentence, at }: DropStep): { readonly head: string; readonly rest: string } {
  if (cause === NOT_SENT) return { head: 'NOT SENT', rest: sentence }
  const where = at.device === '' ? '' : ` at ${at.device}`
  const rest = sentence === cause ? '' : sentence.startsWith(`${cause}: `) ? sentence.slice(cause.length + 2) : sentence
  return { head: `DROPPED${where}: ${cause}`, rest }
}

/** The cause of a story in which no packet was made. */
export const NOT_SENT = 'not sent'

/** A chapter that needs no drawing: it went the way of another, holds nothing but address resolution, or is beside the question. */
export function isQuietChapter(story: Story, chapter: StoryChapter): boolean {
  if (chapter.steps.some((step) => step.kind === 'drop')) return chapter.sameAs !== undefined
  const isBeside = chapter.direction === 'other' && story.chapters.some((one) => one.direction === 'request')
  return chapter.sameAs !== undefined || isBeside || chapter.steps.every((step) => step.kind === 'resolution')
}

/** Chapters that need no drawing as lines; those that went the way of others share one. */
export function quietLines(story: Story, chapters: readonly StoryChapter[]): readonly string[] {
  const again = new Map<string, number>()
  const lines: string[] = []
  for (const chapter of chapters) {
    const [first] = chapter.steps
    if (first?.kind === 'resolution') lines.push(`${story.lanes[first.at.lane]?.name ?? ''} ${first.sentence}`)
    else if (chapter.sameAs !== undefined) {
      const name = `${chapter.direction === 'other' ? '' : `${chapter.direction} `}${chapter.title}`
      again.set(name, (again.get(name) ?? 0) + 1)
    } else {
      const lanes = stopsOf(chapter).map((stop) => story.lanes[stop.lane]?.name ?? '')
      lines.push(`besides, ${chapter.title}: ${lanes.join(' → ')}`)
    }
  }
  const names = [...again].map(([name, count]) => (count === 1 ? name : `${name} (${count} times)`))
  return [...(names.length === 0 ? [] : [`as before: ${shortList(names)}`]), ...new Set(lines)]
}

/** So many names are written out. */
const NAMED = 4

/** Names; of many the first, the last, and how many lie between. */
function shortList(names: readonly string[]): string {
  if (names.length <= NAMED) return names.join('; ')
  return `${names[0]}; ${names.length - 2} more like it; ${names.at(-1)}`
}

/** Chapters one by one; those in a row that need no drawing together. */
export function chapterGroups(
  story: Story,
): readonly { readonly quiet: boolean; readonly chapters: readonly StoryChapter[] }[] {
  const found: { quiet: boolean; chapters: StoryChapter[] }[] = []
  for (const chapter of story.chapters) {
    const quiet = isQuietChapter(story, chapter)
    const last = found.at(-1)
    if (quiet && last?.quiet === true) last.chapters.push(chapter)
    else found.push({ quiet, chapters: [chapter] })
  }
  return found
}
