import type { FdbEntry, Interface, IpSet, Neighbour, Origin, Route, Rule } from '../../model/index.ts'

/** One side of a difference. */
export interface Side {
  /** As the tool of the table prints it. */
  readonly text: string
  /** What made it: the object it follows from, or the line of the dump. */
  readonly origin?: Origin
}

/** What was dumped and is not what Calico would have written there. */
export interface Difference {
  /** Namespace. */
  readonly netns: string
  /** Which table of the machine. */
  readonly table: 'route' | 'rule' | 'link' | 'neighbour' | 'fdb' | 'sysctl' | 'ipset' | 'chain'
  /** `missing`: only by the objects. `extra`: only in the dump. */
  readonly kind: 'missing' | 'extra' | 'changed'
  /** What follows from the objects. */
  readonly expected?: Side
  /** What the dump holds. */
  readonly found?: Side
}

/** Lines of a chain of iptables that one side has and the other has not; all of them where the whole chain is missing. */
export interface ChainLines {
  /** Family. */
  readonly family: 'inet' | 'inet6'
  /** Table. */
  readonly table: string
  /** Chain. */
  readonly chain: string
  /** Rules, as they are written, without counters. */
  readonly lines: readonly string[]
  /** Only that a chain of the kernel jumps to chains of Calico or kube-proxy. */
  readonly isHook: boolean
}

/** An entry of one of the tables, as data. */
export type Entry =
  | { readonly of: 'route'; readonly route: Route }
  | { readonly of: 'rule'; readonly rule: Rule }
  | { readonly of: 'link'; readonly link: Interface }
  | { readonly of: 'neighbour'; readonly neighbour: Neighbour }
  | { readonly of: 'fdb'; readonly fdb: FdbEntry }
  | { readonly of: 'sysctl'; readonly key: string; readonly value: string }
  | { readonly of: 'ipset'; readonly set: IpSet }
  | { readonly of: 'chain'; readonly chain: ChainLines }

/** A fact of a table, with what tells it from others and what is compared. */
export interface Compared extends Side {
  /** Equal keys: the same entry. */
  readonly key: string
  /** Equal values: no difference. */
  readonly value: string
  /** The entry itself. */
  readonly entry: Entry
}

/** A difference with the entries of both sides. */
export interface Contrast extends Omit<Difference, 'expected' | 'found'> {
  /** What follows from the objects. */
  readonly expected?: Compared
  /** What the dump holds. */
  readonly found?: Compared
}

/** A difference as it is told. */
export function told({ expected, found, ...rest }: Contrast): Difference {
  return {
    ...rest,
    ...(expected === undefined ? {} : { expected: side(expected) }),
    ...(found === undefined ? {} : { found: side(found) }),
  }
}

function side({ text, origin }: Compared): Side {
  return { text, ...(origin === undefined ? {} : { origin }) }
}

/** The two sides of a table. */
export interface ComparedTable {
  /** Which. */
  readonly table: Difference['table']
  /** What Calico writes, by the objects. */
  readonly expected: readonly Compared[]
  /** Everything the dump holds. */
  readonly found: readonly Compared[]
  /** Which of what was found is Calico's, so that it has to be expected. */
  readonly isCalicos: (one: Compared) => boolean
}

/** Whether a component of Calico wrote it. */
export function byCalico(origin: Origin | undefined): boolean {
  return origin?.component === 'felix' || origin?.component === 'bird' || origin?.component === 'cni'
}

/** Devices that Calico makes. */
export function isCalicoDevice(name: string | undefined): boolean {
  return name !== undefined && /^(cali|tunl0$|vxlan(-v6)?\.calico$|wireguard\.cali$|wg-v6\.cali$)/.test(name)
}
