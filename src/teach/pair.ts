import type { Ground } from './ground.ts'
import type { ScenePlan } from './plan.ts'
import { fileOf, nodeText, type PodWords, podText } from './written.ts'

/** What may be said of two nodes with a pod each. */
export interface PairWords {
  /** Families of the nodes' addresses; absent = IPv4. */
  readonly families?: 4 | 6 | 46
  /** What is said above the nodes. */
  readonly comment?: string
  /** Of the client. */
  readonly client?: PodWords
  /** Of the server. */
  readonly server?: PodWords
}

/** Two nodes, a client on the first and a server on the second, and what else there is: pools first. A ping is asked. */
export function pairPlan(
  { nodes: [a, b], pods: [client, server] }: Pick<Ground, 'nodes' | 'pods'>,
  rest: readonly string[],
  { families = 4, comment, ...words }: PairWords = {},
): Pick<ScenePlan, 'files' | 'from' | 'to' | 'ask'> {
  return {
    files: [
      fileOf('cluster.yaml', [
        nodeText(a, families, comment),
        nodeText(b, families),
        podText(client, a.name, words.client),
        podText(server, b.name, words.server),
        ...rest,
      ]),
    ],
    from: `${words.client?.namespace ?? 'default'}/${client}`,
    to: `${words.server?.namespace ?? 'default'}/${server}`,
    ask: { kind: 'ping' },
  }
}
