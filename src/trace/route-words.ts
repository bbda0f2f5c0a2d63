import type { NetworkData, Nexthop, Route, RouteRef, Rule } from '../model/index.ts'
import { type Fact, factOf } from './fact.ts'

/** Routes are immutable: each is put into words once. */
const texts = new WeakMap<Route, string>()

/** A route as `ip route` prints it, its table after it when that is not `main`. */
export function routeText(route: Route): string {
  const known = texts.get(route)
  if (known !== undefined) return known
  const made = routeWords(route)
  texts.set(route, made)
  return made
}

function routeWords(route: Route): string {
  const words: string[] = []
  if (route.type !== 'unicast') words.push(route.type)
  words.push(shortPrefix(route.dst))
  if (route.tos !== undefined) words.push(`tos 0x${route.tos.toString(16)}`)
  words.push(...hopWords(route))
  if (route.table !== 'main') words.push(`table ${route.table}`)
  words.push(`proto ${route.protocol}`)
  if (route.scope !== 'global') words.push(`scope ${route.scope}`)
  if (route.src !== undefined) words.push(`src ${route.src}`)
  if (route.metric !== undefined && route.metric !== 0) words.push(`metric ${route.metric}`)
  if (route.onlink === true) words.push('onlink')
  if (route.mtu !== undefined) words.push(`mtu ${route.mtuLock === true ? 'lock ' : ''}${route.mtu}`)
  for (const hop of route.nexthops ?? []) words.push(`nexthop ${hopWords(hop).join(' ')} weight ${hop.weight ?? 1}`)
  return words.join(' ')
}

function hopWords(hop: Pick<Nexthop, 'via' | 'dev'>): string[] {
  return [...(hop.via === undefined ? [] : [`via ${hop.via}`]), ...(hop.dev === undefined ? [] : [`dev ${hop.dev}`])]
}

/** A prefix as iproute2 prints it: `default`, or without the length of a single host. */
export function shortPrefix(prefix: string): string {
  if (prefix === '0.0.0.0/0' || prefix === '::/0') return 'default'
  return prefix.replace(prefix.includes(':') ? /\/128$/ : /\/32$/, '')
}

/** A rule as `ip rule` prints it. */
function ruleText(rule: Rule): string {
  const words = [`${rule.priority}:`, ...(rule.not === true ? ['not'] : []), `from ${rule.from ?? 'all'}`]
  if (rule.to !== undefined) words.push(`to ${rule.to}`)
  if (rule.fwmark !== undefined) words.push(`fwmark ${hexMark(rule.fwmark)}${maskText(rule.fwmask)}`)
  if (rule.iif !== undefined) words.push(`iif ${rule.iif}`)
  if (rule.oif !== undefined) words.push(`oif ${rule.oif}`)
  if (rule.tos !== undefined) words.push(`tos 0x${rule.tos.toString(16)}`)
  words.push(rule.action)
  if (rule.table !== undefined) words.push(rule.table)
  if (rule.goto !== undefined) words.push(String(rule.goto))
  return words.join(' ')
}

function hexMark(mark: number): string {
  return `0x${(mark >>> 0).toString(16)}`
}

function maskText(mask: number | undefined): string {
  return mask === undefined || mask >>> 0 === 0xffff_ffff ? '' : `/${hexMark(mask)}`
}

/** The model's route behind a lookup's result, when there is one. */
export function routeOfRef(ref: RouteRef): Route | undefined {
  const route = ref.route
  return typeof route === 'object' && route !== null && 'dst' in route && 'type' in route ? (route as Route) : undefined
}

/** The facts of a lookup: the winning route and the policy rule that led to its table. */
export function routeFacts(network: Pick<NetworkData, 'namespaces'>, netns: string, ref: RouteRef): Fact[] {
  const facts: Fact[] = []
  const route = routeOfRef(ref)
  if (route !== undefined) facts.push(factOf('route', netns, routeText(route), route.origin))
  const family = ref.dst.includes(':') ? 'inet6' : 'inet'
  const rule = network.namespaces[netns]?.rules.find(
    (one) => one.family === family && one.priority === ref.rulePriority && one.table === ref.table,
  )
  if (rule !== undefined) facts.push(factOf('rule', netns, ruleText(rule), rule.origin))
  return facts
}
