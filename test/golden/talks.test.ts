// Random traffic through a small network, with a snapshot on the way: every event, and what sockets and commands see.
import fc from 'fast-check'
import { describe } from 'vitest'
import { Recorder } from '../../src/dataplane/index.ts'
import { Bench, step } from '../properties/bench.ts'
import { goldens } from '../support/golden.ts'
import { recordText, stateText } from './texts.ts'

const SEEDS = Array.from({ length: 40 }, (_, seed) => `seed ${seed}`)

describe('traffic is as it was', () => {
  goldens('talks', SEEDS, (key) => {
    const seed = Number(key.split(' ')[1])
    const [before = [], after = [], other = []] = fc.sample(fc.array(step, { minLength: 3, maxLength: 14 }), {
      seed,
      numRuns: 3,
    })
    const recorder = new Recorder()
    const bench = new Bench(seed, recorder)
    bench.run(before)
    const saved = bench.sim.snapshot()
    const open = [...bench.connections]
    const texts = [bench.journey(after).join('\n'), recordText(recorder), stateText(bench.sim)]
    bench.sim.restore(saved)
    bench.connections = open
    recorder.clear()
    texts.push(bench.journey(other).join('\n'), recordText(recorder), stateText(bench.sim))
    return texts.join('\n')
  })
})
