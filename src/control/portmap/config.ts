import type { ClusterNode } from '../cluster-node.ts'
import { CNI_CONFIG_PATH, type CniPlugin, cniConfigOf } from '../cni-config.ts'
import type { Findings } from '../findings.ts'
import type { Ipam } from '../ipam/cluster-ipam.ts'
import type { FieldPath } from '../origin.ts'
import type { OtherResource } from '../resource.ts'
import type { Resources } from '../resources.ts'
import { hostPortsOf } from './host-ports.ts'

/** What the portmap plugin is told. Its rules are the same from v0.9 to v1.9 of the CNI plugins. @cni plugins/meta/portmap/main.go */
export interface PortmapConfig {
  /** Name of the network, which goes into names of chains. */
  readonly network: string
  /** What comes back to where it was asked is masqueraded. */
  readonly snat: boolean
  /** All that is let in is. */
  readonly masqAll: boolean
  /** Mark of what is masqueraded. */
  readonly mark: number
  /** Somebody else's chain that marks what is masqueraded, and who then does it. */
  readonly setMarkChain?: string
}

/** The plugin of Calico's manifests and of the operator. */
const USUAL: PortmapConfig = { network: 'k8s-pod-network', snat: true, masqAll: false, mark: 0x2000 }

/** How ports of nodes get to pods: by rules of the plugin, not at all, or in a way that is not modelled. */
export type Portmap =
  | { readonly kind: 'rules'; readonly config: PortmapConfig }
  | { readonly kind: 'none' | 'open'; readonly why: string; readonly resource: OtherResource; readonly path: FieldPath }

/** Fields of the plugin that rules depend on and that are not modelled. */
function oddField(plugin: CniPlugin): string | undefined {
  if (plugin['backend'] !== undefined && plugin['backend'] !== 'iptables') return `backend ${plugin['backend']}`
  return ['conditionsV4', 'conditionsV6'].find((field) => Array.isArray(plugin[field]) && plugin[field].length > 0)
}

function configOf(network: string, plugin: CniPlugin): PortmapConfig {
  const { markMasqBit, externalSetMarkChain } = plugin
  return {
    network,
    snat: plugin['snat'] !== false,
    masqAll: plugin['masqAll'] === true,
    mark: typeof markMasqBit === 'number' ? (1 << markMasqBit) >>> 0 : USUAL.mark,
    ...(typeof externalSetMarkChain === 'string' ? { setMarkChain: externalSetMarkChain } : {}),
  }
}

/** What the input says of the plugin; where it says nothing, it runs as Calico's manifests have it. */
export function readPortmap({ installations, configMaps }: Resources): Portmap {
  const [installation] = installations
  if (installation !== undefined) {
    if (installation.spec.calicoNetwork?.hostPorts !== 'Disabled') return { kind: 'rules', config: USUAL }
    const path = ['spec', 'calicoNetwork', 'hostPorts']
    return { kind: 'none', why: 'hostPorts is Disabled', resource: installation, path }
  }
  const resource = configMaps.find(({ metadata }) => metadata.name === 'calico-config')
  const given = cniConfigOf(resource)
  if (resource === undefined || given === undefined || given === 'fault') return { kind: 'rules', config: USUAL }
  const plugin = given.plugins.find(({ type }) => type === 'portmap')
  const at = { resource, path: CNI_CONFIG_PATH }
  if (plugin === undefined) return { kind: 'none', why: 'the CNI configuration has no portmap plugin', ...at }
  if (plugin.capabilities?.['portMappings'] !== true) {
    return { kind: 'none', why: 'the portmap plugin lacks the capability portMappings', ...at }
  }
  const odd = oddField(plugin)
  if (odd !== undefined) return { kind: 'open', why: `${odd} of the portmap plugin is not modelled`, ...at }
  return { kind: 'rules', config: configOf(given.name ?? USUAL.network, plugin) }
}

/** Names pods whose ports of the node lead nowhere, or nobody knows where. */
export function notePortmap(portmap: Portmap, { pods }: Ipam, findings: Findings): void {
  if (portmap.kind === 'rules') return
  const { kind, why, resource, path } = portmap
  for (let i = 0; i < pods.length; i++) {
    const pod = pods.pod(i)
    for (const port of hostPortsOf(pod)) {
      if (kind === 'none') {
        findings.warn('invalid', pod, port.path, `the portmap plugin for a hostPort: ${why}`, String(port.hostPort))
        continue
      }
      const { protocol, hostPort } = port
      const scope = {
        kind: 'destination',
        addresses: ownAddresses(pods.node(i)),
        protocol,
        port: hostPort,
      } as const
      findings.note('not_modelled', resource, path, why, { scope })
    }
  }
}

function ownAddresses({ ipv4, ipv6, machine }: ClusterNode) {
  const cards = machine?.interfaces.flatMap((dev) => dev.addresses) ?? []
  return [...new Set([ipv4, ipv6, ...cards].flatMap((cidr) => cidr?.address ?? []))]
}
