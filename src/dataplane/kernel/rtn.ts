import { ROUTE_TYPES, type RouteResult, type RouteType, SCOPE_NUMBERS, type Scope } from '../../model/index.ts'
import type { RouteError } from './dst.ts'

/** Route types, by the kernel's numbers (RTN_*). */
export const RTN = {
  /** No type: nothing was found. */
  UNSPEC: 0,
  /** Gateway or direct route. */
  UNICAST: 1,
  /** Accept locally. */
  LOCAL: 2,
  /** Accept locally as broadcast, send as broadcast. */
  BROADCAST: 3,
  /** Accept locally as broadcast, send as unicast. */
  ANYCAST: 4,
  /** Multicast route. */
  MULTICAST: 5,
  /** Drop silently. */
  BLACKHOLE: 6,
  /** Destination is unreachable. */
  UNREACHABLE: 7,
  /** Administratively prohibited. */
  PROHIBIT: 8,
  /** Not in this table: ask the next rule. */
  THROW: 9,
} as const

/** RT_SCOPE numbers: how far away a destination or address reaches. */
export const RT_SCOPE = {
  /** Anywhere. */
  UNIVERSE: 0,
  /** Inside a site. */
  SITE: 200,
  /** On this link. */
  LINK: 253,
  /** On this host. */
  HOST: 254,
  /** Does not exist. */
  NOWHERE: 255,
} as const

/** RT_TABLE numbers: the tables every namespace has. */
export const RT_TABLE = {
  /** Looked up when the others had no answer; empty by default. */
  DEFAULT: 253,
  /** Where routes go that name no table. */
  MAIN: 254,
  /** Own addresses and broadcasts; kept by the kernel. */
  LOCAL: 255,
} as const

/** The number of a route type. */
export function routeTypeNumber(type: RouteType): number {
  return ROUTE_TYPES.indexOf(type) + 1
}

/** The name of a route type as `ip route` prints it; `none` for RTN.UNSPEC. */
export function routeTypeName(type: number): RouteResult {
  return ROUTE_TYPES[type - 1] ?? 'none'
}

/** The number of a scope. */
export function scopeNumber(scope: Scope): number {
  return SCOPE_NUMBERS[scope]
}

/** Result of a lookup that found a usable route. */
export const FIB_OK = 0
/** Nothing here: ask the next rule. */
export const FIB_AGAIN = 1
/** No route. */
export const FIB_ENETUNREACH = 2
/** An unreachable route. */
export const FIB_EHOSTUNREACH = 3
/** A prohibit route. */
export const FIB_EACCES = 4
/** A blackhole route. */
export const FIB_EINVAL = 5

/** What a lookup gives: FIB_OK or one of the other FIB_ numbers. */
export type FibError = 0 | 1 | 2 | 3 | 4 | 5

/** The error a route type stands for (`fib_props`); FIB_OK for types that carry packets. */
export function errorOfType(type: number): FibError {
  switch (type) {
    case RTN.BLACKHOLE:
      return FIB_EINVAL
    case RTN.UNREACHABLE:
      return FIB_EHOSTUNREACH
    case RTN.PROHIBIT:
      return FIB_EACCES
    case RTN.THROW:
      return FIB_AGAIN
    default:
      return FIB_OK
  }
}

/** The errno name of a lookup's result. */
export function routeErrorOf(error: FibError): RouteError {
  if (error === FIB_EHOSTUNREACH) return 'EHOSTUNREACH'
  if (error === FIB_EACCES) return 'EACCES'
  return error === FIB_EINVAL ? 'EINVAL' : 'ENETUNREACH'
}
