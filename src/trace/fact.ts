import type { Origin } from '../model/index.ts'
import { checkArgument, isRecord } from '../model/index.ts'

/** What sort of configuration a fact is. */
export type FactKind =
  | 'address'
  | 'fdb'
  | 'interface'
  | 'neighbour'
  | 'netfilter-rule'
  | 'proxy-neighbour'
  | 'route'
  | 'rule'
  | 'sysctl'
  | 'wire'
  | 'wireguard-peer'

/** A piece of configuration a hop relied on, and where it comes from. */
export interface Fact {
  /** Sort of fact. */
  readonly kind: FactKind
  /** Namespace it is configured in. */
  readonly netns: string
  /** The fact as the Linux tool prints it, e.g. `10.0.0.0/24 via 10.0.1.1 dev eth0 proto bird`. */
  readonly text: string
  /** What made it; absent when nobody said. */
  readonly origin?: Origin
}

/** A fact; leaves the origin out when there is none. */
export function factOf(kind: FactKind, netns: string, text: string, origin: Origin | undefined): Fact {
  return origin === undefined ? { kind, netns, text } : { kind, netns, text, origin }
}

/** An origin in words: `bird, IPPool/default spec.ipipMode Always (cluster.yaml:12)`. */
export function describeOrigin(origin: Origin): string {
  checkArgument(isRecord(origin), 'origin', 'the origin of a fact', origin)
  const subject = [origin.object, origin.field, origin.value]
    .filter((part) => part !== undefined && part !== '')
    .join(' ')
  const place =
    origin.file === undefined ? '' : ` (${origin.file}${origin.line === undefined ? '' : `:${origin.line}`})`
  const note = origin.note === undefined ? '' : `: ${origin.note}`
  return `${origin.component}${subject === '' ? '' : `, ${subject}`}${place}${note}`
}
