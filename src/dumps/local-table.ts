import { kernelRoutes, type Namespace } from '../model/index.ts'

/**
 * `ip route` prints table main only; table local is filled by the kernel from the addresses. A namespace without one gets the
 * routes that follow.
 * @returns undefined when its dump holds table local, or nothing follows
 */
export function withLocalTable(namespace: Namespace): Namespace | undefined {
  const families = (['inet', 'inet6'] as const).filter((family) => lacksLocal(namespace, family))
  if (families.length === 0) return undefined
  const derived = Object.values(namespace.interfaces)
    .flatMap((dev) => kernelRoutes(dev))
    .filter((route) => route.table === 'local' && families.includes(route.family))
    .map((route) => ({ ...route, origin: { ...route.origin!, assumed: true as const } }))
  return derived.length === 0 ? undefined : { ...namespace, routes: [...namespace.routes, ...derived] }
}

/** Routes of the family were dumped, and none of table local is among them. */
function lacksLocal({ routes }: Namespace, family: 'inet' | 'inet6'): boolean {
  const own = routes.filter((route) => route.family === family)
  return own.length > 0 && !own.some((route) => route.table === 'local' || route.table === '255')
}
