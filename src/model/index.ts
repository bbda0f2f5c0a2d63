/**
 * The hinge: `Network`, an immutable value that says what `ip link`, `ip addr`, `ip route`, `ip rule`, `ip neigh`,
 * `bridge fdb`, `sysctl`, `iptables-save`, `ipset save` and `wg show` would print in every network namespace, and which
 * interfaces are joined by which wire. Also the types of records and drops. May import: wire.
 *
 * @packageDocumentation
 */

export {
  checkArgument,
  checkCount,
  checkFunction,
  checkNetwork,
  checkOptions,
  checkReport,
  checkText,
  checkTexts,
  type ReportForm,
} from './argument.ts'
export { type BgpGraph, type BgpGraphEdge, type BgpGraphNode, bgpGraphOf } from './bgp-graph.ts'
export {
  type AddressOptions,
  address,
  cable,
  type InterfaceParts,
  iface,
  implicitScope,
  type NamespaceParts,
  namespace,
  neighbour,
  networkOf,
  type RouteParts,
  route,
} from './builders.ts'
export type { Cable, CableEnd } from './cable.ts'
export { cablePeer, hasCarrier, type LinkSource, linkHasCarrier, linkSource } from './carrier.ts'
export { CONFIDENCE_WORDS, type Confidence, confidenceText, weakest } from './confidence.ts'
export type { ConntrackEntry, ConntrackTuple } from './conntrack-entry.ts'
export { describeIssue } from './describe-issue.ts'
export { dictionary } from './dictionary.ts'
export { DROPS, type DropCause, type DropSite } from './drop.ts'
export {
  ARP_VERDICTS,
  type ArpVerdict,
  BRIDGE_DECISIONS,
  type Candidate,
  type ConnectionPicture,
  ENDS,
  type EndKind,
  type EventKind,
  type EventOf,
  type HeldBack,
  HOOKS,
  type Hook,
  isAnswer,
  KEEPERS,
  type Keeper,
  type Lookup,
  type LossReason,
  type NatEnd,
  type NeighbourPicture,
  type OuterChoice,
  type PacketEvent,
  type RecordLog,
  type RouteResult,
  type RuleHit,
  type Stamp,
  type Stamped,
  TAKERS,
  type Taker,
  type Tunnel,
  VERDICTS,
  type Verdict,
} from './event.ts'
export {
  describeFinding,
  FINDING_CODES,
  type Finding,
  type FindingCode,
  groundsOf,
  type PolicyChange,
} from './finding.ts'
export { type GoPattern, type GoRegexp, goRegexp } from './go-regexp.ts'
export type {
  Address,
  BridgeInfo,
  BridgePort,
  Interface,
  InterfaceKind,
  IpipInfo,
  Scope,
  VxlanInfo,
  WireguardInfo,
  WireguardPeer,
} from './interface.ts'
export { SCOPE_NUMBERS } from './interface.ts'
export { isInterfaceName } from './interface-name.ts'
export { isRecord } from './is-record.ts'
export { describeIssues, InputError, type Issue, type IssueKind } from './issue.ts'
export { type KernelRouteOptions, kernelRoutes, routesOfIpv4Address, routesOfIpv6Address } from './kernel-routes.ts'
export { type CablesOf, cablesIn, lateCables, viewCables } from './lazy/cables.ts'
export { type Carried, carried } from './lazy/carried.ts'
export { frozen } from './lazy/frozen.ts'
export { isLate, lateLookup, lateMember, lateMembers, lateRecord } from './lazy/late.ts'
export { eachMember, lateSet } from './lazy/late-set.ts'
export { isLateList, lateList, viewList } from './lazy/list.ts'
export {
  type FirewallMembers,
  interfaceOf,
  knownOf,
  type LateNamespace,
  lazyNamespace,
  type NamespaceMember,
  type NamespaceSource,
  type Outline,
  outlineOf,
  wholeNamespace,
  withFirewall,
  withMembers,
} from './lazy/namespace.ts'
export {
  changedNames,
  changesBetween,
  changesOver,
  derivedFrom,
  isLazy,
  lazyCount,
  markLazy,
  type NamespaceChanges,
  type NamespaceLayer,
  type Namespaces,
  namesIn,
  tellChanges,
  withFirewalls,
  withReplaced,
} from './lazy/namespaces.ts'
export { keptIn, once } from './lazy/once.ts'
export {
  findInPieces,
  indexInPieces,
  piecesOf,
  stretchesApart,
  withElements,
  withoutElements,
} from './lazy/pieces.ts'
export { lazyRecord } from './lazy/record.ts'
export { lackingPattern, literalPattern } from './literal-pattern.ts'
export { mergePatch } from './merge-patch.ts'
export type { Namespace, Role, Sysctls } from './namespace.ts'
export { didYouMean, nearestWord } from './nearest.ts'
export { type FdbEntry, NEIGH_STATES, type Neighbour, type NeighState, type ProxyNeighbour } from './neighbour.ts'
export { Network, type NetworkData, type NetworkRecipe } from './network.ts'
export {
  type Certainty,
  describeNote,
  EVERYTHING,
  NOTE_TOPICS,
  NOTES,
  type Note,
  type NoteCode,
  type NoteDirection,
  type NoteEffect,
  type NoteKind,
  type NoteParts,
  type NoteScope,
  type NoteTopic,
  type NoteTurns,
  note,
  notePlace,
} from './note.ts'
export { fieldName, type Origin, type OriginComponent } from './origin.ts'
export { isPrintable, printable, printableLines } from './printable.ts'
export { pushTo } from './push-to.ts'
export { COMPONENT_SHAPE, CONFIDENCE_SHAPE, ORIGIN_SHAPE, PLACE_SHAPE } from './report-shapes.ts'
export type { ResolvedRoute } from './resolved-route.ts'
export { type Nexthop, ROUTE_TYPES, type Route, type RouteType, type Rule, type RuleAction } from './route.ts'
export type { RouteException } from './route-exception.ts'
export { compareRoutes, inKernelOrder, tableId, withRouteInOrder } from './route-order.ts'
export {
  defaultRules,
  fdbOf,
  findFdb,
  findNeighbour,
  type LentEntries,
  lentTo,
  neighboursOf,
  routesCovering,
  routesOf,
  rulesOf,
  writtenOut,
} from './routes.ts'
export type {
  BackendRef,
  PolicyDirection,
  PolicyKindName,
  PolicyRef,
  RuleMeaning,
  ServiceDoor,
  ServiceRef,
} from './rule-meaning.ts'
export type {
  AddressRange,
  AddrType,
  Chain,
  CtState,
  IpSet,
  IpSetType,
  IptRule,
  Match,
  NatRange,
  PortRange,
  RejectWith,
  Ruleset,
  Table,
  TableName,
  Target,
  U32Step,
  U32Test,
} from './ruleset.ts'
export { seedWord, textHash } from './seed.ts'
export { type CabledMachine, type Cabling, type Segment, segmentsOf } from './segments.ts'
export { type Fields, type Shape, type ShapeFault, shapeFaults } from './shape.ts'
export {
  ANYTHING,
  CAUSE,
  FLAG,
  HEX,
  INTEGER,
  kinds,
  list,
  maybe,
  NUMBER,
  object,
  one,
  TEXT,
  TRUE,
  word,
} from './shape-words.ts'
export {
  fdbEntryOf,
  neighbourOf,
  routeOf,
  type SharedEntry,
  SharedIndex,
  type SharedTable,
  type SharedView,
  sees,
} from './shared-table.ts'
export { STAGES, type Stage, type StagePlace } from './stage.ts'
export { confKey, neighKey, SYSCTL_DEFAULTS, sysctlOf } from './sysctl.ts'
export type { TooLong } from './too-long.ts'
export { type Topology, type TopologyEdge, type TopologyNode, topology } from './topology.ts'
export { validate } from './validate.ts'
export { findLoop } from './validate-firewall.ts'
export { type Plain, yamlText } from './yaml-text.ts'
