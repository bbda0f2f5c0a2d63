import { assertNever, contains, containsPrefix, type Ip, type Prefix, prefixLength } from '../../wire/index.ts'
import {
  type FilterFunction,
  type FilterStatement,
  type FilterTest,
  type NetOperator,
  OVERRIDING_PREFERENCE,
  PRIORITY_SUM,
} from './filter-program.ts'

/** A route as BIRD's filters see it. What is absent is not defined. */
export interface FilterRoute {
  /** Destination. */
  readonly prefix: Prefix
  /** Where BIRD has it from. */
  readonly source: 'static' | 'kernel' | 'direct' | 'bgp'
  /** Interface. */
  readonly interface?: string
  /** `krt_metric`. */
  readonly metric?: number
  /** `bgp_local_pref`. */
  readonly localPref?: number
  /** Communities, `aa:nn` and `aa:nn:mm`. */
  readonly communities?: readonly string[]
  /** AS path, nearest first. */
  readonly asPath?: readonly number[]
  /** `bgp_next_hop`. */
  readonly nextHop?: Ip
  /** `preference`, once a filter set it. */
  readonly preference?: number
  /** `krt_tunnel`, once a filter set it. */
  readonly tunnel?: 'tunl0'
}

/** What a filter made of a route. */
export interface FilterVerdict {
  /** Whether it goes through. */
  readonly verdict: 'accept' | 'reject'
  /** The route as the filter leaves it. */
  readonly route: FilterRoute
  /** What decided: the functions it stands in, outermost first, and the statement; absent at the end of a filter. */
  readonly by?: { readonly functions: readonly string[]; readonly why?: string; readonly test?: FilterTest }
}

type Draft = { -readonly [K in keyof FilterRoute]: FilterRoute[K] }

/** Runs a filter over a route, as BIRD does; what reaches its end is rejected. */
export function runFilter(filter: readonly FilterStatement[], route: FilterRoute): FilterVerdict {
  const draft: Draft = { ...route }
  const end = runBlock(filter, draft, false, [], undefined)
  return end === undefined ? { verdict: 'reject', route: draft } : { ...end, route: draft }
}

type End = Omit<FilterVerdict, 'route'>

function runBlock(
  block: readonly FilterStatement[],
  route: Draft,
  sameAs: boolean,
  functions: readonly string[],
  test: FilterTest | undefined,
): End | undefined {
  for (const statement of block) {
    const end = runStatement(statement, route, sameAs, functions, test)
    if (end !== undefined) return end
  }
  return undefined
}

function runStatement(
  statement: FilterStatement,
  route: Draft,
  sameAs: boolean,
  functions: readonly string[],
  test: FilterTest | undefined,
): End | undefined {
  switch (statement.do) {
    case 'accept':
    case 'reject': {
      const why = statement.why === undefined ? {} : { why: statement.why }
      return { verdict: statement.do, by: { functions, ...why, ...(test === undefined ? {} : { test }) } }
    }
    case 'if':
      if (!holds(statement.test, route, sameAs)) return undefined
      return runBlock(statement.body, route, sameAs, functions, statement.test)
    case 'call':
      return runCall(statement.of, route, statement.sameAs === true, functions)
    default:
      change(statement, route)
      return undefined
  }
}

function runCall(
  { name, body }: FilterFunction,
  route: Draft,
  sameAs: boolean,
  functions: readonly string[],
): End | undefined {
  return runBlock(body, route, sameAs, [...functions, name], undefined)
}

/** A statement that changes the route. */
function change(statement: Exclude<FilterStatement, { do: 'accept' | 'reject' | 'if' | 'call' }>, route: Draft): void {
  switch (statement.do) {
    case 'add-community': {
      const known = route.communities ?? []
      if (!known.includes(statement.community)) route.communities = [...known, statement.community]
      return
    }
    case 'prepend':
      route.asPath = [statement.as, ...(route.asPath ?? [])]
      return
    case 'local-pref':
      route.localPref = statement.value
      return
    case 'preference':
      route.preference = statement.value
      return
    case 'relate-priorities':
      if (route.source === 'bgp' && route.localPref !== undefined) route.metric = PRIORITY_SUM - route.localPref
      else {
        route.metric ??= statement.normal
        route.localPref = PRIORITY_SUM - route.metric
      }
      return
    case 'metric-of-learnt':
      if (route.source !== 'bgp' || route.metric !== undefined) return
      route.metric = route.localPref === undefined ? statement.normal : PRIORITY_SUM - route.localPref
      if (route.metric < statement.normal) route.preference = OVERRIDING_PREFERENCE
      return
    case 'tunnel': {
      const isNear =
        statement.unless !== undefined && route.nextHop !== undefined && contains(statement.unless, route.nextHop)
      if (isNear) delete route.tunnel
      else route.tunnel = 'tunl0'
      return
    }
    default:
      assertNever(statement)
  }
}

/** Whether a question is answered with yes. */
function holds(test: FilterTest, route: FilterRoute, sameAs: boolean): boolean {
  switch (test.ask) {
    case 'net':
      return netHolds(test.op, route.prefix, test.prefix, test.lengths)
    case 'interface': {
      const { interface: dev } = route
      return dev !== undefined && test.like.some((pattern) => matchesPattern(pattern, dev))
    }
    case 'learnt':
      return route.source === 'bgp'
    case 'community':
      return route.communities?.includes(test.community) === true
    case 'path-begins':
      return test.path.every((as, i) => route.asPath?.[i] === as)
    case 'local-pref':
      if (route.localPref === undefined) return false
      return test.op === '=' ? route.localPref === test.value : route.localPref > test.value
    case 'metric-below':
      return route.metric !== undefined && route.metric < test.value
    case 'next-hop':
      return route.nextHop === test.address
    case 'same-as':
      return sameAs
    case 'not':
      return !holds(test.test, route, sameAs)
    case 'all':
      return test.tests.every((one) => holds(one, route, sameAs))
    default:
      return assertNever(test)
  }
}

/** BIRD takes a prefix and a pattern of prefixes for two sorts of things: they are never equal. @calico proto bird filter/filter.c */
function netHolds(
  op: NetOperator,
  net: Prefix,
  prefix: Prefix,
  lengths: readonly [from: number, to: number] | undefined,
): boolean {
  const length = prefixLength(net)
  const isIn = containsPrefix(prefix, net) && (lengths === undefined || (length >= lengths[0] && length <= lengths[1]))
  const isSame = lengths === undefined && net === prefix
  switch (op) {
    case '=':
      return isSame
    case '!=':
      return !isSame
    case '~':
      return isIn
    case '!~':
      return !isIn
    default:
      return assertNever(op)
  }
}

/** BIRD's patterns of names: `*` is any text, `?` any character. */
function matchesPattern(pattern: string, text: string): boolean {
  const parts = pattern.split('*')
  if (parts.length === 1) return pattern.length === text.length && fitsAt(pattern, text, 0)
  const [first, last] = [parts[0]!, parts.at(-1)!]
  const end = text.length - last.length
  if (end < first.length || !fitsAt(first, text, 0) || !fitsAt(last, text, end)) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    while (at + part.length <= end && !fitsAt(part, text, at)) at += 1
    if (at + part.length > end) return false
    at += part.length
  }
  return true
}

function fitsAt(part: string, text: string, at: number): boolean {
  if (at + part.length > text.length) return false
  return [...part].every((char, i) => char === '?' || char === text[at + i])
}
