/**
 * A session as a value: what was loaded, what was typed, what was asked, and the seed. It is written as JSON or as a link, and
 * played again to the same bytes. May import: every room up to lab.
 *
 * @packageDocumentation
 */

export { answer } from './answer.ts'
export { decodeSession, encodeSession } from './link.ts'
export { describePlayed, openSession, type PlayedCommand, type PlayedSession, playSession, typeLine } from './play.ts'
export { bytesOfDump, dumpOfBytes, parseSession, sessionToJson } from './read-session.ts'
export {
  NO_SESSION,
  type Question,
  SESSION_SCHEMA,
  type Session,
  type SessionDump,
  type SessionFile,
} from './session.ts'
export { type DroppedFile, type SortedFiles, sortFiles } from './sort-files.ts'
