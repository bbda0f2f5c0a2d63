import { InputError, type Issue } from '../model/index.ts'
import { TRACE_SCHEMA, type Trace } from './trace.ts'
import { fromVersion1, TRACE_SCHEMA_1 } from './version-1.ts'

/** A trace as JSON text; `parseTrace` reads it back. */
export function traceToJson(trace: Trace, indent = 2): string {
  return JSON.stringify(trace, null, indent)
}

const LISTS = ['exchanges', 'nodes', 'packets', 'hops', 'faults'] as const

/**
 * A trace, of this version or the one before, from JSON text or from the value it parses to. Looks at the version and the outline, not at every field; the
 * published schema (docs/trace-schema.json) does that.
 * @param file - name to give in errors
 * @throws InputError when it is no trace, or one of another version
 */
export function parseTrace(json: unknown, file = ''): Trace {
  const value = typeof json === 'string' ? parseJson(json, file) : json
  const issues: Issue[] = []
  const outline = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  const check = (key: string, good: boolean, expected: string): void => {
    if (!good) issues.push({ kind: 'invalid', file, path: [key], expected, received: shown(outline[key]) })
  }
  const isOld = outline['schema'] === TRACE_SCHEMA_1
  check('schema', isOld || outline['schema'] === TRACE_SCHEMA, `'${TRACE_SCHEMA}' or '${TRACE_SCHEMA_1}'`)
  for (const key of LISTS) check(key, Array.isArray(outline[key]), 'a list')
  check('summary', typeof outline['summary'] === 'string', 'text')
  check('disposition', typeof outline['disposition'] === 'object' && outline['disposition'] !== null, 'an object')
  if (issues.length > 0) throw new InputError(issues)
  const trace = value as Trace
  return isOld ? { ...trace, schema: TRACE_SCHEMA, hops: trace.hops.map(fromVersion1) } : trace
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const received = error instanceof Error ? error.message : String(error)
    throw new InputError([{ kind: 'syntax', file, path: [], expected: 'JSON', received }])
  }
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > 40 ? `${text.slice(0, 37)}...` : text
}
