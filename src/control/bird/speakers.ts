import type { Ip } from '../../wire/index.ts'
import type { FilterRoute, FilterVerdict } from './filter-run.ts'

/** Somebody who speaks BGP: a node, or a router of the Underlay. */
export interface BgpSpeaker {
  /** Name. */
  readonly name: string
  /** Router id, as an IPv4 address. */
  readonly routerId: string
}

/** A session as one of its ends has it. */
export interface BgpSession {
  /** Name of the other end. */
  readonly peer: string
  /** Address of the other end. */
  readonly address: Ip
  /** Router id of the other end. */
  readonly peerRouterId: string
  /** Address of this end. */
  readonly localAddress: Ip
  /** AS number of this end. */
  readonly localAs: number
  /** AS number of the other end. */
  readonly peerAs: number
  /** Cluster id under which the other end is a client of this route reflector. */
  readonly clientOf?: string
  /** What is passed on gets as next hop, where it is not left to the rules. */
  readonly nextHop?: 'self' | 'keep'
  /** How often the own AS may be in a path that comes in. */
  readonly allowLocalAs?: number
  /** Whether all paths are told, not only the best. */
  readonly addPaths: boolean
  /** What this end makes of a route that comes in. */
  readonly import: (route: FilterRoute) => FilterVerdict
  /** What this end makes of a route that goes out. */
  readonly export: (route: FilterRoute) => FilterVerdict
}

/** Whether both ends are in one AS. */
export function isInternal({ localAs, peerAs }: BgpSession): boolean {
  return localAs === peerAs
}

/** Everybody who speaks BGP in one family, and the sessions that are up. */
export interface BgpWorld {
  /** Speakers by name. */
  readonly speakers: ReadonlyMap<string, BgpSpeaker>
  /** Sessions of a speaker, the same objects each time. */
  readonly sessionsOf: (name: string) => readonly BgpSession[]
  /** Those that may carry what an internal peer that is no client told: to clients, and out of the AS. */
  readonly transitOf: (name: string) => readonly BgpSession[]
  /** The session between two, as the first one has it. */
  readonly between: (name: string, peer: string) => BgpSession | undefined
}
