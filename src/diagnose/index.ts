/**
 * What an answer is worth, and why it is a failure: which of the things that are not modelled, missing or assumed concern the
 * flow that was asked about; the first cause in the right place, what would be right, and the commands that confirm both. It
 * knows Calico, which trace does not. Pure: a trace and facts in, notes and findings out, all data.
 * May import: wire, model, linux, control, trace.
 *
 * @packageDocumentation
 */

export type { Course } from './course.ts'
export { type Facts, factsOf } from './facts.ts'
export { judged } from './judge.ts'
export { causeLossOf } from './stage/cause-loss.ts'
export { LOSS_CODES, type Loss, type LossCode, lossText } from './stage/codes.ts'
export { lossOf } from './stage/stage.ts'
