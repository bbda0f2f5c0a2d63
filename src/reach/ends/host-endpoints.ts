import type { ReachWorld } from '../world.ts'

/** What host endpoints of a node say, as text: nodes with the same say the same. */
export function hostsOf({ cluster, gates }: Pick<ReachWorld, 'cluster' | 'gates'>, node: string): string {
  return cluster.policies
    .of(node)
    .hosts.map(({ dev, tiers, forward, untracked, preDnat, profiles }) => {
      const ids = [tiers, forward, untracked, preDnat].flatMap((list) => [
        gates.of('ingress', list, profiles).id,
        gates.of('egress', list, profiles).id,
      ])
      return `${dev} ${ids.join(',')}`
    })
    .join(';')
}
