import type { Simulation } from '../dataplane/index.ts'
import type { Network } from '../model/index.ts'
import { Composer } from './composing.ts'
import { DevicesLeft } from './devices-left.ts'
import { rebased } from './hand-edits.ts'
import type { Journal } from './journal.ts'
import type { LogEntry } from './log-entry.ts'
import { entriesOfNetwork } from './network-log.ts'
import { type RunningState, writesRules } from './running-state.ts'

/** The network as programs have written it by now, and what runs: the same, with what users have changed by hand. */
export class WrittenNetwork {
  readonly composer: Composer = new Composer()
  /** As programs wrote it, without what users changed by hand. */
  network: Network
  private readonly simulation: Simulation
  private readonly journal: Journal
  private readonly left = new DevicesLeft()
  /** Nothing takes time: who writes at all has looked again at all that is its own. */
  private readonly isInstant: boolean

  constructor(simulation: Simulation, network: Network, journal: Journal, isInstant: boolean) {
    this.simulation = simulation
    this.journal = journal
    this.network = network
    this.isInstant = isInstant
  }

  /** A user has changed what runs by hand. */
  edited(network: Network, state: RunningState): void {
    this.network = this.left.without(this.network, network, this.composer.network(state), state.nodes.keys())
  }

  /** Lets run what programs have written after a step; the log says what is otherwise, before it is. */
  show(before: RunningState, state: RunningState, by: Pick<LogEntry, 'event' | 'actor' | 'at'>): void {
    const { simulation, network: written } = this
    const plain = this.composer.network(state)
    const network = this.left.after(written, plain, state.newest.cluster, state.nodes.keys())
    if (network === written) return
    const running = simulation.network
    const isResynced = (node: string): boolean => writesRules(state, node) && this.isInstant
    const was = { network: written, cluster: before.newest.cluster }
    const fresh = { network, cluster: state.newest.cluster }
    const shown = running === written ? network : rebased(was, fresh, running, isResynced)
    this.journal.add(entriesOfNetwork({ was: running, fresh: shown, before, after: state }, by))
    this.network = network
    simulation.setNetwork(shown)
  }
}
