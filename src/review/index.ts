/**
 * What differs between two clusters: their objects, what follows from that on machines, and who reaches whom; each change with its cause
 * and what it rests on. May import: every room above lab that stands before it.
 *
 * @packageDocumentation
 */

export { type ReachEvent, reachEvents } from './reach-events.ts'
export { renderReviewMarkdown } from './render/markdown.ts'
export { renderReviewSarif } from './render/sarif.ts'
export { renderReviewText } from './render/text.ts'
export type {
  FieldChange,
  FlowChange,
  MachineChange,
  ObjectChange,
  Op,
  Parts,
  ReachChange,
  ReachSide,
  Review,
  WayChange,
} from './review.ts'
export { isEmptyReview, type ReviewOptions, reviewOf } from './review-of.ts'
