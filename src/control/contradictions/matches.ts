import { isSelectorFault, parseSelector, selects } from '../selector.ts'

/** A test of labels by a selector; what is no selector selects nothing, an empty one everything. */
export function matcher(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  if (text.trim() === '') return () => true
  const parsed = parseSelector(text)
  return isSelectorFault(parsed) ? () => false : (labels) => selects(parsed, labels)
}
