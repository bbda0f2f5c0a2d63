import type { World } from '../kernel/world.ts'
import { Fib6Result } from './fib6.ts'
import type { Flow6 } from './fib6-rule.ts'
import { IPV6_SLOT } from './slot.ts'

/** A question to the routing tables, and its answer. */
export class Fib6Query {
  /** What is asked. */
  readonly flow: Flow6 = {
    daddr: '',
    saddr: '',
    tclass: 0,
    mark: 0,
    iif: null,
    oif: null,
    proto: 0,
    sport: 0,
    dport: 0,
  }
  /** What came of it. */
  readonly result: Fib6Result = new Fib6Result()
}

/**
 * What is filled again for each packet instead of being made anew, a machine a set; everything in it belongs to one user and
 * is worthless when its function has returned.
 */
export class Scratch6 {
  /** Of route input. */
  readonly input: Fib6Query = new Fib6Query()
  /** Of route output. */
  readonly output: Fib6Query = new Fib6Query()
  /** Of the type of an address. */
  readonly address: Fib6Query = new Fib6Query()
}

/** The set of a machine. */
export function scratch6Of(sim: World): Scratch6 {
  return sim.scratch[IPV6_SLOT] as Scratch6
}
