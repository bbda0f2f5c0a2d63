import type { ObjectReference, PodResource, Resources } from '../control/index.ts'

/** Every controller, and the program it is a part of: without the program it does nothing. */
export const CONTROLLERS: Readonly<Record<ControllerName, ControllerProgram>> = {
  'custom-resources': 'api-server',
  'pod-defaults': 'api-server',
  namespace: 'kube-controller-manager',
  'garbage-collector': 'kube-controller-manager',
  'pod-garbage': 'kube-controller-manager',
  deployment: 'kube-controller-manager',
  replicaset: 'kube-controller-manager',
  statefulset: 'kube-controller-manager',
  daemonset: 'kube-controller-manager',
  'node-lifecycle': 'kube-controller-manager',
  'taint-eviction': 'kube-controller-manager',
  scheduler: 'scheduler',
  kubelet: 'kubelet',
  'calico-node': 'kubelet',
  'tigera-operator': 'tigera-operator',
  'helm-controller': 'api-server',
  'load-balancer': 'calico-kube-controllers',
}

/** Programs that controllers are parts of; without the API server none of them does anything. */
export type ControllerProgram =
  | 'api-server'
  | 'kube-controller-manager'
  | 'scheduler'
  | 'kubelet'
  | 'calico-kube-controllers'
  | 'tigera-operator'

/** A controller by its name. */
export type ControllerName =
  | 'custom-resources'
  | 'pod-defaults'
  | 'namespace'
  | 'garbage-collector'
  | 'pod-garbage'
  | 'deployment'
  | 'replicaset'
  | 'statefulset'
  | 'daemonset'
  | 'node-lifecycle'
  | 'taint-eviction'
  | 'scheduler'
  | 'kubelet'
  | 'calico-node'
  | 'tigera-operator'
  | 'helm-controller'
  | 'load-balancer'

/** A change of the stored objects. */
export interface ObjectsEdit {
  /** Objects as they are afterwards: one that is there is replaced, another is added. */
  readonly apply: Partial<Resources>
  /** Objects that go. */
  readonly delete: readonly ObjectReference[]
}

/** What `kubectl describe` lists below an object. */
export interface KubernetesEvent {
  /** What it is about. */
  readonly object: ObjectReference
  /** `Warning`, where something is not as it should be. */
  readonly type: 'Normal' | 'Warning'
  /** What happened, in one word: `FailedScheduling`. */
  readonly reason: string
  /** What happened. */
  readonly message: string
  /** Who tells it: `default-scheduler`. */
  readonly from: string
  /** When, in nanoseconds of virtual time. */
  readonly at: number
}

/** How long things take, in nanoseconds. */
export interface ControllersTiming {
  /** From a pod's coming to its node until it has a network. */
  readonly sandbox: number
  /** From there until its containers run. */
  readonly start: number
  /** From there until it is ready. */
  readonly ready: number
  /** How long a pod takes to end; `grace` = all the time it may take. */
  readonly end: number | 'grace'
  /** How long a kubelet may be silent before its node counts as lost. */
  readonly silence: number
  /** How long a pod of a node that is gone is kept. */
  readonly lostNode: number
  /** Nothing takes time that is not asked for; seconds that a toleration names pass at once. */
  readonly isInstant?: true
}

/** A workload as it was given, with the pods of it that were given with it. */
export interface GivenOwner {
  /** Its `spec`, as JSON. */
  readonly spec: string
  /** How many pods it had. */
  readonly pods: number
  /** Nodes they were on. */
  readonly nodes: readonly string[]
  /** ReplicaSets it had. */
  readonly sets: readonly string[]
  /** Somebody has changed it since. */
  readonly isChanged?: true
}

/** What was there when time began. Objects are given as a snapshot, and maybe not all of them: nothing of it is under way. */
export interface GivenObjects {
  /** Workloads that nobody has changed since, by kind and name: they have the pods they want. */
  readonly owners: ReadonlyMap<string, GivenOwner>
  /** Pods whose status was not given, by kind and name: they run. */
  readonly pods: ReadonlySet<string>
  /** Nodes. */
  readonly nodes: ReadonlySet<string>
  /** Owners that objects name and that were not given: what they own stays. */
  readonly absent: ReadonlySet<string>
}

/** What others live in: with it they go. */
export interface SeenHomes {
  /** Namespaces. */
  readonly namespaces: ReadonlySet<string>
  /** Names of CustomResourceDefinitions. */
  readonly definitions: ReadonlySet<string>
}

/** What controllers know beside the objects. Plain data; nobody writes to it. */
export interface ControllersMemory {
  /** What was there when time began. */
  readonly given: GivenObjects
  /** Namespaces and kinds that were there at the last look. */
  readonly seen: SeenHomes
  /** Nodes that have a CNI configuration of Calico. */
  readonly cni: ReadonlySet<string>
  /** Nodes whose CNI configuration somebody took away, and the pod of calico-node that ran there then; empty = none that is known. */
  readonly cniTaken: ReadonlyMap<string, string>
  /** Nodes that run calico-node though no pod of it was given. */
  readonly calicoNodes: ReadonlySet<string>
  /** Nodes whose kubelet was not heard of when time began. */
  readonly lost: ReadonlySet<string>
  /** Whether there is a datastore of Calico that no object tells of. */
  readonly hasDatastore: boolean
  /** Since when something is as it is, by who waits for what. */
  readonly timers: ReadonlyMap<string, number>
  /** How many objects were made for an owner: their names come of it. */
  readonly serials: ReadonlyMap<string, number>
  /** The list of nodes at the last look; absent before the first one. */
  readonly looked?: Resources['nodes']
}

/** What came of a sandbox whose network the CNI plugin refused. */
export interface SandboxRefused {
  /** What the plugin said. */
  readonly message: string
  /**
   * Something is otherwise since, and from then on kubelet may ask again, in nanoseconds; absent = the answer would be the same, and
   * kubelet need not ask.
   */
  readonly retry?: number
}

/** What controllers are told beside the objects. */
export interface ControllersContext {
  /** Virtual time, in nanoseconds. */
  readonly now: number
  /** What a clock on the wall shows when virtual time is 0, in milliseconds since 1970. */
  readonly epoch: number
  /** Decides names. */
  readonly seed: number
  /** What they know. */
  readonly memory: ControllersMemory
  /** How long things take. */
  readonly timing: ControllersTiming
  /** Which of them act; absent = all. */
  readonly controllers?: readonly ControllerName[]
  /** Programs that do not run. */
  readonly stopped?: ReadonlySet<ControllerProgram>
  /** Nodes whose kubelet is not heard of, and since when, in nanoseconds. */
  readonly silent?: ReadonlyMap<string, number>
  /** What the CNI plugin said to a pod last, where it refused; absent = it refuses nobody. */
  readonly refusalOf?: (pod: PodResource) => SandboxRefused | undefined
  /** Addresses that IPAM has for a pod; absent = they are not written down. */
  readonly addressesOf?: (pod: PodResource) => readonly string[] | undefined
}

/** What controllers did. */
export interface Reconciliation {
  /** What they change; nothing where all is as it should be. */
  readonly edit: ObjectsEdit
  /** Whether it changes anything. */
  readonly isChange: boolean
  /** What they know now. */
  readonly memory: ControllersMemory
  /** When to look again though nothing else happens, in nanoseconds of virtual time; absent = never. */
  readonly next?: number
  /** What there is to tell. */
  readonly events: readonly KubernetesEvent[]
}
