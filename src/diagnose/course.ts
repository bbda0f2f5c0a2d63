/**
 * What happened before a packet was sent, as far as a diagnosis asks: in a cluster that runs, what is missing may have been taken
 * away by a program that was right to do so, or may not have been written yet.
 */
export interface Course {
  /** The program that took a route from a machine last; undefined where none did, as far as is known. @param line - the route as `ip route` prints it */
  readonly removalOf: (netns: string, line: string) => Removal | undefined
  /** Why a program has not written on a node what the objects ask for; undefined = it has. */
  readonly delayOf: (program: 'felix' | 'bird' | 'kube-proxy', node: string) => Delay | undefined
}

/** Something was taken away. */
export interface Removal {
  /** The program. */
  readonly actor: string
  /** Virtual time, in nanoseconds. */
  readonly at: number
  /** The number of the event it follows from. */
  readonly event: number
  /** What that event began with; absent where the log no longer has it. */
  readonly began?: {
    /** What changed first, e.g. `bird killed`, `IPPool default`. */
    readonly what: string
    readonly netns?: string
    /** The program that was stopped by it. */
    readonly stopped?: string
  }
}

/** Something has not been written. */
export type Delay =
  | {
      /** A program does not run as usual. */
      readonly kind: 'agent'
      readonly agent: string
      /** Where; absent for one that a cluster has once. */
      readonly node?: string
      readonly state: 'starting' | 'stopped' | 'killed' | 'cut'
      /** Since when, in nanoseconds. */
      readonly since: number
    }
  | {
      /** It is about to write. */
      readonly kind: 'late'
      readonly agent: string
      readonly node: string
      /** For which event. */
      readonly event: number
    }

/** Why something is missing, and what would be right. */
export interface Absence {
  readonly because: string
  readonly right: string
}

function seconds(ns: number): string {
  return `${(ns / 1e9).toFixed(3)} s`
}

function placed(what: string, node: string | undefined): string {
  return node === undefined ? what : `${what} on ${node}`
}

/** Why something is missing that was taken away. */
export function removalWords({ actor, at, event, began }: Removal): Absence {
  const cause = began === undefined ? '' : ` (${placed(began.what, began.netns)})`
  const because = `${actor} has deleted it at ${seconds(at)}, by event ${event}${cause}`
  if (began?.stopped === undefined) return { because, right: `Undo what event ${event} has done` }
  return { because, right: `Start ${placed(began.stopped, began.netns)}` }
}

const STATES: Readonly<Record<(Delay & { readonly kind: 'agent' })['state'], readonly [been: string, right: string]>> =
  {
    starting: ['starting', 'Wait until it is up:'],
    stopped: ['stopped', 'Start'],
    killed: ['dead', 'Start'],
    cut: ['cut off from its datastore', 'Let it reach its datastore again:'],
  }

/** Why something is missing that is not written. */
export function delayWords(delay: Delay): Absence {
  const who = placed(delay.agent, delay.node)
  if (delay.kind === 'late') {
    return { because: `${who} has yet to write what event ${delay.event} asks for`, right: 'Wait until it has' }
  }
  const [been, right] = STATES[delay.state]
  return { because: `${who} has been ${been} since ${seconds(delay.since)}`, right: `${right} ${who}` }
}
