/** Tests labels. */
export type LabelTest = (labels: Readonly<Record<string, string>>) => boolean

const TERM = /^(!)?([A-Za-z0-9][\w./-]*)\s*(==?|!=|in\b|notin\b)?\s*(.*)$/s

/**
 * The selector of `kubectl -l`: `KEY=VALUE`, `KEY!=VALUE`, `KEY`, `!KEY`, `KEY in (A,B)`, `KEY notin (A,B)`, with commas between
 * them. A text says what is wrong with it.
 */
export function labelTest(text: string): LabelTest | string {
  const tests: LabelTest[] = []
  for (const term of text.split(/,(?![^(]*\))/)) {
    if (term.trim() === '') continue
    const test = termTest(term.trim())
    if (test === undefined)
      return `error: unable to parse requirement: ${term.trim()} (packetwalk: e.g. app=web,!canary)`
    tests.push(test)
  }
  return (labels) => tests.every((test) => test(labels))
}

function termTest(term: string): LabelTest | undefined {
  const [, not, key, operator, value = ''] = TERM.exec(term) ?? []
  if (key === undefined || (operator === undefined ? value !== '' : not !== undefined)) return undefined
  const has: LabelTest = (labels) => Object.hasOwn(labels, key)
  if (operator === undefined) return not === undefined ? has : (labels) => !has(labels)
  if (operator === 'in' || operator === 'notin') {
    const values = /^\(([^()]*)\)$/
      .exec(value)?.[1]
      ?.split(',')
      .map((one) => one.trim())
    if (values === undefined) return undefined
    const within: LabelTest = (labels) => has(labels) && values.includes(labels[key] as string)
    return operator === 'in' ? within : (labels) => !within(labels)
  }
  if (!/^[\w.-]*$/.test(value)) return undefined
  const equal: LabelTest = (labels) => has(labels) && labels[key] === value
  return operator === '!=' ? (labels) => !equal(labels) : equal
}
