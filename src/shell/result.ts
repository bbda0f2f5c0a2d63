import { NO_TRACE } from '../trace/index.ts'
import type { Run } from './run.ts'

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
