import type { Difference } from '../objects/compared.ts'

/** Why a machine is not as Calico would have written it, as far as what is there tells. */
export type DriftCause =
  /** No route of BIRD is there. */
  | 'bird_not_running'
  /** BIRD runs and learned nothing from anybody. */
  | 'no_bgp_session'
  /** Nothing of one node was learned. */
  | 'bgp_session_down'
  /** A node's other blocks were learned, this one was not. */
  | 'not_announced'
  /** Nothing of Felix is there. */
  | 'felix_not_running'
  /** Felix is there and did not write this. */
  | 'not_programmed'
  /** A pod of the objects has no host end. */
  | 'pod_not_wired'
  /** Routes or rules are those of another release than assumed. */
  | 'other_release'
  /** A setting of Felix was another. */
  | 'other_setting'
  /** Another encapsulation than the pools ask for. */
  | 'other_encapsulation'
  /** It leads to another node or host end. */
  | 'moved'
  /** A route to what nobody has any more. */
  | 'stale_route'
  /** What was written for a pod that is no more. */
  | 'stale_endpoint'
  /** What was written for a node that is no more. */
  | 'stale_node'
  /** A set has other members. */
  | 'stale_set'
  /** Chains of policies and endpoints are others. */
  | 'stale_policy'
  /** Chains of Services are others. */
  | 'stale_service'
  /** No chain of kube-proxy is there. */
  | 'kube_proxy_not_running'
  /** Chains of Calico, or the jumps to them, were taken away. */
  | 'rules_flushed'
  /** A chain whose content is always the same has another. */
  | 'rules_edited'
  /** A route of nobody known in a range of the pools. */
  | 'foreign_route'
  /** A policy rule of nobody known. */
  | 'foreign_rule'
  /** Somebody else who wires pods. */
  | 'other_component'
  /** Learned by BGP from somebody outside of the objects. */
  | 'external_route'
  /** Changed by hand, or by a script. */
  | 'edited'
  /** Another MTU. */
  | 'mtu'
  /** A device is down. */
  | 'link_down'
  /** A sysctl was set by somebody else. */
  | 'sysctl_edited'

/** What is otherwise on a machine for one reason. */
export interface DriftFinding {
  /** Node. */
  readonly node: string
  /** Likely cause. */
  readonly cause: DriftCause
  /** What it is about: a node, a pod, a Service; absent where that is the machine itself. */
  readonly subject?: string
  /** What it does to packets. */
  readonly meaning: string
  /** Why this is likely. */
  readonly because: string
  /** Commands that tell, each with the place to type it. */
  readonly checks: readonly string[]
  /** What differs. */
  readonly differences: readonly Difference[]
}

/** What one difference is taken for. */
export interface Guess {
  /** Likely cause. */
  readonly cause: DriftCause
  /** What it is about. */
  readonly subject?: string
  /** What was seen, where that says more than the cause. */
  readonly seen?: string
}
