import { type DrawnStop, drawnStops } from '../story/again.ts'
import { laneAbout } from '../story/lanes.ts'
import { chapterGroups } from '../story/stops.ts'
import type { Story, StoryChapter, StoryLane } from '../story/story.ts'
import { type Block, framed, indented, paragraph, stack, type TextStyle } from './blocks.ts'
import { chapterHead, quietBlock, wayLine } from './chapter-head.ts'
import { packetBlock } from './packet-block.ts'
import { type StopOptions, stopBlock } from './stop-block.ts'

/** A story for a narrow place: one stay below the other, each with its namespace's name. */
export function oneColumnBlock(story: Story, width: number, options: StopOptions): Block {
  const stops = drawnStops(story)
  const blocks = chapterGroups(story).map(({ quiet, chapters }) => {
    const [first] = chapters
    if (quiet || first === undefined) return quietBlock(story, chapters, width)
    return stack(
      [chapterHead(first, width), ...stayBlocks(story, first, stops.get(first.index) ?? [], width, options)],
      6,
    )
  })
  return stack(blocks, 18)
}

function stayBlocks(
  story: Story,
  chapter: StoryChapter,
  stops: readonly DrawnStop[],
  width: number,
  options: StopOptions,
): readonly Block[] {
  const isWide = width >= BESIDE
  const left = isWide ? Math.floor(width * 0.54) : width
  return stops.flatMap((stop) => {
    const lane = story.lanes[stop.lane]
    const inner = stopBlock(stop, left - 12, options)
    const head = lane === undefined ? [] : [laneHead(lane, left - 16)]
    const look = `pw-lane${lane?.assumed === true ? ' pw-assumed' : ''}`
    const stay = framed(stack([...head, inner], 5), {
      look,
      width: left,
      pad: [6, 5, 6, 6],
      radius: lane?.role === 'pod' ? 12 : 4,
    })
    if (stop.leaves === undefined) return [stay]
    return isWide
      ? [beside(chapter, stay, packetBlock(stop.leaves.packet, width - left - 44), left)]
      : [stay, onTheWay(chapter, indented(packetBlock(stop.leaves.packet, width - 34), 28))]
  })
}

/** From this width on a packet stands beside the stay it leaves. */
const BESIDE = 520

/** The packet beside the stay it leaves; the way goes from the stay to it, and down to the next stay. */
function beside({ direction }: StoryChapter, stay: Block, packet: Block, left: number): Block {
  const height = Math.max(stay.height, packet.height) + 26
  return {
    height,
    draw: (x, y) => [
      ...stay.draw(x, y),
      ...wayLine(direction, x + left + 4, y + 14, x + left + 40, y + 14),
      ...packet.draw(x + left + 44, y),
      ...wayLine(direction, x + 24, y + stay.height + 2, x + 24, y + height + 2),
    ],
  }
}

function laneHead(lane: StoryLane, width: number): Block {
  const style: TextStyle = { size: 13, look: 'pw-ink', family: 'sans', bold: true }
  const small: TextStyle = { size: 11, look: 'pw-quiet', family: 'sans' }
  const about = laneAbout(lane)
  return stack([paragraph(lane.name, width, style), ...(about === '' ? [] : [paragraph(about, width, small)])], 0)
}

/** The packet between two stays, beside the line of its way. */
function onTheWay({ direction }: StoryChapter, packet: Block): Block {
  return {
    height: packet.height + 12,
    draw: (x, y) => [...packet.draw(x, y + 2), ...wayLine(direction, x + 14, y - 2, x + 14, y + packet.height + 14)],
  }
}
