import { type Ip, type Ipv4, ipv4ToNumber } from '../../wire/index.ts'
import type { FilterRoute } from './filter-run.ts'
import type { BgpSession } from './speakers.ts'

/** A way to a prefix that a speaker knows. */
export interface BgpPath {
  /** Where it is known. */
  readonly at: string
  /** Who brought the prefix into BGP. */
  readonly origin: string
  /** The route as filters see it: of its source, with what import filters made of it. */
  readonly route: FilterRoute
  /** Preference among protocols. */
  readonly preference: number
  /** Who told it, and how the teller came by it; absent where the speaker has it from elsewhere. */
  readonly told?: { readonly by: BgpSession; readonly from: BgpPath }
  /** Router id of the speaker that brought it into this AS, where a reflector passed it on. */
  readonly originatorId?: string
  /** Clusters of reflectors that passed it on, nearest first. */
  readonly clusterList: readonly string[]
}

/** A route that a speaker brings into BGP. */
export interface OwnRoute {
  /** Who has it. */
  readonly at: string
  /** The route. */
  readonly route: FilterRoute
}

/** BIRD's preferences of protocols. */
const PREFERENCES = { static: 200, direct: 240, kernel: 10, bgp: 100 } as const

/** A route of a speaker's own as a path. */
export function ownPath({ at, route }: OwnRoute): BgpPath {
  return { at, origin: at, route, preference: route.preference ?? PREFERENCES[route.source], clusterList: [] }
}

/** Preference of what a peer told. */
export function toldPreference(route: FilterRoute): number {
  return route.preference ?? PREFERENCES.bgp
}

/** The rules by which one path is better than another, in their order. */
export const PATH_RULES = [
  'preference',
  'own',
  'local-pref',
  'as-path',
  'external',
  'router-id',
  'cluster-list',
  'address',
] as const

/** A rule by which one path is better than another. */
export type PathRule = (typeof PATH_RULES)[number]

/** Which of two paths BIRD takes: negative, the first; and by which rule. @rfc 4271 §9.1 @calico proto/bgp/attrs.c bgp_rte_better */
export function comparePaths(
  a: BgpPath,
  b: BgpPath,
  routerIdOf: (name: string) => string,
): { readonly order: number; readonly rule: PathRule } {
  for (const rule of PATH_RULES) {
    const order = compareBy(rule, a, b, routerIdOf)
    if (order !== 0) return { order, rule }
  }
  return { order: 0, rule: 'address' }
}

function compareBy(rule: PathRule, a: BgpPath, b: BgpPath, routerIdOf: (name: string) => string): number {
  switch (rule) {
    case 'preference':
      return b.preference - a.preference
    case 'own':
      return Number(a.told !== undefined) - Number(b.told !== undefined)
    case 'local-pref':
      return (b.route.localPref ?? 0) - (a.route.localPref ?? 0)
    case 'as-path':
      return (a.route.asPath?.length ?? 0) - (b.route.asPath?.length ?? 0)
    case 'external':
      return Number(isInternalPath(a)) - Number(isInternalPath(b))
    case 'router-id':
      return numberOf(idOf(a, routerIdOf)) - numberOf(idOf(b, routerIdOf))
    case 'cluster-list':
      return a.clusterList.length - b.clusterList.length
    case 'address': {
      const [left, right] = [a.told?.by.address ?? '', b.told?.by.address ?? '']
      return left === right ? 0 : addressOrder(left as Ip, right as Ip)
    }
  }
}

function isInternalPath({ told }: BgpPath): boolean {
  return told !== undefined && told.by.localAs === told.by.peerAs
}

/** The router id that counts for a path: of who brought it into the AS, else of who told it. */
function idOf({ told, originatorId, at }: BgpPath, routerIdOf: (name: string) => string): string {
  return originatorId ?? routerIdOf(told?.by.peer ?? at)
}

function numberOf(routerId: string): number {
  return ipv4ToNumber(routerId as Ipv4)
}

function addressOrder(a: Ip, b: Ip): number {
  if (a.includes(':') || b.includes(':')) return a < b ? -1 : 1
  return numberOf(a) - numberOf(b)
}

/** The best of several paths; undefined of none. */
export function bestPath(paths: readonly BgpPath[], routerIdOf: (name: string) => string): BgpPath | undefined {
  let best: BgpPath | undefined
  for (const path of paths) if (best === undefined || comparePaths(path, best, routerIdOf).order < 0) best = path
  return best
}

/** Whether two paths are the same to all who hear of them. */
export function samePath(a: BgpPath, b: BgpPath): boolean {
  if (a === b) return true
  const isTold = a.told?.by === b.told?.by && a.told?.from.at === b.told?.from.at
  const isAlike = a.origin === b.origin && a.preference === b.preference && a.originatorId === b.originatorId
  if (!isTold || !isAlike || a.clusterList.join() !== b.clusterList.join()) return false
  return a.route === b.route || JSON.stringify(a.route) === JSON.stringify(b.route)
}
