import { type BaseIssue, safeParse } from 'valibot'
import { InputError, type Issue } from '../model/index.ts'
import { base64Url, bytesOfBase64 } from '../wire/index.ts'
import { SESSION_SCHEMA, type Session, type SessionDump } from './session.ts'
import { sessionShape } from './session-shape.ts'

/** A session as text, to be kept in a file or sent with a report of a fault. */
export function sessionToJson(session: Session): string {
  return `${JSON.stringify(session, null, 2)}\n`
}

/**
 * Reads a session again.
 * @param name - of the file, for faults
 * @throws InputError with every field that is not as it should be
 */
export function parseSession(text: string, name = 'session'): Session {
  const read = safeParse(sessionShape, jsonOf(text, name))
  if (read.success) return read.output
  throw new InputError(read.issues.map((issue) => faultOf(issue, name)))
}

/** A file of a dump with its bytes, as a session keeps it. */
export function dumpOfBytes(name: string, bytes: Uint8Array): SessionDump {
  return { name, base64: base64Url(bytes) }
}

/** The bytes of a file of a dump. @throws InputError when it is not base64 */
export function bytesOfDump({ name, base64 }: SessionDump): Uint8Array {
  const bytes = bytesOfBase64(base64)
  if (bytes !== undefined) return bytes
  throw new InputError([{ kind: 'invalid', file: name, path: ['base64'], expected: 'base64', received: 'other bytes' }])
}

function jsonOf(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const received = text.trim() === '' ? 'nothing' : 'a text that is not JSON'
    throw new InputError([
      { kind: 'syntax', file: name, path: [], expected: `a session as JSON (${SESSION_SCHEMA})`, received },
    ])
  }
}

/** A fault of the shape, with its place. */
function faultOf({ path, message, input, expected }: BaseIssue<unknown>, file: string): Issue {
  const at = (path ?? []).map(({ key }) => key as string | number)
  const received = expected === 'never' ? input : (path?.at(-1)?.value ?? input)
  return { kind: 'invalid', file, path: at, expected: message, received: inShort(received) }
}

function inShort(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
