import { hopsOf, type RouteHop, type Trace } from '../trace/index.ts'

/** The routing decision by which a machine passes a request on; undefined when it does not. */
export function forwardingOn(trace: Trace, node: string): RouteHop | undefined {
  const requests = new Set(trace.packets.filter(({ role }) => role === 'request').map(({ id }) => id))
  const passed = ({ packet, direction, result }: RouteHop): boolean =>
    requests.has(packet) && direction === 'input' && result === 'unicast'
  return hopsOf(trace, 'route', node).find(passed)
}

/** The same as `ip route` prints it; `no route` when nothing was passed on. */
export function routeOn(trace: Trace, node: string): string {
  return forwardingOn(trace, node)?.route?.trim() ?? 'no route'
}

/** A list as people say it: `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
