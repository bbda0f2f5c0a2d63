/**
 * A shell in a lab: the commands people type on a node or in a pod, answered in the words of the tools, and transcripts of
 * them. May import: every room below cli.
 *
 * @packageDocumentation
 */

export type { CommandResult } from './result.ts'
export { Shell } from './shell.ts'
export { runTranscript, transcriptCommands } from './transcript.ts'
