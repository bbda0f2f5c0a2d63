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
  type TopologyGroup,
  type TopologyInterface,
  type TopologyMachine,
  type TopologyMesh,
  type TopologyPod,
  type TopologyPool,
  type TopologySegment,
  type TopologyService,
  type TopologySession,
  type TopologyTunnels,
  type TopologyView,
} from './topology-view.ts'
