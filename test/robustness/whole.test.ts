// Whole inputs, damaged: objects, dumps, archives, commands, transcripts and trace files, through everything the command does with
// them. Each ends in an answer or in an InputError; none hangs, crashes or eats memory. One process of its own runs them all, with
// little memory and an eye on its progress. For long: PACKETWALK_FUZZ=100000 npx vitest run test/robustness/whole.test.ts
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const KINDS = ['objects', 'dumps', 'archives', 'commands', 'transcripts', 'traces'] as const

/** Inputs of a kind. */
const RUNS = Number(process.env['PACKETWALK_FUZZ'] ?? 100)
/** Without progress for so long a process is ended: fifty inputs take a second. */
const PATIENCE = 120_000
/** One input may take this long on a machine that does other things, in milliseconds. */
const MOMENT = 20_000
/** Megabytes of the heap of old objects. */
const HEAP = 512

interface Report {
  readonly kind: string
  readonly runs: number
  readonly ok: number
  readonly refused: number
  readonly faults: number
  readonly slowest: number
  readonly rss: number
}

interface Ended {
  readonly status: number | null
  /** What came of the kinds that were done. */
  readonly reports: readonly Report[]
  /** Kind and seed of the batch it was in. */
  readonly at: string
  readonly stderr: string
}

function fuzz(kinds: readonly string[], first: number): Promise<Ended> {
  return new Promise((resolve) => {
    const args = [`--max-old-space-size=${HEAP}`, '--import', 'tsx', 'test/robustness/whole/run.ts']
    const child = spawn(process.execPath, [...args, String(RUNS), String(first), ...kinds], { cwd: ROOT })
    let [stdout, stderr] = ['', '']
    let timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      clearTimeout(timer)
      timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < 20_000) stderr += chunk.toString()
    })
    child.on('close', (status) => {
      clearTimeout(timer)
      const lines = stdout.trimEnd().split('\n')
      const reports = lines.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Report] : []))
      resolve({ status, reports, at: reports.length === kinds.length ? 'the end' : (lines.at(-1) ?? ''), stderr })
    })
  })
}

describe('whole inputs, damaged', () => {
  let ended: Ended
  beforeAll(
    async () => {
      ended = await fuzz(KINDS, 1)
    },
    KINDS.length * (240_000 + RUNS * 200),
  )

  it('end the process as it should end', () => {
    const { status, at, stderr } = ended
    expect([status, at, stderr.slice(0, 4000)]).toEqual([0, 'the end', ''])
  })

  it.each(KINDS)('%s: each is answered or refused', (kind) => {
    const report = ended.reports.find((one) => one.kind === kind)
    expect(report).toMatchObject({ runs: RUNS, faults: 0 })
    // Some inputs survive the damage, or nothing would be tested but the door.
    expect(report?.ok).toBeGreaterThan(RUNS / 20)
    expect(report?.slowest).toBeLessThan(MOMENT)
    if (process.env['PACKETWALK_FUZZ'] !== undefined) process.stderr.write(`${kind}: ${JSON.stringify(report)}\n`)
  })
})
