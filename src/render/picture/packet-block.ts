import { type FieldWords, fieldWords } from '../story/field-words.ts'
import type { StoryHeader, StoryPacket } from '../story/story.ts'
import { type Block, framed, NOTHING, paragraph, rect, stack, type TextStyle, widthOf } from './blocks.ts'

const NAME = 11
const FIELD = 10.5

/** A packet as nested boxes, a box a header; what changed since it was last drawn is marked. */
export function packetBlock(packet: StoryPacket, width: number): Block {
  return stack([removedBlock(packet.removed, width), headerBlock(packet.headers, width)], 4)
}

/** What came off: an empty box with a broken border. */
function removedBlock(names: readonly string[], width: number): Block {
  if (names.length === 0) return NOTHING
  const style: TextStyle = { size: FIELD, look: 'pw-quiet', family: 'sans' }
  const text = paragraph(`− ${names.join(', ')} taken off`, width - 12, style)
  return framed(text, { look: 'pw-gone', width, pad: [6, 3, 6, 4] })
}

function headerBlock(headers: readonly StoryHeader[], width: number): Block {
  const [header, ...inside] = headers
  if (header === undefined) return NOTHING
  const room = width - 10
  const look = `pw-${header.layer}-ink`
  const name: TextStyle = { size: NAME, look, family: 'sans', bold: true }
  const words = fieldWords(header)
  const [first] = words
  if (header.protocol === 'data' || (words.length === 1 && first !== undefined && first.was === '')) {
    const line = `${title(header)}  ${words.map(({ text }) => text).join(', ')}`
    if (widthOf(line, name) <= room) return boxed(header, [paragraph(line, room, name)], inside, width)
  }
  return boxed(header, [paragraph(title(header), room, name), ...fieldBlocks(header, words, room)], inside, width)
}

function boxed(header: StoryHeader, lines: readonly Block[], inside: readonly StoryHeader[], width: number): Block {
  const inner = headerBlock(inside, width - 9)
  const look = `pw-${header.layer}${header.outer ? ' pw-outer' : ''}${header.added ? ' pw-added' : ''}`
  return framed(stack([...lines, inner], 2), { look, width, pad: [5, 3, 4, inner.height > 0 ? 4 : 5], radius: 3 })
}

function title({ name, added }: StoryHeader): string {
  return added ? `+ ${name}` : name
}

/** Fields under each other, those that fit on one line together. A changed one has a line of its own, a star and a background. */
function fieldBlocks(header: StoryHeader, words: readonly FieldWords[], room: number): readonly Block[] {
  const plain: TextStyle = { size: FIELD, look: `pw-${header.layer}-ink`, family: 'mono' }
  const blocks: Block[] = []
  let line = ''
  const end = (): void => {
    if (line !== '') blocks.push(paragraph(line, room - 4, plain))
    line = ''
  }
  for (const { text, was } of words) {
    if (was !== '') {
      end()
      const before = header.layer === 'link' ? '' : ` (was ${was})`
      blocks.push(marked(paragraph(`✱ ${text}${before}`, room - 4, { ...plain, look: 'pw-mark-ink' }), room))
    } else if (line !== '' && widthOf(`${line}, ${text}`, plain) <= room - 4) line = `${line}, ${text}`
    else {
      end()
      line = text
    }
  }
  end()
  return blocks
}

function marked(block: Block, width: number): Block {
  return {
    height: block.height,
    draw: (x, y) => [rect('pw-mark', x - 2, y, width, block.height + 1, 2), ...block.draw(x, y)],
  }
}
