/** What a piece of text is, for those who colour it. */
export type StyleRole =
  | 'bad'
  | 'change'
  | 'device'
  | 'good'
  | 'heading'
  | 'in'
  | 'minor'
  | 'node'
  | 'origin'
  | 'out'
  | 'reason'
  | 'time'

/** Puts colour, or nothing, around a piece of text. Must not change what is visible of it. */
export type Style = (role: StyleRole, text: string) => string

/** No colour. */
export const plainStyle: Style = (_role, text) => text
