import { checkArgument, checkOptions } from '../model/index.ts'
import type { Trace } from '../trace/index.ts'
import { checkTrace } from '../trace/index.ts'
import { escapeXml } from './escape.ts'
import { THEMES, type Theme } from './palette.ts'
import { type Block, n, paragraph, rect, stack, type TextStyle } from './picture/blocks.ts'
import { DIRECTIONS } from './picture/chapter-head.ts'
import { columnsBlock } from './picture/columns.ts'
import { naturalWidth } from './picture/lane-widths.ts'
import { legendBlock } from './picture/legend.ts'
import { oneColumnBlock } from './picture/one-column.ts'
import { pictureCss, themeClass } from './picture/picture-css.ts'
import type { Story } from './story/story.ts'
import { storyOf } from './story/story-of.ts'

/** How a trace is drawn. */
export interface PictureOptions {
  /** Show switches as places of their own. */
  readonly switches?: boolean
  /** Colours for light or dark surroundings, greys for `print`; `auto`, the reader's own setting, when left out. */
  readonly theme?: Theme
  /**
   * Width in CSS pixels, from 280; when left out as wide as the lanes need. Where the lanes do not fit side by side the picture is
   * one column.
   */
  readonly width?: number
  /** How much larger everything is, 0.5 to 4; 1 when left out. A projector wants 1.5. */
  readonly scale?: number
  /** `folded`, the default: address resolution is one quiet line. `open`: its steps are shown. */
  readonly resolution?: 'folded' | 'open'
}

const MARGIN = 16
const COLUMN = { normal: 420, most: 860 } as const

/**
 * A trace as a picture: a lane for every namespace, in it what the packet passes and what is decided, the packet as nested boxes of
 * headers, with what changed marked, on its way from lane to lane. A whole SVG document; its text is text, in the order of the story.
 * @throws InputError for options out of range
 */
export function renderSvg(trace: Trace, options: PictureOptions = {}): string {
  checkTrace(trace)
  checkPictureOptions(options)
  return drawStory(storyOf(trace, options), options)
}

/** Refuses options out of range. @throws InputError */
export function checkPictureOptions(options: PictureOptions): void {
  checkOptions(options)
  const { theme = 'auto', width = 280, scale = 1, resolution = 'folded' } = options
  checkArgument(THEMES.includes(theme), 'options.theme', 'auto, light, dark or print', theme)
  checkArgument(Number.isFinite(width) && width >= 280, 'options.width', 'pixels, from 280', width)
  checkArgument(scale >= 0.5 && scale <= 4, 'options.scale', 'a number from 0.5 to 4', scale)
  checkArgument(['folded', 'open'].includes(resolution), 'options.resolution', 'folded or open', resolution)
}

/** A story as a picture. */
export function drawStory(story: Story, options: PictureOptions = {}): string {
  const { theme = 'auto', scale = 1 } = options
  const { width, block } = layout(story, options)
  const height = block.height + 2 * MARGIN
  const size = `width="${n(width * scale)}" height="${n(height * scale)}" viewBox="0 0 ${n(width)} ${n(height)}"`
  const heading = `${story.title === '' ? 'Trace' : story.title}: ${story.outcome.word}`
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} class="${themeClass(theme)}" role="img" aria-label="${escapeXml(heading)}">`,
    `<title>${escapeXml(heading)}</title>`,
    `<desc>${escapeXml(spoken(story))}</desc>`,
    `<style>${pictureCss(theme)}</style>`,
    rect('pw-paper', 0.5, 0.5, width - 1, height - 1, 8),
    ...block.draw(MARGIN, MARGIN),
    '</svg>',
  ].join('\n')}\n`
}

/** Lanes side by side where they fit. */
function layout(story: Story, options: PictureOptions): { readonly width: number; readonly block: Block } {
  const { scale = 1 } = options
  const given = options.width === undefined ? undefined : options.width / scale
  const stops = { resolution: options.resolution === 'open' }
  const room = given ?? naturalWidth(story) + 2 * MARGIN
  const columns = story.lanes.length > 1 ? columnsBlock(story, room - 2 * MARGIN, stops) : undefined
  const width =
    columns === undefined
      ? Math.min(given ?? (story.lanes.length > 1 ? COLUMN.most : COLUMN.normal), COLUMN.most)
      : columns.width + 2 * MARGIN
  const inner = width - 2 * MARGIN
  const body = columns ?? oneColumnBlock(story, inner, stops)
  return { width, block: stack([headBlock(story, inner), body, legendBlock(story, inner)], 14) }
}

const TONES = { ok: 'pw-good', bad: 'pw-bad', open: 'pw-open' } as const
const SIGNS = { ok: '✓', bad: '✗', open: '?' } as const

/** Title, what came of it, and what could turn the answer. */
function headBlock({ title, outcome, notes, summary }: Story, width: number): Block {
  const heading: TextStyle = { size: 16, look: 'pw-ink', family: 'sans', bold: true }
  const verdict: TextStyle = { size: 14, look: TONES[outcome.tone], family: 'sans', bold: true }
  const small: TextStyle = { size: 11.5, look: 'pw-quiet', family: 'sans' }
  const shown = outcome.tone === 'open' ? notes : []
  return stack(
    [
      ...(title === '' ? [] : [paragraph(title, width, heading)]),
      paragraph(`${SIGNS[outcome.tone]} ${outcome.word}`, width, verdict),
      paragraph(summary, width, small),
      ...shown.map((line) => paragraph(line, width, { ...small, look: 'pw-open' })),
    ],
    4,
  )
}

/** The story read aloud. */
function spoken(story: Story): string {
  const chapters = story.chapters.map((chapter) => {
    const head = `${DIRECTIONS[chapter.direction]}: ${chapter.title}.`
    if (chapter.sameAs !== undefined) return `${head} The same way.`
    const steps = chapter.steps.map((step) => {
      const where = story.lanes[step.at.lane]?.name ?? ''
      const dropped = step.kind === 'drop' ? `dropped: ${step.cause}: ` : ''
      return `${where}: ${dropped}${step.sentence}.`
    })
    return [head, ...steps].join(' ')
  })
  return [story.summary, ...chapters].join(' ')
}
