import { isRecord } from '../model/index.ts'
import { TRACE_SCHEMA } from './trace.ts'
import { ROUTE_RESULTS } from './trace-shape.ts'

/** Name of the form before this one. */
export const TRACE_SCHEMA_1 = 'packetwalk.trace/1'

/** What version 1 put between a table and the match that is not modelled, in one field. */
const NOT_MODELLED = ': not modelled: '

const RESULTS: ReadonlySet<string> = new Set(ROUTE_RESULTS)

type Fields = Readonly<Record<string, unknown>>

/**
 * A trace of version 1 in today's form: fields that held two things are two fields. What was not written down stays absent. What
 * is no trace stays none.
 */
export function traceOfVersion1(trace: Fields): Fields {
  const { hops } = trace
  const converted = Array.isArray(hops) ? hops.map((hop: unknown) => (isRecord(hop) ? hopOf(hop) : hop)) : hops
  return { certainty: 'certain', notes: [], findings: [], ...trace, schema: TRACE_SCHEMA, hops: converted }
}

function hopOf(hop: Fields): Fields {
  if (hop['kind'] === 'hook') return hookOf(hop)
  return hop['kind'] === 'route' ? routeOf(hop) : hop
}

function hookOf(hop: Fields): Fields {
  const [table, unmodelled] = String(hop['table']).split(NOT_MODELLED)
  return unmodelled === undefined ? hop : { ...hop, table, unmodelled }
}

/** A packet that was refused had the cause as result. */
function routeOf(hop: Fields): Fields {
  const { result } = hop
  return typeof result !== 'string' || RESULTS.has(result) ? hop : { ...hop, result: 'none', refused: result }
}
