import { type Namespace, type Network, type Route, routesCovering } from '../model/index.ts'
import { type Ip, prefixLength } from '../wire/index.ts'

/**
 * The route to a gateway, as the kernel looks at it before it takes a next hop: the longest prefix of `local` and `main`
 * whose device is up. With `dev` only routes by that device count. Policy rules are not asked.
 *
 * @linux net/ipv4/fib_semantics.c fib_check_nh_v4_gw
 */
export function routeToGateway(network: Network, ns: Namespace, gateway: Ip, dev?: string): Route | undefined {
  const usable = routesCovering(network, ns, gateway).filter((route) => {
    if (route.table !== 'local' && route.table !== 'main') return false
    if (route.dev === undefined) return route.nexthops === undefined
    return (dev === undefined || route.dev === dev) && (route.type === 'local' || ns.interfaces[route.dev]?.up === true)
  })
  return usable.reduce<Route | undefined>(
    (best, route) => (best === undefined || comesBefore(route, best) ? route : best),
    undefined,
  )
}

function comesBefore(a: Route, b: Route): boolean {
  const [long, short] = [prefixLength(a.dst), prefixLength(b.dst)]
  if (long !== short) return long > short
  if (a.table !== b.table) return a.table === 'local'
  return (a.metric ?? 0) < (b.metric ?? 0)
}
