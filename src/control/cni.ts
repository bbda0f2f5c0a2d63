import {
  type Address,
  type Cable,
  type Interface,
  inKernelOrder,
  kernelRoutes,
  type Namespace,
  type Origin,
  type Route,
  type Sysctls,
  seedWord,
} from '../model/index.ts'
import { eui64LinkLocal, familyOf, type Ip, isIpv4, type Mac, type Prefix, parseMac } from '../wire/index.ts'
import type { PodResource } from './kubernetes-kinds.ts'
import { LOOPBACK, LOOPBACK_DUAL, LOOPBACK_DUAL_ROUTES, LOOPBACK_ROUTES } from './loopback.ts'
import { linkLocalEntry } from './machine-address.ts'
import { podDigest } from './names.ts'
import type { Settings } from './settings/settings.ts'

/** MAC address of the host end of every pod's veth. */
export const HOST_MAC: Mac = 'ee:ee:ee:ee:ee:ee' as Mac

/** Gateway of every pod: an address nobody has; the host end answers for it by proxy ARP. */
export const POD_GATEWAY: Ip = '169.254.1.1' as Ip

/** Link-local address of every host end; the IPv6 gateway of pods. */
export const HOST_LINK_LOCAL: Ip = eui64LinkLocal(HOST_MAC)

/** A pod attached to its node's network: Calico's view of the pod. */
export interface WorkloadEndpoint {
  /** The pod. */
  readonly pod: PodResource
  /** Kubernetes namespace. */
  readonly namespace: string
  /** Node. */
  readonly node: string
  /** Name of the pod's network namespace in the Network. */
  readonly netns: string
  /** Host end of the veth. */
  readonly interfaceName: string
  /** MAC of the container end. */
  readonly mac: Mac
  /** Addresses, IPv4 first. */
  readonly addresses: readonly Ip[]
  /** MTU of the veth, in bytes. */
  readonly mtu: number
}

const POD_ORIGIN: Origin = {
  component: 'cni',
  note: 'the CNI plugin sends everything to an address that only proxy ARP answers',
}

function podRoute(dst: string, rest: Partial<Route>): Route {
  return {
    family: 'inet',
    dst: dst as Prefix,
    type: 'unicast',
    dev: 'eth0',
    table: 'main',
    protocol: 'boot',
    scope: 'global',
    origin: POD_ORIGIN,
    ...rest,
  }
}

/** The two routes of every pod; the same objects in all of them. */
const DEFAULT_ROUTE = podRoute('0.0.0.0/0', { via: POD_GATEWAY })
const GATEWAY_ROUTE = podRoute('169.254.1.1/32', { scope: 'link' })
const DEFAULT_ROUTE6 = podRoute('::/0', { family: 'inet6', via: HOST_LINK_LOCAL, metric: 1024, pref: 'medium' })

/** Container runtimes turn IPv6 off where a pod has no IPv6 address. */
const IPV4_ONLY: Sysctls = {
  'net.ipv6.conf.all.disable_ipv6': '1',
  'net.ipv6.conf.default.disable_ipv6': '1',
  'net.ipv6.conf.lo.disable_ipv6': '1',
}
const DUAL: Sysctls = { 'net.ipv6.conf.eth0.accept_dad': '0', 'net.ipv6.conf.eth0.dad_transmits': '0' }

const HEX: readonly string[] = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))

/** Eleven hex digits of a digest. */
function shortHash(digest: Uint8Array): string {
  const all =
    HEX[digest[0]!]! + HEX[digest[1]!]! + HEX[digest[2]!]! + HEX[digest[3]!]! + HEX[digest[4]!]! + HEX[digest[5]!]!
  return all.slice(0, 11)
}

/** A container MAC as the kernel would draw it: locally administered, the rest from the pod's name and the seed. */
function containerMac(digest: Uint8Array, seed: number): Mac {
  const turn = seedWord(seed)
  const byte = (at: number, bits: number): string => HEX[(digest[at]! ^ bits) & 0xff]!
  const first = HEX[((digest[6]! ^ (turn >>> 24)) & 0xfc) | 0x02]
  return `${first}:${byte(7, turn >>> 16)}:${byte(8, turn >>> 8)}:${byte(9, turn)}:${HEX[digest[10]!]}:${HEX[digest[11]!]}` as Mac
}

/** The MAC of a container end that nobody asked for, another one at each turn. */
export function drawnPodMac(namespace: string, pod: string, turn: number): Mac {
  return containerMac(podDigest(namespace, pod), turn)
}

/** The endpoint of a pod: names and addresses that everything else is made from. */
export function workloadEndpoint(
  pod: PodResource,
  node: string,
  addresses: readonly Ip[],
  settings: Settings,
  seed: number,
  mtu: number,
): WorkloadEndpoint {
  const namespace = pod.metadata.namespace ?? 'default'
  const digest = podDigest(namespace, pod.metadata.name)
  const wanted = pod.metadata.annotations?.['cni.projectcalico.org/hwAddr']
  return {
    pod,
    namespace,
    node,
    netns: `${namespace}/${pod.metadata.name}`,
    interfaceName: settings.interfacePrefix + shortHash(digest),
    mac: (wanted === undefined ? undefined : parseMac(wanted)) ?? containerMac(digest, seed),
    addresses,
    mtu,
  }
}

/** A /32 or /128 as Calico sets it; early versions also made it its own broadcast address. */
export function hostAddress(address: Ip, label: string, hostBroadcast: boolean, origin: Origin): Address {
  if (!isIpv4(address)) {
    return { family: 'inet6', local: address, prefixlen: 128, scope: 'global', nodad: true, origin }
  }
  const broadcast = hostBroadcast ? { broadcast: address } : {}
  return { family: 'inet', local: address, prefixlen: 32, ...broadcast, scope: 'global', label, origin }
}

/**
 * The network namespace of a pod: eth0 with its /32, the two odd routes, and whatever the kernel adds.
 *
 * @param tunl0 - the fallback device a namespace gets when the ipip module is loaded; absent when it is not
 * @calico cni-plugin/pkg/dataplane/linux/dataplane_linux.go
 */
export function podNamespace(
  endpoint: WorkloadEndpoint,
  settings: Settings,
  tunl0: Interface | undefined,
  origin: Origin,
): Namespace {
  const { hostBroadcast } = settings.traits
  const dual = endpoint.addresses.some((address) => familyOf(address) === 6)
  const addresses = endpoint.addresses.map((address) => hostAddress(address, 'eth0', hostBroadcast, origin))
  if (dual) addresses.push(linkLocalEntry(endpoint.mac))
  const eth0: Interface = {
    name: 'eth0',
    ifindex: tunl0 ? 3 : 2,
    kind: 'veth',
    mac: endpoint.mac,
    mtu: endpoint.mtu,
    up: true,
    carrier: true,
    txqlen: 0,
    addresses,
    origin,
  }
  const lo = dual ? LOOPBACK_DUAL : LOOPBACK
  return {
    name: endpoint.netns,
    role: 'pod',
    interfaces: tunl0 ? { lo, tunl0, eth0 } : { lo, eth0 },
    routes: podRoutes(eth0, dual),
    rules: NONE,
    neighbours: NONE,
    proxyNeighbours: NONE,
    fdb: NONE,
    sysctls: dual ? DUAL : IPV4_ONLY,
    origin,
  }
}

/** One empty list for all. */
const NONE: readonly never[] = []

function podRoutes(eth0: Interface, dual: boolean): Route[] {
  const has = (family: 'inet' | 'inet6'): boolean => eth0.addresses.some((address) => address.family === family)
  return inKernelOrder([
    ...(has('inet') ? [DEFAULT_ROUTE, GATEWAY_ROUTE] : []),
    ...(has('inet6') ? [DEFAULT_ROUTE6] : []),
    ...kernelRoutes(eth0),
    ...(dual ? LOOPBACK_DUAL_ROUTES : LOOPBACK_ROUTES),
  ])
}

const WIRE_ORIGIN: Origin = { component: 'cni', note: 'the two ends of a pod’s veth' }

/** The veth pair of a pod. */
export function podCable(endpoint: WorkloadEndpoint): Cable {
  return {
    ends: [
      { netns: endpoint.node, dev: endpoint.interfaceName },
      { netns: endpoint.netns, dev: 'eth0' },
    ],
    origin: WIRE_ORIGIN,
  }
}

/** Whether a wire is the veth pair of a pod. */
export function isPodCable({ origin }: Cable): boolean {
  return origin === WIRE_ORIGIN
}
