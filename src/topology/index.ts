/**
 * How a cluster is put together, as data for whoever draws it: machines, Ethernets, pods, tunnels, BGP sessions, pools and blocks.
 *
 * May import: wire, model, control.
 *
 * @packageDocumentation
 */

export { type TopologySource, topologyOf } from './topology-of.ts'
export {
  type MachineKind,
  TOPOLOGY_SCHEMA,
  type TopologyBlock,
  type TopologyEndpoint,
  type TopologyGroup,
  type TopologyHostEndpoint,
  type TopologyInterface,
  type TopologyMachine,
  type TopologyMesh,
  type TopologyPod,
  type TopologyPool,
  type TopologyPort,
  type TopologySegment,
  type TopologyService,
  type TopologySession,
  type TopologyTunnels,
  type TopologyView,
} from './topology-view.ts'
