import { type DropCause, lackingPattern } from '../model/index.ts'
import type { FailureAsk, ShownFlow } from './injection.ts'
import type { Look } from './kind.ts'
import type { Pair } from './situation.ts'

/** Bytes of a request that fills segments, jumbo frames too. */
export const LARGE = 20_000

/** What ping prints where packets are lost and nobody says that they are too long. */
export const LOST_IN_SILENCE: string = `${lackingPattern('[Ff]rag|[Tt]oo (?:long|big)')}[\\s\\S]*\\b0 (?:packets )?received`

/** What tcpdump prints at last where nothing came in. */
export const NOTHING_CAME = '^0 packets captured'

/** A flow that passes before and does not afterwards. */
export function broken(ask: FailureAsk, after: Look, netns: string, ...causes: readonly DropCause[]): ShownFlow {
  return { ask, before: 'works', after, lost: { netns, causes } }
}

/** A flow that passes before and afterwards: what it has otherwise than the broken one tells the cause. */
export function unharmed(ask: FailureAsk): ShownFlow {
  return { ask, before: 'works', after: 'works' }
}

/** A ping from one pod to another. */
export function ping({ client, server }: Pair): FailureAsk {
  return { kind: 'ping', from: client.netns, to: server.netns }
}

/** A connection from one pod to another. */
export function tcp({ client, server }: Pair, port = 8080, size?: number): FailureAsk {
  return { kind: 'tcp', from: client.netns, to: server.netns, port, ...(size === undefined ? {} : { size }) }
}

/** The same from the node of one pod to that of the other. */
export function betweenNodes({ client, server }: Pair): FailureAsk {
  return { kind: 'ping', from: `node/${client.node}`, to: `node/${server.node}` }
}
