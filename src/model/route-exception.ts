import type { Ip } from '../wire/index.ts'

/** A route exception (`ip route show cache`): path MTU or redirect learned for one destination. */
export interface RouteException {
  /** Family. */
  readonly family: 'inet' | 'inet6'
  /** Destination. */
  readonly dst: Ip
  /** Source, where the cache entry has one. */
  readonly from?: Ip
  /** Gateway in use (the redirect's, if one was taken). */
  readonly via?: Ip
  /** Device. */
  readonly dev?: string
  /** Learned path MTU. */
  readonly mtu?: number
  /** MTU is locked. */
  readonly mtuLock?: boolean
  /** Seconds until it expires. */
  readonly expires?: number
  /** It came from a redirect. */
  readonly redirected?: boolean
  /** Source the entry chose. */
  readonly uid?: number
}
