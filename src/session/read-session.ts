import { InputError, type Issue, isRecord } from '../model/index.ts'
import { base64Url, bytesOfBase64 } from '../wire/index.ts'
import { type Question, SESSION_SCHEMA, type Session, type SessionDump, type SessionFile } from './session.ts'

/** Lists longer than this are no session of a person. */
const MOST_ENTRIES = 10_000
const MOST_SEED = 0xffff_ffff
const MOST_SIZE = 65_535

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
  return sessionOf(jsonOf(text, name), name)
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

/** What is wrong so far: a fault is noted, and reading goes on. */
class Reader {
  readonly issues: Issue[] = []
  private readonly file: string

  constructor(file: string) {
    this.file = file
  }

  wrong(path: readonly (string | number)[], expected: string, value: unknown): void {
    this.issues.push({ kind: 'invalid', file: this.file, path, expected, received: inShort(value) })
  }

  text(value: unknown, path: readonly (string | number)[]): string {
    if (typeof value === 'string') return value
    this.wrong(path, 'a text', value)
    return ''
  }

  number(value: unknown, path: readonly (string | number)[], low: number, high: number): number {
    if (Number.isSafeInteger(value) && Number(value) >= low && Number(value) <= high) return Number(value)
    this.wrong(path, `a whole number from ${low} to ${high}`, value)
    return low
  }

  list<T>(
    value: unknown,
    path: readonly (string | number)[],
    read: (one: unknown, path: readonly (string | number)[]) => T,
  ): T[] {
    if (value === undefined) return []
    if (Array.isArray(value) && value.length <= MOST_ENTRIES) return value.map((one, i) => read(one, [...path, i]))
    this.wrong(path, `a list of at most ${MOST_ENTRIES}`, value)
    return []
  }

  fields(
    value: unknown,
    path: readonly (string | number)[],
    names: readonly string[],
  ): Readonly<Record<string, unknown>> {
    if (!isRecord(value)) {
      this.wrong(path, `an object with ${names.join(', ')}`, value)
      return {}
    }
    for (const name of Object.keys(value)) {
      if (!names.includes(name)) this.wrong([...path, name], `one of ${names.join(', ')}`, name)
    }
    return value
  }
}

function inShort(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

const FIELDS = ['schema', 'title', 'seed', 'files', 'dumps', 'commands', 'question'] as const

function sessionOf(value: unknown, name: string): Session {
  const reader = new Reader(name)
  const fields = reader.fields(value, [], FIELDS)
  if (isRecord(value) && fields['schema'] !== SESSION_SCHEMA) reader.wrong(['schema'], SESSION_SCHEMA, fields['schema'])
  const session: Session = {
    schema: SESSION_SCHEMA,
    title: fields['title'] === undefined ? '' : reader.text(fields['title'], ['title']),
    seed: fields['seed'] === undefined ? 1 : reader.number(fields['seed'], ['seed'], 0, MOST_SEED),
    files: reader.list(fields['files'], ['files'], (one, path) => fileOf(reader, one, path)),
    dumps: reader.list(fields['dumps'], ['dumps'], (one, path) => dumpOf(reader, one, path)),
    commands: reader.list(fields['commands'], ['commands'], (one, path) => reader.text(one, path)),
    question:
      fields['question'] === undefined || fields['question'] === null ? null : questionOf(reader, fields['question']),
  }
  if (reader.issues.length > 0) throw new InputError(reader.issues)
  return session
}

function fileOf(reader: Reader, value: unknown, path: readonly (string | number)[]): SessionFile {
  const { name, text } = reader.fields(value, path, ['name', 'text']) as { name?: unknown; text?: unknown }
  return { name: reader.text(name, [...path, 'name']), text: reader.text(text, [...path, 'text']) }
}

function dumpOf(reader: Reader, value: unknown, path: readonly (string | number)[]): SessionDump {
  const { name, base64 } = reader.fields(value, path, ['name', 'base64']) as { name?: unknown; base64?: unknown }
  const text = reader.text(base64, [...path, 'base64'])
  if (bytesOfBase64(text) === undefined) reader.wrong([...path, 'base64'], 'base64', text)
  return { name: reader.text(name, [...path, 'name']), base64: text }
}

const QUESTION = ['from', 'to', 'protocol', 'port', 'size', 'ttl', 'dontFragment'] as const

function questionOf(reader: Reader, value: unknown): Question {
  const at = (name: string): string[] => ['question', name]
  const fields = reader.fields(value, ['question'], QUESTION)
  const protocol = fields['protocol'] ?? 'ping'
  const port = fields['port']
  if (protocol !== 'ping' && protocol !== 'tcp' && protocol !== 'udp')
    reader.wrong(at('protocol'), 'ping, tcp or udp', protocol)
  const isAsked = protocol !== 'ping' || port === undefined
  if (!isAsked) reader.wrong(at('port'), 'no port: a ping has none', port)
  if (protocol !== 'ping' && port === undefined) reader.wrong(at('port'), 'a port, by number or name', port)
  const df = fields['dontFragment']
  if (df !== undefined && typeof df !== 'boolean') reader.wrong(at('dontFragment'), 'true or false', df)
  const number = (name: string, low: number, high: number): object =>
    fields[name] === undefined ? {} : { [name]: reader.number(fields[name], at(name), low, high) }
  return {
    from: reader.text(fields['from'], at('from')),
    to: reader.text(fields['to'], at('to')),
    protocol: protocol === 'tcp' || protocol === 'udp' ? protocol : 'ping',
    ...(typeof port === 'string' ? { port } : number('port', 1, MOST_SIZE)),
    ...number('size', 0, MOST_SIZE),
    ...number('ttl', 1, 255),
    ...(df === true ? { dontFragment: true } : {}),
  }
}
