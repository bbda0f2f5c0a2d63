import type { Sysctls } from '../model/index.ts'
import type { Family, Ip } from '../wire/index.ts'
import type { ClusterNode } from './cluster-node.ts'
import type { Ipam } from './ipam/cluster-ipam.ts'
import type { ProxyConfig } from './kube-proxy/config.ts'
import type { Endpoints } from './kube-proxy/endpoints.ts'
import type { ServicesAfter } from './kube-proxy/family-proxy.ts'
import { KubeProxy } from './kube-proxy/kube-proxy.ts'
import { portmapTables } from './portmap/chains.ts'
import { readPortmap } from './portmap/config.ts'
import { hostPortsOf, type MappedPod } from './portmap/host-ports.ts'
import type { Resources } from './resources.ts'
import type { RulesetPart } from './ruleset-part.ts'

/** Whether a cluster's nodes have rules of kube-proxy: where there are Services, or somebody tells kube-proxy what to do. */
export function hasKubeProxy(
  { services, kubeProxyConfigurations }: Pick<Resources, 'services' | 'kubeProxyConfigurations'>,
  { mode }: ProxyConfig,
): boolean {
  return mode === 'iptables' && (services.length > 0 || kubeProxyConfigurations.length > 0)
}

/** What kube-proxy sets on every node, so that node ports are reached at 127.0.0.1. */
export function proxySysctls(resources: Resources, config: ProxyConfig): Sysctls {
  return hasKubeProxy(resources, config) && config.localhostNodePorts ? { 'net.ipv4.conf.all.route_localnet': '1' } : {}
}

/** Pods of a node with ports of it. */
function mappedPods({ pods }: Ipam, node: ClusterNode): readonly MappedPod[] {
  return pods.ofNode(node.name).flatMap((i) => {
    const pod = pods.pod(i)
    return hostPortsOf(pod).length === 0 ? [] : [{ pod, addresses: pods.addresses(i) }]
  })
}

/** The parts that others than Felix have in the firewall of a node; their jumps come in this order. */
export interface OtherParts {
  /** What the portmap plugin has, for these pods or for all of the node; nothing where it writes no rules. */
  readonly portmap: (family: Family, node: ClusterNode, pods?: readonly MappedPod[]) => readonly RulesetPart[]
  /** What kube-proxy has; nothing where there is none. */
  readonly proxy: (family: Family, node: ClusterNode) => readonly RulesetPart[]
  /** The same of edited Services; absent where no rule is about them. */
  readonly edited?: (services: ServicesAfter) => OtherParts
}

const NOTHING = (): readonly RulesetPart[] => []

/** Of nodes on which only Felix writes rules. */
export const NO_OTHERS: OtherParts = { portmap: NOTHING, proxy: NOTHING }

/** What the portmap plugin has on nodes, where pods want ports of them, and kube-proxy. */
export function otherParts(resources: Resources, config: ProxyConfig, ipam: Ipam, endpoints: Endpoints): OtherParts {
  const portmap = readPortmap(resources)
  const ofPortmap: OtherParts['portmap'] = (family, node, pods = mappedPods(ipam, node)) =>
    portmap.kind === 'rules' ? [portmapTables(family, pods, portmap.config)] : []
  if (!hasKubeProxy(resources, config)) return { portmap: ofPortmap, proxy: NOTHING }
  const all = (proxy: KubeProxy): OtherParts => ({
    portmap: ofPortmap,
    proxy: (family, node) => [proxy.tables(family, { node, addresses: addressesOf(node, ipam) })],
    edited: (services) => all(proxy.edited(services)),
  })
  return all(KubeProxy.of(resources.services, config, endpoints))
}

/** All addresses of a node. */
function addressesOf(node: ClusterNode, ipam: Ipam): Ip[] {
  const { interfaces = [], loopback } = node.machine ?? {}
  const devices = [...interfaces, ...(loopback === undefined ? [] : [loopback])]
  return [
    '127.0.0.1' as Ip,
    '::1' as Ip,
    ...devices.flatMap((dev) => dev.addresses.map(({ address }) => address)),
    ...Object.values(ipam.tunnels.get(node.name) ?? {}),
  ]
}
