/**
 * Who reaches whom: all pairs of pods, nodes, Services and addresses outside in classes of ends that behave alike, policy calculated over
 * whole classes of headers, and the rest walked by packets, each way once. May import: every room but those above it.
 *
 * @packageDocumentation
 */

export { type CheckedFlow, checkReach, drawnBy, type ReachCheck } from './check.ts'
export type { AskedFlow } from './drawn-flow.ts'
export { endsAlike } from './ends-alike.ts'
export { type FlowLookedUp, flowIn } from './flow-in.ts'
export { reachDot } from './forms/dot.ts'
export { type ReachPictureOptions, reachHtml, reachSvg } from './forms/pictures.ts'
export { reachCsv, reachCsvParts, reachMarkdown } from './forms/tables.ts'
export { reachText } from './forms/text.ts'
export { mergedReach } from './merge.ts'
export { type Narrowing, narrowed } from './narrowed.ts'
export {
  REACH_VERDICTS,
  type Reach,
  type ReachCell,
  type ReachCounts,
  type ReachEnd,
  type ReachFlow,
  type ReachHeaders,
  type ReachOutcome,
  type ReachPattern,
  type ReachVerdict,
} from './reach.ts'
export { type ReachOptions, reachOf, reachSteps } from './reach-of.ts'
