import { checkArgument, isRecord } from '../model/index.ts'

/** Refuses what is no trace: a run is not one, it has one. @throws InputError */
export function checkTrace(trace: unknown, name = 'trace'): void {
  const isTrace = isRecord(trace) && Array.isArray(trace['hops']) && Array.isArray(trace['packets'])
  checkArgument(isTrace, name, 'a trace, such as run.trace or what parseTrace() gives', trace)
}
