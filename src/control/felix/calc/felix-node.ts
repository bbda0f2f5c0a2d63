import { type Cidr, type Family, familyOf, type Ip, parseCidr, parseIp } from '../../../wire/index.ts'
import { listAt, type Raw, textAt } from './raw-fields.ts'
import type { StoredObjects } from './stored-objects.ts'

/** What may differ by family. */
type ByFamily<T> = Readonly<Partial<Record<Family, T>>>

/** An address of a node, and what sort of address Kubernetes or Calico calls it. */
export interface NodeAddress {
  /** `InternalIP`, `ExternalIP`, `CalicoNodeIP`; '' where nobody says. */
  readonly type: string
  /** The address with the length of its subnet; all bits where none is given. */
  readonly cidr: Cidr
}

/** A node as Felix knows it. */
export interface FelixNode {
  /** Name. */
  readonly name: string
  /** The addresses calico-node published. */
  readonly own: ByFamily<Cidr>
  /** All addresses it is reached at. */
  readonly addresses: readonly NodeAddress[]
  /** Address of tunl0. */
  readonly ipip?: Ip
  /** Addresses of the VXLAN devices. */
  readonly vxlan: ByFamily<Ip>
  /** MACs of the VXLAN devices, where they are not the usual ones. */
  readonly vxlanMac: ByFamily<string>
  /** Addresses of the WireGuard devices. */
  readonly wireguard: ByFamily<Ip>
  /** Public keys of WireGuard. */
  readonly keys: ByFamily<string>
}

/** An address with or without a length. */
function cidrOf(text: string): Cidr | undefined {
  const bare = parseIp(text)
  return bare === undefined ? parseCidr(text) : { address: bare, length: familyOf(bare) === 4 ? 32 : 128 }
}

function ofFamily(text: string, family: Family): Cidr | undefined {
  const cidr = cidrOf(text)
  return cidr !== undefined && familyOf(cidr.address) === family ? cidr : undefined
}

/** Texts by family, read; what cannot be read is left out. */
function byFamily<T>(four: string, six: string, read: (text: string, family: Family) => T | undefined): ByFamily<T> {
  const [v4, v6] = [read(four, 4), read(six, 6)]
  return { ...(v4 === undefined ? {} : { 4: v4 }), ...(v6 === undefined ? {} : { 6: v6 }) }
}

const ipOf = (text: string, family: Family): Ip | undefined => {
  const ip = parseIp(text)
  return ip !== undefined && familyOf(ip) === family ? ip : undefined
}

const wordOf = (text: string): string | undefined => (text === '' ? undefined : text)

const MAC = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i

const macOf = (text: string): string | undefined =>
  MAC.test(text) ? text.toLowerCase().replaceAll('-', ':') : undefined

function addressesOf(list: readonly unknown[], types: readonly string[]): NodeAddress[] {
  return list.flatMap((one) => {
    const [type, cidr] = [textAt(one, 'type'), cidrOf(textAt(one, 'address'))]
    return cidr === undefined || (types.length > 0 && !types.includes(type)) ? [] : [{ type, cidr }]
  })
}

/** A node of Kubernetes with Calico's annotations. @calico libcalico-go/lib/backend/k8s/resources/node.go */
function kubernetesNode(value: Raw): FelixNode {
  const annotation = (name: string): string => textAt(value, 'metadata', 'annotations', `projectcalico.org/${name}`)
  const own = byFamily(annotation('IPv4Address'), annotation('IPv6Address'), ofFamily)
  const ipip = ipOf(annotation('IPv4IPIPTunnelAddr'), 4)
  return {
    name: textAt(value, 'metadata', 'name'),
    own,
    addresses: [
      ...Object.values(own).map((cidr) => ({ type: 'CalicoNodeIP', cidr })),
      ...addressesOf(listAt(value, 'status', 'addresses'), ['InternalIP', 'ExternalIP']),
    ],
    ...(ipip === undefined ? {} : { ipip }),
    vxlan: byFamily(annotation('IPv4VXLANTunnelAddr'), annotation('IPv6VXLANTunnelAddr'), ipOf),
    vxlanMac: byFamily(annotation('VXLANTunnelMACAddr'), annotation('VXLANTunnelMACAddrV6'), macOf),
    wireguard: byFamily(annotation('IPv4WireguardInterfaceAddr'), annotation('IPv6WireguardInterfaceAddr'), ipOf),
    keys: byFamily(annotation('WireguardPublicKey'), annotation('WireguardPublicKeyV6'), wordOf),
  }
}

/** A Node of Calico. @calico libcalico-go/lib/apis/internalapi/node.go */
function calicoNode(value: Raw): FelixNode {
  const spec = (...path: readonly string[]): string => textAt(value, 'spec', ...path)
  const ipip = ipOf(spec('bgp', 'ipv4IPIPTunnelAddr'), 4)
  return {
    name: textAt(value, 'metadata', 'name'),
    own: byFamily(spec('bgp', 'ipv4Address'), spec('bgp', 'ipv6Address'), ofFamily),
    addresses: addressesOf(listAt(value, 'spec', 'addresses'), []),
    ...(ipip === undefined ? {} : { ipip }),
    vxlan: byFamily(spec('ipv4VXLANTunnelAddr'), spec('ipv6VXLANTunnelAddr'), ipOf),
    vxlanMac: byFamily(spec('vxlanTunnelMACAddr'), spec('vxlanTunnelMACAddrV6'), macOf),
    wireguard: byFamily(spec('wireguard', 'interfaceIPv4Address'), spec('wireguard', 'interfaceIPv6Address'), ipOf),
    keys: byFamily(
      textAt(value, 'status', 'wireguardPublicKey'),
      textAt(value, 'status', 'wireguardPublicKeyV6'),
      wordOf,
    ),
  }
}

/** The nodes of a datastore by name; where both APIs have one, it is Calico's. */
export function felixNodes(objects: StoredObjects): ReadonlyMap<string, FelixNode> {
  const nodes = [
    ...objects.of('Node', 'kubernetes').map(kubernetesNode),
    ...objects.of('Node', 'calico').map(calicoNode),
  ]
  return new Map(nodes.map((node) => [node.name, node]))
}

/**
 * The address routes lead to a node by, with the subnet that decides about CrossSubnet: as calico-node published it, and
 * only of a node without any such address as Kubernetes lists it.
 *
 * @calico felix/calc/l3_route_resolver.go
 */
export function nodeAddress({ own, addresses }: FelixNode, family: Family): Cidr | undefined {
  if (own[4] !== undefined || own[6] !== undefined) return own[family]
  const listed = (type: string): Cidr | undefined =>
    addresses.find((one) => one.type === type && familyOf(one.cidr.address) === family)?.cidr
  return listed('InternalIP') ?? listed('ExternalIP')
}
