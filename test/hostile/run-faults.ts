/** A run of a case, as expect.json has it. */
export interface Run {
  readonly args?: readonly string[]
  readonly sh?: string
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
  readonly exit?: number | readonly number[]
  readonly seconds?: number
  readonly stdout?: readonly string[]
  readonly stderr?: readonly string[]
  readonly all?: readonly string[]
  readonly stdoutNot?: readonly string[]
  readonly stderrNot?: readonly string[]
  readonly allNot?: readonly string[]
}

/** How a program ended and what it printed. */
export interface Spawned {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly late: boolean
  readonly stdout: string
  readonly stderr: string
}

const STACK = /^\s+at .+:\d+:\d+\)?$|^Node\.js v\d/m
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/
const MOST = 1024 * 1024

/** What is wrong with a run; empty when it is right. */
export function runFaults(run: Run, done: Spawned): string[] {
  if (done.late) return ['it did not end']
  if (done.status === null || done.status > 128) return [`ended by a signal (${done.signal ?? done.status})`]
  const text = { stdout: done.stdout, stderr: done.stderr, all: done.stdout + done.stderr }
  const faults: string[] = []
  const allowed = [run.exit ?? [0, 1, 2, 3]].flat()
  if (!allowed.includes(done.status))
    faults.push(`exit ${done.status}, not ${allowed.join(' or ')}: ${text.stderr.slice(0, 300)}`)
  if (STACK.test(text.all)) faults.push('a stack')
  if (CONTROL.test(text.all)) faults.push('control characters')
  if (text.all.length > MOST) faults.push(`${text.all.length} characters of output`)
  for (const key of ['stdout', 'stderr', 'all'] as const) {
    const wanted = (run[key] ?? []).filter((pattern) => !new RegExp(pattern, 'm').test(text[key]))
    const unwanted = (run[`${key}Not`] ?? []).filter((pattern) => new RegExp(pattern, 'm').test(text[key]))
    faults.push(...wanted.map((pattern) => `${key} lacks /${pattern}/: ${text[key].slice(0, 300)}`))
    faults.push(...unwanted.map((pattern) => `${key} has /${pattern}/`))
  }
  return faults
}
