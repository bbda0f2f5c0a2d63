import type { Cluster } from '../../control/index.ts'
import type { Namespace } from '../../model/index.ts'
import type { ComparedTable, Contrast } from './compared.ts'
import { comparedFdb, comparedNeighbours } from './compared-link-layer.ts'
import { comparedLinks } from './compared-links.ts'
import { comparedRoutes, comparedRules } from './compared-routes.ts'
import { comparedSets, comparedSysctls } from './compared-settings.ts'
import type { KnownMachine } from './identify.ts'

/** A node that was dumped, beside what Calico would write on it. */
export interface ComparedNode {
  /** Its namespace in both networks. */
  readonly netns: string
  /** By the objects. */
  readonly derived: Namespace
  /** By the dump. */
  readonly dumped: Namespace
  /** What differs. */
  readonly contrasts: readonly Contrast[]
}

/**
 * What dumps of nodes hold otherwise than Calico would have written it: routes, policy rules, interfaces, neighbours, forwarding
 * entries, sysctls and sets. What the kernel makes by itself and what was learned is not compared.
 */
export function comparedNodes(cluster: Cluster, known: readonly KnownMachine[]): ComparedNode[] {
  return known
    .filter(({ kind }) => kind === 'node')
    .flatMap(({ netns, node: { namespace: dumped } }) => {
      const derived = cluster.network.namespaces[netns]
      if (derived === undefined) return []
      const contrasts = tablesOf(cluster, derived, dumped).flatMap((one) => compare(netns, one))
      return [{ netns, derived, dumped, contrasts }]
    })
}

function tablesOf({ network }: Cluster, derived: Namespace, dumped: Namespace): ComparedTable[] {
  const devices = sameDevices(derived, dumped)
  return [
    comparedRoutes(network, derived, dumped, devices),
    comparedRules(derived, dumped),
    comparedLinks(derived, dumped),
    comparedNeighbours(network, derived, dumped),
    comparedFdb(network, derived, dumped),
    comparedSysctls(derived, dumped),
    comparedSets(derived, dumped),
  ]
}

/** Names that the dump has for derived interfaces: those with the same address. */
function sameDevices(derived: Namespace, dumped: Namespace): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const dev of Object.values(derived.interfaces)) {
    if (dumped.interfaces[dev.name] !== undefined) continue
    const own = new Set(dev.addresses.map(({ local }) => local))
    const twin = Object.values(dumped.interfaces).find((one) => one.addresses.some(({ local }) => own.has(local)))
    if (twin !== undefined) names.set(dev.name, twin.name)
  }
  return names
}

/** The two sides of a table, entry by entry. */
function compare(netns: string, { table, expected, found, isCalicos }: ComparedTable): Contrast[] {
  const there = new Map(found.map((one) => [one.key, one]))
  const wanted = new Set(expected.map(({ key }) => key))
  const lacks = expected.flatMap((one): Contrast[] => {
    const twin = there.get(one.key)
    if (twin === undefined) return [{ netns, table, kind: 'missing', expected: one }]
    return twin.value === one.value ? [] : [{ netns, table, kind: 'changed', expected: one, found: twin }]
  })
  const extra = found
    .filter((one) => isCalicos(one) && !wanted.has(one.key))
    .map((one): Contrast => ({ netns, table, kind: 'extra', found: one }))
  return [...lacks, ...extra]
}
