import type { Cluster } from '../control/index.ts'
import type { DropCause, Network } from '../model/index.ts'
import type { Trace } from '../trace/index.ts'

/** Where a program listens. */
export interface Listener {
  /** Network namespace. */
  readonly netns: string
  /** Port. */
  readonly port: number
  /** It answers from the address that was asked, for it has many. */
  readonly isOutside: boolean
}

const NOBODY: ReadonlySet<DropCause> = new Set<DropCause>([
  'no_socket_tcp',
  'no_socket_tcp6',
  'no_socket_udp',
  'no_socket_udp6',
])

/**
 * Where a request came to after its destination was translated, when nobody listened there: what only the request itself shows.
 */
export function translatedTo({ hops, packets }: Trace): Listener | undefined {
  for (const drop of hops) {
    if (drop.kind !== 'drop' || !NOBODY.has(drop.cause)) continue
    if (packets.find(({ id }) => id === drop.packet)?.role !== 'request') continue
    const nat = hops
      .filter((hop) => hop.kind === 'nat' && hop.side === 'destination' && hop.packet === drop.packet)
      .at(-1)
    const port = nat?.kind === 'nat' ? /:(\d+)$/.exec(nat.to)?.[1] : undefined
    if (port !== undefined) return { netns: drop.netns, port: Number(port), isOutside: false }
  }
  return undefined
}

/** Who answers for addresses that nobody in the network has: the internet, where there is one. */
export function outsideOf({ namespaces }: Network, cluster: Cluster | null): string | undefined {
  const names = cluster === null ? Object.keys(namespaces) : ['internet', 'internet-2']
  return names.find((name) => namespaces[name]?.role === 'external')
}
