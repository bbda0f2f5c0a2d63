import type { NetDevice } from '../kernel/net-device.ts'
import type { LookupRef } from './lookup-ref.ts'
import type { Rtable } from './rtable.ts'

const SLOTS = 256

/** A decision made before, with what was asked. */
export interface RouteMemoEntry {
  /** Destination. */
  readonly daddr: number
  /** Source. */
  readonly saddr: number
  /** TOS bits. */
  readonly tos: number
  /** Mark. */
  readonly mark: number
  /** Input or output device asked for. */
  readonly dev: NetDevice | null
  /** The decision. */
  readonly rt: Rtable
  /** Control block flags that go with it. */
  readonly flags: number
  /** For records; null = it was made while nobody recorded. */
  readonly ref: LookupRef | null
}

/**
 * Decisions for packets like the last ones. A decision depends on the tables, which a new `Fib4` replaces, and on
 * exceptions, whose generation is compared; one by an exception holds as long as that does.
 */
export class RouteMemo {
  private slots: (RouteMemoEntry | undefined)[] = []
  private generation = -1

  /** The decision for exactly this question, or undefined. */
  find(
    generation: number,
    daddr: number,
    saddr: number,
    tos: number,
    mark: number,
    dev: NetDevice | null,
  ): RouteMemoEntry | undefined {
    if (generation !== this.generation) return undefined
    const entry = this.slots[slotOf(daddr, saddr)]
    if (entry === undefined || entry.daddr !== daddr || entry.saddr !== saddr) return undefined
    return entry.tos === tos && entry.mark === mark && entry.dev === dev && entry.rt.holds ? entry : undefined
  }

  /** Keeps a decision. */
  keep(generation: number, entry: RouteMemoEntry): void {
    if (generation !== this.generation) {
      this.slots = new Array(SLOTS).fill(undefined)
      this.generation = generation
    }
    this.slots[slotOf(entry.daddr, entry.saddr)] = entry
  }
}

function slotOf(daddr: number, saddr: number): number {
  const mixed = Math.imul(daddr ^ Math.imul(saddr, 0x9e3779b1), 0x85ebca6b)
  return mixed >>> 24
}
