import {
  isRouteProtocol,
  isRouteType,
  parseScope,
  peek,
  routeProtocolName,
  routeTableName,
  take,
  type Words,
} from '../linux/index.ts'
import {
  inKernelOrder,
  type Namespace,
  type Network,
  type Nexthop,
  type Route,
  routesCovering,
  tableId,
  withRouteInOrder,
} from '../model/index.ts'
import { type Ip, isIpv6 } from '../wire/index.ts'
import { BY_USER, interfaceOf, sameSlot, withNamespace } from './edit.ts'
import { nexthopDevice } from './gateway.ts'
import { expand, need, needIp, needNumber, prefixFrom, refuse, takeIf, toolRefuses, wrongArgument } from './refusal.ts'

const VERBS = ['add', 'append', 'change', 'chg', 'del', 'delete', 'flush', 'prepend', 'replace'] as const

type Family = 'inet' | 'inet6'
type Draft = { -readonly [K in keyof Route]?: Route[K] }

/** `ip route add|append|prepend|change|replace|del|flush`. @throws Refusal in the words of `ip` */
export function ipRouteCommand(network: Network, ns: Namespace, words: Words, family: Family | undefined): Network {
  const verb = expand(take(words), VERBS)
  if (verb === undefined) return refuse(`ip route ${VERBS.join('|')}`, words.list.join(' '))
  // What is learned belongs to a run, and no part of the network holds it.
  if (verb === 'flush' && /^(table )?cached?$/.test(words.list.slice(words.at).join(' '))) return network
  if (verb === 'flush' && peek(words) === undefined) return toolRefuses('"ip route flush" requires arguments.')
  const draft = readRoute(words, family, ns)
  if (verb === 'flush') return flush(network, ns, draft, family)
  if (verb === 'del' || verb === 'delete') return remove(network, ns, draft)
  const route = complete(network, ns, draft)
  const at = ns.routes.findIndex((other) => sameSlot(other, route))
  if (verb === 'add' && at >= 0) toolRefuses('RTNETLINK answers: File exists')
  if ((verb === 'change' || verb === 'chg') && at < 0) toolRefuses('RTNETLINK answers: No such file or directory')
  const isAnother = at < 0 || verb === 'append' || verb === 'prepend'
  const routes = isAnother
    ? withRouteInOrder(ns.routes, route, verb === 'prepend')
    : inKernelOrder(ns.routes.map((other, i) => (i === at ? route : other)))
  return withNamespace(network, { ...ns, routes })
}

/** Reads the words behind the verb; what is not said stays absent. */
function readRoute(words: Words, given: Family | undefined, ns: Namespace): Draft {
  const draft: Draft = given === undefined ? {} : { family: given }
  let destination: string | undefined
  while (words.at < words.list.length) {
    const word = take(words)!
    if (word === 'to') destination = need(words)
    else if (!readOption(draft, word, words)) {
      if (destination === undefined && draft.type === undefined && isRouteType(word)) draft.type = word
      else if (destination === undefined) destination = word
      else toolRefuses(`Error: either "to" is duplicate, or "${word}" is a garbage.`)
    }
  }
  const via = draft.via ?? draft.nexthops?.find((hop) => hop.via !== undefined)?.via
  const named = destination !== undefined && /[.:]/.test(destination) ? destination : (via ?? '')
  draft.family ??= named.includes(':') ? 'inet6' : 'inet'
  // The tool looks for the device itself, and the kernel at the prefix.
  for (const dev of [draft.dev, ...(draft.nexthops ?? []).map((hop) => hop.dev)]) {
    if (dev !== undefined) interfaceOf(ns, dev)
  }
  if (destination !== undefined) draft.dst = prefixFrom(destination, draft.family)
  judgeFamilies(draft, draft.family)
  return draft
}

/** A route's addresses are of its family; a gateway of the other one is taken for IPv4 only, and is not modelled. */
function judgeFamilies({ via, src, nexthops = [] }: Draft, family: Family): void {
  const isForeign = (ip: Ip | undefined): ip is Ip => ip !== undefined && isIpv6(ip) !== (family === 'inet6')
  if (isForeign(src)) toolRefuses(`Error: ${family} address is expected rather than "${src}".`)
  const foreign = [via, ...nexthops.map((hop) => hop.via)].find(isForeign)
  if (foreign === undefined) return
  if (family === 'inet') refuse('a gateway of family inet', foreign)
  toolRefuses(`Error: ${family} address is expected rather than "${foreign}".`)
}

function readOption(draft: Draft, word: string, words: Words): boolean {
  switch (word) {
    case 'via':
      draft.via = gateway(words, draft.family ?? 'inet')
      return true
    case 'dev':
    case 'oif':
      draft.dev = need(words)
      return true
    case 'src':
      draft.src = needIp(words, draft.family ?? 'inet')
      return true
    case 'table':
      draft.table = tableName(need(words))
      return true
    case 'proto':
    case 'protocol':
      draft.protocol = protocolName(need(words))
      return true
    case 'scope': {
      const text = need(words)
      draft.scope = parseScope(text) ?? wrongArgument(text, 'invalid "scope" value')
      return true
    }
    case 'metric':
    case 'preference':
    case 'priority':
      draft.metric = needNumber(words, 'a metric', `"${word}" value is invalid`)
      return true
    case 'tos':
    case 'dsfield':
      draft.tos = needNumber(words, 'a TOS', '"tos" value is invalid')
      return true
    case 'mtu':
      if (takeIf(words, 'lock')) draft.mtuLock = true
      draft.mtu = needNumber(words, 'an MTU', '"mtu" value is invalid')
      return true
    case 'advmss':
      draft.advmss = needNumber(words, 'an MSS', '"mss" value is invalid')
      return true
    case 'onlink':
      draft.onlink = true
      return true
    case 'pref': {
      const text = need(words)
      if (text !== 'low' && text !== 'medium' && text !== 'high') refuse('low, medium or high', text)
      draft.pref = text as 'low' | 'medium' | 'high'
      return true
    }
    case 'nexthop':
      draft.nexthops = [...(draft.nexthops ?? []), readNexthop(words)]
      return true
    case 'encap':
    case 'nhid':
    case 'from':
    case 'realm':
    case 'realms':
      return refuse(`a route without "${word}"`, word)
    default:
      return false
  }
}

/** A protocol by name or number. @throws Refusal for an unknown name */
function protocolName(text: string): string {
  const name = routeProtocolName(text)
  const isKnown = /^\d{1,3}$/.test(text) ? Number(text) <= 255 : isRouteProtocol(text)
  return isKnown ? name : wrongArgument(text, '"protocol" value is invalid')
}

/** What stands behind `via`: an address, its family before it or not. */
function gateway(words: Words, family: Family): Ip {
  takeIf(words, 'inet', 'inet6')
  return needIp(words, family)
}

function readNexthop(words: Words): Nexthop {
  const hop: { -readonly [K in keyof Nexthop]: Nexthop[K] } = {}
  for (;;) {
    if (takeIf(words, 'via')) hop.via = gateway(words, 'inet')
    else if (takeIf(words, 'dev')) hop.dev = need(words)
    else if (takeIf(words, 'weight')) hop.weight = needNumber(words, 'a weight')
    else if (takeIf(words, 'onlink')) hop.onlink = true
    else return { weight: 1, ...hop }
    if (peek(words) === undefined) return { weight: 1, ...hop }
  }
}

/** A table as `ip` prints it: the three known numbers have names. @throws Refusal for an unknown name */
export function tableName(text: string, wrong = '"table" value is invalid'): string {
  if (tableId(text) === undefined) wrongArgument(text, wrong)
  return routeTableName(text)
}

/** A route with everything the kernel fills in. */
function complete(network: Network, ns: Namespace, draft: Draft): Route {
  const family = draft.family!
  const type = draft.type ?? 'unicast'
  const { dst } = draft
  if (dst === undefined) return refuse('a destination', 'nothing')
  const local = type === 'local' || type === 'broadcast' || type === 'anycast'
  const refusing = type === 'blackhole' || type === 'unreachable' || type === 'prohibit' || type === 'throw'
  if (refusing && (draft.via ?? draft.dev ?? draft.nexthops) !== undefined && family === 'inet')
    return toolRefuses('Error: Gateway, device and multipath can not be specified for this route type.')
  if (draft.via !== undefined && draft.scope === 'host' && family === 'inet')
    return toolRefuses('Error: Route with host scope can not have a gateway.')
  if (
    draft.onlink === true &&
    draft.via === undefined &&
    draft.nexthops === undefined &&
    !refusing &&
    family === 'inet'
  )
    return toolRefuses('Error: Invalid flags for nexthop - PERVASIVE and ONLINK can not be set.')
  const asked = { family, type }
  const hops = draft.nexthops?.map((item) => {
    const onlink = item.onlink === true || draft.onlink === true
    return { ...item, ...nexthopDevice(network, ns, asked, { ...item, onlink }) }
  })
  const onlyHops = hops !== undefined && draft.via === undefined && draft.dev === undefined
  const hop = refusing || onlyHops ? {} : nexthopDevice(network, ns, asked, draft)
  if (draft.src !== undefined && family === 'inet' && !isLocal(network, ns, draft.src))
    return toolRefuses('Error: Invalid prefsrc address.')
  const gatewayed = draft.via !== undefined || hops !== undefined
  const scope =
    family === 'inet6' ? 'global' : type === 'local' ? 'host' : local || (!gatewayed && !refusing) ? 'link' : 'global'
  const { onlink, nexthops: _, ...rest } = draft
  return {
    ...rest,
    ...(hops === undefined ? hop : { nexthops: hops }),
    ...(family === 'inet6' && refusing ? { dev: 'lo' } : {}),
    ...(onlink === true && hops === undefined ? { onlink } : {}),
    family,
    dst,
    type,
    table: draft.table ?? (local ? 'local' : 'main'),
    protocol: draft.protocol ?? 'boot',
    scope: draft.scope ?? scope,
    ...(family === 'inet6' ? { metric: draft.metric ?? 1024, pref: draft.pref ?? 'medium' } : {}),
    origin: BY_USER,
  }
}

/** Whether an address is the machine's own. @linux net/ipv4/fib_semantics.c fib_valid_prefsrc */
function isLocal(network: Network, ns: Namespace, address: Ip): boolean {
  return routesCovering(network, ns, address).some(({ table, type }) => table === 'local' && type === 'local')
}

/** Whether a route has everything the command names. */
function fits(route: Route, draft: Draft): boolean {
  const keys = ['dst', 'type', 'via', 'dev', 'src', 'table', 'protocol', 'scope', 'metric', 'tos'] as const
  return keys.every((key) => draft[key] === undefined || draft[key] === route[key])
}

function remove(network: Network, ns: Namespace, draft: Draft): Network {
  const local = draft.type === 'local' || draft.type === 'broadcast' || draft.type === 'anycast'
  const wanted: Draft = { ...draft, table: draft.table ?? (local ? 'local' : 'main') }
  if (wanted.dst === undefined) return refuse('a destination', 'nothing')
  const at = ns.routes.findIndex((route) => route.family === draft.family && fits(route, wanted))
  if (at < 0) return toolRefuses('RTNETLINK answers: No such process')
  return withNamespace(network, { ...ns, routes: ns.routes.filter((_, i) => i !== at) })
}

function flush(network: Network, ns: Namespace, draft: Draft, given: Family | undefined): Network {
  const family = given ?? draft.family ?? 'inet'
  const wanted: Draft = { ...draft, table: draft.table ?? 'main' }
  const routes = ns.routes.filter((route) => route.family !== family || !fits(route, wanted))
  return withNamespace(network, { ...ns, routes })
}
