import type { Certainty, Finding, Note } from '../model/index.ts'
import type { Trace } from '../trace/index.ts'

/** A file that a command wrote: whoever runs the shell stores it. */
export interface RunFile {
  /** The name it was given. */
  readonly name: string
  /** What is in it. */
  readonly bytes: Uint8Array
}

/** What a program or a command did. */
export interface Run {
  /** What it printed. */
  readonly stdout: string
  /** What it printed as errors. */
  readonly stderr: string
  /** Exit status. */
  readonly exitCode: number
  /** Whether it succeeded: the program said so, and so do its packets where they were recorded. */
  readonly ok: boolean
  /** One line that says what came of it. */
  readonly outcome: string
  /** Whether the answer follows from the input, rests on assumptions, or could be otherwise. */
  readonly certainty: Certainty
  /** What could turn the answer, or what it rests on. */
  readonly notes: readonly Note[]
  /** Why it failed, first cause first, with the commands that confirm it; empty when it succeeded. */
  readonly diagnosis: readonly Finding[]
  /** The life of its packets; empty when it sent none, or when the lab does not record. */
  readonly trace: Trace
  /** Files it wrote, e.g. `tcpdump -w`. */
  readonly files: readonly RunFile[]
}
