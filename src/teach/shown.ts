import { drawn, markdownBundle } from '../render/index.ts'

/** What notebooks, Markdown and consoles show alike. */
export interface Shown {
  /** As Markdown, for sheets and web pages. */
  readonly toMarkdown: () => string
}

/** Lets a value show its Markdown at the end of a notebook cell and on a console. */
export function shown<T extends Shown>(value: T): T {
  return drawn(value, () => markdownBundle(value.toMarkdown()))
}
