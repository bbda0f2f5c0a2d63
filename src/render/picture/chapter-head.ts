import { quietLines } from '../story/stops.ts'
import type { Story, StoryChapter, StoryDirection } from '../story/story.ts'
import { type Block, framed, n, paragraph, rect, stack, type TextStyle } from './blocks.ts'

/** Directions as words; the picture never says them by colour alone. */
export const DIRECTIONS: Readonly<Record<StoryDirection, string>> = {
  request: 'Request',
  reply: 'Reply',
  error: 'Error',
  other: 'Besides',
}

/** A chapter's heading, over the whole width: what it is, and a sample of the line its way is drawn with. */
export function chapterHead({ direction, title }: StoryChapter, width: number): Block {
  const style: TextStyle = { size: 13, look: `pw-word pw-${direction}`, family: 'sans', bold: true }
  const text = paragraph(`${DIRECTIONS[direction]}: ${title}`, width - 60, style)
  return {
    height: text.height + 12,
    draw: (x, y) => [
      rect('pw-band', x, y, width, text.height + 12, 4),
      ...wayLine(direction, x + 8, y + 15, x + 40, y + 15),
      ...text.draw(x + 50, y + 6),
    ],
  }
}

/** Chapters that need no drawing, a line each. */
export function quietBlock(story: Story, chapters: readonly StoryChapter[], width: number): Block {
  const style: TextStyle = { size: 11.5, look: 'pw-quiet', family: 'sans' }
  const lines = quietLines(story, chapters).map((line) => paragraph(line, width - 16, style))
  return framed(stack(lines, 2), { look: 'pw-band', width, pad: [8, 6, 8, 6] })
}

/** A line as packets of a direction draw it: solid and a full head for a request, broken and a hollow head for a reply, dotted for an error. */
export function wayLine(direction: StoryDirection, x1: number, y1: number, x2: number, y2: number): readonly string[] {
  const isDown = x1 === x2
  const back = isDown ? 0 : x2 > x1 ? -9 : 9
  const look = `pw-${direction}`
  if (isDown) {
    return [
      `<path class="pw-way ${look}" d="M${n(x1)} ${n(y1)}V${n(y2 - 9)}"/>`,
      `<path class="pw-head ${look}" d="M${n(x2)} ${n(y2)}l-5 -9h10z"/>`,
    ]
  }
  return [
    `<path class="pw-way ${look}" d="M${n(x1)} ${n(y1)}H${n(x2 + back)}"/>`,
    `<path class="pw-head ${look}" d="M${n(x2)} ${n(y2)}l${back} -5v10z"/>`,
  ]
}

/** A line with corners: along, then up or down, and so on; the numbers are x, y, x, y, … of the first point and what changes after it. */
export function wayAlong(direction: StoryDirection, [x, y, ...turns]: readonly number[]): readonly string[] {
  const look = `pw-${direction}`
  const last = turns.at(-1) ?? 0
  const back = last > (turns.at(-3) ?? x ?? 0) ? -9 : 9
  const path = turns.map((at, i) => {
    if (i === turns.length - 1) return `H${n(at + back)}`
    return i % 2 === 0 ? `H${n(at)}` : `V${n(at)}`
  })
  return [
    `<path class="pw-way ${look}" d="M${n(x ?? 0)} ${n(y ?? 0)}${path.join('')}"/>`,
    `<path class="pw-head ${look}" d="M${n(last)} ${n(turns.at(-2) ?? 0)}l${back} -5v10z"/>`,
  ]
}
