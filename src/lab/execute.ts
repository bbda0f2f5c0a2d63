import { type Recorder, SECOND, type Simulation } from '../dataplane/index.ts'
import type { Process } from '../programs/index.ts'

/** Virtual time a program may take before it is interrupted. */
const PATIENCE = 600 * SECOND
/** Bytes of frames a program may send and have recorded, each counted on every device, with networks that were there meanwhile; what is told of them takes far more. */
const MOST_RECORDED = 16 * 1024 * 1024

/** How a program ended. */
export interface Ended {
  /** Its exit status. */
  readonly exitCode: number
  /** What a user should know of it. */
  readonly remarks: string[]
}

/** Lets time pass. Of what happens in the background no more is kept than of a program: when it is too much, what was first is forgotten. */
export function pass(until: number, simulation: Simulation, recorder: Recorder | null): void {
  if (recorder !== null) {
    const { clock } = simulation
    for (let next = clock.nextAt(); next !== undefined && next <= until; next = clock.nextAt()) {
      if (recorder.size > MOST_RECORDED) recorder.clear()
      simulation.run(next)
    }
  }
  simulation.run(until)
}

/** Runs a program to its end; one that takes too long or fills the records is interrupted. */
export function execute(program: Process, simulation: Simulation, recorder: Recorder | null): Ended {
  const { clock } = simulation
  const until = clock.now + PATIENCE
  const remarks: string[] = []
  program.start()
  simulation.run(clock.now)
  while (program.exitCode === null) {
    const next = clock.nextAt()
    const isFull = recorder !== null && recorder.size > MOST_RECORDED
    if (next !== undefined && next <= until && !isFull) {
      simulation.run(next)
      continue
    }
    if (isFull) remarks.push(`interrupted: its frames took more than ${MOST_RECORDED / 1024 / 1024} MiB of records`)
    else if (next !== undefined) remarks.push(`interrupted after ${PATIENCE / SECOND} s`)
    program.interrupt()
  }
  simulation.run(clock.now)
  return { exitCode: program.exitCode, remarks }
}
