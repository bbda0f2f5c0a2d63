// Whole inputs, damaged: objects, dumps, archives, commands, transcripts and trace files, through everything the command does with
// them. Each ends in an answer or in an InputError; none hangs, crashes or eats memory. A process of its own runs them, with little
// memory and an eye on its progress. For long: PACKETWALK_FUZZ=100000 npx vitest run test/robustness/whole.test.ts
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const KINDS = ['objects', 'dumps', 'archives', 'commands', 'transcripts', 'traces'] as const

/** Inputs of a kind. */
const RUNS = Number(process.env['PACKETWALK_FUZZ'] ?? 150)
/** Without progress for so long a process is ended: fifty inputs take a second. */
const PATIENCE = 120_000
/** One input may take this long on a machine that does other things, in milliseconds. */
const MOMENT = 20_000
/** Megabytes of the heap of old objects. */
const HEAP = 512

interface Report {
  readonly runs: number
  readonly ok: number
  readonly refused: number
  readonly faults: number
  readonly slowest: number
  readonly rss: number
}

interface Ended {
  readonly status: number | null
  readonly report: Report | undefined
  /** Seed of the batch it was in. */
  readonly at: string
  readonly stderr: string
}

function fuzz(kind: string, first: number): Promise<Ended> {
  return new Promise((resolve) => {
    const args = [`--max-old-space-size=${HEAP}`, '--import', 'tsx', 'test/robustness/whole/run.ts', kind]
    const child = spawn(process.execPath, [...args, String(RUNS), String(first)], { cwd: ROOT })
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
      const last = stdout.trimEnd().split('\n').at(-1) ?? ''
      const report = last.startsWith('{') ? (JSON.parse(last) as Report) : undefined
      resolve({ status, report, at: report === undefined ? last : 'the end', stderr })
    })
  })
}

describe('whole inputs, damaged', () => {
  it.each(KINDS)('%s: each is answered or refused', { timeout: 240_000 + RUNS * 200 }, async (kind) => {
    const { status, report, at, stderr } = await fuzz(kind, 1)
    expect([status, at, stderr.slice(0, 4000)]).toEqual([0, 'the end', ''])
    expect(report).toMatchObject({ runs: RUNS, faults: 0 })
    // Some inputs survive the damage, or nothing would be tested but the door.
    expect(report?.ok).toBeGreaterThan(RUNS / 20)
    expect(report?.slowest).toBeLessThan(MOMENT)
    if (process.env['PACKETWALK_FUZZ'] !== undefined) process.stderr.write(`${kind}: ${JSON.stringify(report)}\n`)
  })
})
