import { type Command, InvalidArgumentError, Option } from 'commander'
import { InputError } from '../model/index.ts'
import type { PictureOptions } from '../render/index.ts'
import { PICTURE_THEMES, PICTURE_WIDTHS } from './choices.ts'

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

/** Adds `--theme`. */
export function withTheme(command: Command): Command {
  return command.addOption(
    new Option(
      '--theme <theme>',
      'colours of pictures and pages; print is greys, auto the reader’s own setting',
    ).choices(PICTURE_THEMES),
  )
}

/** Reads a width: a name, or a whole number between two bounds. */
export function widthWord(low: number, high: number): (text: string) => PictureWidth {
  return (text) => {
    const word = PICTURE_WIDTHS.find((one) => one === text)
    if (word !== undefined) return word
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= low && value <= high) return value
    throw new InvalidArgumentError(`expected ${PICTURE_WIDTHS.join(', ')} or a whole number from ${low} to ${high}.`)
  }
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
