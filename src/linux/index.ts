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
export { applyCommand, type CommandOptions } from './command/apply.ts'
export { type Dump, type DumpedNode, type DumpOptions, parseDump } from './dump.ts'
export { splitWords } from './parse/iptables-words.ts'
export { type DumpFiles, type NamespaceDump, parseNamespaceDump } from './parse/namespace.ts'
export { type AddrOptions, ipAddr, ipAddrJson } from './print/addr.ts'
export { type ArpOptions, arp, busyboxArp, routeTable } from './print/arp.ts'
export { type CountersOf, type DeviceCounters, humanBytes } from './print/counters.ts'
export { printNamespaceDump } from './print/dump.ts'
export { bridgeFdb, bridgeFdbJson, type FdbOptions } from './print/fdb.ts'
export { busyboxIfconfig, type IfconfigOptions, ifconfig } from './print/ifconfig.ts'
export { ruleText as iptablesRuleText } from './print/iptables-rule.ts'
export { type IptablesSaveOptions, iptablesSave } from './print/iptables-save.ts'
export { bridgeLink, ipLink, ipLinkJson, type LinkOptions } from './print/link.ts'
export { ipNeigh, ipNeighJson, ipNeighProxy, ipNeighProxyJson, type NeighOptions } from './print/neigh.ts'
export { ipRoute, ipRouteJson, type RouteOptions, routeCacheJson, routeText } from './print/route.ts'
export { ipRule, ipRuleJson, ruleText } from './print/rule.ts'
export { conntrackLine, conntrackList, ipsetSave, procSys, sysctlList, wgShow, wgShowDump } from './print/tables.ts'
export type { View } from './print/view.ts'
export {
  parseScenario,
  type Scenario,
  type ScenarioCommand,
  type ScenarioFiles,
  type ScenarioProbe,
} from './scenario.ts'
