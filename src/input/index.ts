/**
 * From text to objects: files, streams and archives of Kubernetes and Calico YAML or JSON to `Resources`, every value with
 * its place. May import: wire, model, control.
 *
 * @packageDocumentation
 */

export { isArchive, readArchive } from './archive.ts'
export type { ByteSource } from './byte-source.ts'
export type { Input, InputFile, InputText } from './document.ts'
export type {
  Bound,
  Expectation,
  ExpectationPlan,
  ExpectedEnd,
  ExpectedFailure,
  ExpectedPath,
  ExpectedVerdict,
} from './expectations/plan.ts'
export { endText, readExpectations } from './expectations/read-expectations.ts'
export { type ExpectationUpdate, updatedExpectations } from './expectations/update-expectations.ts'
export { isInput, type LoadedResources, loadObjects, loadResources, rawObjects, readObjects } from './load.ts'
export type { RawObject } from './objects.ts'
export { PulledSource } from './pulled-source.ts'
export type { PlannedAction, PlannedAsk, PlannedEvent, PlannedProbe, TimelinePlan } from './timeline/plan.ts'
export { readTimeline } from './timeline/read-timeline.ts'
export { decodeText } from './utf8-text.ts'
export { yamlText } from './yaml/yaml-text.ts'
