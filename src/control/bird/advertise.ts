import { keptIn } from '../../model/index.ts'
import type { Ip } from '../../wire/index.ts'
import type { FilterRoute, FilterVerdict } from './filter-run.ts'
import { type BgpPath, toldPreference } from './paths.ts'
import { type BgpSession, type BgpSpeaker, isInternal } from './speakers.ts'

/** Why a peer does not have a path of a speaker's. */
export type Withheld =
  /** It told the path itself. */
  | { readonly why: 'from-peer' }
  /** What an internal peer told goes to no other, unless a reflector passes it on. */
  | { readonly why: 'ibgp' }
  /** The sender's filter keeps it, or the receiver's. */
  | { readonly why: 'export-filter' | 'import-filter'; readonly verdict: FilterVerdict }
  /** The receiver's AS is in the path already. */
  | { readonly why: 'as-loop'; readonly as: number }
  /** The receiver brought it into the AS itself. */
  | { readonly why: 'originator' }
  /** It came through the receiver's cluster already. */
  | { readonly why: 'cluster-loop'; readonly clusterId: string }

/** A path that went over a session. */
export interface Passed {
  /** The path as the receiver has it. */
  readonly path: BgpPath
  /** What the sender's filter made of it. */
  readonly export: FilterVerdict
  /** What the receiver's filter made of it. */
  readonly import: FilterVerdict
}

/** What one speaker tells another of a path, or why it does not. */
export type Told = Passed | Withheld

/** Local preference where nothing says one. */
const DEFAULT_LOCAL_PREF = 100

/**
 * What a speaker tells a peer of a path it knows.
 * @param session - as the sender has it
 * @param back - as the receiver has it
 * @rfc 4271 §9.2, 4456
 */
export function advertise(
  path: BgpPath,
  session: BgpSession,
  receiver: BgpSpeaker,
  back: BgpSession,
  wire: WireRoutes,
): Told {
  const internal = isInternal(session)
  if (path.told?.by.peer === receiver.name) return { why: 'from-peer' }
  if (internal && !isReflected(path, session)) return { why: 'ibgp' }
  const sent = session.export(path.route)
  if (sent.verdict === 'reject') return { why: 'export-filter', verdict: sent }
  const passed = reflection(path, session, internal)
  if (passed.originatorId === receiver.routerId) return { why: 'originator' }
  // Only who has clients looks at clusters.
  if (back.clientOf !== undefined && passed.clusterList.includes(back.clientOf)) {
    return { why: 'cluster-loop', clusterId: back.clientOf }
  }
  const onWire = wireRoute(sent.route, nextHopOf(path, session, internal), internal ? 0 : session.localAs, wire)
  const own = onWire.asPath!.filter((as) => as === back.localAs).length
  if (own > (back.allowLocalAs ?? 0)) return { why: 'as-loop', as: back.localAs }
  const taken = back.import(onWire)
  if (taken.verdict === 'reject') return { why: 'import-filter', verdict: taken }
  return {
    path: {
      at: receiver.name,
      origin: path.origin,
      route: taken.route,
      preference: toldPreference(taken.route),
      told: { by: back, from: path },
      ...passed,
    },
    export: sent,
    import: taken,
  }
}

/** Whether a path goes to an internal peer: an own or external one, and what a reflector has from a client or for one. */
function isReflected({ told }: BgpPath, session: BgpSession): boolean {
  if (told === undefined || !isInternal(told.by)) return true
  return told.by.clientOf !== undefined || session.clientOf !== undefined
}

/** What a reflector adds to a path; out of the AS nothing of it is told. */
function reflection(
  path: BgpPath,
  session: BgpSession,
  internal: boolean,
): Pick<BgpPath, 'originatorId' | 'clusterList'> {
  const { told } = path
  if (!internal) return { clusterList: [] }
  if (told === undefined || !isInternal(told.by)) return { clusterList: [] }
  const clusterId = session.clientOf ?? told.by.clientOf
  const originatorId = path.originatorId ?? told.by.peerRouterId
  return { originatorId, clusterList: clusterId === undefined ? path.clusterList : [clusterId, ...path.clusterList] }
}

/** Routes as they go over sessions, by the route that a sender's filter left: to many peers the very same goes. */
export type WireRoutes = WeakMap<FilterRoute, Map<string, FilterRoute>>

/**
 * A route as it comes to the receiver's filter.
 * @param as - the sender's AS number towards another AS; 0 inside of one
 */
function wireRoute(sent: FilterRoute, nextHop: Ip, as: number, wire: WireRoutes): FilterRoute {
  let known = wire.get(sent)
  if (known === undefined) {
    known = new Map()
    wire.set(sent, known)
  }
  return keptIn(known, `${nextHop} ${as}`, () => {
    const { prefix, communities, asPath = [], localPref } = sent
    return {
      prefix,
      source: 'bgp',
      nextHop,
      asPath: as === 0 ? asPath : [as, ...asPath],
      // Out of the AS no local preference is told.
      localPref: as === 0 ? (localPref ?? DEFAULT_LOCAL_PREF) : DEFAULT_LOCAL_PREF,
      ...(communities === undefined ? {} : { communities }),
    }
  })
}

/** Internal peers keep a next hop that is there; over several hops to another AS the speaker puts its own. */
function nextHopOf({ route, told }: BgpPath, { nextHop, localAddress }: BgpSession, internal: boolean): Ip {
  const known = told === undefined ? undefined : route.nextHop
  if (nextHop === 'self' || known === undefined) return localAddress
  return nextHop === 'keep' || internal ? known : localAddress
}
