/**
 * Ways a cluster breaks in the field: a catalogue of 91, and how each is brought about in a cluster, as what befalls its objects,
 * network, machines or time. May import: wire, model, linux, commands, control, controllers, input, timeline.
 *
 * @packageDocumentation
 */

export { FAILURES, type Failure, isFailureCode } from './catalogue.ts'
export type { Confirmation, FailureAsk, Injection, InjectionStep, ShownFlow } from './injection.ts'
export { injectionOf } from './injections.ts'
export {
  type FailureCode,
  type FailureFacts,
  type FailureFamily,
  type Look,
  NEEDS,
  type Need,
} from './kind.ts'
export type { Situation } from './situation.ts'
export { lineOf, objectsOf, timelineOf } from './written.ts'
