/**
 * What the controllers of Kubernetes and Calico do: pure functions from objects to edits of objects. Pods of workloads, where they
 * run and how they begin and end, nodes that are lost, what is left of what is gone. May import: wire, model, control.
 *
 * @packageDocumentation
 */

export { runsCalicoNode } from './calico/calico-node.ts'
export { isCalicoDaemonSet } from './calico/calico-node-pods.ts'
export { withCniConfig } from './calico/cni-config.ts'
export { cniRefusal, holdsDatastore } from './calico/datastore.ts'
export type {
  ControllerName,
  ControllerProgram,
  ControllersContext,
  ControllersMemory,
  ControllersTiming,
  KubernetesEvent,
  ObjectsEdit,
  Reconciliation,
  SandboxRefused,
} from './controller.ts'
export { graceOf, terminating } from './deletion.ts'
export { nodesFor } from './kubernetes/daemonset.ts'
export { isNodeReady, isPodReady, nodeWord, podWord } from './pod-state.ts'
export { CONTROLLER_NAMES, reconciled } from './reconciled.ts'
export { canonical, clusterGuid, safeHash, safeSuffix, sandboxId } from './safe-names.ts'
export { startMemory } from './start-memory.ts'
export { NO_TIMING, USUAL_TIMING } from './timing.ts'
