import { containsPrefix } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { Findings } from '../findings.ts'
import { calicoAnnotation } from '../node-annotations.ts'
import type { Destination } from '../prefixes-of-nodes.ts'
import type { BgpPlan } from './peerings.ts'

const BETWEEN_NODES = { scope: { kind: 'between_nodes' } } as const

/** Who owns a block tells nobody of single addresses in it: behind a reflector they are reached by way of the reflector. */
export function noteBorrowedBehindReflectors(
  nodes: readonly ClusterNode[],
  destinations: readonly Destination[],
  findings: Findings,
): void {
  const reflectors = new Map(nodes.filter((node) => node.routeReflector !== undefined).map((node) => [node.name, node]))
  if (reflectors.size === 0) return
  const blocks = destinations.filter((entry) => !entry.borrowed && entry.bird && reflectors.has(entry.owner))
  for (const { owner, dst, borrowed } of destinations) {
    const block = borrowed ? blocks.find((one) => containsPrefix(one.dst, dst)) : undefined
    const reflector = block === undefined ? undefined : reflectors.get(block.owner)
    if (reflector === undefined || reflector.name === owner) continue
    const path = ['metadata', 'annotations', 'projectcalico.org/RouteReflectorClusterID']
    const what = `it does not pass on ${dst} of ${owner}, which lies in its own block; the others have a route to it all the same`
    findings.note('bgp_field', reflector.resource, path, what, BETWEEN_NODES)
    return
  }
}

/**
 * In the mesh a node with an AS number takes those without for members of its own AS: BIRD says `Bad peer AS` where they are
 * not, and the plan has the session all the same.
 *
 * @calico confd/pkg/backends/calico/bgp_processor.go processMeshPeers
 */
export function noteMeshOfTwoAses({ mesh }: BgpPlan, findings: Findings): void {
  const hasOwn = (node: ClusterNode): boolean => calicoAnnotation(node.resource, 'ASNumber') !== undefined
  const bare = mesh[4].find((node) => !hasOwn(node))
  const other = mesh[4].find((node) => hasOwn(node) && node.asNumber !== bare?.asNumber)
  if (bare === undefined || other === undefined) return
  const path = ['metadata', 'annotations', 'projectcalico.org/ASNumber']
  const what = `from v3.32 on it takes nodes of the mesh without this annotation, as ${bare.name}, for members of AS ${other.asNumber}: BIRD says Bad peer AS; the routes are there all the same`
  findings.note('bgp_field', other.resource, path, what, BETWEEN_NODES)
}
