/**
 * What an answer is worth: which of the things that are not modelled, missing or assumed concern the flow that was asked
 * about, and what follows. Pure: a trace and notes in, notes and certainty out. May import: wire, model, trace, control.
 *
 * @packageDocumentation
 */

export { type Facts, factsOf } from './facts.ts'
export { type Judgement, judged } from './judge.ts'
