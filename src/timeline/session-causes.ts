import type { BgpState } from './bgp/bgp-state.ts'

/** Because of which event something is due with a session, or with a BIRD that restarts: by what is due. */
export type SessionCauses = ReadonlyMap<string, number>

/**
 * Causes after a step. What an event has changed is due because of it; what follows by itself from what was due has the cause of
 * that.
 *
 * @param event - that befell them; undefined = time has passed
 * @param next - the event because of which the first of them was due
 */
export function causesAfter(
  before: SessionCauses,
  was: BgpState,
  { due }: BgpState,
  event: number | undefined,
  next: number,
): SessionCauses {
  if (due === was.due) return before
  const after = new Map<string, number>()
  for (const [key, at] of due) {
    const known = before.get(key)
    const isSame = was.due.get(key) === at
    after.set(key, known !== undefined && (isSame || event === undefined) ? known : (event ?? next))
  }
  return after
}

/**
 * What is due first, and because of which event; undefined where nothing is.
 *
 * @param timeOf - when what is due is looked at; absent = at once
 */
export function firstDue(
  causes: SessionCauses,
  { due }: BgpState,
  timeOf: (key: string, at: number) => number = (_, at) => at,
): { readonly at: number; readonly event: number } | undefined {
  let first: { at: number; event: number } | undefined
  for (const [key, exact] of due) {
    const at = timeOf(key, exact)
    if (first === undefined || at < first.at) first = { at, event: causes.get(key) ?? 0 }
  }
  return first
}
