// Parts of the package that come when they are called for. A program cannot wait in the middle: who calls a function that is not there
// is thrown out, the part is loaded, and the job is done again from its beginning. The same job gives the same bytes, so nobody sees it.

/** When the program of the engine began: this module is the first of it. */
export const BEGUN: number = performance.now()

/** A function was called that is still to come. */
class Late extends Error {}

type Module = Readonly<Record<string, unknown>>
type AnyFunction = (...args: unknown[]) => unknown

/** What to load for a part. */
const parts = new Map<string, (() => Promise<void>)[]>()
/** Parts that were called for too early. */
const missed: string[] = []

/** Gives functions and classes of a module by name. @public The build writes what calls it (`split/split.ts`). */
export function standIns(part: string, load: () => Promise<Module>): (name: string) => AnyFunction {
  let module: Module | null = null
  const loads = parts.get(part) ?? []
  parts.set(part, loads)
  loads.push(async () => {
    module = await load()
  })
  return (name) => {
    if (module !== null) return module[name] as AnyFunction
    missed.push(part)
    throw new Late(`${part} is on its way`)
  }
}

/** Something that is called, or made with `new`, as if it were there. @public The build writes what calls it. */
export function standIn(of: (name: string) => AnyFunction, name: string): AnyFunction {
  return new Proxy(function standIn() {}, {
    apply: (_, self, args: unknown[]) => Reflect.apply(of(name), self, args),
    construct: (_, args: unknown[]) => Reflect.construct(of(name), args) as object,
    get: (_, key) => Reflect.get(of(name), key) as unknown,
  })
}

/** The part that was called for and was not there, since this was asked last: somebody may have caught what was thrown. */
export function takeMissed(): string | undefined {
  const [part] = missed
  missed.length = 0
  return part
}

/** Loads a part. */
export async function arrive(part: string): Promise<void> {
  await Promise.all((parts.get(part) ?? []).map((load) => load()))
}

/** Loads all parts, one after the other. */
export async function arriveAll(): Promise<void> {
  for (const part of parts.keys()) await arrive(part)
}
