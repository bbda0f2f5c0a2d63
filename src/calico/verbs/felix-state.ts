import * as v from 'valibot'
import {
  type Encapsulation,
  type EndpointPolicies,
  type FelixRoute,
  type FelixState,
  type FelixVtep,
  felixState,
  type ProgrammedPools,
  type WireguardEnd,
} from '../../control/index.ts'
import { storedObjects } from '../objects.ts'
import { type RequestBase, type Verb, verb } from '../verb.ts'

/** What does Felix of a node calculate from all objects? */
export interface FelixStateRequest extends RequestBase<'felix-state'> {
  /** The node. */
  readonly node: string
  /** Objects, as a datastore holds them; WorkloadEndpoints and Profiles may be among them. */
  readonly objects?: readonly unknown[]
}

/** A set of addresses that active rules ask. */
export interface FelixSetResult {
  /** Id, without Felix' prefix. */
  readonly id: string
  /** What makes its members. */
  readonly kind: 'selector' | 'named-port' | 'service'
  /** Canonical text of the selector; not of a Service. */
  readonly selector?: string
  /** Protocol of a named port; `any` where the rule names none. */
  readonly protocol?: string
  /** Name of the port. */
  readonly port?: string
  /** `namespace/name` of the Service. */
  readonly service?: string
  /** `10.0.0.0/24`, `10.0.0.1`, or `10.0.0.1,tcp:80`. */
  readonly members: readonly string[]
}

/** What Felix calculates. */
export interface FelixStateResult {
  /** Ranges it knows of, in order of addresses. */
  readonly routes: readonly FelixRoute[]
  /** VXLAN tunnel endpoints, its own among them. */
  readonly vteps: readonly FelixVtep[]
  /** Nodes with keys for WireGuard over IPv4. */
  readonly wireguard: readonly WireguardEnd[]
  /** Nodes with keys for WireGuard over IPv6. */
  readonly wireguard6: readonly WireguardEnd[]
  /** Sets that active rules ask. */
  readonly ipSets: readonly FelixSetResult[]
  /** Policies that select an endpoint of the node, or are needed on every node. */
  readonly activePolicies: readonly string[]
  /** Those of them that come before connection tracking. */
  readonly untrackedPolicies: readonly string[]
  /** Those of them that come before address translation. */
  readonly preDnatPolicies: readonly string[]
  /** Profiles that endpoints of the node name. */
  readonly activeProfiles: readonly string[]
  /** Policies by endpoint of the node. */
  readonly endpoints: Readonly<Record<string, EndpointPolicies>>
  /** Encapsulations that Felix considers in use. */
  readonly encapsulation: Encapsulation
  /** Pools whose routes between nodes Felix writes itself. */
  readonly programs: ProgrammedPools
}

/** The verb `felix-state`. */
export const felixStateVerb: Verb = verb<FelixStateRequest, FelixStateResult>(
  v.strictObject({
    node: v.string('text'),
    objects: v.exactOptional(v.array(v.unknown())),
  }),
  ({ node, objects = [] }, { version }) => {
    const state = felixState(node, storedObjects(objects), version)
    const { routes, vteps, wireguard, wireguard6, profiles, endpoints, encapsulation, programs } = state
    return {
      result: {
        routes,
        vteps,
        wireguard,
        wireguard6,
        ipSets: state.sets.map(setResult),
        activePolicies: namesOf(state.policies),
        untrackedPolicies: namesOf(state.policies.filter(({ spec }) => spec.doNotTrack)),
        preDnatPolicies: namesOf(state.policies.filter(({ spec }) => spec.preDNAT)),
        activeProfiles: profiles,
        endpoints: Object.fromEntries(endpoints),
        encapsulation,
        programs,
      },
    }
  },
)

function namesOf(policies: FelixState['policies']): string[] {
  return policies.map(({ names }) => names.name).sort()
}

function setResult({ id, spec, members }: FelixState['sets'][number]): FelixSetResult {
  switch (spec.kind) {
    case 'selector':
      return { id, kind: spec.kind, selector: spec.selector.text, members }
    case 'named-port':
      return { id, kind: spec.kind, selector: spec.selector.text, protocol: spec.protocol, port: spec.port, members }
    case 'service':
      return { id, kind: spec.kind, service: spec.service, members }
  }
}
