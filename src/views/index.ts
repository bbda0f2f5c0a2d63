/**
 * Views of a run for programs that draw: `stepsOf(trace)` is a trace one step at a time, every header open to its fields and
 * bytes, as plain data.
 *
 * May import: every room below.
 *
 * @packageDocumentation
 */

export {
  type PacketStep,
  type SourceText,
  STEPS_SCHEMA,
  type StepCandidate,
  type StepChange,
  type StepConnection,
  type StepEnd,
  type StepFact,
  type StepField,
  type StepFrame,
  type StepLayer,
  type StepLookup,
  type StepNeighbour,
  type StepRule,
  type StepSaid,
  type StepsOptions,
  type StepsView,
  type StepTranslation,
  type StepWalk,
  stepsOf,
} from '../render/index.ts'
