import type { Namespace } from '../namespace.ts'

const outlines = new WeakMap<Namespace, Namespace>()

/**
 * What can be said of a namespace without making the parts of it that nobody has looked at: the namespace itself, unless it
 * was made by {@link lazyNamespace}. One broadcast in a segment of thousands of nodes asks each of them, and all it
 * asks for is here.
 */
export function outlineOf(ns: Namespace): Namespace {
  return outlines.get(ns) ?? ns
}

/**
 * A namespace of which only the outline exists; the rest is made when it is first read.
 *
 * @param outline - as the whole, but these may be missing: interfaces without IPv4 address and their sysctls, permanent
 *   neighbours, routes
 * @param keys - members the whole has besides name and role
 * @param make - makes the whole; called at most once
 */
export function lazyNamespace(
  outline: Namespace,
  keys: readonly (keyof Namespace)[],
  make: () => Namespace,
): Namespace {
  let whole: Namespace | undefined
  const ns = { name: outline.name, role: outline.role }
  for (const key of keys) {
    const get = (): unknown => {
      whole ??= make()
      return whole[key]
    }
    Object.defineProperty(ns, key, { enumerable: true, configurable: true, get })
  }
  outlines.set(ns as Namespace, outline)
  return ns as Namespace
}
