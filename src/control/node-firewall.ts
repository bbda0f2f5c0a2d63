import { pushTo, type Sysctls } from '../model/index.ts'
import { type Family, type Ip, parseIp } from '../wire/index.ts'
import { addressOfNode, type ClusterNode } from './cluster-node.ts'
import type { IpamResult } from './ipam/cluster-ipam.ts'
import { statedAddresses } from './ipam/pod-address.ts'
import type { ProxyConfig } from './kube-proxy/config.ts'
import type { PodAddressesOf } from './kube-proxy/endpoints.ts'
import { KubeProxy } from './kube-proxy/kube-proxy.ts'
import type { PodResource } from './kubernetes-kinds.ts'
import { portmapTables } from './portmap/chains.ts'
import { hostPortsOf, type MappedPod } from './portmap/host-ports.ts'
import type { Resources } from './resources.ts'
import type { RulesetPart } from './ruleset-part.ts'

/** Whether a cluster's nodes have rules of kube-proxy: where there are Services, or somebody tells kube-proxy what to do. */
function hasKubeProxy({ services, kubeProxyConfigurations }: Resources, { mode }: ProxyConfig): boolean {
  return mode === 'iptables' && (services.length > 0 || kubeProxyConfigurations.length > 0)
}

/** What kube-proxy sets on every node, so that node ports are reached at 127.0.0.1. */
export function proxySysctls(resources: Resources, config: ProxyConfig): Sysctls {
  return hasKubeProxy(resources, config) && config.localhostNodePorts ? { 'net.ipv4.conf.all.route_localnet': '1' } : {}
}

/** Addresses of pods: those IPAM gave, or those of the node they share the network of. */
export function podAddresses(ipam: IpamResult, nodes: readonly ClusterNode[]): PodAddressesOf {
  const byPod = new Map<PodResource, Ip[]>()
  for (const { pod, allocations } of ipam.pods)
    byPod.set(
      pod,
      allocations.map(({ address }) => address),
    )
  const byName = new Map(nodes.map((node) => [node.name, node]))
  return (pod) => {
    if (pod.spec.hostNetwork !== true) return byPod.get(pod) ?? []
    const stated = statedAddresses(pod)?.texts.flatMap((text) => parseIp(text) ?? []) ?? []
    if (stated.length > 0) return stated
    const node = byName.get(pod.spec.nodeName ?? '')
    return node === undefined ? [] : ([4, 6] as const).flatMap((family) => addressOfNode(node, family)?.address ?? [])
  }
}

/** Pods with ports of their nodes, by node. */
function mappedPods(ipam: IpamResult): ReadonlyMap<string, readonly MappedPod[]> {
  const byNode = new Map<string, MappedPod[]>()
  for (const { pod, node, allocations } of ipam.pods) {
    if (hostPortsOf(pod).length === 0) continue
    pushTo(byNode, node.name, { pod, addresses: allocations.map(({ address }) => address) })
  }
  return byNode
}

/** The parts that others than Felix have in the firewall of a node, in the order in which their jumps come. */
export type OtherParts = (family: Family, node: ClusterNode) => readonly RulesetPart[]

/** What the portmap plugin has on nodes, where pods want ports of them, and kube-proxy. */
export function otherParts(
  resources: Resources,
  config: ProxyConfig,
  ipam: IpamResult,
  nodes: readonly ClusterNode[],
): OtherParts {
  const proxy = hasKubeProxy(resources, config)
    ? new KubeProxy(resources, config, podAddresses(ipam, nodes))
    : undefined
  const mapped = mappedPods(ipam)
  return (family, node) => [
    portmapTables(family, mapped.get(node.name) ?? []),
    ...(proxy === undefined ? [] : [proxy.tables(family, { node, addresses: addressesOf(node, ipam) })]),
  ]
}

/** All addresses of a node. */
function addressesOf(node: ClusterNode, ipam: IpamResult): Ip[] {
  const { interfaces = [], loopback } = node.machine ?? {}
  const devices = [...interfaces, ...(loopback === undefined ? [] : [loopback])]
  return [
    '127.0.0.1' as Ip,
    '::1' as Ip,
    ...devices.flatMap((dev) => dev.addresses.map(({ address }) => address)),
    ...Object.values(ipam.tunnels.get(node.name) ?? {}),
  ]
}
