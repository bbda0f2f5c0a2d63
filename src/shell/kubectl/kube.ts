import type { Desk } from '../desk.ts'
import { printed, reprinted } from '../result.ts'
import type { Run } from '../run.ts'
import type { Seen } from './seen.ts'

/** Why a file cannot be read. */
export interface Unreadable {
  readonly fault: string
}

/** Files as a kubectl sees them that is run on a host. */
export interface KubeFiles {
  /** Text of a file. */
  read(name: string): string | Unreadable
  /** Whether a name is a folder. */
  isFolder(name: string): boolean
  /** Names in a folder. */
  list(name: string): readonly string[] | Unreadable
}

/** What kubectl works with. */
export interface Kube {
  /** The lab. */
  readonly desk: Desk
  /** The files where it was typed. */
  readonly files: KubeFiles
  /** What stands before it in a pipe, or in a here-document; absent = nothing. */
  readonly stdin?: string
  /** Runs a command in a namespace. */
  readonly run: (netns: string, words: readonly string[]) => Run
}

/** Kubectl's work, where there is a cluster. */
export interface OpenKube extends Kube {
  /** What there is to see now. */
  readonly seen: () => Seen
}

/** What was printed line by line, and whether all went well. */
export interface Lines {
  readonly out: readonly string[]
  readonly errors: readonly string[]
}

/** A run that printed lines; one with errors failed. Warnings are no errors. */
export function linesRun({ out, errors }: Lines, warnings: readonly string[] = []): Run {
  const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')
  const run = printed(text(out), text([...warnings, ...errors]))
  return errors.length === 0 ? run : { ...run, ok: false, exitCode: 1, outcome: errors[0] as string }
}

/** A run with words before what it printed as errors. */
export function warned(run: Run, warnings: readonly string[]): Run {
  if (warnings.length === 0) return run
  return reprinted(run, { stderr: `${warnings.map((line) => `${line}\n`).join('')}${run.stderr}` })
}
