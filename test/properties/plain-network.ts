// A network as its nodes see it: which of its lists nodes share, and in which order entries were written, says nothing.
// Nor does what history leaves by rule (test/timeline/put-back.test.ts): a pod keeps the MTU it was made with (cni.md §5), and tunl0
// stays without an address where a pool had IPIP once (felix-routes.md §10).
import { fdbOf, type Interface, type Namespace, type Network, neighboursOf, routesOf } from '../../src/model/index.ts'

const sorted = (list: readonly object[]): string[] => list.map((one) => JSON.stringify(one)).sort()

/** Every namespace with its own entries and those it shares, and the wires. */
export function plainNetwork(network: Network): unknown {
  const namespaces = Object.entries(network.namespaces).map(([name, ns]) => {
    const { shared: _, ...own } = withoutHistory(ns)
    const routes = sorted(routesOf(network, ns))
    return [name, { ...own, routes, neighbours: sorted(neighboursOf(network, ns)), fdb: sorted(fdbOf(network, ns)) }]
  })
  return JSON.parse(JSON.stringify({ namespaces: Object.fromEntries(namespaces), wires: sorted(network.wires) }))
}

function withoutHistory(ns: Namespace): Omit<Namespace, 'interfaces'> & { readonly interfaces: unknown } {
  const isOfPod = ({ name }: Interface): boolean => (ns.role === 'pod' ? name === 'eth0' : name.startsWith('cali'))
  const kept = Object.entries(ns.interfaces).flatMap(([name, one]) => {
    if (name === 'tunl0' && one.addresses.length === 0) return []
    const { mtu: _, ...rest } = one
    return [[name, isOfPod(one) ? rest : one]]
  })
  return { ...ns, interfaces: Object.fromEntries(kept) }
}
