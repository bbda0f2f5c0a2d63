import { escapeXml } from '../escape.ts'
import { type Face, foldedText } from './text-width.ts'

/** A piece of a picture: how high it is, and its markup when its upper left corner is known. */
export interface Block {
  /** Height, in units of the picture. */
  readonly height: number
  /** Its markup, in the order it is read. */
  readonly draw: (x: number, y: number) => readonly string[]
}

/** How a text is set. `sans` for sentences, `mono` for what a tool would print. */
export interface TextStyle extends Face {
  /** Class for its colour. */
  readonly look: string
}

/** One line of text at its base line. */
export function textAt(text: string, x: number, y: number, style: TextStyle): string {
  const weight = style.bold === true ? ' pw-b' : ''
  return `<text class="pw-${style.family}${weight} ${style.look}" font-size="${n(style.size)}" x="${n(x)}" y="${n(y)}">${escapeXml(text)}</text>`
}

/** Text folded into a width, line under line. */
export function paragraph(text: string, width: number, style: TextStyle): Block {
  const lines = foldedText(text, width, style)
  const step = style.size * 1.32
  return {
    height: lines.length * step,
    draw: (x, y) => lines.map((line, i) => textAt(line, x, y + style.size + i * step, style)),
  }
}

/** Blocks under each other. */
export function stack(blocks: readonly Block[], gap: number): Block {
  const shown = blocks.filter((block) => block.height > 0)
  const height = shown.reduce((sum, block) => sum + block.height, 0) + gap * Math.max(0, shown.length - 1)
  return {
    height,
    draw: (x, y) => {
      let at = y
      return shown.flatMap((block) => {
        const markup = block.draw(x, at)
        at += block.height + gap
        return markup
      })
    },
  }
}

/** Space around a block inside a rectangle. */
export interface Frame {
  /** Class. */
  readonly look: string
  /** Width. */
  readonly width: number
  /** Space at the left, top, right and bottom. */
  readonly pad: readonly [left: number, top: number, right: number, bottom: number]
  /** Radius of the corners. */
  readonly radius?: number
}

/** A block in a rectangle. */
export function framed(block: Block, { look, width, pad, radius = 4 }: Frame): Block {
  const [left, top, , bottom] = pad
  const height = block.height + top + bottom
  return {
    height,
    draw: (x, y) => [rect(look, x, y, width, height, radius), ...block.draw(x + left, y + top)],
  }
}

/** A block moved to the right. */
export function indented(block: Block, by: number): Block {
  return { height: block.height, draw: (x, y) => block.draw(x + by, y) }
}

/** A rectangle. */
export function rect(look: string, x: number, y: number, width: number, height: number, radius: number): string {
  return `<rect class="${look}" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${n(radius)}"/>`
}

/** Nothing. */
export const NOTHING: Block = { height: 0, draw: () => [] }

/** A number short enough for markup. */
export function n(value: number): string {
  return String(Math.round(value * 10) / 10)
}
