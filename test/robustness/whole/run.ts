// A program of its own, so that what hangs or eats memory can be ended: runs damaged inputs of one kind and prints what came of them.
//   node --import tsx test/robustness/whole/run.ts KIND RUNS SEED
// Standard output: the number of the run before each batch, then a line of JSON. Standard error: the input of a failure.
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EXIT, reportFailure } from '../../../src/cli/exit.ts'
import { Random } from '../random.ts'
import { SUBJECTS } from './subjects.ts'

const [kind, runs = '100', first = '1'] = process.argv.slice(2)
const subject = SUBJECTS.find(({ name }) => name === kind)
if (subject === undefined) throw new Error(`expected one of ${SUBJECTS.map(({ name }) => name).join(', ')}`)

/** Where the input of the run that is going on is kept, should the process be ended from outside. */
const keep = process.env['PACKETWALK_FUZZ_KEEP'] ?? join(tmpdir(), `packetwalk-fuzz-${kind}-${process.pid}.txt`)
const BATCH = 50

const done = { kind, runs: Number(runs), ok: 0, refused: 0, faults: 0, slowest: 0, slowestSeed: 0 }
for (let i = 0; i < done.runs; i++) {
  const seed = Number(first) + i
  if (i % BATCH === 0) process.stdout.write(`at ${seed}\n`)
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
