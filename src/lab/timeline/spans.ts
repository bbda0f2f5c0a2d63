import { MILLISECOND } from '../../dataplane/index.ts'
import type { PlannedEvent } from '../../input/index.ts'
import type { ReportedSpan } from '../../render/index.ts'

/** What a word of an event begins, and what ends it. */
const BEGINS: Readonly<Record<string, string>> = {
  stop: 'stopped',
  kill: 'stopped',
  cut: 'cut off',
  shutdown: 'down',
  crash: 'down',
}
const ENDS: Readonly<Record<string, string>> = { start: 'stopped', restart: 'stopped', heal: 'cut off' }

/** The times in which programs and machines were not as usual, as the events of a timeline have it. @param started - ns */
export function spansOf(events: readonly PlannedEvent[], started: number): readonly ReportedSpan[] {
  const spans: { -readonly [K in keyof ReportedSpan]: ReportedSpan[K] }[] = []
  for (const { at: ms, action } of events) {
    if (action.kind !== 'agent' && action.kind !== 'machine') continue
    const at = started + ms * MILLISECOND
    const what = action.kind === 'agent' ? action.name : 'machine'
    const { node } = action
    const isMachine = action.kind === 'machine'
    const ended = isMachine && action.action === 'start' ? 'down' : ENDS[action.action]
    for (const span of spans) {
      const isThis = span.what === what && (node === undefined || span.node === undefined || span.node === node)
      if (isThis && span.state === ended && span.to === undefined) span.to = at
    }
    const state = BEGINS[action.action]
    if (state !== undefined) spans.push({ what, ...(node === undefined ? {} : { node }), state, from: at })
  }
  return spans
}
