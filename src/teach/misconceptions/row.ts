import type { Draw } from '../draw.ts'
import type { Ground } from '../ground.ts'
import type { ScenePlan } from '../plan.ts'
import type { Seen } from '../seen.ts'
import type { TaskBlank } from '../tasks/task.ts'
import { fileOf, nodeText, type PodWords, podText, poolText } from '../written.ts'

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
  /** Where that is known from: a failure of docs/failures.md, an RFC, a document of Kubernetes or Calico. */
  readonly source: string
  /** What there is to choose from before it is seen; absent = whether it is answered. */
  readonly choices?: readonly string[]
  /** Which of the choices it is; absent = whether it was answered. */
  readonly chosen?: (seen: Seen) => string
  /** The cluster that shows it. Its `truth` is what is read from the run. */
  readonly plan: (ground: Ground, draw: Draw) => ScenePlan
  /** What to find out of it. */
  readonly blanks: readonly TaskBlank[]
  /** The hints, the vaguest first. */
  readonly hints: readonly [string, string, string]
}

/** What is predicted where nothing else is said. */
export const ANSWERED: readonly [string, string] = ['it is answered', 'it is not']

/** What differs from the plain cluster of two nodes with a pod each. */
export interface PairWords {
  /** Fields of the pool. */
  readonly pool?: string
  /** Of the client. */
  readonly client?: PodWords
  /** Of the server. */
  readonly server?: PodWords
  /** Further objects, each as a text. */
  readonly more?: readonly string[]
}

/** Two nodes, a client on the first and a server on the second, and a pool. */
export function pairOf(ground: Ground, words: PairWords = {}): Pick<ScenePlan, 'files' | 'from' | 'to' | 'ask'> {
  const { nodes, pods, pool } = ground
  const [a, b] = nodes
  const [client, server] = pods
  const { pool: spec = 'ipipMode: Always, natOutgoing: true', more = [] } = words
  return {
    files: [
      fileOf('cluster.yaml', [
        nodeText(a),
        nodeText(b),
        podText(client, a.name, { labels: `app: ${client}`, ...words.client }),
        podText(server, b.name, { labels: `app: ${server}`, ...words.server }),
        poolText(pool, spec),
        ...more,
      ]),
    ],
    from: `${words.client?.namespace ?? 'default'}/${client}`,
    to: `${words.server?.namespace ?? 'default'}/${server}`,
    ask: { kind: 'ping' },
  }
}
