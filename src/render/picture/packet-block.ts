import { type DrawnHeader, type DrawnPacket, headerTitle } from '../story/again.ts'
import { type FieldWords, fieldWords } from '../story/field-words.ts'
import { type Block, framed, NOTHING, paragraph, rect, stack, type TextStyle } from './blocks.ts'
import { widthOf } from './text-width.ts'

const SIZE = 11
/** How fields are set; what stands before the colour of their layer. */
export const FIELD: Omit<TextStyle, 'look'> = { size: SIZE, family: 'mono' }
/** How much narrower a header is than the one around it. */
export const NEST = 7

/** A packet as nested boxes, a box a header; what changed since it was last drawn is marked. */
export function packetBlock(packet: DrawnPacket, width: number): Block {
  return stack([removedBlock(packet.removed, width), headerBlock(packet.headers, width)], 4)
}

/** What came off: an empty box with a broken border. */
function removedBlock(names: readonly string[], width: number): Block {
  if (names.length === 0) return NOTHING
  const style: TextStyle = { size: SIZE, look: 'pw-quiet', family: 'sans' }
  const text = paragraph(`− ${names.join(', ')} taken off`, width - 12, style)
  return framed(text, { look: 'pw-gone', width, pad: [6, 3, 6, 4] })
}

function headerBlock(headers: readonly DrawnHeader[], width: number): Block {
  const [header, ...inside] = headers
  if (header === undefined) return NOTHING
  const room = width - 8
  const look = `pw-${header.layer}-ink`
  const name: TextStyle = { size: SIZE, look, family: 'sans', bold: true }
  const words = fieldWords(header)
  const [first] = words
  if (header.protocol === 'data' || (words.length === 1 && first !== undefined && first.was === '')) {
    const line = `${headerTitle(header)}  ${words.map(({ text }) => text).join(', ')}`
    if (widthOf(line, name) <= room) return boxed(header, [paragraph(line, room, name)], inside, width)
  }
  return boxed(header, [paragraph(headerTitle(header), room, name), ...fieldBlocks(header, words, room)], inside, width)
}

function boxed(header: DrawnHeader, lines: readonly Block[], inside: readonly DrawnHeader[], width: number): Block {
  const inner = headerBlock(inside, width - NEST)
  const look = `pw-${header.layer}${header.outer ? ' pw-outer' : ''}${header.added ? ' pw-added' : ''}`
  return framed(stack([...lines, inner], 2), { look, width, pad: [4, 2.5, 3, inner.height > 0 ? 3.5 : 4], radius: 3 })
}

/** The words of a header's name, for who looks how much room they need. */
export function packetTitleWords(header: DrawnHeader): readonly string[] {
  return headerTitle(header).split(' ')
}

/** Fields under each other, those that fit on one line together. A changed one has a line of its own, a star and a background. */
function fieldBlocks(header: DrawnHeader, words: readonly FieldWords[], room: number): readonly Block[] {
  const plain: TextStyle = { ...FIELD, look: `pw-${header.layer}-ink` }
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
