import type {
  BackendRef,
  NatEnd,
  Origin,
  PolicyDirection,
  PolicyRef,
  RuleMeaning,
  ServiceDoor,
  ServiceRef,
} from '../model/index.ts'

/** What a rule of a policy or profile does. */
export type PolicyAction = 'Allow' | 'Deny' | 'Pass' | 'Log'

/** Addresses and ports of a packet at one moment, between two translations. */
export interface PacketSeen {
  /** `tcp`, `udp`, `icmp`, `icmpv6`, or what the IP header says; '' when nobody saw the packet yet. */
  readonly protocol: string
  /** Source; port 0 where the protocol has none, or nobody saw it yet. */
  readonly source: NatEnd
  /** Destination. */
  readonly destination: NatEnd
}

/** The endpoint policies were asked for. */
export interface PolicyPlace {
  /** `netns` of a pod, or node and interface of a host endpoint; '' when no rule said. */
  readonly endpoint: string
  /** It is a host endpoint. */
  readonly host: boolean
  /** Interface of the node. */
  readonly dev: string
  /** Of a host endpoint: what it forwards was asked about. */
  readonly forward?: boolean
}

/** Who translated an address. */
export type NatBy =
  /** What leaves the pools (natOutgoing of the IPPool). */
  | { readonly kind: 'nat-outgoing' }
  /** The address of a Service became an endpoint's. */
  | { readonly kind: 'service'; readonly service: ServiceRef }
  /** kube-proxy wants the answers back; which Service asked for it and why, where a rule said so. */
  | {
      readonly kind: 'service-masquerade'
      readonly service?: ServiceRef
      readonly why?: Extract<RuleMeaning, { readonly kind: 'masquerade-mark' }>['why']
    }
  /** A process of the node sends into a tunnel. */
  | { readonly kind: 'tunnel-source' }
  /** A port of the node leads to a pod. */
  | { readonly kind: 'host-port'; readonly pod: string; readonly port: number }
  /** A rule nobody put a meaning to. */
  | { readonly kind: 'rule'; readonly table: string; readonly chain: string; readonly position: number }
  /** The connection was translated before; by whom, where the trace saw it. */
  | { readonly kind: 'connection'; readonly of?: NatBy }

/** An endpoint of a Service, and how likely it was. */
export interface WeighedBackend extends BackendRef {
  /** Between 0 and 1. */
  readonly probability: number
}

/** What every decision says. */
export interface DecisionBase {
  /** Index of the hop that decided, in the trace's hops. */
  readonly hop: number
  /** Virtual time, in nanoseconds. */
  readonly time: number
  /** Namespace. */
  readonly netns: string
  /** Packet id. */
  readonly packet: number
  /** The packet when it was decided on. */
  readonly seen: PacketSeen
  /** The object and line behind it. */
  readonly origin?: Origin
}

/** Sorts of decision that concern one endpoint and a direction. */
interface AtEndpoint extends DecisionBase {
  /** The way of the packet as seen from the endpoint. */
  readonly direction: PolicyDirection
  /** Where. */
  readonly at: PolicyPlace
}

/** A rule of a policy decided. */
export interface PolicyDecision extends AtEndpoint {
  /** Discriminant. */
  readonly kind: 'policy'
  /** The policy. */
  readonly policy: PolicyRef
  /** Its rule, from 1 in the list of the direction; 0: no rule of the object's. */
  readonly rule: number
  /** What it does. */
  readonly action: PolicyAction
}

/** Policies of a tier select the endpoint, and none of their rules matched. */
export interface TierEndDecision extends AtEndpoint {
  /** Discriminant. */
  readonly kind: 'tier-end'
  /** The tier. */
  readonly tier: string
  /** Those that select the endpoint for this direction, in order. */
  readonly policies: readonly PolicyRef[]
}

/** A profile decided. */
export interface ProfileDecision extends AtEndpoint {
  /** Discriminant. */
  readonly kind: 'profile'
  /** Its name. */
  readonly profile: string
  /** What it does. */
  readonly action: PolicyAction
  /** Whether a policy selects the endpoint and passed the packet on; false: none does. */
  readonly selected: boolean
}

/** No profile let the packet through. */
export interface NoProfileDecision extends AtEndpoint {
  /** Discriminant. */
  readonly kind: 'no-profile'
  /** Whether a policy selects the endpoint. */
  readonly selected: boolean
}

/** A port Felix never closes. */
export interface FailsafeDecision extends AtEndpoint {
  /** Discriminant. */
  readonly kind: 'failsafe'
}

/** What becomes of what a pod sends to its own node. */
export interface ToHostDecision extends DecisionBase {
  /** Discriminant. */
  readonly kind: 'endpoint-to-host'
  /** The setting. */
  readonly action: Extract<RuleMeaning, { readonly kind: 'endpoint-to-host' }>['action']
}

/** Felix refuses a packet whatever policies say. */
export interface RefusedDecision extends DecisionBase {
  /** Discriminant; see {@link RuleMeaning}. */
  readonly kind: 'rpf' | 'encapsulated' | 'tunnel' | 'unknown-interface' | 'invalid' | 'service-loop'
  /** Interface. */
  readonly dev: string
}

/** The packet belongs to a connection that was admitted before. */
export interface EstablishedDecision extends DecisionBase {
  /** Discriminant. */
  readonly kind: 'established'
}

/** An endpoint of a Service was chosen. */
export interface ServiceDecision extends DecisionBase {
  /** Discriminant. */
  readonly kind: 'service'
  /** The port of the Service. */
  readonly service: ServiceRef
  /** By which of its addresses it was asked. */
  readonly door: ServiceDoor
  /** Which one, from 1. */
  readonly chosen: number
  /** All it could have been, in order. */
  readonly backends: readonly WeighedBackend[]
  /** By affinity, not by chance. */
  readonly affinity: boolean
}

/** A Service had nobody to send the packet to. */
export interface NoBackendDecision extends DecisionBase {
  /** Discriminant. */
  readonly kind: 'no-backend'
  /** The port of the Service. */
  readonly service: ServiceRef
  /** By which of its addresses it was asked. */
  readonly door: ServiceDoor
  /** There may be some, but none on this node, which its traffic policy asks for. */
  readonly local: boolean
}

/** A source from which a Service may not be asked. */
export interface SourceRangeDecision extends DecisionBase {
  /** Discriminant. */
  readonly kind: 'source-range'
  /** The port of the Service. */
  readonly service: ServiceRef
}

/** An address was translated. */
export interface NatDecision extends DecisionBase {
  /** Discriminant. */
  readonly kind: 'nat'
  /** Which side. */
  readonly side: 'source' | 'destination'
  /** Before: `address:port`, or the address alone. */
  readonly from: string
  /** After. */
  readonly to: string
  /** Who. */
  readonly by: NatBy
}

/** Something that policy, Services or NAT decided about a packet. A closed union: `kind` tells which. */
export type Decision =
  | PolicyDecision
  | TierEndDecision
  | ProfileDecision
  | NoProfileDecision
  | FailsafeDecision
  | ToHostDecision
  | RefusedDecision
  | EstablishedDecision
  | ServiceDecision
  | NoBackendDecision
  | SourceRangeDecision
  | NatDecision

/** Discriminants of {@link Decision}. */
export type DecisionKind = Decision['kind']

/** Whether an address was translated. */
export function isTranslation(decision: Decision): decision is NatDecision {
  return decision.kind === 'nat'
}

/** Whether the packet ends with it. */
export function isDenial(decision: Decision): boolean {
  switch (decision.kind) {
    case 'policy':
    case 'profile':
      return decision.action === 'Deny'
    case 'endpoint-to-host':
      return decision.action === 'DROP' || decision.action === 'REJECT'
    case 'tier-end':
    case 'no-profile':
    case 'rpf':
    case 'encapsulated':
    case 'tunnel':
    case 'unknown-interface':
    case 'invalid':
    case 'service-loop':
    case 'no-backend':
    case 'source-range':
      return true
    case 'failsafe':
    case 'established':
    case 'service':
    case 'nat':
      return false
  }
}

/** Whether it is what happens in every cluster, with or without policies and Services: no news for a reader. */
export function isQuiet(decision: Decision): boolean {
  switch (decision.kind) {
    case 'profile':
      return decision.action === 'Allow' && !decision.selected
    case 'endpoint-to-host':
      return !isDenial(decision)
    case 'established':
      return true
    // A Service's own line says where the packet goes.
    case 'nat':
      return decision.by.kind === 'connection' || decision.by.kind === 'service'
    default:
      return false
  }
}
