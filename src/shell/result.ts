import { NO_TRACE } from '../trace/index.ts'
import type { Run } from './run.ts'

/** What a program printed, and how it ended. */
export type Printed = Pick<Run, 'stdout' | 'stderr' | 'exitCode' | 'outcome' | 'files'>

/** What is told of a run's packets. */
export type Told = Pick<Run, 'ok' | 'certainty' | 'notes' | 'diagnosis' | 'trace'>

/** A run whose packets are told of when somebody asks, once: of most pings in a shell nobody does. */
export function toldLater(printed: Printed, tell: () => Told): Run {
  let told: Told | undefined
  const now = (): Told => {
    told ??= tell()
    return told
  }
  return {
    ...printed,
    get ok() {
      return now().ok
    },
    get certainty() {
      return now().certainty
    },
    get notes() {
      return now().notes
    },
    get diagnosis() {
      return now().diagnosis
    },
    get trace() {
      return now().trace
    },
  }
}

/** The same run with other output; what was not told of it yet is not told by that. */
export function reprinted(run: Run, output: Partial<Printed>, succeeded: () => boolean = () => run.ok): Run {
  const { stdout, stderr, exitCode, outcome, files } = run
  return toldLater({ stdout, stderr, exitCode, outcome, files, ...output }, () => {
    const { certainty, notes, diagnosis, trace } = run
    return { ok: succeeded(), certainty, notes, diagnosis, trace }
  })
}

/** What a command that sends no packet has to say besides its output. */
const QUIET = { certainty: 'certain', notes: [], diagnosis: [], trace: NO_TRACE, files: [] } as const

/** A command that worked. */
export function printed(stdout: string, stderr = ''): Run {
  return { ...QUIET, stdout, stderr, exitCode: 0, ok: true, outcome: firstLine(stderr === '' ? stdout : stderr) }
}

/** A command that failed. */
export function failed(words: string, exitCode = 1): Run {
  const stderr = words.endsWith('\n') ? words : `${words}\n`
  return { ...QUIET, stdout: '', stderr, exitCode, ok: false, outcome: firstLine(stderr) }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
