/**
 * The dialect of the Linux tools, both ways: what `ip -j`, `bridge -j`, `sysctl`, `iptables-save`, `ipset save`,
 * `conntrack -L` and `wg show` print to the model, and the model to what they print. No parser throws at bad input: what is
 * wrong is an issue with file, line and path.
 *
 * May import: wire, model.
 *
 * @packageDocumentation
 */

export { addressLine, ipAddr, ipAddrJson, parseScope } from './addr.ts'
export { arp, busyboxArp, routeTable } from './arp.ts'
export { isBrief } from './brief-text.ts'
export {
  type ConntrackEventKind,
  conntrackEventLine,
  conntrackLine,
  conntrackList,
} from './conntrack.ts'
export { type CountersOf, humanBytes } from './counters.ts'
export { inFile } from './cursor.ts'
export { bridgeFdb, bridgeFdbJson, fdbLine, fdbObjects } from './fdb.ts'
export { busyboxIfconfig, ifconfig } from './ifconfig.ts'
export { isIfconfig } from './ifconfig-text.ts'
export { ipsetList, ipsetSave, membersOf, parseCreate } from './ipset.ts'
export { memberForm } from './ipset-member.ts'
export {
  emptyTable,
  type IptablesListOptions,
  iptablesList,
  iptablesRules,
} from './iptables/list.ts'
export { readRule } from './iptables/rule.ts'
export { ruleText as iptablesRuleText } from './iptables/rule-text.ts'
export { iptablesSave, isTableName, parseIptablesSave } from './iptables/save.ts'
export { parsePortRange } from './iptables/values.ts'
export { peek, splitWords, take, type Words } from './iptables/words.ts'
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
} from './json.ts'
export type { LeftOut } from './left-out.ts'
export { bridgeLink, ipLink, ipLinkJson, linkSuffix } from './link.ts'
export { linkDetails } from './link-info.ts'
export { hasDetails, linkObjects } from './link-text.ts'
export { madeUpMac } from './made-up-mac.ts'
export {
  type DumpFiles,
  type FirewallPart,
  type NamespaceDump,
  parseNamespaceDump,
  printNamespaceDump,
} from './namespace.ts'
export {
  ipNeigh,
  ipNeighJson,
  ipNeighProxy,
  ipNeighProxyJson,
  isNeighState,
  neighbourLine,
  neighObjects,
  parseNeighbours,
} from './neigh.ts'
export { isLineFault, readRouteLine, readRuleLine } from './one-line.ts'
export { linesOf, type Place, placeIn, report } from './place.ts'
export { protocolNumber, protocolText } from './protocol.ts'
export {
  destinationText,
  ipRoute,
  ipRouteJson,
  isRouteType,
  routeLine,
  routeObjects,
  showsDeviceState,
} from './route.ts'
export { parseRouteCache, routeCacheJson } from './route-cache.ts'
export { routeGetJson, routeGetText } from './route-get.ts'
export { isRouteProtocol, routeProtocolName, routeTableName } from './route-names.ts'
export { routeSelection } from './route-select.ts'
export { isRouteTable } from './route-table-text.ts'
export { ipRule, ipRuleJson, ruleLine, ruleObjects } from './rule.ts'
export { parseSysctlLine, procSys, sysctlKey, sysctlList } from './sysctl.ts'
export { operState, type View } from './view.ts'
export { wgShow, wgShowAllowedIps, wgShowDump } from './wg.ts'
