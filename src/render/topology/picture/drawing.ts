import { escapeXml } from '../../escape.ts'

/** Height of a line of text, in pixels. */
export const LINE = 16
/** Size of letters, in pixels. */
const SIZE = 12
/** Width of a letter of the fonts that are asked for, as a part of its size: all letters are as wide. */
const LETTER = 0.61

/** How wide a text is, in pixels. */
export function widthOf(text: string): number {
  return text.length * SIZE * LETTER
}

/** How many letters fit into a width. */
export function lettersIn(width: number): number {
  // A width that was made of letters holds them, whatever became of its last digits.
  return Math.floor(width / (SIZE * LETTER) + 0.001)
}

/** A text that fits: what is too long loses its middle. */
export function fitted(text: string, width: number): string {
  const most = Math.max(lettersIn(width), 4)
  if (text.length <= most) return text
  const end = Math.floor((most - 1) / 2)
  return `${text.slice(0, most - 1 - end)}…${text.slice(text.length - end)}`
}

/** A picture that grows: shapes and texts in the order they are drawn. */
export class Drawing {
  private readonly parts: string[] = []

  /** A box; `name` is what a pointer over it tells. */
  box(x: number, y: number, width: number, height: number, kind: string): void {
    this.parts.push(`<rect class="${kind}" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="5"/>`)
  }

  /** A line through points. */
  line(points: readonly (readonly [x: number, y: number])[], kind: string): void {
    this.parts.push(`<path class="${kind}" d="M${points.map(([x, y]) => `${n(x)} ${n(y)}`).join('L')}"/>`)
  }

  /** A line of text, shortened to a width; its whole is told by a pointer over it. @param y - top of the line */
  text(x: number, y: number, text: string, width: number, kind = ''): void {
    const shown = fitted(text, width)
    const whole = shown === text ? '' : `<title>${escapeXml(text)}</title>`
    const style = kind === '' ? '' : ` class="${kind}"`
    this.parts.push(`<text${style} x="${n(x)}" y="${n(y + SIZE)}">${escapeXml(shown)}${whole}</text>`)
  }

  toString(): string {
    return this.parts.join('\n')
  }
}

/** A tenth of a pixel is enough. */
function n(value: number): string {
  return String(Math.round(value * 10) / 10)
}
