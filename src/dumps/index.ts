/**
 * Dumps of real machines: the script that gathers them, what is read of one machine, and the network that several make
 * together; what no dump says is assumed by name. May import: wire, model, linux, control, input.
 *
 * @packageDocumentation
 */

export { collectScript } from './collect-script.ts'
export type { DriftCause, DriftFinding } from './drift/finding.ts'
export { isDump } from './is-dump.ts'
export { type LoadedDump, loadDump, loadDumpWithObjects } from './load-dump.ts'
export { parseDump } from './node-files.ts'
export type { Difference, Side } from './objects/compared.ts'
