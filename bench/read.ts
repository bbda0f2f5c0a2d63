import { spawnSync } from 'node:child_process'
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadResources } from 'packetwalk'
import { type FileForm, type KubectlFile, writeKubectlFile } from './kubectl-files.ts'
import type { Row } from './measure.ts'
import { plainProgram } from './plain.ts'

const MEGA = 1e6
const ROUNDS = 3
/** Megabytes of a pod with all that an API server lists. */
const POD: Readonly<Record<FileForm, number>> = { json: 0.00744, yaml: 0.0037 }
const NODES = 100
const FORMS = ['json', 'yaml'] as const

/** What one process of its own measures. */
export interface Reading {
  /** Milliseconds. */
  readonly ms: number
  /** Bytes of the file. */
  readonly length: number
  /** Bytes the process had at most, beyond what it had before. */
  readonly memory: number
}

/** Reads the objects of a file once, as the command does, in this process. */
export function readFile(name: string): Reading {
  const before = process.memoryUsage().rss
  const fd = openSync(name, 'r')
  const length = fstatSync(fd).size
  const piece = (start: number, end: number): Uint8Array => {
    const bytes = Buffer.allocUnsafeSlow(Math.max(Math.min(end, length) - start, 0))
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, start))
  }
  const start = performance.now()
  loadResources([{ name, bytes: { piece } }])
  const ms = performance.now() - start
  closeSync(fd)
  return { ms, length, memory: process.resourceUsage().maxRSS * 1024 - before }
}

/** A file of objects that is there as long as somebody looks at it. */
function* withFile<T>(file: KubectlFile, look: (path: string) => Iterable<T>): Iterable<T> {
  const folder = mkdtempSync(join(tmpdir(), 'packetwalk-bench-'))
  try {
    const path = join(folder, `objects.${file.form}`)
    writeKubectlFile(path, file)
    yield* look(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

let program: string | undefined

function readingOf(path: string): Reading {
  // A group that was bundled alone runs itself.
  const own = process.argv[1] as string
  program ??= own.endsWith('.ts') ? plainProgram('read.ts') : own
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, 'read-file', path], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Reading
}

function* readings(form: FileForm, megabytes: number): Iterable<Row> {
  const file = { form, nodes: NODES, pods: Math.round(megabytes / POD[form]), isFull: true }
  yield* withFile(file, function* (path) {
    const runs = Array.from({ length: ROUNDS }, () => readingOf(path)).sort((a, b) => a.ms - b.ms)
    const { ms, length, memory } = runs[0] as Reading
    const note = `${(ms / 1000).toFixed(2)} s, +${(memory / MEGA).toFixed(0)} MB: ${(memory / length).toFixed(1)} × the file`
    const name = `reading objects, ${form.toUpperCase()} of kubectl, ${megabytes} MB`
    yield { name, value: length / 1000 / ms, unit: 'MB/s', note }
  })
}

/** From a file to the first trace, by the command. */
function* traced(what: string, file: KubectlFile): Iterable<Row> {
  yield* withFile(file, function* (path) {
    const command =
      process.env['PACKETWALK_COMMAND'] ?? fileURLToPath(new URL('../dist/packetwalk.mjs', import.meta.url))
    const args = [command, 'trace', '-q', '-f', path, '--from', 'web-0', '--to', `web-${file.nodes - 1}`]
    const times = Array.from({ length: ROUNDS }, () => {
      const start = performance.now()
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 26 })
      if (status !== 0) throw new Error(stderr)
      return performance.now() - start
    })
    const name = `${file.nodes} nodes × ${file.pods / file.nodes} ${what} → trace, ${file.form.toUpperCase()}`
    yield { name, value: Math.min(...times) / 1000, unit: 's', note: 'the command, from its start to its end' }
  })
}

/** Objects of files of 12 and 100 MB. */
export function* read(): Iterable<Row> {
  for (const form of FORMS) for (const megabytes of [12, 100]) yield* readings(form, megabytes)
}

/** Objects of files of 300 and 900 MB. */
export function* readLong(): Iterable<Row> {
  for (const form of FORMS) for (const megabytes of [300, 900]) yield* readings(form, megabytes)
}

/** A cluster of small pods from its file to the first trace. */
export function* files(): Iterable<Row> {
  for (const form of FORMS) yield* traced('small pods', { form, nodes: 1000, pods: 30_000, isFull: false })
}

/** A large cluster of pods as they are from its file to the first trace. */
export function* filesLong(): Iterable<Row> {
  yield* traced('whole pods', { form: 'json', nodes: 5000, pods: 150_000, isFull: true })
}
