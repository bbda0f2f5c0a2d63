import { checkArgument, isRecord } from '../model/index.ts'
import { isTold } from './told-trace.ts'

/** Refuses what is no trace: a run is not one, it has one. @throws InputError */
export function checkTrace(trace: unknown, name = 'trace'): void {
  // One that was told here is not looked at: its hops are spelled out when somebody reads them.
  const isTrace =
    isRecord(trace) && (isTold(trace) || (Array.isArray(trace['hops']) && Array.isArray(trace['packets'])))
  checkArgument(isTrace, name, 'a trace, such as run.trace or what parseTrace() gives', trace)
}
