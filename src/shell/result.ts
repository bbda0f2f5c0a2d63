import type { Trace } from '../trace/index.ts'

/** What a command of the shell did. */
export interface CommandResult {
  /** What it printed. */
  readonly stdout: string
  /** What it printed as errors. */
  readonly stderr: string
  /** Exit status. */
  readonly exitCode: number
  /** Files it wrote: the host program must store them. */
  readonly files?: readonly { readonly name: string; readonly bytes: Uint8Array }[]
  /** Life of the packets it made, if it made any. */
  readonly trace?: Trace
  /** The user wants to leave. */
  readonly leave?: boolean
}

/** A command that worked. */
export function printed(stdout: string): CommandResult {
  return { stdout, stderr: '', exitCode: 0 }
}

/** A command that failed. */
export function failed(stderr: string, exitCode = 1): CommandResult {
  return { stdout: '', stderr: stderr.endsWith('\n') ? stderr : `${stderr}\n`, exitCode }
}
