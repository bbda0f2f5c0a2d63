import { parseScope, peek, take, type Words } from '../linux/index.ts'
import {
  type Address,
  hasCarrier,
  type Interface,
  implicitScope,
  linkSource,
  type Namespace,
  type Network,
  type Route,
  SCOPE_NUMBERS,
} from '../model/index.ts'
import { broadcastOf, contains, familyOf, IPV6_MIN_MTU, type Ip, parseCidr, parseIp, prefixOf } from '../wire/index.ts'
import { BY_USER, interfaceOf, withInterface, withNamespace, withRoutes } from './edit.ts'
import { kernelRoutesIn } from './link-state.ts'
import { expand, need, refuse, toolRefuses, wrongArgument } from './refusal.ts'

const VERBS = ['add', 'change', 'replace', 'del', 'delete', 'flush'] as const

/** `ip addr add|change|replace|del|flush`. @throws Refusal in the words of `ip` */
export function ipAddrCommand(
  network: Network,
  ns: Namespace,
  words: Words,
  family: 'inet' | 'inet6' | undefined,
): Network {
  const verb = expand(take(words), VERBS)
  if (verb === undefined) return refuse(`ip address ${VERBS.join('|')}`, words.list.join(' '))
  if (verb === 'flush') return flush(network, ns, words, family)
  const { dev, address } = readAddress(words)
  const link = interfaceOf(ns, dev)
  const existing = link.addresses.find((other) => sameAddress(other, address))
  if (verb === 'del' || verb === 'delete') {
    const found = link.addresses.find((other) => other.local === address.local && other.prefixlen === address.prefixlen)
    return found === undefined
      ? toolRefuses('RTNETLINK answers: Cannot assign requested address')
      : withNamespace(network, removeAddress(ns, link, found))
  }
  // Without an inet6_dev there is nothing to add it to. @linux net/ipv6/addrconf.c ipv6_add_dev
  if (address.family === 'inet6' && link.mtu < IPV6_MIN_MTU) return toolRefuses('RTNETLINK answers: Invalid argument')
  if (existing !== undefined) {
    if (verb === 'add') return toolRefuses('RTNETLINK answers: File exists')
    return withNamespace(network, withInterface(ns, replaceAddress(link, existing, address)))
  }
  return withNamespace(network, addAddress(network, ns, link, address))
}

function sameAddress(a: Address, b: Address): boolean {
  return a.local === b.local && (a.family === 'inet6' || (a.prefixlen === b.prefixlen && a.peer === b.peer))
}

function replaceAddress(link: Interface, old: Address, address: Address): Interface {
  return { ...link, addresses: link.addresses.map((other) => (other === old ? { ...address } : other)) }
}

interface Parsed {
  readonly dev: string
  readonly address: Address
}

function readAddress(words: Words): Parsed {
  let text: string | undefined
  let peer: string | undefined
  let dev: string | undefined
  let broadcast: string | undefined
  const more: { -readonly [K in 'scope' | 'label' | 'nodad' | 'noprefixroute']?: Address[K] } = {}
  while (words.at < words.list.length) {
    const word = take(words)!
    if (word === 'dev') dev = need(words)
    else if (word === 'local') text = need(words)
    else if (word === 'peer' || word === 'remote') peer = need(words)
    else if (word === 'brd' || word === 'broadcast') broadcast = need(words)
    else if (word === 'label') more.label = need(words)
    else if (word === 'scope') {
      const scope = need(words)
      more.scope = parseScope(scope) ?? wrongArgument(scope, 'invalid scope value.')
    } else if (word === 'nodad') more.nodad = true
    else if (word === 'noprefixroute') more.noprefixroute = true
    else if (word === 'valid_lft' || word === 'preferred_lft' || word === 'metric') need(words)
    else if (text === undefined) text = word
    else toolRefuses(`Error: either "local" is duplicate, or "${word}" is a garbage.`)
  }
  if (text !== undefined) cidr(text)
  if (dev === undefined) return toolRefuses('Not enough information: "dev" argument is required.')
  if (text === undefined) return refuse('an address', 'nothing')
  return { dev, address: makeAddress(text, peer, broadcast, dev, more) }
}

function makeAddress(
  text: string,
  peerText: string | undefined,
  broadcast: string | undefined,
  dev: string,
  more: Partial<Address>,
): Address {
  const { ip: local, length } = cidr(text)
  const far = peerText === undefined ? undefined : cidr(peerText)
  const inet6 = familyOf(local) === 6
  const prefixlen = far?.length ?? length ?? (inet6 ? 128 : 32)
  const brd = broadcast === undefined || inet6 ? undefined : broadcastFrom(broadcast, local, prefixlen)
  return {
    family: inet6 ? 'inet6' : 'inet',
    local,
    ...(far === undefined || far.ip === local ? {} : { peer: far.ip }),
    prefixlen,
    ...(brd === undefined ? {} : { broadcast: brd }),
    scope: implicitScope(local),
    ...(inet6 ? {} : { label: dev }),
    origin: BY_USER,
    ...more,
  }
}

function cidr(text: string): { ip: Ip; length?: number } {
  const parsed = parseCidr(text)
  if (parsed !== undefined) return { ip: parsed.address, length: parsed.length }
  const ip = parseIp(text)
  return ip === undefined ? toolRefuses(`Error: any valid prefix is expected rather than "${text}".`) : { ip }
}

function broadcastFrom(text: string, local: Ip, prefixlen: number): Ip | undefined {
  const subnet = prefixOf(local, prefixlen)
  if (text === '+') return prefixlen > 30 ? undefined : broadcastOf(subnet)
  if (text === '-') return prefixlen > 30 ? undefined : (subnet.slice(0, subnet.indexOf('/')) as Ip)
  return parseIp(text) ?? toolRefuses(`Error: inet address is expected rather than "${text}".`)
}

/** Primary addresses stand by falling scope, secondary ones at the end; IPv6 ones newest first, link-local last. */
function addAddress(network: Network, ns: Namespace, link: Interface, added: Address): Namespace {
  const inet = link.addresses.filter((address) => address.family === 'inet')
  const inet6 = link.addresses.filter((address) => address.family === 'inet6')
  let address = added
  if (added.family === 'inet') {
    const subnet = prefixOf(added.peer ?? added.local, added.prefixlen)
    const secondary = inet.some((other) => prefixOf(other.peer ?? other.local, other.prefixlen) === subnet)
    if (secondary) address = { ...added, secondary: true }
    inet.splice(secondary ? inet.length : placeOfPrimary(inet, added), 0, address)
  } else {
    const rank = (other: Address): number => (other.scope === 'host' ? 2 : other.scope === 'link' ? 1 : 0)
    const at = inet6.findIndex((other) => rank(other) >= rank(added))
    inet6.splice(at < 0 ? inet6.length : at, 0, address)
  }
  const full: Interface = { ...link, addresses: [...inet, ...inet6] }
  const next = withInterface(ns, { ...full, carrier: hasCarrier(linkSource(network, ns), ns.name, link.name) })
  return withRoutes(next, kernelRoutesIn(ns, full))
}

function placeOfPrimary(list: readonly Address[], added: Address): number {
  let at = 0
  list.forEach((other, i) => {
    if (other.secondary !== true && SCOPE_NUMBERS[added.scope] <= SCOPE_NUMBERS[other.scope]) at = i + 1
  })
  return at
}

/**
 * Removes an address, with a primary one also the secondary ones of its subnet, and every route that needs it: those the
 * kernel added and those that prefer it as source.
 *
 * @linux net/ipv4/fib_frontend.c fib_del_ifaddr
 */
function removeAddress(ns: Namespace, link: Interface, address: Address): Namespace {
  const subnet = prefixOf(address.local, address.prefixlen)
  const primary = address.family === 'inet' && address.secondary !== true
  const gone = link.addresses.filter(
    (other) =>
      other === address || (primary && other.secondary === true && prefixOf(other.local, other.prefixlen) === subnet),
  )
  const left: Interface = { ...link, addresses: link.addresses.filter((other) => !gone.includes(other)) }
  const before = kernelRoutesIn(ns, link)
  const after = kernelRoutesIn(ns, left)
  const lost = before.filter((route) => !after.some((other) => equalKernelRoute(other, route)))
  const stillHeld = (ip: Ip): boolean =>
    [left, ...Object.values(ns.interfaces).filter((other) => other.name !== link.name)].some((other) =>
      other.addresses.some((held) => held.local === ip),
    )
  const sources = new Set(gone.map((item) => item.local).filter((ip) => !stillHeld(ip)))
  const next: Namespace = {
    ...withInterface(ns, left),
    routes: ns.routes.filter(
      (route) =>
        !(route.protocol === 'kernel' && lost.some((other) => equalKernelRoute(other, route))) &&
        !(route.src !== undefined && sources.has(route.src)),
    ),
  }
  const isLast = address.family === 'inet' && !left.addresses.some(({ family }) => family === 'inet')
  return isLast ? withoutIpv4(next, link.name) : next
}

/** Without an address an interface has no IPv4: its routes go, whoever wrote them, and its neighbours. @linux net/ipv4/fib_frontend.c fib_disable_ip */
function withoutIpv4(ns: Namespace, dev: string): Namespace {
  const isGone = (route: Route): boolean =>
    route.family === 'inet' &&
    (route.nexthops === undefined ? route.dev === dev : route.nexthops.every((hop) => hop.dev === dev))
  return {
    ...ns,
    routes: ns.routes.filter((route) => !isGone(route)),
    neighbours: ns.neighbours.filter((entry) => entry.dev !== dev || entry.dst.includes(':')),
    proxyNeighbours: ns.proxyNeighbours.filter((entry) => entry.dev !== dev || entry.dst.includes(':')),
  }
}

function equalKernelRoute(a: Route, b: Route): boolean {
  return a.dst === b.dst && a.type === b.type && a.dev === b.dev && a.table === b.table
}

/** `ip addr flush [dev] DEV [scope SCOPE] [label PATTERN] [to PREFIX]`: addresses of which all that is said is so. */
function flush(network: Network, ns: Namespace, words: Words, family: 'inet' | 'inet6' | undefined): Network {
  if (peek(words) === undefined) return toolRefuses('Flush requires arguments.')
  const { dev, isMeant } = flushed(words)
  if (dev !== undefined && !Object.hasOwn(ns.interfaces, dev)) return toolRefuses(`Device "${dev}" does not exist.`)
  let next = ns
  for (const name of dev === undefined ? Object.keys(ns.interfaces) : [dev]) {
    for (;;) {
      const link = interfaceOf(next, name)
      const address = link.addresses.find((one) => (family ?? one.family) === one.family && isMeant(one, name))
      if (address === undefined) break
      next = removeAddress(next, link, address)
    }
  }
  return withNamespace(network, next)
}

function flushed(words: Words): {
  readonly dev: string | undefined
  readonly isMeant: (address: Address, dev: string) => boolean
} {
  let dev: string | undefined
  const tests: ((address: Address, dev: string) => boolean)[] = []
  while (words.at < words.list.length) {
    const word = take(words)!
    if (word === 'scope') {
      const text = need(words)
      const scope = parseScope(text)
      if (text === 'all') continue
      if (scope === undefined) return wrongArgument(text, 'invalid "scope"\n')
      tests.push((address) => address.scope === scope)
    } else if (word === 'label') {
      const pattern = globPattern(need(words))
      tests.push((address, name) => address.family === 'inet' && pattern.test(address.label ?? name))
    } else if (word === 'to') {
      const { ip, length } = cidr(need(words))
      const prefix = prefixOf(ip, length ?? (familyOf(ip) === 4 ? 32 : 128))
      tests.push((address) => contains(prefix, address.local))
    } else if (word === 'dev') dev = need(words)
    else if (dev === undefined) dev = word
    else return toolRefuses(`Error: either "dev" is duplicate, or "${word}" is a garbage.`)
  }
  return { dev, isMeant: (address, name) => tests.every((test) => test(address, name)) }
}

/** A pattern of a shell, as `fnmatch` takes it. */
function globPattern(text: string): RegExp {
  const source = text
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`)
}
