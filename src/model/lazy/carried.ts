/** Its instances are the objects it is given: what a class adds to it is added to them. */
class Given {
  constructor(target: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the very point
    return target
  }
}

/** Lets objects carry a value that nobody sees: no key, no copy, no comparison shows it, and a frozen object can carry one. */
export interface Carried<V> {
  /** Gives an object its value; once. */
  give(target: object, value: V): void
  /** The value of an object; undefined when it carries none. */
  of(target: object): V | undefined
}

/** A sort of value that objects carry. It costs a tenth of a WeakMap. */
export function carried<V>(): Carried<V> {
  class Carrier extends Given {
    readonly #value: V

    constructor(target: object, value: V) {
      super(target)
      this.#value = value
    }

    static of(target: object): V | undefined {
      return #value in target ? (target as Carrier).#value : undefined
    }
  }
  return {
    give: (target, value) => {
      new Carrier(target, value)
    },
    of: (target) => Carrier.of(target),
  }
}
