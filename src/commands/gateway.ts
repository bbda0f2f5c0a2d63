import {
  type Interface,
  type Namespace,
  type Network,
  type Nexthop,
  type Route,
  routesCovering,
} from '../model/index.ts'
import { type Ip, ipv6ToKey, isIpv6LinkLocal, prefixLength } from '../wire/index.ts'
import { toolRefuses } from './refusal.ts'

/** What a next hop of a command names. */
type Hop = Pick<Nexthop, 'via' | 'dev' | 'onlink'>

/**
 * The route to a gateway, as the kernel looks at it before it takes a next hop: the longest prefix of `local` and `main`
 * whose device is up. With `dev` only routes by that device count. Policy rules are not asked.
 *
 * @linux net/ipv4/fib_semantics.c fib_check_nh_v4_gw
 */
function routeToGateway(network: Network, ns: Namespace, gateway: Ip, dev?: string): Route | undefined {
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

/**
 * Checks a next hop as the kernel does, and finds the device that the command left out.
 *
 * @throws Refusal in the words of the kernel
 */
export function nexthopDevice(
  network: Network,
  ns: Namespace,
  { family, type }: Pick<Route, 'family' | 'type'>,
  hop: Hop,
): { dev?: string } {
  if (hop.dev === undefined && hop.via === undefined) return toolRefuses('RTNETLINK answers: No such device')
  const named = hop.dev === undefined ? undefined : ns.interfaces[hop.dev]
  if (hop.dev !== undefined && named === undefined) return toolRefuses(`Cannot find device "${hop.dev}"`)
  const isDown = named !== undefined && !named.up && type !== 'local'
  if (family === 'inet6') return nexthop6(network, ns, hop, named, isDown)
  if (hop.via !== undefined) return gateway4(network, ns, hop.via, named, isDown, hop.onlink === true)
  return isDown ? toolRefuses('Error: Device for nexthop is not up.') : devOf(named)
}

function devOf(named: Interface | undefined): { dev?: string } {
  return named === undefined ? {} : { dev: named.name }
}

/** @linux net/ipv4/fib_semantics.c fib_check_nh_v4_gw */
function gateway4(
  network: Network,
  ns: Namespace,
  via: Ip,
  named: Interface | undefined,
  isDown: boolean,
  onlink: boolean,
): { dev?: string } {
  if (onlink) {
    if (named === undefined) return toolRefuses('Error: Nexthop device required for onlink.')
    if (isDown) return toolRefuses('Error: Nexthop device is not up.')
    const type = routeToGateway(network, ns, via)?.type
    if (type !== 'local' && type !== 'broadcast' && type !== 'multicast') return devOf(named)
  } else {
    const found = routeToGateway(network, ns, via, named?.name)
    if (isDirect(found)) return { dev: found.dev }
  }
  return toolRefuses('Error: Nexthop has invalid gateway.')
}

/** @linux net/ipv6/route.c fib6_nh_init, ip6_validate_gw */
function nexthop6(
  network: Network,
  ns: Namespace,
  { via, onlink }: Hop,
  named: Interface | undefined,
  isDown: boolean,
): { dev?: string } {
  if (onlink === true && named === undefined) return toolRefuses('Error: Nexthop device required for onlink.')
  if (onlink === true && isDown) return toolRefuses('Error: Nexthop device is not up.')
  const found = via === undefined ? devOf(named) : gateway6(network, ns, via, named, onlink === true)
  return isDown ? toolRefuses('Error: Nexthop device is not up.') : found
}

function gateway6(
  network: Network,
  ns: Namespace,
  via: Ip,
  named: Interface | undefined,
  onlink: boolean,
): { dev?: string } {
  const isLinkLocal = isIpv6LinkLocal(ipv6ToKey(via))
  const covering = routeToGateway(network, ns, via, isLinkLocal ? named?.name : undefined)
  if (covering?.type === 'local') return toolRefuses('Error: Gateway can not be a local address.')
  if (isLinkLocal) return named === undefined ? toolRefuses('Error: Egress device not specified.') : devOf(named)
  if (via.startsWith('ff')) return toolRefuses('Error: Invalid gateway address.')
  if (onlink && named !== undefined) {
    const isElsewhere = covering !== undefined && prefixLength(covering.dst) > 0 && covering.dev !== named.name
    return isElsewhere ? toolRefuses('Error: Nexthop has invalid gateway or device mismatch.') : devOf(named)
  }
  const found = routeToGateway(network, ns, via, named?.name)
  return isDirect(found) ? { dev: found.dev } : toolRefuses('RTNETLINK answers: No route to host')
}

/** Whether a gateway lies on the link of its route. */
function isDirect(route: Route | undefined): route is Route & { readonly dev: string } {
  return route?.type === 'unicast' && route.via === undefined && route.dev !== undefined
}
