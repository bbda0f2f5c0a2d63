// What `trace` needs and no more: loaded when it is asked for, from a file of its own once built.
export { traceCommand } from '../commands/trace.ts'
export { reportFailure } from '../exit.ts'
export { isWritten } from '../standard-stream.ts'
