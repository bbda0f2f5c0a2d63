import { isWritten, standardError, standardOutput } from './standard-stream.ts'

/** As users call it: kubectl finds `kubectl-packetwalk` as a plugin. */
export const NAME = /(^|[\\/])kubectl-packetwalk$/.test(process.argv[1] ?? '') ? 'kubectl packetwalk' : 'packetwalk'
/** A part of the command that is loaded when it is needed. */
interface Part {
  /** Says what went wrong and returns the exit status. */
  reportFailure(error: unknown, print: (line: string) => void, help: string): number
  /** Whether all that it wrote is out. */
  isWritten(): boolean
}

/** Whether all is out, for this file and each part that was loaded. */
export const outputs: (() => boolean)[] = [isWritten]

// One copy of packetwalk runs: `trace` alone is small and starts fast.
export const trace = (): Promise<typeof import('./parts/trace.ts')> => import('./parts/trace.ts')
// The other commands write to Node's streams themselves: these are there, and looked after, before they begin.
export const rest = (): Promise<typeof import('./parts/rest.ts')> => {
  void [standardOutput.stream, standardError.stream]
  return import('./parts/rest.ts')
}

/** Loads a part of the command and does what it is asked for; the status it gives, or that of what went wrong, is the status of the process. */
export async function run<P extends Part>(
  command: string,
  load: () => Promise<P>,
  action: (part: P) => number | Promise<number>,
): Promise<void> {
  const part = await load()
  outputs.push(part.isWritten)
  try {
    process.exitCode = await action(part)
  } catch (error) {
    process.exitCode = part.reportFailure(error, (line) => standardError.write(`${line}\n`), helpOf(command))
  }
}

/** Where the words of a command are explained. */
export function helpOf(command: string): string {
  return `(${NAME} ${command} --help shows its options)`
}
