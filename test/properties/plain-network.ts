// A network as its nodes see it: which of its lists nodes share, and in which order entries were written, says nothing.
import { fdbOf, type Network, neighboursOf, routesOf } from '../../src/model/index.ts'

const sorted = (list: readonly object[]): string[] => list.map((one) => JSON.stringify(one)).sort()

/** Every namespace with its own entries and those it shares, and the wires. */
export function plainNetwork(network: Network): unknown {
  const namespaces = Object.entries(network.namespaces).map(([name, ns]) => {
    const { shared: _, ...own } = ns
    const routes = sorted(routesOf(network, ns))
    return [name, { ...own, routes, neighbours: sorted(neighboursOf(network, ns)), fdb: sorted(fdbOf(network, ns)) }]
  })
  return JSON.parse(JSON.stringify({ namespaces: Object.fromEntries(namespaces), wires: sorted(network.wires) }))
}
