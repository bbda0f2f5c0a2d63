import type { SimulationSnapshot } from '../dataplane/index.ts'
import type { Network } from '../model/index.ts'
import type { Behind } from './behind.ts'
import type { SavedJournal } from './journal.ts'
import type { LogEntry } from './log-entry.ts'
import type { Revision } from './revision.ts'
import type { RunningState } from './running-state.ts'
import type { Step } from './step.ts'
import type { Pending } from './step-queue.ts'
import type { ClusterMaker } from './storing.ts'
import type { WayTrier } from './tried-ways.ts'
import type { Follower } from './watching.ts'

/** How a cluster runs. */
export interface RunningOptions {
  /** Decides every delay; same seed, same times. Absent = 1. */
  readonly seed?: number
  /** `calico`: programs act after the times they take; `instant`: at once. Absent = `instant`. */
  readonly delays?: 'calico' | 'instant'
  /** Entries of the log that are kept; absent = 100,000. */
  readonly history?: number
  /** Moments before events that are kept, to step back to; absent = none. */
  readonly moments?: number
  /** Makes the cluster of edited objects. */
  readonly make: ClusterMaker
  /** Tries the ways of BGP sessions, after somebody changed the network by hand; absent = they stay as they are. */
  readonly tryWays?: WayTrier
  /** Runs a command line of an event. */
  readonly command?: (host: string, line: string) => void
  /** Something is stored, or an earlier state again. */
  readonly onStored?: (revision: Revision) => void
  /** Saves what else a moment has: what it gives puts that back. */
  readonly besides?: () => () => void
}

/** A saved moment of a running cluster, but for what packets have changed. */
export interface SavedRunning {
  readonly state: RunningState
  readonly written: Network
  readonly pending: readonly Pending<Step>[]
  readonly journal: SavedJournal
  readonly events: number
}

/** What has happened up to one moment. */
export interface Witness {
  /** What has changed, in order. */
  readonly log: () => readonly LogEntry[]
  /** Why a program has not written on a node what the stored objects ask for; undefined = it has. */
  readonly behindAt: (program: Follower, node: string) => Behind | undefined
}

/** A moment to step back to. */
export interface Kept {
  readonly saved: SavedRunning
  readonly network: Network
  readonly simulation: SimulationSnapshot
  readonly putBack: (() => void) | undefined
}
