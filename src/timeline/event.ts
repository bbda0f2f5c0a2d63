import type { ObjectDeletion, Resources } from '../control/index.ts'
import type { Ip } from '../wire/index.ts'

/** Programs that run on every node, and can be stopped there. */
export type NodeAgent = 'felix' | 'bird' | 'confd' | 'kube-proxy' | 'kubelet'

/** Programs that a cluster has once, however many of their pods run. */
export type ClusterAgent = 'api-server' | 'typha' | 'scheduler' | 'kube-controller-manager' | 'calico-kube-controllers'

/** A program that makes a cluster what it is. */
export type Agent = NodeAgent | ClusterAgent

/**
 * What is done to a program. `stop` lets it end as `systemctl stop` does, `kill` ends it at once; what it wrote stays as the kernel
 * has it. `cut` leaves it running and takes its datastore from it, `heal` gives it back.
 */
export type AgentAction = 'stop' | 'kill' | 'start' | 'restart' | 'cut' | 'heal'

/** What is done to a machine: a `shutdown` is orderly, a `crash` is not; `reboot` is a shutdown and a start. */
export type MachineAction = 'shutdown' | 'crash' | 'start' | 'reboot'

/** What somebody does to a cluster, or what befalls it. */
export type ClusterEvent =
  | {
      readonly kind: 'apply'
      /** Objects stored as they are given: one that is there is replaced, another is added. */
      readonly objects: Partial<Resources>
    }
  | { readonly kind: 'delete'; readonly objects: readonly ObjectDeletion[] }
  /** Addresses that IPAM holds and nobody has are given back by hand: `calicoctl ipam release`. */
  | { readonly kind: 'release'; readonly addresses: readonly Ip[] }
  | {
      readonly kind: 'agent'
      readonly agent: Agent
      /** Where; absent = on every node, and for programs that a cluster has once. Of Typha: the node of the one that is meant; absent = all. */
      readonly node?: string
      readonly action: AgentAction
    }
  | { readonly kind: 'machine'; readonly node: string; readonly action: MachineAction }
  | {
      /** A command line of a user on a machine: it changes what it changes, whoever wrote that. */
      readonly kind: 'command'
      /** Network namespace. */
      readonly host: string
      readonly line: string
    }
