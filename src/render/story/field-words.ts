import type { StoryField, StoryHeader } from './story.ts'

/** A few words of a header that belong together. */
export interface FieldWords {
  /** The words: `172.17.0.32 > 172.17.0.40`, `TTL 63`. */
  readonly text: string
  /** What changed in them, from what: `TTL was 64`; '' when nothing did. */
  readonly was: string
}

/** The fields of a header as words: who to whom first, then the others. */
export function fieldWords({ fields }: StoryHeader): readonly FieldWords[] {
  const from = fields.find((field) => field.label === 'from')
  const to = fields.find((field) => field.label === 'to')
  const rest = fields.filter((field) => field !== from && field !== to).map(one)
  if (from === undefined || to === undefined) return [...[from, to].flatMap((field) => field ?? []).map(one), ...rest]
  const was = [from, to].flatMap((field) => (field.was === undefined ? [] : [field.was]))
  return [{ text: `${from.text} > ${to.text}`, was: was.join(' > ') }, ...rest]
}

function one({ label, text, was }: StoryField): FieldWords {
  return { text: label === '' ? text : `${label} ${text}`, was: was ?? '' }
}
