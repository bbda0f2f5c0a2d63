import { InputError, type Issue, isRecord, type ShapeFault, shapeFaults } from '../model/index.ts'
import { checkTrace } from './argument.ts'
import { TRACE_SCHEMA, type Trace } from './trace.ts'
import { TRACE_SHAPE } from './trace-shape.ts'
import { TRACE_SCHEMA_1, traceOfVersion1 } from './version-1.ts'

/** A trace as JSON text; `parseTrace` reads it back. */
export function traceToJson(trace: Trace, indent = 2): string {
  checkTrace(trace)
  return JSON.stringify(trace, null, indent)
}

/**
 * A trace, of this version or the one before, from JSON text or from the value it parses to. Every field is held against its type
 * (docs/trace-schema.json), so that a trace from anywhere can be drawn; fields of other names are passed over.
 * @param file - name to give in errors
 * @throws InputError when it is no trace, or one of another version
 */
export function parseTrace(json: unknown, file = ''): Trace {
  const value = typeof json === 'string' ? parseJson(json, file) : json
  const trace = isRecord(value) && value['schema'] === TRACE_SCHEMA_1 ? traceOfVersion1(value) : value
  const faults = shapeFaults(TRACE_SHAPE, trace)
  if (faults.length > 0) throw new InputError(faults.map((fault) => issueOf(fault, file)))
  return trace as Trace
}

function issueOf({ path, expected, value }: ShapeFault, file: string): Issue {
  const versions = path.length === 1 && path[0] === 'schema' ? `'${TRACE_SCHEMA}' or '${TRACE_SCHEMA_1}'` : expected
  return { kind: 'invalid', file, path, expected: versions, received: shown(value) }
}

/** Where JSON.parse stopped; what stands there may be anybody's, and is not repeated. */
const POSITION = /position \d+/

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const received = error instanceof Error ? (POSITION.exec(error.message)?.[0] ?? 'something else') : 'something else'
    throw new InputError([
      { kind: 'syntax', file, path: [], expected: 'JSON', received: `text that is none (${received})` },
    ])
  }
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (isRecord(value)) return 'an object'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 40 ? `${text.slice(0, 37)}...` : text
}
