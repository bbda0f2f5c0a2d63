import type { DropCause, RouteResult, TableName } from '../model/index.ts'
import type { HookHop, Hop, RouteHop } from './hop.ts'

/** Name of the form before this one. */
export const TRACE_SCHEMA_1 = 'packetwalk.trace/1'

/** What version 1 put between a table and the match that is not modelled, in one field. */
const NOT_MODELLED = ': not modelled: '

const RESULTS: ReadonlySet<string> = new Set<RouteResult>([
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'none',
])

/** A hop of version 1 in today's form: fields that held two things are two fields. What was not written down stays absent. */
export function fromVersion1(hop: Hop): Hop {
  if (hop.kind === 'hook') return hookOf(hop)
  return hop.kind === 'route' ? routeOf(hop) : hop
}

function hookOf(hop: HookHop): Hop {
  const [table, unmodelled] = hop.table.split(NOT_MODELLED)
  return unmodelled === undefined ? hop : { ...hop, table: table as TableName, unmodelled }
}

/** A packet that was refused had the cause as result. */
function routeOf(hop: RouteHop): Hop {
  if (RESULTS.has(hop.result)) return hop
  return { ...hop, result: 'none', refused: hop.result as string as DropCause }
}
