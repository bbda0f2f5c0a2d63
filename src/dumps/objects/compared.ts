import type { Origin } from '../../model/index.ts'

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
  readonly table: 'route' | 'rule' | 'link' | 'neighbour' | 'fdb' | 'sysctl' | 'ipset'
  /** `missing`: only by the objects. `extra`: only in the dump. */
  readonly kind: 'missing' | 'extra' | 'changed'
  /** What follows from the objects. */
  readonly expected?: Side
  /** What the dump holds. */
  readonly found?: Side
}

/** A fact of a table, with what tells it from others and what is compared. */
export interface Compared extends Side {
  /** Equal keys: the same entry. */
  readonly key: string
  /** Equal values: no difference. */
  readonly value: string
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
