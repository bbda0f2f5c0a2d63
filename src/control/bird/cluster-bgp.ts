import { familyOf, hostPrefix, isHostPrefix, type Prefix } from '../../wire/index.ts'
import type { Cluster } from '../cluster.ts'
import type { ConfdDatastore } from '../confd/datastore.ts'
import { bgpWorld, type OutsideSpeaker } from '../confd/node-speakers.ts'
import { serviceRoutes } from '../confd/service-routes.ts'
import type { FilterFault } from './bgp-filter.ts'
import { explainPrefix, type PrefixExplanation } from './explanation.ts'
import type { OwnRoute } from './paths.ts'
import type { RouterSpeaker } from './peerings.ts'
import { PolicedPaths } from './policed-routes.ts'
import { propagate } from './propagation.ts'
import { isHeard } from './sessions.ts'
import type { BgpWorld } from './speakers.ts'

/** A cluster as far as BGP goes. */
export type BgpCluster = Pick<Cluster, SessionsOf | 'destinations' | 'workloadEndpoints'>

/** What says which sessions carry routes. */
type SessionsOf = 'bgp' | 'bgpFaults' | 'bgpKept' | 'confd'

/** A router of the Underlay as nodes see it. */
function outsideSpeaker({ name, asNumber, router }: RouterSpeaker): OutsideSpeaker {
  const devices = [...(router.loopback === undefined ? [] : [router.loopback]), ...router.interfaces]
  const addresses = devices.flatMap((dev) => dev.addresses.map(({ address }) => address))
  const { peers, clusterId } = router
  return { name, addresses, asNumber, peers, ...(clusterId === undefined ? {} : { clusterId }) }
}

/** Everybody who speaks BGP in a cluster and around it, with the sessions that carry routes. */
export function worldOfCluster(
  { bgp, confd, ...sessions }: Pick<BgpCluster, SessionsOf>,
  family: 4 | 6,
): BgpWorld | FilterFault {
  const routers = bgp.routers.map(outsideSpeaker)
  return bgpWorld(confd(), family, routers, (at, from) => isHeard(sessions, family, at, from))
}

/**
 * Who brings a prefix into BGP: nodes with a block or an address of Services, and the node of a pod for its single address.
 * Subnets of interfaces and routes that somebody wrote by hand are not looked at.
 */
export function ownersOf(
  { confd, destinations, workloadEndpoints }: Omit<BgpCluster, 'bgp' | 'bgpFaults' | 'bgpKept'>,
  prefix: Prefix,
): OwnRoute[] {
  const datastore = confd()
  const pods = isHostPrefix(prefix)
    ? workloadEndpoints.filter(({ addresses }) => addresses.some((ip) => hostPrefix(ip) === prefix))
    : []
  const metric = datastore.traits.routeMetric
  return [
    ...destinations
      .filter(({ dst, bird, borrowed }) => dst === prefix && bird && !borrowed)
      .map(({ owner }): OwnRoute => ({ at: owner, route: { prefix, source: 'static' } })),
    ...pods.map(
      ({ node, interfaceName }): OwnRoute => ({
        at: node,
        route: { prefix, source: 'kernel', interface: interfaceName, ...(metric === undefined ? {} : { metric }) },
      }),
    ),
    ...ofServices(datastore, prefix),
  ]
}

function ofServices(datastore: ConfdDatastore, prefix: Prefix): OwnRoute[] {
  const nodes = [...datastore.nodes.values()].filter((node) =>
    serviceRoutes(datastore, node).announced.includes(prefix),
  )
  return nodes.map(({ name }) => ({ at: name, route: { prefix, source: 'static' } }))
}

/** Tells how a prefix got to a node or router, or did not. */
export function explainBgp(cluster: BgpCluster, prefix: Prefix, at: string): PrefixExplanation | FilterFault {
  const world = worldOfCluster(cluster, familyOf(prefix))
  if ('fault' in world) return world
  const owners = ownersOf(cluster, prefix)
  return explainPrefix(world, propagate(world, owners), owners, at)
}

/** How prefixes spread in a cluster; a family whose filters confd cannot write has no BGP at all. */
export function policedPaths(cluster: Pick<BgpCluster, SessionsOf>): PolicedPaths {
  const of = (family: 4 | 6): BgpWorld | undefined => {
    const world = worldOfCluster(cluster, family)
    return 'fault' in world ? undefined : world
  }
  return new PolicedPaths({ 4: of(4), 6: of(6) })
}
