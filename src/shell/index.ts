/**
 * A shell: the commands people type on a node or in a pod, answered in the words of the tools, and transcripts of
 * them. May import: every room but lab and cli.
 *
 * @packageDocumentation
 */

export {
  addressText,
  borrowedText,
  checkText,
  nextText,
  resizedText,
  roomText,
  settingsText,
  usageText,
} from './calicoctl/ipam-text.ts'
export type { Desk, LabSnapshot } from './desk.ts'
export type { RealFiles } from './files/files.ts'
export { type Told, toldLater } from './result.ts'
export type { Run } from './run.ts'
export { Shell } from './shell.ts'
export { runTranscript, transcriptCommands } from './transcript.ts'
