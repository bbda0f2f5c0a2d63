/**
 * The dialect of the Linux tools, both ways: dumps of real nodes (`ip -j`, `bridge -j`, `sysctl`, `iptables-save`,
 * `ipset save`, `conntrack -L`, `wg show`) to the model, the model to what these tools print, and the commands that
 * change it. No parser throws at bad input: what is wrong is an issue with file, line and path.
 *
 * May import: wire, model.
 *
 * @packageDocumentation
 */

export { collectScript } from './collect.ts'
export { applyCommand } from './command/apply.ts'
export { type DumpedNode, parseDump } from './dump.ts'
export { splitWords } from './parse/iptables-words.ts'
export { type NamespaceDump, parseNamespaceDump } from './parse/namespace.ts'
export { ipAddr, ipAddrJson } from './print/addr.ts'
export { arp, busyboxArp, routeTable } from './print/arp.ts'
export { type CountersOf, humanBytes } from './print/counters.ts'
export { printNamespaceDump } from './print/dump.ts'
export { bridgeFdb, bridgeFdbJson } from './print/fdb.ts'
export { busyboxIfconfig, ifconfig } from './print/ifconfig.ts'
export { ruleText as iptablesRuleText } from './print/iptables-rule.ts'
export { iptablesSave } from './print/iptables-save.ts'
export { bridgeLink, ipLink, ipLinkJson } from './print/link.ts'
export { ipNeigh, ipNeighJson, ipNeighProxy, ipNeighProxyJson } from './print/neigh.ts'
export { ipRoute, ipRouteJson, routeCacheJson } from './print/route.ts'
export { ipRule, ipRuleJson } from './print/rule.ts'
export { conntrackLine, conntrackList, ipsetSave, procSys, sysctlList, wgShow, wgShowDump } from './print/tables.ts'
export type { View } from './print/view.ts'
export {
  parseScenario,
  type Scenario,
  type ScenarioCommand,
  type ScenarioFiles,
  type ScenarioProbe,
} from './scenario.ts'
