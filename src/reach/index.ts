/**
 * Who reaches whom: all pairs of pods, nodes, Services and addresses outside in classes of ends that behave alike, policy calculated over
 * whole classes of headers, and the rest walked by packets, each way once. May import: every room but those above it.
 *
 * @packageDocumentation
 */

export type {
  Reach,
  ReachCell,
  ReachCounts,
  ReachEnd,
  ReachFlow,
  ReachHeaders,
  ReachOutcome,
  ReachPattern,
  ReachVerdict,
} from './reach.ts'
export { type ReachOptions, reachOf } from './reach-of.ts'
