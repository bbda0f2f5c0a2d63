import type { Namespace } from '../../model/index.ts'
import { containsPrefix, hostPrefix, type Prefix, parseIp, parsePrefix } from '../../wire/index.ts'
import type { ReachWorld } from '../world.ts'

/** Of more nodes that are not as their objects make them only routes are read. */
const FEW = 20

/**
 * Ranges of pods that routes and rules of single nodes name otherwise than their objects have it: somebody typed them, or a dump has
 * them. Pods in them are not like others.
 */
export function namedByHand({ lab, cluster, kinds, pools }: ReachWorld): Prefix[] {
  const edited = cluster.nodes.filter(({ name }) => kinds.isEdited(name))
  const isFew = edited.length <= FEW
  const found = new Set<string>()
  for (const { name } of edited) {
    const [now, before] = [lab.simulation.network.namespaces[name], cluster.network.namespaces[name]]
    const usual = new Set(addressesIn(before, isFew))
    for (const word of addressesIn(now, isFew)) if (!usual.has(word)) found.add(word)
  }
  return [...found].flatMap((word) => {
    const address = parseIp(word)
    const range = address === undefined ? parsePrefix(word) : hostPrefix(address)
    return range !== undefined && pools.some((pool) => containsPrefix(pool, range)) ? [range] : []
  })
}

/** Addresses and ranges that the tables of a machine name. */
function addressesIn(ns: Namespace | undefined, isWhole: boolean): readonly string[] {
  if (ns === undefined) return []
  const { routes, rules, neighbours, iptables, ip6tables } = ns
  const tables = isWhole ? [routes, rules, neighbours, iptables, ip6tables] : [routes]
  const text = JSON.stringify(tables, (key, value) => (key === 'origin' ? undefined : value))
  return text.match(/(?<![\d.:a-f])[0-9a-f]*[.:][0-9a-f.:]+(\/\d+)?/g) ?? []
}
