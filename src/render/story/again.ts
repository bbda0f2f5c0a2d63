import { isQuietChapter, type StopStep, type StoryStop, stopsOf } from './stops.ts'
import type { DecisionStep, MoveStep, Story, StoryHeader, StoryPacket } from './story.ts'

/** A header of which only what is new is drawn. */
export interface DrawnHeader extends StoryHeader {
  /** Fields are left out: an earlier packet had the same at this place. */
  readonly less?: boolean
}

/** A packet of which only what is new is drawn. */
export interface DrawnPacket extends StoryPacket {
  /** Headers, outermost first. */
  readonly headers: readonly DrawnHeader[]
}

/** A stay as it is drawn: what an earlier packet of the same direction met here already is not said again. */
export interface DrawnStop extends Omit<StoryStop, 'leaves'> {
  /** What happens here that did not happen to an earlier packet; all of it where little would be left out. */
  readonly steps: readonly StopStep[]
  /** What is decided as before, in a word each; empty where all of it is drawn. */
  readonly asBefore: readonly string[]
  /** The steps that are left out, in order. */
  readonly leftOut: readonly StopStep[]
  /** The way on over a wire, and the packet on it. */
  readonly leaves?: MoveStep & { readonly packet: DrawnPacket }
}

/** What a header is called: with a plus where it was added, with dots where fields of it are left out. */
export function headerTitle({ name, added, less }: DrawnHeader): string {
  return `${added ? '+ ' : ''}${name}${less === true ? ' …' : ''}`
}

/** What earlier chapters have shown at one place. */
interface Shown {
  readonly sentences: Set<string>
  readonly packets: Map<string, StoryPacket>
}

/** So many sentences are worth a line that stands for them. */
const WORTH = 2

/** The stays of every chapter that is drawn, by index of the chapter. */
export function drawnStops(story: Story): ReadonlyMap<number, readonly DrawnStop[]> {
  const shown = new Map<string, Shown>()
  const drawn = new Map<number, readonly DrawnStop[]>()
  for (const chapter of story.chapters) {
    if (isQuietChapter(story, chapter)) continue
    const stops = stopsOf(chapter)
    const keyOf = ({ lane, devices }: StoryStop): string => `${chapter.direction} ${lane} ${devices[0] ?? ''}`
    drawn.set(
      chapter.index,
      stops.map((stop) => drawnStop(stop, shown.get(keyOf(stop)))),
    )
    // A packet that comes by twice is told twice: only earlier chapters count.
    for (const stop of stops) note(shown, keyOf(stop), stop)
  }
  return drawn
}

function note(shown: Map<string, Shown>, key: string, { steps, leaves }: StoryStop): void {
  const here = shown.get(key) ?? { sentences: new Set(), packets: new Map() }
  shown.set(key, here)
  for (const step of steps) here.sentences.add(step.sentence)
  if (leaves !== undefined) here.packets.set(wrappingOf(leaves.packet), leaves.packet)
}

function drawnStop(stop: StoryStop, shown: Shown | undefined): DrawnStop {
  const leftOut = stop.steps.filter((step) => wordOf(step) !== '' && shown?.sentences.has(step.sentence) === true)
  if (shown === undefined || leftOut.length < WORTH) return { ...stop, asBefore: [], leftOut: [] }
  const { leaves, ...rest } = stop
  const before = leaves === undefined ? undefined : shown.packets.get(wrappingOf(leaves.packet))
  return {
    ...rest,
    steps: stop.steps.filter((step) => !leftOut.includes(step)),
    asBefore: [...new Set(leftOut.map(wordOf))],
    leftOut,
    ...(leaves === undefined ? {} : { leaves: { ...leaves, packet: newIn(leaves.packet, before) } }),
  }
}

/** A packet with the fields alone that an earlier one in the same wrapping did not have. */
function newIn(packet: StoryPacket, before: StoryPacket | undefined): DrawnPacket {
  if (before === undefined) return packet
  const headers = packet.headers.map((header, i): DrawnHeader => {
    if (header.protocol === 'data') return header
    const known = before.headers[i]?.fields ?? []
    const isKnown = header.fields.map((field) =>
      known.some(({ name, text, was }) => name === field.name && text === field.text && was === field.was),
    )
    // Both addresses are one statement: one that is new is drawn with the other.
    const keeps = header.fields.filter((field, i) => !isKnown[i] || (isEnd(field.name) && hasNewEnd(header, isKnown)))
    return keeps.length === header.fields.length ? header : { ...header, fields: keeps, less: true }
  })
  return { ...packet, headers }
}

function hasNewEnd({ fields }: StoryHeader, isKnown: readonly boolean[]): boolean {
  return fields.some((field, i) => isEnd(field.name) && isKnown[i] === false)
}

function isEnd(name: string): boolean {
  return /^(?:source|destination)/.test(name)
}

function wrappingOf({ headers }: StoryPacket): string {
  return headers.map(({ protocol }) => protocol).join(' ')
}

const WORDS: Readonly<Record<DecisionStep['about'], string>> = {
  route: 'route',
  'hop-limit': 'TTL',
  tunnel: 'tunnel',
  policy: 'policy',
  service: 'Service',
  nat: 'NAT',
  rule: 'rule',
  size: 'size',
  error: 'error',
  link: 'bridge',
}

/** What a step is about, in a word; '' for an end, which is never left out. */
function wordOf(step: StopStep): string {
  if (step.kind === 'decision') return WORDS[step.about]
  return step.kind === 'resolution' ? 'MAC address' : ''
}
