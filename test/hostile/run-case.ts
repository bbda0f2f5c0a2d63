// Runs a hostile case as a user would: the built command in a copy of the case. What every run must keep is here; the rest stands in
// the case's expect.json (see test/hostile/README.md).
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../support/source-files.ts'

interface Run {
  readonly args?: readonly string[]
  readonly sh?: string
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
  readonly exit?: number | readonly number[]
  readonly seconds?: number
  readonly stdout?: readonly string[]
  readonly stdoutNot?: readonly string[]
  readonly stderr?: readonly string[]
  readonly stderrNot?: readonly string[]
  readonly all?: readonly string[]
  readonly allNot?: readonly string[]
}

/** What a case expects. */
export interface Expectation {
  /** The general fault. */
  readonly kind: string
  /** What is right, in words. */
  readonly right: string
  /** Commands that must all be right. */
  readonly runs?: readonly Run[]
  /** A program besides them. */
  readonly check?: string
  /** Seconds it may take. */
  readonly seconds?: number
}

/** Folder of the cases. */
export const CASES = join(ROOT, 'test/fixtures/hostile')

const PROGRAM = join(ROOT, 'dist/packetwalk.mjs')
const STACK = /^\s+at .+:\d+:\d+\)?$|^Node\.js v\d/m
const CONTROL = /[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/u
const MOST = 1024 * 1024

/** What a case expects. */
export function expectationOf(id: string): Expectation {
  return JSON.parse(readFileSync(join(CASES, id, 'expect.json'), 'utf8')) as Expectation
}

/** Everything that is wrong with a case; empty when it holds. */
export function caseFaults(id: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'))
  try {
    const cwd = join(folder, id)
    cpSync(join(CASES, id), cwd, { recursive: true })
    if (existsSync(join(cwd, 'gen.mjs'))) {
      const made = script(cwd, 'gen.mjs', 120)
      if (made !== undefined) return [made]
    }
    const { runs = [], check, seconds = 60 } = expectationOf(id)
    const faults = runs.flatMap((run) => runFaults(run, cwd))
    const checked = check === undefined ? undefined : script(cwd, check, seconds)
    return checked === undefined ? faults : [...faults, checked]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Why a script of the case failed; undefined when it did not. */
function script(cwd: string, name: string, seconds: number): string | undefined {
  const env = { ...process.env, PACKETWALK: PROGRAM }
  const done = spawnSync(process.execPath, [name], {
    cwd,
    env,
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
    encoding: 'utf8',
  })
  return done.status === 0
    ? undefined
    : `${name}: ${done.status ?? done.signal}: ${(done.stdout + done.stderr).trim().slice(0, 300)}`
}

function runFaults(run: Run, cwd: string): string[] {
  const { seconds = 10, exit = [0, 1, 2, 3] } = run
  const [program, args] =
    run.sh === undefined ? [process.execPath, [PROGRAM, ...(run.args ?? [])]] : ['bash', ['-c', run.sh]]
  const done = spawnSync(program, args, {
    cwd,
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: 2 ** 28,
    env: { ...process.env, NODE_OPTIONS: '', PW: `${process.execPath} ${PROGRAM}`, ...run.env },
    input: run.stdin === undefined ? '' : readFileSync(join(cwd, run.stdin)),
  })
  if (done.error !== undefined && 'code' in done.error && done.error.code === 'ETIMEDOUT')
    return [`not done after ${seconds} s`]
  if (done.signal !== null || (done.status ?? 0) > 128) return [`ended by a signal (${done.signal ?? done.status})`]
  const text = { stdout: done.stdout.toString('utf8'), stderr: done.stderr.toString('utf8') }
  const status = [exit].flat().includes(done.status ?? -1) ? [] : [`exit ${done.status}, not ${exit}`]
  return [...status, ...textFaults(run, text.stdout, text.stderr)].map(
    (fault) => `${fault}\n${text.stderr.slice(0, 500)}`,
  )
}

function textFaults(run: Run, stdout: string, stderr: string): string[] {
  const all = stdout + stderr
  const faults: string[] = []
  if (STACK.test(all)) faults.push('a stack')
  if (all.length > MOST) faults.push(`${all.length} characters of output`)
  if (CONTROL.test(all)) faults.push('control characters')
  const lacks = (name: string, text: string, wanted: readonly string[] = []): void => {
    for (const want of wanted) if (!new RegExp(want, 'm').test(text)) faults.push(`${name} lacks /${want}/`)
  }
  const has = (name: string, text: string, unwanted: readonly string[] = []): void => {
    for (const not of unwanted) if (new RegExp(not, 'm').test(text)) faults.push(`${name} has /${not}/`)
  }
  lacks('stdout', stdout, run.stdout)
  lacks('stderr', stderr, run.stderr)
  lacks('output', all, run.all)
  has('stdout', stdout, run.stdoutNot)
  has('stderr', stderr, run.stderrNot)
  has('output', all, run.allNot)
  return faults
}
