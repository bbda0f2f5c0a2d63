// Which state of `--ctstate` packets cross the bench in.
import { type Bench, type PacketParts, type SegmentParts, table, tcp } from './bench.ts'

/** States of `--ctstate` that say where a packet stands. */
const STATES = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'] as const
/** A rule for each, so that its counter tells. */
export const WATCH = table('filter', ...STATES.map((s) => `-A FORWARD -m conntrack --ctstate ${s} -j ACCEPT`))

/** State in which a packet crossed, by the rule it hit. */
export function stateOf(b: Bench, send: () => boolean): string {
  const before = STATES.map((_, i) => b.hits('filter', 'FORWARD', i))
  send()
  return STATES.filter((_, i) => b.hits('filter', 'FORWARD', i) !== before[i]).join(' ')
}

/** The host behind in0. */
export const A = '10.0.0.2'
/** The host behind out0. */
export const B = '203.0.113.9'

/** Sends between A (behind in0) and B (behind out0) and tells the state. */
export function line(b: Bench) {
  const there: PacketParts = { src: A, dst: B }
  const back: PacketParts = { src: B, dst: A }
  return {
    out: (flags: string, parts: SegmentParts = {}) =>
      stateOf(b, () => b.across(tcp(b, 1234, 80, flags, { ...there, ...parts }), 'in0')),
    in: (flags: string, parts: SegmentParts = {}) =>
      stateOf(b, () => b.across(tcp(b, 80, 1234, flags, { ...back, ...parts }), 'out0')),
    state: () => b.ns.nf?.conntrack()[0]?.state,
  }
}
