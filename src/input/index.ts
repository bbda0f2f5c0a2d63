/**
 * From text to objects: files, streams and archives of Kubernetes and Calico YAML or JSON to `Resources`, every value with
 * its place. May import: wire, model, control.
 *
 * @packageDocumentation
 */

export { isArchive, readArchive } from './archive.ts'
export type { InputText } from './document.ts'
export { isText, type LoadedResources, loadResources } from './load.ts'
export { yamlText } from './yaml/yaml-text.ts'
