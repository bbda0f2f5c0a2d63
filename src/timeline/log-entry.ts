import type { StateChange } from '../control/index.ts'
import type { Origin } from '../model/index.ts'
import type { Agent } from './event.ts'

/** Who changes the state of a machine. */
export type Actor = Agent | 'cni' | 'kernel' | 'user'

/** What is changed of a machine. */
export type ChangedThing = StateChange['thing'] | 'conntrack'

/** One change of the state of a machine or of the datastore, with its cause. */
export interface LogEntry {
  /** Virtual time, in nanoseconds. */
  readonly at: number
  /** The event it follows from: its number in the order of events, from 1. */
  readonly event: number
  /** Who did it. */
  readonly actor: Actor
  /** Where: the network namespace; absent for what is stored. */
  readonly netns?: string
  /** What was done. */
  readonly op: 'add' | 'delete' | 'replace'
  /**
   * To what. `nodes`: nodes of a large cluster that nobody looks at, which move as one. Of these it is told what programs wrote anew and on
   * how many, not how that differs from what was there.
   */
  readonly thing: ChangedThing | 'object' | 'session' | 'agent' | 'machine' | 'file' | 'nodes'
  /** Which, in the words of the tools: `10.0.1.0/26 via 172.17.0.3 dev tunl0`, `cali-fw-cali0ef24b1f3de`, `Pod default/web-0`. */
  readonly what: string
  /** It was put back: a program looked again at what it had written; `event` is the edit by hand that it undoes. */
  readonly resync?: true
  /** What made it: component, object, field and the place in the input. */
  readonly origin?: Origin
}
