import type { Answer } from '../answers.ts'
import type { Draw } from '../draw.ts'
import type { Ground } from '../ground.ts'
import { type PairWords, pairPlan } from '../pair.ts'
import type { ScenePlan } from '../plan.ts'
import type { Seen } from '../seen.ts'
import type { TaskBlank } from '../tasks/task.ts'
import { poolText } from '../written.ts'

/** Something widespread that is not so, without its numbers. */
export interface MisconceptionRow {
  /** Name, as `misconception()` takes it. */
  readonly name: string
  /** As people say it. */
  readonly claim: string
  /** What is so, in two sentences. */
  readonly truth: string
  /** Why, and what to do with it. */
  readonly why: string
  /** Where that is known from: a failure of docs/failures.md, a file of Calico’s or Kubernetes’ repository, a section of an RFC or of their documentation. */
  readonly source: string
  /** What there is to choose from before it is seen; absent = whether it is answered. */
  readonly choices?: readonly string[]
  /** Which of the choices it is; absent = whether it was answered. */
  readonly chosen?: (seen: Seen) => string
  /** The cluster that shows it. Its `truth` is what is read from the run. */
  readonly plan: (ground: Ground, draw: Draw) => ScenePlan
  /** What to find out of it. */
  readonly blanks: readonly TaskBlank[]
  /** What whoever believes the claim says: before, and for one of the blanks. It is wrong. */
  readonly belief: {
    /** Which of the choices. */
    readonly predicts: string
    /** The blank that tells the belief from the truth. */
    readonly blank: string
    /** What the belief fills into it. */
    readonly answer: (seen: Seen) => Answer | undefined
  }
  /** The hints, the vaguest first. */
  readonly hints: readonly [string, string, string]
}

/** What is predicted where nothing else is said. */
export const ANSWERED: readonly [string, string] = ['it is answered', 'it is not']

/** What differs from the plain cluster of two nodes with a pod each. */
interface ClusterWords extends Pick<PairWords, 'client' | 'server'> {
  /** Fields of the pool. */
  readonly pool?: string
  /** Further objects, each as a text. */
  readonly more?: readonly string[]
}

/** Two nodes, a client on the first and a server on the second, and a pool. */
export function pairOf(ground: Ground, words: ClusterWords = {}): Pick<ScenePlan, 'files' | 'from' | 'to' | 'ask'> {
  const [client, server] = ground.pods
  const { pool = 'ipipMode: Always, natOutgoing: true', more = [] } = words
  return pairPlan(ground, [poolText(ground.pool, pool), ...more], {
    client: { labels: `app: ${client}`, ...words.client },
    server: { labels: `app: ${server}`, ...words.server },
  })
}
