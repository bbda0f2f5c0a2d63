/**
 * The dialect of the Linux tools, both ways: what `ip -j`, `bridge -j`, `sysctl`, `iptables-save`, `ipset save`,
 * `conntrack -L` and `wg show` print to the model, and the model to what they print. No parser throws at bad input: what is
 * wrong is an issue with file, line and path.
 *
 * May import: wire, model.
 *
 * @packageDocumentation
 */

export { parseScope } from './parse/addr.ts'
export { memberOf, parseCreate } from './parse/ipset.ts'
export { readRule } from './parse/iptables-rule.ts'
export { isTableName, parseIptablesSave } from './parse/iptables-save.ts'
export { parsePortRange } from './parse/iptables-values.ts'
export { peek, splitWords, take, type Words } from './parse/iptables-words.ts'
export {
  field,
  type JsonObject,
  jsonValue,
  numberOf,
  objectOf,
  objectsOf,
  parseDestination,
  parseNumber,
  textOf,
  textsOf,
} from './parse/json.ts'
export { type DumpFiles, type NamespaceDump, parseNamespaceDump } from './parse/namespace.ts'
export { isNeighState, parseNeighbours } from './parse/neigh.ts'
export { linesOf, type Place, placeIn, report } from './parse/place.ts'
export { protocolNumber } from './parse/protocol.ts'
export { isRouteType } from './parse/route.ts'
export { parseRouteCache } from './parse/route-cache.ts'
export { parseSysctlLine, sysctlKey } from './parse/sysctl.ts'
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
export { fdbObjects, hasDetails, linkObjects, neighObjects } from './text/link-text.ts'
export { routeObjects, ruleObjects } from './text/route-text.ts'
