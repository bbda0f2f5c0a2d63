import type { Cluster, Peering } from '../control/index.ts'
import type { TopologyMesh, TopologySession } from './topology-view.ts'

/** What of a cluster decides about BGP sessions. */
type Speaking = Pick<Cluster, 'bgp' | 'bgpFaults'>

/** The full meshes, without listing their pairs. */
export function meshesOf({ bgp, bgpFaults }: Speaking): readonly TopologyMesh[] {
  return ([4, 6] as const).flatMap((family) => {
    const nodes = bgp.mesh[family].map(({ name }) => name)
    if (nodes.length < 2) return []
    const members = new Set(nodes)
    const explicit = new Set(
      bgp.explicit.flatMap(({ dialer, listener }) => [`${dialer} ${listener}`, `${listener} ${dialer}`]),
    )
    const down: TopologySession[] = []
    for (const [key, info] of bgpFaults) {
      const [of, a = '', b = ''] = key.split(' ')
      if (of !== String(family) || a > b || !members.has(a) || !members.has(b) || explicit.has(`${a} ${b}`)) continue
      down.push({ a, b, family, type: 'node-to-node mesh', up: false, info })
    }
    return [{ family, nodes, sessions: (nodes.length * (nodes.length - 1)) / 2, down }]
  })
}

/** Sessions that BGPPeers add, and those between routers. */
export function sessionsOf({ bgp, bgpFaults }: Speaking): readonly TopologySession[] {
  return bgp.explicit.map(({ family, type, dialer, listener }: Peering) => {
    const info = bgpFaults.get(`${family} ${dialer} ${listener}`)
    return { a: dialer, b: listener, family, type, up: info === undefined, info: info ?? 'Established' }
  })
}
