import type { ChainLines } from '../../control/index.ts'
import type { RequestBase } from '../verb.ts'
import type { FelixFields } from './felix-request.ts'
import type { FelixRuleFields } from './felix-rule.ts'

/** Bits of the firewall mark, as hexadecimal text. */
export interface FelixMarks {
  /** Policy let the packet through. */
  readonly accept?: string
  /** Policy hands it to the next tier. */
  readonly pass?: string
  /** What a rule remembers over several lines. */
  readonly scratch0?: string
  /** The same. */
  readonly scratch1?: string
  /** Policy denies it. */
  readonly drop?: string
}

/** What Felix is asked to render. */
export const FELIX_RENDERS = [
  'rule',
  'policy',
  'profile',
  'policy-group',
  'workload',
  'host',
  'workload-dispatch',
  'host-dispatch',
  'nat-outgoing',
] as const

/** One of them. */
export type FelixRender = (typeof FELIX_RENDERS)[number]

/** What is asked of Felix' renderer, whatever it renders. */
export interface FelixRenderBase<Render extends FelixRender> extends RequestBase<'felix-chains'> {
  /** What is rendered. */
  readonly render: Render
  /** IP version; absent: 4. */
  readonly ipVersion?: 4 | 6
  /** Bits of the mark; absent: those Felix takes by itself. */
  readonly marks?: FelixMarks
  /** Fields of FelixConfiguration. */
  readonly felix?: FelixFields
}

/** A policy by name. */
export interface FelixPolicyName {
  /** Kind as Felix calls it: `NetworkPolicy`, `KubernetesNetworkPolicy`, `StagedGlobalNetworkPolicy` … */
  readonly kind: string
  /** Namespace. */
  readonly namespace?: string
  /** Name. */
  readonly name: string
  /** Canonical selector, for policies that share a chain; absent: all endpoints. */
  readonly selector?: string
}

/** A tier with policies by name, in order. */
export interface FelixTier {
  /** Name. */
  readonly name: string
  /** What becomes of what no policy decides; absent: Deny. */
  readonly defaultAction?: 'Deny' | 'Pass'
  /** Policies for what comes in. */
  readonly ingress?: readonly FelixPolicyName[]
  /** And for what goes out. */
  readonly egress?: readonly FelixPolicyName[]
}

/** Rules of both directions. */
export interface BothWays {
  /** For what comes in. */
  readonly inbound?: readonly FelixRuleFields[]
  /** For what goes out. */
  readonly outbound?: readonly FelixRuleFields[]
}

/** One rule. */
export interface FelixRuleRequest extends FelixRenderBase<'rule'> {
  /** The rule. */
  readonly rule: FelixRuleFields
}

/** The chains of a policy. */
export interface FelixPolicyRequest extends FelixRenderBase<'policy'> {
  /** The policy; `tier` is asked for only by prefixes of logs and by names before v3.32. */
  readonly policy: FelixPolicyName & BothWays & { readonly tier?: string }
}

/** The chains of a profile. */
export interface FelixProfileRequest extends FelixRenderBase<'profile'> {
  /** The profile. */
  readonly profile: { readonly name: string } & BothWays
}

/** The chain of policies that select the same endpoints. */
export interface FelixGroupRequest extends FelixRenderBase<'policy-group'> {
  /** Into endpoints or out of them. */
  readonly direction: 'ingress' | 'egress'
  /** Policies in order. */
  readonly policies: readonly FelixPolicyName[]
}

/** The chains of a pod. */
export interface FelixWorkloadRequest extends FelixRenderBase<'workload'> {
  /** Host end of its veth. */
  readonly interface: string
  /** Absent: up. */
  readonly adminUp?: boolean
  /** Tiers in order. */
  readonly tiers?: readonly FelixTier[]
  /** Profiles in order. */
  readonly profiles?: readonly string[]
  /** Whether neighbours with equal selectors share a chain; absent: where every policy says its selector. */
  readonly policyGroups?: boolean
}

/** The chains of a host endpoint in a table. */
export interface FelixHostRequest extends FelixRenderBase<'host'> {
  /** Its interface. */
  readonly interface: string
  /** Table; absent: filter. */
  readonly table?: 'filter' | 'raw' | 'mangle-prednat' | 'mangle-egress'
  /** Tiers in order: those of the table. */
  readonly tiers?: readonly FelixTier[]
  /** Tiers for what is forwarded. */
  readonly forwardTiers?: readonly FelixTier[]
  /** Profiles in order. */
  readonly profiles?: readonly string[]
  /** See {@link FelixWorkloadRequest}. */
  readonly policyGroups?: boolean
}

/** The dispatch to pods. */
export interface FelixWorkloadDispatchRequest extends FelixRenderBase<'workload-dispatch'> {
  /** Interfaces of pods. */
  readonly interfaces?: readonly string[]
  /** How their names begin. */
  readonly prefixes?: readonly string[]
}

/** The dispatch to host endpoints. */
export interface FelixHostDispatchRequest extends FelixRenderBase<'host-dispatch'> {
  /** Interfaces with an endpoint of their own. */
  readonly interfaces?: readonly string[]
  /** In the names of chains for all others; absent: they have none. */
  readonly defaultChain?: string
  /** Table; absent: filter. */
  readonly table?: 'filter' | 'untracked' | 'preDNAT'
  /** How names of pods' interfaces begin; absent: as `interfacePrefix` says. */
  readonly prefixes?: readonly string[]
}

/** Translation of what leaves the pools. */
export interface FelixNatOutgoingRequest extends FelixRenderBase<'nat-outgoing'> {
  /** Whether a pool asks for it. */
  readonly active?: boolean
  /** Whether the kernel can choose ports at random. */
  readonly randomFully?: boolean
}

/** Which lines would Felix write? */
export type FelixChainsRequest =
  | FelixRuleRequest
  | FelixPolicyRequest
  | FelixProfileRequest
  | FelixGroupRequest
  | FelixWorkloadRequest
  | FelixHostRequest
  | FelixWorkloadDispatchRequest
  | FelixHostDispatchRequest
  | FelixNatOutgoingRequest

/** What stands behind `-A CHAIN`: of one chain, or of several by name. */
export type FelixChainsResult = { readonly rules: readonly string[] } | { readonly chains: ChainLines }
