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
 * This door has what users of a lab call. What a result is made of, and the parts of which the lab is built, are behind the
 * others: `packetwalk/trace` (kinds of hops), `packetwalk/control` (Kubernetes and Calico objects), `packetwalk/calico`
 * (questions to Calico, their answers), `packetwalk/ask` (questions about a whole cluster), `packetwalk/views`
 * (a trace step by step, as data), `packetwalk/session` (a session as one value), `packetwalk/programs`
 * (ping, traceroute, sockets), `packetwalk/model` (networks by hand), `packetwalk/replay` (kernel captures),
 * `packetwalk/dataplane` (the engine), `packetwalk/encap` (encapsulations), `packetwalk/wire` (bytes) and
 * `packetwalk/testing` (arbitraries and matchers).
 *
 * @packageDocumentation
 */

export { answerCalico } from './calico/index.ts'
export type { Difference, LoadedDump } from './dumps/index.ts'
export { type InputText, type LoadedResources, loadResources } from './input/index.ts'
export {
  type Comparison,
  type DumpOptions,
  describeDifference,
  type Endpoint,
  Lab,
  type LabOptions,
  readTrace as parseTrace,
  type TcpOptions,
  type UdpOptions,
} from './lab/index.ts'
export {
  type Certainty,
  type DropCause,
  describeIssue,
  describeNote,
  InputError,
  type Issue,
  type NetworkRecipe,
  type Note,
  type NoteCode,
  type NoteTopic,
  type Origin,
  validate,
} from './model/index.ts'
export type { PingOptions, TracerouteOptions } from './programs/index.ts'
export {
  type DisplayableTrace,
  displayable,
  type MimeBundle,
  type PcapngOptions,
  type PictureOptions,
  renderHtml,
  renderMermaid,
  renderPcapng,
  renderSvg,
  renderTcpdump,
  renderText,
  type Style,
  type TcpdumpOptions,
  type TextOptions,
  type TextView,
} from './render/index.ts'
export { type Desk, type LabSnapshot, type Run, runTranscript, Shell } from './shell/index.ts'
export {
  type Disposition,
  describeOrigin,
  diffTraces,
  type Hop,
  type HopKind,
  type HopOf,
  hopsOf,
  type Trace,
  type TraceDiff,
  type TracePacket,
  traceToJson,
} from './trace/index.ts'
