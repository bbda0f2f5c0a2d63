import { type Command, InvalidArgumentError, Option } from 'commander'
import { PICTURE_THEMES, PICTURE_WIDTHS } from './choices.ts'
import type { PictureWidth } from './picture-flags.ts'

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
