import type { Place } from '../control/index.ts'
import type { ExpectationUpdate, ExpectedPath, ExpectedVerdict } from '../input/index.ts'
import type { Confidence } from '../model/index.ts'

/** What was found of one flow. */
export interface Observation {
  /** What became of it. */
  readonly verdict: ExpectedVerdict
  /** What decided, in a sentence. */
  readonly why: string
  /** Objects that decided: `NetworkPolicy default/deny-all`. */
  readonly by: readonly string[]
  /** Nodes on the way of the request, in order. */
  readonly nodes: readonly string[]
  /** Kinds of tunnels it was inside, in order. */
  readonly tunnels: readonly string[]
  /** Devices and addresses of gateways, by which it is known, too. */
  readonly stations: readonly string[]
  /** How it got there; absent where it did not. */
  readonly path?: ExpectedPath
  /** Whose address the other end sees; absent where nothing got there. */
  readonly source?: { readonly kind: 'none' | 'node' | 'tunnel' | 'other'; readonly address: string }
  /** What that rests on. */
  readonly confidence: Confidence
}

/** One thing that is otherwise than expected, and of which pairs. */
export interface Miss {
  /** The field of the expectation. */
  readonly field: string
  /** As expected. */
  readonly expected: string
  /** As it is. */
  readonly found: string
  /** Why, in a sentence; '' where that is said. */
  readonly why: string
  /** The pairs of which it is so: `default/web-0 to default/db-0`. */
  readonly pairs: readonly string[]
}

/** Whether an expectation holds: of none of its pairs is something otherwise, of some it is, or of some nobody can tell. */
export type Status = 'holds' | 'fails' | 'undecided'

/** One expectation, judged. */
export interface Judged {
  /** Its name, or what it asks. */
  readonly name: string
  /** Whether it holds. */
  readonly status: Status
  /** Where it stands. */
  readonly place?: Place
  /** Pairs it is about. */
  readonly pairs: number
  /** Pairs of which packets were sent: the others are more than were asked for. */
  readonly walked: number
  /** What is otherwise, grouped. */
  readonly misses: readonly Miss[]
  /** What the answer rests on. */
  readonly confidence: Confidence
  /** What could not be found out. */
  readonly remarks: readonly string[]
  /** What the file would have to say. */
  readonly updates: readonly ExpectationUpdate[]
}

/** All expectations of a file, judged. */
export interface ExpectationReport {
  /** Version of this form. */
  readonly schema: 'packetwalk.expectations/1'
  /** Name of the object. */
  readonly name: string
  /** The file it stands in. */
  readonly file: string
  /** How many hold. */
  readonly held: number
  /** How many do not. */
  readonly failed: number
  /** Of how many nobody can tell. */
  readonly undecided: number
  /** Each of them, in the order of the file. */
  readonly expectations: readonly Judged[]
}
