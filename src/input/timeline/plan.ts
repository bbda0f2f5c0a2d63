import type { ObjectDeletion, ObjectReference, Place, Resources } from '../../control/index.ts'

/** What is asked at each tick of a probe. */
export type PlannedAsk =
  | { readonly kind: 'ping'; readonly from: string; readonly to: string; readonly size?: number }
  | {
      readonly kind: 'tcp'
      readonly from: string
      readonly to: string
      readonly port: number | string
      /** One connection is opened and held, and a byte goes to and fro each time; else a connection each time. */
      readonly hold?: boolean
    }
  | { readonly kind: 'udp'; readonly from: string; readonly to: string; readonly port: number | string }

/** What is asked again and again; times in milliseconds of virtual time. */
export interface PlannedProbe {
  /** Name, as in the answer. */
  readonly name: string
  readonly ask: PlannedAsk
  /** Between two ticks. */
  readonly every: number
  /** The first tick. */
  readonly start: number
  /** Behind the last tick; absent = to the end. */
  readonly end?: number
  /** How long an answer is waited for. */
  readonly timeout: number
}

/** What somebody does, or what befalls the cluster. */
export type PlannedAction =
  | { readonly kind: 'apply'; readonly objects: Partial<Resources> }
  | { readonly kind: 'delete'; readonly objects: readonly ObjectDeletion[] }
  | { readonly kind: 'patch'; readonly object: ObjectReference; readonly with: Readonly<Record<string, unknown>> }
  | { readonly kind: 'agent'; readonly name: string; readonly node?: string; readonly action: string }
  | { readonly kind: 'machine'; readonly node: string; readonly action: string }
  | { readonly kind: 'run'; readonly host: string; readonly line: string }
  | { readonly kind: 'inject'; readonly failure: string; readonly at?: string }

/** One event of a timeline. */
export interface PlannedEvent {
  /** Milliseconds of virtual time. */
  readonly at: number
  /** What it is, in a few words. */
  readonly title: string
  readonly action: PlannedAction
  /** Where it stands. */
  readonly place?: Place
}

/** A timeline as it was read: what happens when, and what is asked meanwhile. */
export interface TimelinePlan {
  /** Its name. */
  readonly name: string
  readonly seed?: number
  readonly delays?: 'calico' | 'instant'
  /** When it ends, in milliseconds; absent = some seconds after all is quiet. */
  readonly until?: number
  readonly probes: readonly PlannedProbe[]
  /** In order of time. */
  readonly events: readonly PlannedEvent[]
}
