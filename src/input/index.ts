/**
 * From text to objects: files, streams and archives of Kubernetes and Calico YAML or JSON to `Resources`, dumps of real nodes
 * to the model, every value with its place. May import: wire, model, linux, control.
 *
 * @packageDocumentation
 */

export type { InputText } from './documents.ts'
export { type LoadedDump, loadDump } from './dump.ts'
export { type LoadedResources, loadResources, type UnreadKind } from './load.ts'
