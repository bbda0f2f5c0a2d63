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
  const differs = (name: string): boolean => old[name] !== now[name] && isOther(old, now, name)
  if (isLazy(old) || isLazy(now)) return [...new Set(followed)].filter(differs)
  const isNew = (name: string): boolean => !Object.hasOwn(old, name)
  return [...Object.keys(old).filter(differs), ...Object.keys(now).filter(isNew)]
}

function isOther(old: Network['namespaces'], now: Network['namespaces'], name: string): boolean {
  const of = (all: Network['namespaces']): unknown => (Object.hasOwn(all, name) ? all[name] : undefined)
  return of(old) !== of(now)
}
