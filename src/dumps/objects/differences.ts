import type { Cluster } from '../../control/index.ts'
import type { Namespace } from '../../model/index.ts'
import type { Compared, ComparedTable, Difference, Side } from './compared.ts'
import { comparedFdb, comparedNeighbours } from './compared-link-layer.ts'
import { comparedLinks } from './compared-links.ts'
import { comparedRoutes, comparedRules } from './compared-routes.ts'
import { comparedSets, comparedSysctls } from './compared-settings.ts'
import type { KnownMachine } from './identify.ts'

/**
 * What dumps of nodes hold otherwise than Calico would have written it: routes, policy rules, interfaces, neighbours, forwarding
 * entries, sysctls and sets. What the kernel makes by itself, what was learned, and rules of iptables are not compared.
 */
export function differences(cluster: Cluster, known: readonly KnownMachine[]): Difference[] {
  return known
    .filter(({ kind }) => kind === 'node')
    .flatMap(({ netns, node }) => {
      const derived = cluster.network.namespaces[netns]
      return derived === undefined
        ? []
        : tablesOf(cluster, derived, node.namespace).flatMap((one) => compare(netns, one))
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

function compare(netns: string, { table, expected, found, isCalicos }: ComparedTable): Difference[] {
  const there = new Map(found.map((one) => [one.key, one]))
  const wanted = new Set(expected.map(({ key }) => key))
  const lacks = expected.flatMap((one): Difference[] => {
    const twin = there.get(one.key)
    if (twin === undefined) return [{ netns, table, kind: 'missing', expected: side(one) }]
    return twin.value === one.value ? [] : [{ netns, table, kind: 'changed', expected: side(one), found: side(twin) }]
  })
  const extra = found
    .filter((one) => isCalicos(one) && !wanted.has(one.key))
    .map((one): Difference => ({ netns, table, kind: 'extra', found: side(one) }))
  return [...lacks, ...extra]
}

function side({ text, origin }: Compared): Side {
  return { text, ...(origin === undefined ? {} : { origin }) }
}
