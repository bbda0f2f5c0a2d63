// A program of its own, so that what hangs or eats memory can be ended: runs damaged inputs of some kinds and prints what came of them.
//   node --import tsx test/robustness/whole/run.ts RUNS SEED KIND…
// Standard output: the number of the run before each batch, then a line of JSON, for each kind. Standard error: the input of a failure.
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EXIT, reportFailure } from '../../../src/cli/exit.ts'
import { Random } from '../random.ts'
import { SUBJECTS, type Subject } from './subjects.ts'

const [runs = '100', first = '1', ...kinds] = process.argv.slice(2)
const BATCH = 50

for (const kind of kinds) {
  const subject = SUBJECTS.find(({ name }) => name === kind)
  if (subject === undefined) throw new Error(`expected some of ${SUBJECTS.map(({ name }) => name).join(', ')}`)
  damage(subject)
}

function damage(subject: Subject): void {
  const kind = subject.name
  /** Where the input of the run that is going on is kept, should the process be ended from outside. */
  const keep = process.env['PACKETWALK_FUZZ_KEEP'] ?? join(tmpdir(), `packetwalk-fuzz-${kind}-${process.pid}.txt`)
  const done = { kind, runs: Number(runs), ok: 0, refused: 0, faults: 0, slowest: 0, slowestSeed: 0 }
  for (let i = 0; i < done.runs; i++) {
    const seed = Number(first) + i
    if (i % BATCH === 0) process.stdout.write(`${kind} at ${seed}\n`)
    const random = new Random(Math.imul(seed, 0x9e3779b1))
    for (let warm = 0; warm < 4; warm++) random.below(2)
    let input = ''
    const started = performance.now()
    try {
      subject.run(random, (text) => {
        input = text
      })
      done.ok++
    } catch (error) {
      const status = reportFailure(error, () => {})
      if (status === EXIT.usage) done.refused++
      else {
        done.faults++
        process.stderr.write(`${kind} ${seed}: ${String((error as Error).stack)}\n${input.slice(0, 3000)}\n\n`)
      }
    }
    const took = performance.now() - started
    if (took > done.slowest) {
      done.slowest = Math.round(took)
      done.slowestSeed = seed
      if (took > 2000) writeFileSync(keep, input)
    }
  }
  process.stdout.write(`${JSON.stringify({ ...done, rss: Math.round(process.memoryUsage().rss / 2 ** 20) })}\n`)
}
