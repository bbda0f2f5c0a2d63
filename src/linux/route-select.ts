// What stands behind `ip route show`: which routes are listed, and which words are left out of the lines since all would say the same.
import { type Route, tableId } from '../model/index.ts'
import {
  containsPrefix,
  hostPrefix,
  isIpv6,
  type Prefix,
  parseCidr,
  parseIp,
  prefixAddress,
  prefixOf,
} from '../wire/index.ts'
import { parseScope } from './addr.ts'
import { routeProtocolName } from './route-names.ts'

/** A word of a line that may be left out. */
export type RouteWord = 'dev' | 'via' | 'proto' | 'scope' | 'src'

/** Routes to list. */
export interface RouteSelection {
  /** Table by name or number, or `all`; absent = main. */
  readonly table?: string
  /** What the selectors say. */
  readonly tests: readonly RouteTest[]
  /** Words that are the same in every line. @iproute2 ip/iproute.c print_route */
  readonly hidden: ReadonlySet<RouteWord>
}

type RouteTest = (route: Route) => boolean

/** Selectors of the routing cache and of lookups: what they select is not modelled. */
const NOT_MODELLED: ReadonlySet<string> = new Set(['from', 'iif', 'mark', 'uid', 'vrf', 'cloned'])

/**
 * Reads the words behind `ip route show`; of two selectors of one sort the last counts.
 * @returns a text that says what is wrong with them, in the words of iproute2 where it has some
 */
export function routeSelection(words: readonly string[]): RouteSelection | string {
  const tests = new Map<string, RouteTest>()
  let table: string | undefined
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    if (word === 'all' || word === 'cache' || (word === 'to' && (words[i + 1] ?? '') in BY_PREFIX)) continue
    if (NOT_MODELLED.has(word)) return `packetwalk: ip route show ${word} is not modelled`
    const bare = word !== 'table' && !(word in BY_VALUE) && !(word in BY_PREFIX)
    const value = bare ? word : words[++i]
    if (value === undefined) return 'Command line is not complete. Try option "help"'
    if (word === 'table') {
      table = value
      continue
    }
    const by = BY_VALUE[word]
    const test = by === undefined ? byPrefix(BY_PREFIX[word] ?? exact, value) : by.of(value)
    if (typeof test === 'string') return test
    tests.set(by?.sort ?? (bare || word === 'to' ? 'exact' : word), test)
  }
  const hidden = new Set([...tests.keys()].filter((sort): sort is RouteWord => HIDDEN.has(sort)))
  return { ...(table === undefined ? {} : { table }), tests: [...tests.values()], hidden }
}

const HIDDEN: ReadonlySet<string> = new Set<RouteWord>(['dev', 'via', 'proto', 'scope', 'src'])

interface ByValue {
  readonly sort: RouteWord | 'type'
  /** A test for a value, or what is wrong with it. */
  of(value: string): RouteTest | string
}

function hops(route: Route): readonly Pick<Route, 'dev' | 'via'>[] {
  return route.nexthops ?? [route]
}

const BY_DEVICE: ByValue = { sort: 'dev', of: (dev) => (route) => hops(route).some((hop) => hop.dev === dev) }

const BY_VALUE: Readonly<Record<string, ByValue>> = {
  dev: BY_DEVICE,
  oif: BY_DEVICE,
  via: { sort: 'via', of: (via) => byAddress(via, (route, ip) => hops(route).some((hop) => hop.via === ip)) },
  src: { sort: 'src', of: (src) => byAddress(src, (route, ip) => route.src === ip) },
  proto: {
    sort: 'proto',
    of: (text) => {
      const name = routeProtocolName(text)
      return (route) => routeProtocolName(route.protocol) === name
    },
  },
  scope: {
    sort: 'scope',
    of: (text) => {
      const scope = parseScope(text)
      return scope === undefined
        ? `Error: argument "${text}" is wrong: invalid "scope"\n`
        : (route) => route.scope === scope
    },
  },
  type: { sort: 'type', of: (type) => (route) => route.type === type },
}

function byAddress(text: string, test: (route: Route, address: string) => boolean): RouteTest | string {
  const address = parseIp(text)
  return address === undefined ? noPrefix(text) : (route) => test(route, address)
}

type ByPrefix = (dst: Prefix, prefix: Prefix) => boolean

const exact: ByPrefix = (dst, prefix) => dst === prefix

/** `root`: inside; `match`: around; `exact` and `to`: the very prefix. */
const BY_PREFIX: Readonly<Record<string, ByPrefix>> = {
  root: (dst, prefix) => containsPrefix(prefix, dst),
  match: (dst, prefix) => containsPrefix(dst, prefix),
  exact,
  to: exact,
}

function byPrefix(fits: ByPrefix, text: string): RouteTest | string {
  if (text === 'default' || text === 'any') {
    return ({ dst }) => fits(dst, (isIpv6(prefixAddress(dst)) ? '::/0' : '0.0.0.0/0') as Prefix)
  }
  const prefix = prefixIn(text)
  return prefix === undefined ? noPrefix(text) : ({ dst }) => fits(dst, prefix)
}

/** A prefix, host bits or not, or an address; IPv4 also by its first bytes: `10/8`. */
function prefixIn(text: string): Prefix | undefined {
  const address = parseIp(text)
  if (address !== undefined) return hostPrefix(address)
  const short = /^(\d+(?:\.\d+){0,2})\/(\d+)$/.exec(text)
  const whole =
    short === null ? text : `${short[1]}${'.0'.repeat(4 - (short[1] as string).split('.').length)}/${short[2]}`
  const cidr = parseCidr(whole)
  return cidr === undefined ? undefined : prefixOf(cidr.address, cidr.length)
}

function noPrefix(text: string): string {
  return `Error: any valid prefix is expected rather than "${text}".`
}

/** Whether a route stands in a table, which `ip` takes by name or number. */
export function isInTable(route: Route, table: string): boolean {
  if (table === 'all' || route.table === table) return true
  return tableId(table) !== undefined && tableId(route.table) === tableId(table)
}
