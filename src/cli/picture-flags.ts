import { InputError } from '../model/index.ts'
import type { PictureOptions } from '../render/index.ts'
import type { PICTURE_THEMES, PICTURE_WIDTHS } from './choices.ts'

/** A width by name, or in pixels. */
export type PictureWidth = (typeof PICTURE_WIDTHS)[number] | number

/** Flags of what writes pictures. */
export interface PictureFlags {
  /** `--theme`. */
  readonly theme?: (typeof PICTURE_THEMES)[number]
  /** `--width`. */
  readonly width?: PictureWidth
}

/** What the names of widths mean where a trace is drawn. */
const OF_TRACES: Readonly<Record<(typeof PICTURE_WIDTHS)[number], Pick<PictureOptions, 'width' | 'scale'>>> = {
  narrow: { width: 360 },
  wide: {},
  projector: { width: 1280, scale: 1.6 },
}

/** Refuses a flag beside a form that has no use for it. @param why - what others do instead @throws InputError */
export function checkForm(
  flag: keyof PictureFlags,
  flags: PictureFlags,
  output: string,
  forms: readonly string[],
  why = '',
): void {
  if (flags[flag] === undefined || forms.includes(output)) return
  const named = forms.map((form) => `-o ${form}`)
  const any = [named.slice(0, -1).join(', '), ...named.slice(-1)].filter((part) => part !== '').join(' or ')
  const expected = `--${flag} with ${any}${why === '' ? '' : ` (${why})`}`
  throw new InputError([{ kind: 'invalid', file: '', path: [], expected, received: `-o ${output}` }])
}

/** How a trace is drawn. */
export function tracePicture({ theme, width }: PictureFlags): PictureOptions {
  const sized = typeof width === 'number' ? { width } : width === undefined ? {} : OF_TRACES[width]
  return { ...sized, ...themeOf({ theme }) }
}

/** The theme, where one is asked for. */
export function themeOf({
  theme,
}: {
  readonly theme?: PictureFlags['theme'] | undefined
}): Pick<PictureOptions, 'theme'> {
  return theme === undefined ? {} : { theme }
}
