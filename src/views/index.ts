/**
 * Views of runs and clusters for programs that draw, as plain data, and drawn:
 *
 * - `stepsOf(trace)`, `renderSteps(trace)`: a trace one step at a time, every header open to its fields and bytes;
 * - `topologyOf(lab)`, `renderTopology(lab)`: how a cluster is put together.
 *
 * May import: every room below.
 *
 * @packageDocumentation
 */

export {
  type PacketStep,
  renderSteps,
  renderTopology,
  type SourceText,
  STEPS_SCHEMA,
  type StepCandidate,
  type StepChange,
  type StepConnection,
  type StepEnd,
  type StepFact,
  type StepField,
  type StepFrame,
  type StepLayer,
  type StepLookup,
  type StepNeighbour,
  type StepRule,
  type StepSaid,
  type StepsHtmlOptions,
  type StepsOptions,
  type StepsView,
  type StepTranslation,
  type StepWalk,
  stepsOf,
  TOPOLOGY_FORMS,
  type TopologyForm,
  type TopologyOptions,
} from '../render/index.ts'
export {
  type MachineKind,
  TOPOLOGY_SCHEMA,
  type TopologyBlock,
  type TopologyGroup,
  type TopologyInterface,
  type TopologyMachine,
  type TopologyMesh,
  type TopologyPod,
  type TopologyPool,
  type TopologySegment,
  type TopologyService,
  type TopologySession,
  type TopologySource,
  type TopologyTunnels,
  type TopologyView,
  topologyOf,
} from '../topology/index.ts'
