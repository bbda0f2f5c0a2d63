import { type Route, tableId } from '../../model/index.ts'
import type { Contrast } from '../objects/compared.ts'
import { comparedRoute } from '../objects/compared-routes.ts'
import { isHostEnd, isTunnelName, routesIn, type Scene } from './scene.ts'

/**
 * The differences of a machine with routes of others: one to a prefix that Calico would have a route to stands in its place,
 * and one into a pool is named though nobody expects it.
 */
export function withForeignRoutes(scene: Scene): Contrast[] {
  const { contrasts, dumped, routes, netns, inPool } = scene
  const foreign = new Map<string, Route>()
  for (const route of dumped.routes) {
    if (isForeign(route) && !foreign.has(placeOf(route))) foreign.set(placeOf(route), route)
  }
  const taken = new Set<string>()
  const paired = contrasts.map((one): Contrast => {
    const { wanted } = routesIn(one)
    const twin = one.kind === 'missing' && wanted !== undefined ? foreign.get(placeOf(wanted)) : undefined
    if (twin === undefined) return one
    taken.add(placeOf(twin))
    return { ...one, kind: 'changed', found: comparedRoute(twin) }
  })
  const known = new Set([
    ...taken,
    ...routes.filter(isForeign).map(placeOf),
    ...contrasts.map((one) => placeOf(routesIn(one).there)),
  ])
  const extra = [...foreign]
    .filter(([place, { dst }]) => inPool(dst) && !known.has(place))
    .map(([, route]): Contrast => ({ netns, table: 'route', kind: 'extra', found: comparedRoute(route) }))
  return [...paired, ...extra]
}

/** Neither Calico's nor the kernel's. */
function isForeign({ protocol, dev, type, table }: Route): boolean {
  if (protocol === 'kernel' || protocol === 'bird' || protocol === '80' || tableId(table) === tableId('local'))
    return false
  return !isHostEnd(dev) && !isTunnelName(dev) && type !== 'local' && type !== 'broadcast' && type !== 'multicast'
}

function placeOf(route: Route | undefined): string {
  return route === undefined ? '' : `${route.family} ${tableId(route.table) ?? route.table} ${route.dst}`
}
