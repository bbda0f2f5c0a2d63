import type { Cluster, ObjectDeletion, Resources } from '../control/index.ts'
import type { Simulation, SimulationSnapshot } from '../dataplane/index.ts'
import type { Network } from '../model/index.ts'
import type { Process } from '../programs/index.ts'
import type { Agent, BirdSince, ClusterEvent, ProgramState, ToldEvent } from '../timeline/index.ts'
import type { Ip } from '../wire/index.ts'
import type { Run } from './run.ts'

/** A saved moment of a lab. */
export interface LabSnapshot {
  /** The network. */
  readonly network: Network
  /** Everything that packets have changed. */
  readonly simulation: SimulationSnapshot
}

/** What commands ask of the lab they are typed in. A `Lab` is one. */
export interface Desk {
  /** The network as it is now. */
  readonly network: Network
  /** The running network. */
  readonly simulation: Simulation
  /** The cluster it was built from; null when there are no objects. */
  readonly cluster: Cluster | null
  /** Stores objects: one that is there is replaced, another is added. @throws InputError for what is refused; then nothing is changed */
  apply(objects: Partial<Resources>): unknown
  /** Takes objects away. @throws InputError for one that is not there */
  delete(...objects: readonly ObjectDeletion[]): unknown
  /** Objects that are stored; null when there are none. Pods that have no network yet are among them, and not in the cluster. */
  readonly objects: Resources | null
  /** Lets something happen to the cluster. @throws InputError for what is refused; then nothing is changed */
  occur(event: ClusterEvent): unknown
  /** What a program does. @param node - where it runs on nodes; absent = where a cluster has it once */
  agentState(agent: Agent, node?: string): ProgramState
  /** What controllers and kubelets told of objects within the last hour, what was told last at the end. */
  readonly told: readonly ToldEvent[]
  /** The cluster as BIRD of a node has it; null where it does not run. */
  birdOf(node: string): Cluster | null
  /** Since when it runs, and its sessions are as they are; undefined = since time began. @internal */
  birdSince(node: string): BirdSince | undefined
  /** Whether Calico has put its CNI configuration, and what goes with it, on a node, whatever somebody took away since. */
  hasCni(node: string): boolean
  /** Whether kubelet of a node finds a CNI configuration. */
  findsCni(node: string): boolean
  /** A user takes the CNI configuration of a node away, or puts one there. */
  writeCni(node: string, isThere: boolean): void
  /** Whether programs have nothing left to do, and no event is to come. */
  readonly isQuiet: boolean
  /** When the next event or step of a program comes, in nanoseconds of virtual time; undefined when none does. */
  readonly nextAt: number | undefined
  /** Lets virtual time pass until the next event or step of a program has happened. @returns whether there was one */
  stepForward(): boolean
  /** Lets virtual time pass, in seconds. */
  wait(seconds: number): unknown
  /** Replaces the network. */
  setNetwork(network: Network): unknown
  /** The namespace and the address behind a name; names without a namespace are looked for in `namespace`. @throws InputError */
  endpoint(
    name: string,
    namespace?: string,
  ): {
    /** Namespace; undefined when nobody here has it. */
    readonly netns: string | undefined
    /** Address. */
    readonly address: Ip | undefined
  }
  /** Opens a TCP connection from one endpoint to a port of another and closes it. */
  tcp(
    from: string,
    to: string,
    port: number,
    options: { readonly request: number; readonly reply: number; readonly timeout: number },
  ): Run
  /** Sends a datagram; to port 53 it is a question for the cluster's DNS. */
  udp(from: string, to: string, port: number): Run
  /** Runs a program to its end. */
  run(program: Process): Run
  /** Saves this moment. */
  snapshot(): LabSnapshot
  /** Goes back to a saved moment. */
  restore(saved: LabSnapshot): unknown
}
