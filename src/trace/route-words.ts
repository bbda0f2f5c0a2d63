import { routeLine, ruleLine } from '../linux/index.ts'
import type { Lookup, NetworkData, Route } from '../model/index.ts'
import { type Fact, factOf } from './fact.ts'

/** Routes are immutable: each is put into words once. */
const texts = new WeakMap<Route, string>()

/** A route as `ip route` prints it, its table with it when that is not `main`. */
export function routeText(route: Route): string {
  const known = texts.get(route)
  if (known !== undefined) return known
  const made = routeLine(route)
  texts.set(route, made)
  return made
}

/** The facts of a lookup: the winning route and the policy rule that led to its table. */
export function routeFacts(network: Pick<NetworkData, 'namespaces'>, netns: string, ref: Lookup): Fact[] {
  const facts: Fact[] = []
  const { route } = ref
  if (route !== undefined) facts.push(factOf('route', netns, routeText(route), route.origin))
  const family = ref.dst.includes(':') ? 'inet6' : 'inet'
  const rule = network.namespaces[netns]?.rules.find(
    (one) => one.family === family && one.priority === ref.rulePriority && one.table === ref.table,
  )
  if (rule !== undefined) facts.push(factOf('rule', netns, ruleLine(rule), rule.origin))
  return facts
}
