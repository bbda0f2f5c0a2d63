import type { Namespace, NetworkData } from '../../model/index.ts'
import { ipAddrJson } from './addr.ts'
import { bridgeFdbJson } from './fdb.ts'
import { iptablesSave } from './iptables-save.ts'
import { ipLinkJson } from './link.ts'
import { ipNeighJson, ipNeighProxyJson } from './neigh.ts'
import { ipRouteJson } from './route.ts'
import { ipRuleJson } from './rule.ts'
import { conntrackList, ipsetSave, sysctlList, wgShowDump } from './tables.ts'
import type { View } from './view.ts'

/**
 * A namespace as the files `packetwalk collect` would gather in it: what `parseNamespaceDump` reads back. Files a tool
 * would have nothing to say in are left out. Counters are 0, secret keys hidden.
 */
export function printNamespaceDump(network: NetworkData, ns: Namespace): Record<string, unknown> {
  const view: View = { network, ns }
  const inet6 = ns.routes.some((route) => route.family === 'inet6')
  const files: [string, unknown][] = [
    ['link.json', ipLinkJson(view)],
    ['addr.json', ipAddrJson(view)],
    ['route.json', ipRouteJson(view, { table: 'all' })],
    ['rule.json', ipRuleJson(view, 'inet')],
    ...(inet6
      ? ([
          ['route6.json', ipRouteJson(view, { table: 'all', family: 'inet6' })],
          ['rule6.json', ipRuleJson(view, 'inet6')],
        ] as [string, unknown][])
      : []),
    ['neigh.json', ipNeighJson(view, { all: true })],
    ['neigh-proxy.json', ipNeighProxyJson(view)],
    ['fdb.json', bridgeFdbJson(view)],
    ['sysctl.txt', sysctlList(ns)],
    ['iptables.txt', iptablesSave(ns.iptables, { counters: () => [0, 0] })],
    ['ip6tables.txt', iptablesSave(ns.ip6tables, { counters: () => [0, 0] })],
    ['ipset.txt', ipsetSave(ns.ipsets)],
    ['conntrack.txt', conntrackList(ns.conntrack)],
    ['wg.txt', wgShowDump(ns)],
  ]
  return Object.fromEntries(files.filter(([, content]) => (content as { length: number }).length > 0))
}
