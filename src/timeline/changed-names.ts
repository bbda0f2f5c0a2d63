import { changesBetween, isLazy, type Network } from '../model/index.ts'

/**
 * Names of namespaces in which two networks may differ. Nothing is remembered of it: one network must not keep another.
 *
 * @param followed - of a large cluster where nothing tells which: nodes that are followed by themselves
 */
export function changedNames(was: Network, fresh: Network, followed: Iterable<string>): readonly string[] {
  const [old, now] = [was.namespaces, fresh.namespaces]
  const known = changesBetween(old, now)?.names
  if (known !== undefined) return known
  const names = isLazy(old) || isLazy(now) ? followed : [...Object.keys(old), ...Object.keys(now)]
  const of = (all: Network['namespaces'], name: string): unknown => (Object.hasOwn(all, name) ? all[name] : undefined)
  return [...new Set(names)].filter((name) => of(old, name) !== of(now, name))
}
