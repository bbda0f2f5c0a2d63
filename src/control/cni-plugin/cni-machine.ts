import { keptIn } from '../../model/index.ts'
import type { VersionTraits } from '../calico-version.ts'
import type { ConvertedPod } from '../conversion/pod.ts'
import type { IpamStore } from '../ipam/store/ipam-store.ts'
import { type HostLocalStore, hostLocalStore } from './host-local.ts'
import type { PluginEndpoint } from './plugin-endpoint.ts'
import type { PodDevice } from './pod-device.ts'

/** What the plugin asks the API server about. */
export interface CniObjects {
  /** A pod by `namespace/name`. */
  readonly pod: (name: string) => ConvertedPod | undefined
  /** Annotations of a namespace. */
  readonly namespaceAnnotations: (name: string) => Readonly<Record<string, string>>
  /** The pods' ranges of a node; undefined: there is no such node. */
  readonly podCidrs: (node: string) => readonly string[] | undefined
  /** Whether Calico's datastore is ready, or why that cannot be told. */
  readonly readiness: () => 'ready' | 'not-ready' | 'unknown'
}

/** A node on which the plugin is called: what IPAM has, and what earlier calls left. Calls change it. */
export interface CniMachine {
  /** Name of the node. */
  readonly node: string
  /** What IPAM has. */
  readonly store: IpamStore
  /** What the API server answers. */
  readonly objects: CniObjects
  /** What its release decides. */
  readonly traits: CniTraits
  /** Beginning of the names of host ends. */
  readonly prefix: string
  /** Veths by their host end. */
  readonly devices: Map<string, PodDevice>
  /** Endpoints by `namespace/name`. */
  readonly endpoints: Map<string, PluginEndpoint>
  /** What host-local keeps, by network. */
  readonly hostLocal: Map<string, HostLocalStore>
  /** How many veths were made: each has a MAC of its own. */
  made: number
}

/** What of a release decides about the plugin. */
export type CniTraits = Pick<VersionTraits, 'initContainerPorts' | 'qosControls' | 'felixRoutesFixedAddresses'>

/** A node nobody has called the plugin on yet. */
export function cniMachine(
  node: string,
  store: IpamStore,
  objects: CniObjects,
  traits: CniTraits,
  prefix = 'cali',
): CniMachine {
  const empty = { devices: new Map(), endpoints: new Map(), hostLocal: new Map() }
  return { node, store, objects, traits, prefix, ...empty, made: 0 }
}

/** What host-local keeps of a network. */
export function networkStore(machine: CniMachine, network: string): HostLocalStore {
  return keptIn(machine.hostLocal, network, hostLocalStore)
}

/** A call of the plugin. */
export interface CniCall {
  /** Namespace of the pod. */
  readonly namespace: string
  /** Name of the pod. */
  readonly pod: string
  /** Id of the container. */
  readonly container: string
  /** Interface in the pod. */
  readonly interface: string
  /** The network configuration. */
  readonly config: Readonly<Record<string, unknown>>
  /** Files of the host, by path; absent: those of a node on which Calico runs. */
  readonly files?: Readonly<Record<string, string>>
}
