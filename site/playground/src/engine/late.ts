// Parts of the package that come when they are called for. A program cannot wait in the middle: who calls a function that is not there
// is thrown out, the part is loaded, and the job is done again from its beginning. The same job gives the same bytes, so nobody sees it.

/** When the program of the engine began: this module is the first of it. */
export const BEGUN: number = performance.now()

/** A function was called that is still to come. */
export class Late extends Error {
  /** The part it is in. */
  readonly part: string

  constructor(part: string) {
    super(`${part} is on its way`)
    this.part = part
  }
}

type Module = Readonly<Record<string, unknown>>
type AnyFunction = (...args: unknown[]) => unknown

/** What to load for a part. */
const parts = new Map<string, (() => Promise<void>)[]>()

/** Stand-ins for the functions and classes of a module. @public The build writes what calls it (`split/split.ts`). */
export function standIns(part: string, load: () => Promise<Module>): (name: string) => unknown {
  let module: Module | null = null
  const loads = parts.get(part) ?? []
  parts.set(part, loads)
  loads.push(async () => {
    module = await load()
  })
  return (name) => {
    const real = (): AnyFunction => {
      if (module === null) throw new Late(part)
      return module[name] as AnyFunction
    }
    return new Proxy(function standIn() {}, {
      apply: (_, self, args: unknown[]) => Reflect.apply(real(), self, args),
      construct: (_, args: unknown[]) => Reflect.construct(real(), args) as object,
      get: (_, key) => Reflect.get(real(), key) as unknown,
    })
  }
}

/** Loads a part. */
export async function arrive(part: string): Promise<void> {
  await Promise.all((parts.get(part) ?? []).map((load) => load()))
}

/** Loads all parts, one after the other. */
export async function arriveAll(): Promise<void> {
  for (const part of parts.keys()) await arrive(part)
}
