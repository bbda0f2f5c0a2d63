import type { Difference, Side } from '../dumps/index.ts'
import { checkArgument, isRecord, printable } from '../model/index.ts'
import { describeOrigin } from '../trace/index.ts'

/**
 * A difference as `packetwalk diff` prints it: what and how on the first line, where each side comes from below.
 */
export function describeDifference(difference: Difference): string {
  checkArgument(isRecord(difference), 'difference', 'one of lab.differences', difference)
  const { netns, table, kind, expected, found } = difference
  const first = expected ?? found
  const lines = [`${netns}: ${table} ${kind}: ${kind === 'changed' ? sides(expected, found) : (first?.text ?? '')}`]
  if (expected?.origin !== undefined) lines.push(`    expected by ${describeOrigin(expected.origin)}`)
  if (found?.origin !== undefined) lines.push(`    found in ${placeOf(found)}`)
  return lines.map(printable).join('\n')
}

function sides(expected: Side | undefined, found: Side | undefined): string {
  return `${found?.text ?? ''}, expected ${expected?.text ?? ''}`
}

/** File and line of a dump, or the path inside its JSON. */
function placeOf({ origin }: Side): string {
  const { file = '', line, field } = origin ?? {}
  return line === undefined ? `${file}${field === undefined ? '' : ` [${field}]`}` : `${file}:${line}`
}
