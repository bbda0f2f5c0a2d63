import { routeLine, ruleLine, showsDeviceState } from '../linux/index.ts'
import type { Lookup, NetworkData, Route } from '../model/index.ts'
import { type Ip, isIpv6 } from '../wire/index.ts'
import { type Fact, factOf } from './fact.ts'

/** Routes are immutable: each is put into words once, while its devices are up. */
const texts = new WeakMap<Route, string>()

/** A route as `ip route` prints it at this time, its table with it when that is not `main`. */
export function routeText(network: NetworkData, netns: string, route: Route): string {
  const ns = network.namespaces[netns]
  if (ns !== undefined && showsDeviceState({ network, ns }, route)) return routeLine(route, { network, ns })
  const known = texts.get(route)
  if (known !== undefined) return known
  const made = routeLine(route)
  texts.set(route, made)
  return made
}

/** The facts of a lookup: the winning route and the policy rule that led to its table. */
export function routeFacts(network: NetworkData, netns: string, ref: Lookup): Fact[] {
  const facts: Fact[] = []
  const { route } = ref
  if (route !== undefined) facts.push(factOf('route', netns, routeText(network, netns, route), route.origin))
  const family = isIpv6(ref.dst as Ip) ? 'inet6' : 'inet'
  const ns = network.namespaces[netns]
  const rule = ns?.rules.find(
    (one) => one.family === family && one.priority === ref.rulePriority && one.table === ref.table,
  )
  if (rule !== undefined) facts.push(factOf('rule', netns, ruleLine(rule, ns && { network, ns }), rule.origin))
  return facts
}
