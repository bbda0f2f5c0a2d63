// Input that is broken, enormous, contradictory or meant to do harm. Each folder of test/fixtures/hostile is a case: expect.json says
// which runs of the command must end how; check.mjs judges the library, the launcher or the script of collect; gen.mjs makes what is
// too large to keep. A new case is a new folder.
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Run, runFaults, type Spawned } from './run-faults.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const CASES = fileURLToPath(new URL('../fixtures/hostile/', import.meta.url))
const PROGRAM = join(ROOT, 'dist/packetwalk.mjs')

interface Expected {
  readonly id: string
  readonly kind: string
  readonly runs?: readonly Run[]
  readonly check?: string
  /** For the check. */
  readonly seconds?: number
}

/** Seconds a run may take when its case does not say; more than the case's ten, for machines that do other things, too. */
const SECONDS = 30
const MOST_OUTPUT = 64 * 1024 * 1024

function start(
  command: string,
  args: readonly string[],
  cwd: string,
  run: Pick<Run, 'seconds' | 'env' | 'stdin'>,
): Promise<Spawned> {
  return new Promise((resolve) => {
    const env = {
      ...process.env,
      PW: `${process.execPath} ${PROGRAM}`,
      PACKETWALK: PROGRAM,
      NO_COLOR: undefined,
      ...run.env,
    }
    const child = spawn(command, args, { cwd, env })
    const out: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] }
    let size = 0
    let late = false
    const timer = setTimeout(
      () => {
        late = true
        child.kill('SIGKILL')
      },
      Math.max(SECONDS, (run.seconds ?? 0) * 2) * 1000,
    )
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MOST_OUTPUT) child.kill('SIGKILL')
        else out[name].push(chunk)
      })
    }
    child.stdin.on('error', () => {}) // a program that does not read its input to the end
    child.stdin.end(run.stdin === undefined ? '' : readFileSync(join(cwd, run.stdin)))
    child.on('close', (status, signal) => {
      clearTimeout(timer)
      const text = (name: 'stdout' | 'stderr'): string => Buffer.concat(out[name]).toString('utf8')
      resolve({ status, signal, late, stdout: text('stdout'), stderr: text('stderr') })
    })
  })
}

async function caseFaults(id: string, expected: Expected, folder: string): Promise<string[]> {
  const cwd = join(folder, id)
  cpSync(join(CASES, id), cwd, { recursive: true })
  if (existsSync(join(cwd, 'gen.mjs'))) await start(process.execPath, ['gen.mjs'], cwd, { seconds: 60 })
  const faults: string[] = []
  for (const run of expected.runs ?? []) {
    const done =
      run.sh === undefined
        ? await start(process.execPath, [PROGRAM, ...(run.args ?? [])], cwd, run)
        : await start('bash', ['-c', run.sh], cwd, run)
    faults.push(...runFaults(run, done))
  }
  if (expected.check !== undefined) {
    const done = await start(process.execPath, [expected.check], cwd, { seconds: expected.seconds ?? 60 })
    if (done.status !== 0)
      faults.push(
        `${expected.check}: ${done.status ?? done.signal}: ${`${done.stdout}${done.stderr}`.trim().slice(0, 300)}`,
      )
  }
  return faults
}

const cases = readdirSync(CASES)
  .filter((id) => existsSync(join(CASES, id, 'expect.json')))
  .sort()
  .map((id) => ({ id, expected: JSON.parse(readFileSync(join(CASES, id, 'expect.json'), 'utf8')) as Expected }))

describe('hostile input', () => {
  let folder = ''
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'packetwalk-hostile-'))
    const setup = (await import(join(ROOT, 'tools/setup.mjs'))) as { ensureBuilt(): void }
    setup.ensureBuilt()
  }, 120_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('is there', () => {
    expect(cases.length).toBeGreaterThan(0)
  })

  it.concurrent.each(cases)('$id: $expected.kind', { timeout: 180_000 }, async ({ id, expected }) => {
    expect(await caseFaults(id, expected, folder)).toEqual([])
  })
})

describe('the judge of runs', () => {
  const done: Spawned = { status: 0, signal: null, late: false, stdout: 'ok\n', stderr: '' }

  it('takes what is as it should be', () => {
    expect(runFaults({ args: [], stdout: ['^ok$'] }, done)).toEqual([])
  })

  it.each([
    { name: 'another status', got: { status: 70 }, says: /exit 70/ },
    { name: 'a signal', got: { status: null, signal: 'SIGSEGV' as const }, says: /SIGSEGV/ },
    { name: 'the status of a signal', got: { status: 139 }, says: /signal/ },
    { name: 'no end', got: { status: null, late: true }, says: /did not end/ },
    { name: 'a stack', got: { stderr: '    at file:///x.js:1:2\n' }, says: /a stack/ },
    { name: 'a control character', got: { stdout: 'ok\u001b[31m\n' }, says: /control characters/ },
    { name: 'a megabyte', got: { stderr: 'x'.repeat(1 << 21) }, says: /characters of output/ },
    { name: 'a word that is missing', got: { stdout: 'no\n' }, says: /stdout lacks/ },
  ])('refuses $name', ({ got, says }) => {
    expect(runFaults({ args: [], stdout: ['^ok$'] }, { ...done, ...got }).join()).toMatch(says)
  })

  it('refuses a word that must not be there', () => {
    expect(runFaults({ args: [], allNot: ['ok'] }, done).join()).toMatch(/all has/)
  })
})
