import type { IpSet, Origin, PolicyDirection, PolicyRef, PortRange } from '../../model/index.ts'
import type { Family, Prefix } from '../../wire/index.ts'
import type { FloatingAddress } from '../felix/floating-address.ts'
import type { PodControls } from './pod-controls.ts'

/**
 * What calculation hands to the rooms that write rules: the policies of every kind as one shape, in Calico's terms. Names
 * of sets are ids as Felix' calculation makes them (`s:…`, `n:…`, `svc:…`), without the prefix of an IP version.
 *
 * @calico felix/proto/felixbackend.proto
 */

/** Id of a set of addresses. @calico felix/calc/rule_scanner.go */
export type SetId = string

/** What a rule asks of one side of a packet. All that is given must hold. */
export interface SideMatch {
  /** One of these ranges has the address; empty = any. */
  readonly nets: readonly Prefix[]
  /** None of these has it. */
  readonly notNets: readonly Prefix[]
  /** All of these sets have it. */
  readonly sets: readonly SetId[]
  /** None of these has it. */
  readonly notSets: readonly SetId[]
  /** The port is in one of these, or address and port are in one of `namedPorts`. */
  readonly ports: readonly PortRange[]
  /** Sets of address and port, from names of ports. */
  readonly namedPorts: readonly SetId[]
  /** The port is in none of these. */
  readonly notPorts: readonly PortRange[]
  /** Address and port are in none of these. */
  readonly notNamedPorts: readonly SetId[]
  /** Address and port are in one of these sets, from Services. */
  readonly ipPortSets: readonly SetId[]
}

/** Type of an ICMP message, and its code. */
export interface IcmpMatch {
  /** Type. */
  readonly type: number
  /** Code; absent = any. */
  readonly code?: number
}

/** A rule of a policy or profile. */
export interface PolicyRule {
  /** What it does with what it matches. */
  readonly action: 'Allow' | 'Deny' | 'Log' | 'Pass'
  /** Only this IP version. */
  readonly ipVersion?: Family
  /** Protocol number, or the name it was given by. */
  readonly protocol?: ProtocolMatch
  /** Any other protocol. */
  readonly notProtocol?: ProtocolMatch
  /** ICMP message. */
  readonly icmp?: IcmpMatch
  /** Any other ICMP message. */
  readonly notIcmp?: IcmpMatch
  /** What is asked of the source. */
  readonly source: SideMatch
  /** What is asked of the destination. */
  readonly destination: SideMatch
  /** What people wrote beside it. */
  readonly comments?: readonly string[]
  /** Number in the object's list, from 1: a rule of Kubernetes becomes several. 0: not a rule of the object. */
  readonly index: number
  /** The rule's place in its object. */
  readonly origin: Origin
}

/** A protocol: its number, and its name in lower case where the rule names it (Felix writes what it was given). */
export interface ProtocolMatch {
  /** Number. */
  readonly number: number
  /** `tcp`, `udp`, `icmp`, `icmpv6`, `sctp`, `udplite`; absent where a number was given. */
  readonly name?: string
}

/** A policy of any kind. */
export interface Policy {
  /** What people call it. */
  readonly ref: PolicyRef
  /** What Felix calls it in names of chains, of a release: `knp/default/deny-all`, `default/knp.default.deny-all`, … */
  readonly id: string
  /** Order in its tier; Infinity where it has none. */
  readonly order: number
  /** Canonical text of the selector over endpoints. */
  readonly selector: string
  /** Directions it applies to. */
  readonly directions: readonly PolicyDirection[]
  /** Never enforced. */
  readonly staged: boolean
  /** Applies to what host endpoints forward, too. */
  readonly applyOnForward: boolean
  /** Before address translation. */
  readonly preDNAT: boolean
  /** Before connection tracking. */
  readonly doNotTrack: boolean
  /** Rules for what comes in. */
  readonly ingress: readonly PolicyRule[]
  /** Rules for what goes out. */
  readonly egress: readonly PolicyRule[]
  /** The object. */
  readonly origin: Origin
}

/** A tier. */
export interface Tier {
  /** Name. */
  readonly name: string
  /** Order; Infinity where it has none. */
  readonly order: number
  /** What becomes of a packet that none of its policies decides. */
  readonly defaultAction: 'Deny' | 'Pass'
  /** The object; built-in tiers need none. */
  readonly origin: Origin
}

/** Policies of a tier that apply to one endpoint, in order, staged ones among them. */
export interface TierPolicies {
  /** The tier. */
  readonly tier: Tier
  /** Those for what comes in. */
  readonly ingress: readonly Policy[]
  /** Those for what goes out. */
  readonly egress: readonly Policy[]
}

/** A profile. */
export interface Profile {
  /** Name: `kns.default`, `ksa.default.default`, `projectcalico-default-allow`, … */
  readonly name: string
  /** Rules for what comes in. */
  readonly ingress: readonly PolicyRule[]
  /** Rules for what goes out. */
  readonly egress: readonly PolicyRule[]
  /** What made it. */
  readonly origin: Origin
}

/** What decides about a pod. */
export interface WorkloadPolicies {
  /** Namespace of the pod in the network: `namespace/name`. */
  readonly netns: string
  /** Host end of its veth. */
  readonly dev: string
  /** Tiers with a policy for it, in order. */
  readonly tiers: readonly TierPolicies[]
  /** Profiles in order. */
  readonly profiles: readonly Profile[]
  /** Addresses that stand for its own, as its annotations say; absent: none. */
  readonly floating?: readonly FloatingAddress[]
  /** What its annotations ask for; absent: nothing. */
  readonly controls?: PodControls
}

/** What decides about an interface of a host. */
export interface HostPolicies {
  /** Name of the HostEndpoint. */
  readonly name: string
  /** Interface it stands for; `*` = every one without a host endpoint of its own. */
  readonly dev: string
  /** Tiers with a policy for packets from and to the host itself. */
  readonly tiers: readonly TierPolicies[]
  /** Those for what it forwards (applyOnForward). */
  readonly forward: readonly TierPolicies[]
  /** Those before connection tracking. */
  readonly untracked: readonly TierPolicies[]
  /** Those before address translation; ingress only. */
  readonly preDnat: readonly TierPolicies[]
  /** Profiles in order. */
  readonly profiles: readonly Profile[]
  /** The object. */
  readonly origin: Origin
}

/** What Felix of a node has to enforce. */
export interface NodePolicies {
  /** Its pods, in order of creation. */
  readonly workloads: readonly WorkloadPolicies[]
  /** Its host endpoints, one an interface. */
  readonly hosts: readonly HostPolicies[]
}

/** The calculation over a cluster: each answer is made when it is asked for, and equal answers are one object. */
export interface PolicyBook {
  /** What a node enforces. */
  of(node: string): NodePolicies
  /** A set of addresses by id, named as Felix does (`cali40s:…`); one object a cluster, members made when read. */
  set(id: SetId, family: Family): IpSet
  /** All policies in order: tier, order, name. */
  readonly policies: readonly Policy[]
  /** All tiers in order. */
  readonly tiers: readonly Tier[]
}
