import type { Expectation, ExpectationUpdate } from '../input/index.ts'
import type { Walked } from './pair.ts'
import type { Miss } from './report.ts'

/** What the file would have to say for an expectation to hold, and why it cannot be said where it cannot. */
export function updatesOf(
  expected: Expectation,
  misses: readonly Miss[],
  seen: readonly Walked[],
): { readonly updates: readonly ExpectationUpdate[]; readonly remarks: readonly string[] } {
  const { index } = expected
  const counted = misses.find(({ field }) => field === 'count')
  const updates: ExpectationUpdate[] = []
  if (counted !== undefined) updates.push({ index, field: 'count', value: Number(counted.found.replace('count ', '')) })
  if (seen.length === 0) return { updates, remarks: [] }
  const texts = seen.map((one) => JSON.stringify(updatesOfPair(expected, one)))
  if (new Set(texts).size > 1)
    return {
      updates,
      remarks: misses.length > 0 ? ['its pairs differ: one expectation cannot say what is of all of them'] : [],
    }
  return { updates: [...updates, ...updatesOfPair(expected, seen[0]!)], remarks: [] }
}

function updatesOfPair(expected: Expectation, { observation, misses, mtu }: Walked): readonly ExpectationUpdate[] {
  const { index } = expected
  const { verdict, by, nodes, path, source } = observation
  const updates: ExpectationUpdate[] = []
  const write = (field: string, value: ExpectationUpdate['value']): number => updates.push({ index, field, value })
  const isOther = (field: string): boolean => misses.some((one) => one.field === field)
  if (verdict !== expected.expect || !expected.isSaid) write('expect', verdict)
  if (verdict !== expected.expect) {
    // What was said of a flow that got there, or of one that did not, is of the other.
    if (expected.by !== undefined) write('by', decider(by))
    for (const field of ['via', 'snat', 'path', 'mtu'] as const) if (expected[field] !== undefined) write(field, null)
    return updates
  }
  if (isOther('by')) write('by', decider(by))
  if (isOther('via')) write('via', nodes)
  if (isOther('snat'))
    write('snat', source === undefined || source.kind === 'other' ? (source?.address ?? null) : source.kind)
  if (isOther('path')) write('path', path ?? null)
  if (isOther('mtu')) write('mtu', `>= ${mtu ?? 0}`)
  return updates
}

/** The object that is told of several: profiles decide where no policy does, tiers by their policies. */
function decider(by: readonly string[]): string | null {
  return by.find((title) => !/^(Profile|Tier) /.test(title)) ?? by[0] ?? null
}
