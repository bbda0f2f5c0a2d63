import type { Certainty, Finding, Note } from '../model/index.ts'
import type { Trace } from '../trace/index.ts'

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
  /** Files it wrote, e.g. `tcpdump -w`: whoever runs the shell stores them. */
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[]
}
