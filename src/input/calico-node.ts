import type { KnownResource, NodeResource } from '../control/index.ts'

/** What a node of the Calico API says, as far as it becomes annotations. */
interface CalicoNode {
  readonly metadata: NodeResource['metadata']
  readonly spec?: {
    readonly bgp?: Readonly<Record<string, string | number>>
    readonly wireguard?: Readonly<Record<string, string>>
    readonly [field: string]: unknown
  }
  readonly status?: Readonly<Record<string, string>>
}

const BGP: readonly (readonly [field: string, annotation: string])[] = [
  ['ipv4Address', 'IPv4Address'],
  ['ipv6Address', 'IPv6Address'],
  ['asNumber', 'ASNumber'],
  ['ipv4IPIPTunnelAddr', 'IPv4IPIPTunnelAddr'],
  ['routeReflectorClusterID', 'RouteReflectorClusterID'],
]
const SPEC: readonly (readonly [field: string, annotation: string])[] = [
  ['ipv4VXLANTunnelAddr', 'IPv4VXLANTunnelAddr'],
  ['ipv6VXLANTunnelAddr', 'IPv6VXLANTunnelAddr'],
  ['vxlanTunnelMACAddr', 'VXLANTunnelMACAddr'],
  ['vxlanTunnelMACAddrV6', 'VXLANTunnelMACAddrV6'],
]
const WIREGUARD: readonly (readonly [field: string, annotation: string])[] = [
  ['interfaceIPv4Address', 'IPv4WireguardInterfaceAddr'],
  ['interfaceIPv6Address', 'IPv6WireguardInterfaceAddr'],
]
const STATUS: readonly (readonly [field: string, annotation: string])[] = [
  ['wireguardPublicKey', 'WireguardPublicKey'],
  ['wireguardPublicKeyV6', 'WireguardPublicKeyV6'],
]

/**
 * A node of the Calico API as the annotations that the Kubernetes datastore keeps the same facts in.
 * @calico libcalico-go/lib/backend/k8s/resources/node.go
 */
function annotationsOf(node: CalicoNode): Record<string, string> {
  const annotations: Record<string, string> = {}
  const take = (from: Readonly<Record<string, unknown>> | undefined, table: typeof BGP): void => {
    for (const [field, name] of table) {
      const value = from?.[field]
      if (typeof value === 'string' || typeof value === 'number')
        annotations[`projectcalico.org/${name}`] = String(value)
    }
  }
  take(node.spec?.bgp, BGP)
  take(node.spec, SPEC)
  take(node.spec?.wireguard, WIREGUARD)
  take(node.status, STATUS)
  return annotations
}

/**
 * Joins nodes of the Calico API (`projectcalico.org/v3`) with the Kubernetes nodes of the same name: one node each, Calico's
 * facts as annotations. A Calico node alone is a node, too.
 */
export function joinCalicoNodes(resources: readonly KnownResource[]): KnownResource[] {
  const calico = resources.filter((r) => r.kind === 'Node' && r.apiVersion.includes('projectcalico.org'))
  if (calico.length === 0) return [...resources]
  const plain = resources.filter((r) => !calico.includes(r))
  for (const node of calico as unknown as (CalicoNode & NodeResource)[]) {
    const annotations = annotationsOf(node)
    const at = plain.findIndex((r) => r.kind === 'Node' && r.metadata.name === node.metadata.name)
    const base = at === -1 ? node : (plain[at] as NodeResource)
    const joined: NodeResource = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { ...base.metadata, annotations: { ...annotations, ...base.metadata.annotations } },
      ...(at === -1 ? {} : pickKubernetes(base)),
      ...(base.placeOf ? { placeOf: base.placeOf } : {}),
    }
    if (at === -1) plain.push(joined)
    else plain[at] = joined
  }
  return plain
}

function pickKubernetes(node: NodeResource): Pick<NodeResource, 'spec' | 'status'> {
  return { ...(node.spec ? { spec: node.spec } : {}), ...(node.status ? { status: node.status } : {}) }
}
