import { checkArgument, checkOptions, printable } from '../model/index.ts'
import type { Trace } from '../trace/index.ts'
import { wrapHard } from './layout-text.ts'
import { fieldWords } from './story/field-words.ts'
import type { MoveStep, Story, StoryHeader } from './story/story.ts'
import { storyOf } from './story/story-of.ts'

/** How a packet is drawn in text. */
export interface PacketTextOptions {
  /** Columns, 60 to 200; 76 when left out. */
  readonly width?: number
}

const DEFAULT_COLUMNS = 76

/**
 * The packet where it is wrapped most, as nested boxes of box-drawing characters: a box a header, the outermost outside, with its
 * telling fields. '' for a trace in which nothing was sent.
 * @throws InputError for a width out of range
 */
export function renderPacketText(trace: Trace, options: PacketTextOptions = {}): string {
  checkOptions(options)
  const { width = DEFAULT_COLUMNS } = options
  checkArgument(Number.isInteger(width) && width >= 60 && width <= 200, 'options.width', '60 to 200 columns', width)
  const story = storyOf(trace)
  const move = mostWrapped(story)
  if (move === undefined) return ''
  const [from, to] = [story.lanes[move.from.lane]?.name ?? '', story.lanes[move.at.lane]?.name ?? '']
  const title = `the packet from ${from} to ${to}: ${move.packet.length} bytes`
  return `${[...wrapHard(title, width), ...boxLines(move.packet.headers, width)].map(printable).join('\n')}\n`
}

/** The first move over a wire with the most headers. */
function mostWrapped(story: Story): MoveStep | undefined {
  const moves = story.steps.filter((step): step is MoveStep => step.kind === 'move' && step.over === 'wire')
  const most = Math.max(...moves.map((step) => step.packet.headers.length))
  return moves.find((step) => step.packet.headers.length === most)
}

/** A header's name is in the upper side of its box; what does not fit beside it stands inside. What carries nothing has no box. */
function boxLines(headers: readonly StoryHeader[], width: number): readonly string[] {
  const [header, ...inside] = headers
  if (header === undefined) return []
  const words = fieldWords(header).map(({ text }) => text)
  if (header.protocol === 'data') return wrapHard(`${header.name}: ${words.join(', ')}`, width)
  const room = width - 4
  const title = [header.name, ...words].join('  ')
  const isBeside = title.length <= room - 2
  const top = isBeside ? title : header.name
  const below = isBeside ? [] : words.flatMap((text) => wrapHard(text, room))
  const body = [...below, ...boxLines(inside, room)]
  return [
    `┌─ ${top} ${'─'.repeat(Math.max(0, width - top.length - 5))}┐`,
    ...body.map((line) => `│ ${line.padEnd(room)} │`),
    `└${'─'.repeat(width - 2)}┘`,
  ]
}
