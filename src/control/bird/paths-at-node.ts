import { keptIn } from '../../model/index.ts'
import { contains, type Family, familyOf, type Ip, type Prefix } from '../../wire/index.ts'
import { serviceRoutes } from '../confd/service-routes.ts'
import type { FilterFault } from './bgp-filter.ts'
import { type BgpCluster, worldOfCluster } from './cluster-bgp.ts'
import { type BgpPath, comparePaths, type OwnRoute, ownPath } from './paths.ts'
import { ownRoute } from './policed-routes.ts'
import { propagate, tell } from './propagation.ts'
import type { BgpWorld } from './speakers.ts'

/** What peers told BIRD of a node, by prefix. */
export type LearnedPaths = ReadonlyMap<Prefix, readonly BgpPath[]>

/** Who brings which prefix of a family into BGP. */
function ownersByPrefix(
  { confd, destinations }: BgpCluster,
  family: Family,
  about: Ip | undefined,
): ReadonlyMap<Prefix, readonly OwnRoute[]> {
  const owners = new Map<Prefix, OwnRoute[]>()
  const isAsked = (prefix: Prefix): boolean =>
    familyOf(prefix) === family && (about === undefined || contains(prefix, about))
  for (const one of destinations) {
    if (one.bird && isAsked(one.dst)) keptIn(owners, one.dst, () => []).push(ownRoute(one))
  }
  const datastore = confd()
  for (const node of datastore.nodes.values()) {
    for (const prefix of serviceRoutes(datastore, node).announced) {
      if (isAsked(prefix)) keptIn(owners, prefix, () => []).push({ at: node.name, route: { prefix, source: 'static' } })
    }
  }
  return owners
}

/** Whether a path goes one step at most: a mesh of one AS, without reflectors. */
function isPlainMesh({ bgp }: BgpCluster, world: BgpWorld, family: Family): boolean {
  const members = bgp.mesh[family]
  const isOneAs = members.every(({ asNumber }) => asNumber === members[0]?.asNumber)
  return bgp.explicit.length === 0 && bgp.routers.length === 0 && isOneAs && members.length === world.speakers.size
}

/**
 * The paths that BIRD of a node was told by its peers, over the sessions that are up. Own routes are not among them, and a prefix
 * of which nobody told is not there. The best path comes first.
 * @param about - only prefixes with this address
 */
export function pathsAtNode(cluster: BgpCluster, family: Family, node: string, about?: Ip): LearnedPaths | FilterFault {
  const world = worldOfCluster(cluster, family)
  if ('fault' in world) return world
  const learned = new Map<Prefix, readonly BgpPath[]>()
  if (!world.speakers.has(node)) return learned
  const routerIdOf = (name: string): string => world.speakers.get(name)?.routerId ?? '0.0.0.0'
  const plain = isPlainMesh(cluster, world, family)
  for (const [prefix, owners] of ownersByPrefix(cluster, family, about)) {
    const paths = plain ? toldByOwners(world, owners, node) : (propagate(world, owners).paths.get(node) ?? [])
    const told = paths.filter((path) => path.told !== undefined)
    if (told.length > 0)
      learned.set(
        prefix,
        told.sort((a, b) => comparePaths(a, b, routerIdOf).order),
      )
  }
  return learned
}

function toldByOwners(world: BgpWorld, owners: readonly OwnRoute[], node: string): BgpPath[] {
  return owners.flatMap((owner) => {
    const session = owner.at === node ? undefined : world.between(owner.at, node)
    const told = session === undefined ? undefined : tell(world, owner.at, session, ownPath(owner))
    return told !== undefined && 'path' in told ? [told.path] : []
  })
}
