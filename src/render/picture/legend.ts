import { LAYER_KINDS, type LayerKind } from '../palette.ts'
import { isQuietChapter } from '../story/stops.ts'
import type { Story, StoryDirection } from '../story/story.ts'
import { type Block, rect, type TextStyle, textAt } from './blocks.ts'
import { DIRECTIONS, wayLine } from './chapter-head.ts'
import { widthOf } from './text-width.ts'

const STYLE: TextStyle = { size: 11, look: 'pw-quiet', family: 'sans' }

const LAYERS: Readonly<Record<LayerKind, string>> = {
  link: 'link layer',
  network: 'network layer',
  tunnel: 'tunnel',
  transport: 'transport, ICMP',
  payload: 'data',
}

/** A sign and what it stands for. */
interface Entry {
  readonly text: string
  readonly sign: (x: number, y: number) => readonly string[]
}

/** What the colours, lines and marks of this picture stand for; only those that it uses. */
export function legendBlock(story: Story, width: number): Block {
  const entries = entriesOf(story)
  const places: { readonly entry: Entry; readonly x: number; readonly row: number }[] = []
  let [x, row] = [0, 0]
  for (const entry of entries) {
    const own = 28 + widthOf(entry.text, STYLE) + 14
    if (x > 0 && x + own > width) {
      x = 0
      row += 1
    }
    places.push({ entry, x, row })
    x += own
  }
  return {
    height: entries.length === 0 ? 0 : (row + 1) * 18,
    draw: (left, top) =>
      places.flatMap(({ entry, x: at, row: line }) => {
        const y = top + line * 18
        return [...entry.sign(left + at, y), textAt(entry.text, left + at + 28, y + 12, STYLE)]
      }),
  }
}

function entriesOf(story: Story): readonly Entry[] {
  const headers = story.steps.flatMap((step) => (step.kind === 'move' ? step.packet.headers : []))
  const layers = LAYER_KINDS.filter((kind) => headers.some((header) => header.layer === kind))
  const directions = (['request', 'reply', 'error', 'other'] as const).filter((one) =>
    story.chapters.some((chapter) => chapter.direction === one && !isQuietChapter(story, chapter)),
  )
  const isChanged = headers.some((header) => header.fields.some((field) => field.was !== undefined))
  const isAdded = headers.some((header) => header.added)
  return [
    ...layers.map((kind) => ({
      text: LAYERS[kind],
      sign: (x: number, y: number) => [rect(`pw-${kind}`, x + 4, y + 3, 18, 11, 3)],
    })),
    ...(isChanged ? [{ text: 'changed since the last hop', sign: (x: number, y: number) => markSign('✱', x, y) }] : []),
    ...(isAdded
      ? [{ text: 'header added', sign: (x: number, y: number) => [textAt('+', x + 10, y + 12, STYLE)] }]
      : []),
    ...directions.map((one) => ({ text: DIRECTIONS[one].toLowerCase(), sign: waySign(one) })),
  ]
}

function markSign(mark: string, x: number, y: number): readonly string[] {
  return [rect('pw-mark', x + 4, y + 3, 18, 12, 2), textAt(mark, x + 8, y + 13, { ...STYLE, look: 'pw-mark-ink' })]
}

function waySign(direction: StoryDirection): Entry['sign'] {
  return (x, y) => wayLine(direction, x, y + 8, x + 24, y + 8)
}
