import { keptIn } from '../../model/index.ts'
import { type Ip, parseIp } from '../../wire/index.ts'
import { mapAt, mapsAt, textAt } from '../validation/members.ts'
import { asNumberOf } from '../validation/numbers-or-text.ts'
import type { PlainObject, PlainObjects } from './objects.ts'

/** What Calico knows of a node, from annotations of Kubernetes' Node or from Calico's own. */
export interface PlainNode {
  /** The object. */
  readonly id: string
  /** Name. */
  readonly name: string
  /** Labels. */
  readonly labels: Readonly<Record<string, string>>
  /** Addresses of the node itself. */
  readonly addresses: readonly Ip[]
  /** Addresses of its tunnel devices, by device. */
  readonly tunnels: readonly (readonly [device: string, address: Ip])[]
  /** Hardware addresses of its VXLAN devices. */
  readonly macs: readonly string[]
  /** Public keys of WireGuard. */
  readonly keys: readonly string[]
  /** Its AS number; undefined: that of the cluster. */
  readonly asNumber: number | undefined
  /** Cluster id, of a route reflector. */
  readonly clusterId: string
  /** Ranges of Kubernetes for its pods. */
  readonly podCidrs: readonly string[]
}

/** The nodes among the objects. */
export function plainNodes(objects: PlainObjects): readonly PlainNode[] {
  return keptIn(known, objects, () => {
    const isInternal = takesInternal(objects)
    return objects.of('Node').map((node) => (node.api === 'v1' ? ofKubernetes(node, isInternal) : ofCalico(node)))
  })
}

/** Ways of finding an address that may find the one Kubernetes has, and are those by default. */
const AS_KUBERNETES = ['', 'first-found', 'kubernetes-internal-ip', 'none']

/**
 * Whether a node's InternalIP may be the address Calico takes: not where calico-node is told to look elsewhere, by interface, range or
 * destination.
 */
function takesInternal(objects: PlainObjects): boolean {
  const ways = objects.of('DaemonSet').flatMap(({ spec }) => {
    const pod = mapAt(mapAt(spec, 'template') ?? {}, 'spec') ?? {}
    const variables = mapsAt(pod, 'containers').flatMap(([, container]) => mapsAt(container, 'env'))
    return variables.flatMap(([, one]) =>
      textAt(one, 'name') === 'IP_AUTODETECTION_METHOD' ? [textAt(one, 'value')] : [],
    )
  })
  const fields = objects
    .of('Installation')
    .map(({ spec }) => mapAt(mapAt(spec, 'calicoNetwork') ?? {}, 'nodeAddressAutodetectionV4') ?? {})
  const isElsewhere = fields.some((way) =>
    ['interface', 'skipInterface', 'canReach', 'cidrs'].some((key) => key in way),
  )
  return !isElsewhere && ways.every((way) => AS_KUBERNETES.includes(way))
}

/** Every check asks for them. */
const known = new WeakMap<PlainObjects, readonly PlainNode[]>()

const TUNNEL_ANNOTATIONS = [
  ['tunl0', 'IPv4IPIPTunnelAddr'],
  ['vxlan.calico', 'IPv4VXLANTunnelAddr'],
  ['vxlan-v6.calico', 'IPv6VXLANTunnelAddr'],
  ['wireguard.cali', 'IPv4WireguardInterfaceAddr'],
  ['wg-v6.cali', 'IPv6WireguardInterfaceAddr'],
] as const

function addresses(texts: readonly string[]): Ip[] {
  const found = texts.flatMap((text) => parseIp(text.split('/')[0] ?? '') ?? [])
  return [...new Set(found)]
}

function filled(texts: readonly (string | undefined)[]): string[] {
  return texts.filter((text): text is string => text !== undefined && text !== '')
}

function tunnelsOf(pairs: readonly (readonly [string, string | undefined])[]): (readonly [string, Ip])[] {
  return pairs.flatMap(([device, text]) => addresses(filled([text])).map((address) => [device, address] as const))
}

function ofKubernetes({ id, name, labels, annotations, spec, value }: PlainObject, isInternal: boolean): PlainNode {
  const own = (key: string): string => annotations[`projectcalico.org/${key}`] ?? ''
  const status = mapsAt(mapAt(value, 'status') ?? {}, 'addresses')
  const internal = status
    .filter(([, one]) => textAt(one, 'type') === 'InternalIP')
    .map(([, one]) => textAt(one, 'address'))
  const ranges = Array.isArray(spec['podCIDRs']) ? spec['podCIDRs'].map(String) : [textAt(spec, 'podCIDR')]
  return {
    id,
    name,
    labels,
    addresses: addresses(filled([own('IPv4Address'), own('IPv6Address'), ...(isInternal ? internal : [])])),
    tunnels: tunnelsOf(TUNNEL_ANNOTATIONS.map(([device, key]) => [device, own(key)])),
    macs: filled([own('VXLANTunnelMACAddr'), own('VXLANTunnelMACAddrV6')]),
    keys: filled([own('WireguardPublicKey'), own('WireguardPublicKeyV6')]),
    asNumber: asNumberOf(own('ASNumber')),
    clusterId: own('RouteReflectorClusterID'),
    podCidrs: filled(ranges),
  }
}

function ofCalico({ id, name, labels, spec, value }: PlainObject): PlainNode {
  const bgp = mapAt(spec, 'bgp') ?? {}
  const wireguard = mapAt(spec, 'wireguard') ?? {}
  const status = mapAt(value, 'status') ?? {}
  return {
    id,
    name,
    labels,
    addresses: addresses(filled([textAt(bgp, 'ipv4Address'), textAt(bgp, 'ipv6Address')])),
    tunnels: tunnelsOf([
      ['tunl0', textAt(bgp, 'ipv4IPIPTunnelAddr')],
      ['vxlan.calico', textAt(spec, 'ipv4VXLANTunnelAddr')],
      ['vxlan-v6.calico', textAt(spec, 'ipv6VXLANTunnelAddr')],
      ['wireguard.cali', textAt(wireguard, 'interfaceIPv4Address')],
      ['wg-v6.cali', textAt(wireguard, 'interfaceIPv6Address')],
    ]),
    macs: filled([textAt(spec, 'vxlanTunnelMACAddr'), textAt(spec, 'vxlanTunnelMACAddrV6')]),
    keys: filled([textAt(status, 'wireguardPublicKey'), textAt(status, 'wireguardPublicKeyV6')]),
    asNumber: asNumberOf(bgp['asNumber']),
    clusterId: textAt(bgp, 'routeReflectorClusterID'),
    podCidrs: [],
  }
}
