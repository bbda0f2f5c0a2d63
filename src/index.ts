/**
 * packetwalk: the life of a packet in a Calico/Kubernetes cluster, simulated packet by packet.
 *
 * ```ts
 * import { Lab, renderText } from 'packetwalk'
 *
 * const lab = Lab.load(yaml)
 * const run = lab.ping('default/web-0', 'default/db-0')
 * console.log(run.stdout, renderText(run.trace))
 * ```
 *
 * More is behind `packetwalk/wire` (bytes), `packetwalk/model` (networks by hand), `packetwalk/dataplane` (the engine),
 * `packetwalk/encap` (encapsulations) and `packetwalk/testing` (arbitraries and matchers).
 *
 * @packageDocumentation
 */

export {
  type BuildOptions,
  buildCluster,
  type CalicoVersion,
  type Cluster,
  collectResources,
  parseCalicoVersion,
  type Resources,
  type WorkloadEndpoint,
} from './control/index.ts'
export { type InputText, type LoadedResources, loadResources, type UnreadKind } from './input/index.ts'
export {
  type CommandResult,
  type Endpoint,
  Lab,
  type LabOptions,
  type LabSnapshot,
  type PingOptions,
  type ProbeResult,
  type Replay,
  type ReplayOptions,
  type Run,
  replayScenario,
  runTranscript,
  Shell,
  type TracerouteOptions,
} from './lab/index.ts'
export {
  describeIssue,
  InputError,
  type Issue,
  type IssueKind,
  Network,
  type NetworkData,
  type NetworkRecipe,
  topology,
  validate,
} from './model/index.ts'
export {
  type DisplayableTrace,
  displayable,
  plainStyle,
  renderHtml,
  renderMermaid,
  renderPcapng,
  renderSvg,
  renderTcpdump,
  renderText,
  type Style,
  type StyleRole,
  type TextDepth,
  type TextOptions,
} from './render/index.ts'
export {
  type Disposition,
  diffTraces,
  type Exchange,
  type Hop,
  type HopKind,
  parseTrace,
  type Trace,
  type TraceDiff,
  type TracePacket,
  traceOf,
  traceToJson,
} from './trace/index.ts'
