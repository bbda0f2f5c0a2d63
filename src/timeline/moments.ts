import type { Simulation } from '../dataplane/index.ts'
import type { Kept, SavedRunning } from './running-options.ts'
import type { Step } from './step.ts'

/** Moments before events, to step back to: so many of the last. */
export class Moments {
  private readonly simulation: Simulation
  private readonly most: number
  private readonly besides: (() => () => void) | undefined
  private kept: Kept[] = []

  /** @param besides - saves what else a moment has: what it gives puts that back */
  constructor(simulation: Simulation, most: number, besides: (() => () => void) | undefined) {
    this.simulation = simulation
    this.most = most
    this.besides = besides
  }

  /** Keeps this moment, before an event. @param step - the event where it was due: in the moment before it is still to come */
  keep(save: () => SavedRunning, step?: Step): void {
    if (this.most === 0) return
    const { simulation, besides } = this
    const saved = save()
    const { now } = simulation.clock
    const pending = step === undefined ? saved.pending : [{ step, at: now, seq: -1 }, ...saved.pending]
    this.kept.push({
      saved: { ...saved, pending },
      network: simulation.network,
      simulation: simulation.snapshot(),
      putBack: besides?.(),
    })
    if (this.kept.length > this.most) this.kept.shift()
  }

  /** The last moment is none to step back to: its event was refused. */
  drop(): void {
    this.kept.pop()
  }

  /** Goes back to the last moment. @returns whether there is one */
  back(load: (saved: SavedRunning) => void): boolean {
    const last = this.kept.pop()
    if (last === undefined) return false
    this.simulation.setNetwork(last.network)
    this.simulation.restore(last.simulation)
    load(last.saved)
    last.putBack?.()
    return true
  }
}
