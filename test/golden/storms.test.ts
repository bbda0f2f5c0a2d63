// Damaged frames in running networks: every event that comes of them, and what is left.
import { describe } from 'vitest'
import { Recorder, SECOND, Simulation } from '../../src/dataplane/index.ts'
import { Random } from '../robustness/random.ts'
import { capturedTarget, inject } from '../robustness/storm.ts'
import { listScenarios } from '../support/captures.ts'
import { goldens } from '../support/golden.ts'
import { recordText, stateText } from './texts.ts'

/** Frames in each network. */
const FRAMES = 120
/** Time after the last, for what waits. */
const SETTLE = 130 * SECOND

describe('what comes of damaged frames is as it was', () => {
  goldens('storms', listScenarios(), (name) => {
    const target = capturedTarget(name)
    if (target.frames.length === 0) return 'no frames'
    const random = new Random(name.length + 1)
    const recorder = new Recorder()
    const sim = new Simulation(target.network, { seed: 1, recorder })
    for (let i = 0; i < FRAMES; i++) {
      inject(sim, target, random)
      if (random.oneIn(4)) sim.run(sim.clock.now + random.below(SECOND))
      else sim.drain()
    }
    const soon = stateText(sim)
    sim.run(sim.clock.now + SETTLE)
    return `${recordText(recorder)}${soon}${stateText(sim)}`
  })
})
