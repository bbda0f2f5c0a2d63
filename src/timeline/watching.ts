import type { Resources } from '../control/index.ts'

/** Programs that write on nodes what they make of stored objects. */
export type Follower = 'felix' | 'bird' | 'kube-proxy'

/** All of them, in the order in which they are asked at one moment. */
export const FOLLOWERS: readonly Follower[] = ['felix', 'bird', 'kube-proxy']

const FELIX: readonly Follower[] = ['felix']
const BIRD: readonly Follower[] = ['bird']
const PROXY: readonly Follower[] = ['kube-proxy']
const CALICO: readonly Follower[] = ['felix', 'bird']
const ALL: readonly Follower[] = FOLLOWERS
const NOBODY: readonly Follower[] = []

/**
 * Who acts on objects of a list. What BIRD follows it hears from confd, or from the sessions of others: a block that a pod claims is
 * announced. kube-proxy follows pods where their EndpointSlices are made from them. A DaemonSet's environment, a ConfigMap and the
 * release are settings of whoever reads them.
 *
 * @calico felix/calc, confd/pkg/backends/calico, @kubernetes pkg/proxy/config
 */
const WATCHED_BY: Readonly<Record<keyof Resources, readonly Follower[]>> = {
  nodes: ALL,
  pods: ALL,
  namespaces: FELIX,
  configMaps: ALL,
  daemonSets: ALL,
  deployments: NOBODY,
  podSets: NOBODY,
  controllerRevisions: NOBODY,
  ippools: ALL,
  ipamBlocks: CALICO,
  blockAffinities: CALICO,
  ipamConfigs: CALICO,
  ipReservations: NOBODY,
  felixConfigurations: CALICO,
  bgpConfigurations: CALICO,
  bgpPeers: BIRD,
  clusterInformations: CALICO,
  installations: ALL,
  services: ALL,
  endpointSlices: ALL,
  endpoints: ALL,
  kubeProxyConfigurations: PROXY,
  underlays: CALICO,
  policies: FELIX,
  tiers: FELIX,
  networkSets: FELIX,
  profiles: FELIX,
  hostEndpoints: FELIX,
  serviceAccounts: FELIX,
  kubeControllersConfigurations: FELIX,
  ipamHandles: NOBODY,
  bgpFilters: BIRD,
  calicoNodeStatuses: NOBODY,
  workloadEndpoints: FELIX,
  secrets: BIRD,
  others: NOBODY,
}

/** Who acts on it when these lists are others than before. */
export function watchersOf(lists: readonly (keyof Resources)[]): ReadonlySet<Follower> {
  return new Set(lists.flatMap((list) => WATCHED_BY[list]))
}
