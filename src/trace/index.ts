/**
 * What happened, hop by hop, and why: records read into a closed union of hops, each with its reason and the origin of
 * the facts behind it; what became of every packet; a summary in words; comparison of traces. A trace is plain data: it is
 * JSON, and is drawn without the engine that made it.
 *
 * May import: wire, model, linux.
 *
 * @packageDocumentation
 */

export { checkTrace } from './argument.ts'
export {
  type Change,
  changesBetween,
  describeChange,
  type FieldChange,
  type HeaderChange,
  headersBefore,
} from './changes.ts'
export {
  type Decision,
  type DecisionBase,
  type DecisionKind,
  type EstablishedDecision,
  type FailsafeDecision,
  isDenial,
  isQuiet,
  type NatBy,
  type NatDecision,
  type NoBackendDecision,
  type NoProfileDecision,
  type PacketSeen,
  type PolicyAction,
  type PolicyDecision,
  type PolicyPlace,
  type ProfileDecision,
  type RefusedDecision,
  type ServiceDecision,
  type SourceRangeDecision,
  type TierEndDecision,
  type ToHostDecision,
  type WeighedBackend,
} from './decision.ts'
export { decisionWords, describeDecision, natByWords, policyName, serviceName } from './decision-words.ts'
export { decisionsOf } from './decisions.ts'
export { diffTraces, type Parting, type TraceDiff } from './diff.ts'
export { DISPOSITIONS, type DispositionRule } from './disposition.ts'
export { endText } from './end-text.ts'
export { describeOrigin, type Fact, type FactKind } from './fact.ts'
export { faultsOf } from './faults.ts'
export { type Flow, flowOf } from './flow.ts'
export type {
  ArpHop,
  BridgeHop,
  CloneHop,
  ConntrackHop,
  CreateHop,
  DeliverHop,
  DropHop,
  ExceptionHop,
  ForwardHop,
  FragmentHop,
  FrameHop,
  HookHop,
  HookName,
  Hop,
  HopBase,
  HopKind,
  IcmpErrorHop,
  LearnHop,
  NatHop,
  NeighbourChangeHop,
  NeighbourHop,
  ProgramHop,
  ReassembleHop,
  RouteCandidate,
  RouteHop,
  RpFilterHop,
  RuleHop,
  TunnelHop,
} from './hop.ts'
export { headersOfHop } from './hops/frame.ts'
export { parseTrace, traceToJson } from './json.ts'
export { lastMatch } from './last-match.ts'
export { fieldNumber, fieldText, headersOf } from './layers.ts'
export { type NatEnds, type NatEntry, natLedgerOf } from './nat-ledger.ts'
export { type LogRange, readHops } from './read-hops.ts'
export { type HopOf, hopsOf } from './select.ts'
export { asRead, toldTrace } from './told-trace.ts'
export {
  type Answered,
  type Delivered,
  type Disposition,
  type DispositionKind,
  type Exchange,
  type IcmpErrored,
  type Lost,
  NO_TRACE,
  type NotSent,
  type PacketEnd,
  type PacketRole,
  TRACE_SCHEMA,
  type Trace,
  type TraceEnds,
  type TraceFault,
  type TraceNode,
  type TracePacket,
  type Unanswered,
} from './trace.ts'
export { readTrace, type TraceOptions, traceOf } from './trace-of.ts'
export { type TriedRule, triedRules } from './tried-rules.ts'
