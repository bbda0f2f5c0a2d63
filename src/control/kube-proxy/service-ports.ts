import { keptIn, type ServiceRef } from '../../model/index.ts'
import { type Family, familyOf, type Ip, type Prefix, parseIp, parseIps, parsePrefix } from '../../wire/index.ts'
import type { ServicePort as PortEntry, ServiceResource } from '../kubernetes-kinds.ts'
import { protocolOf } from '../services/port-protocol.ts'
import { servicePortName } from './names.ts'

/** One port of a Service in one family, as kube-proxy sees it. @kubernetes pkg/proxy/serviceport.go */
export interface ServicePort {
  /** What people call it. */
  readonly ref: ServiceRef
  /** What kube-proxy calls it. */
  readonly name: string
  /** `tcp`, `udp` or `sctp`. */
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  /** Family. */
  readonly family: Family
  /** Virtual address. */
  readonly clusterIp: Ip
  /** Port at virtual addresses. */
  readonly port: number
  /** Port of the nodes. */
  readonly nodePort?: number
  /** Further addresses. */
  readonly externalIps: readonly Ip[]
  /** Addresses a load balancer gave, and nodes take packets for. */
  readonly balancerIps: readonly Ip[]
  /** Sources that may ask these; empty = any. */
  readonly sourceRanges: readonly Prefix[]
  /** How many seconds a client stays with its endpoint; absent = each connection is for itself. */
  readonly affinity?: number
  /** Only endpoints of the node, for its virtual address. */
  readonly internalLocal: boolean
  /** Only endpoints of the node, for all other addresses. */
  readonly externalLocal: boolean
  /** Port at which load balancers ask for endpoints. */
  readonly healthCheckPort?: number
  /** Whether hints of its endpoints count. */
  readonly heedsHints: boolean
  /** The object. */
  readonly resource: ServiceResource
  /** Number of the port in the object. */
  readonly index: number
}

/** Whether it is reached by anything but its virtual address. */
export function isExternal({ nodePort, externalIps, balancerIps }: ServicePort): boolean {
  return nodePort !== undefined || externalIps.length > 0 || balancerIps.length > 0
}

/** Whether some of its addresses lead to endpoints anywhere. */
export function usesCluster(port: ServicePort): boolean {
  return !port.internalLocal || isExternal(port)
}

/** Whether some of its addresses lead to endpoints of the node only. */
export function usesLocal(port: ServicePort): boolean {
  return port.internalLocal || (port.externalLocal && isExternal(port))
}

const NONE: readonly never[] = []

function ofFamily(texts: readonly (string | undefined)[] | undefined, family: Family): readonly Ip[] {
  if (texts === undefined || texts.length === 0) return NONE
  const found = parseIps(texts)
  return found.filter((ip) => familyOf(ip) === family)
}

/** Ranges that can be read; kube-proxy leaves the others out. */
function rangesOf({ spec, metadata }: ServiceResource, family: Family): readonly Prefix[] {
  const annotated = metadata.annotations?.['service.beta.kubernetes.io/load-balancer-source-ranges']
  const texts = spec.loadBalancerSourceRanges ?? annotated?.split(',') ?? NONE
  if (texts.length === 0) return NONE
  const found = texts.flatMap((text) => parsePrefix(text.trim()) ?? [])
  return found.filter((range) => familyOf(range) === family)
}

/** The virtual address of a Service in a family. */
function clusterIpOf({ spec }: ServiceResource, family: Family): Ip | undefined {
  const { clusterIP, clusterIPs = NONE } = spec
  const texts = clusterIPs.length > 0 ? clusterIPs : clusterIP === undefined ? NONE : [clusterIP]
  const text = texts.find((one) => familyOf(one) === family && parseIp(one) !== undefined)
  return text === undefined ? undefined : parseIp(text)
}

/** Addresses of load balancers that packets keep on their way to a node. */
function balancerIpsOf({ status }: ServiceResource): readonly (string | undefined)[] {
  return (status?.loadBalancer?.ingress ?? NONE).filter(({ ipMode }) => ipMode !== 'Proxy').map(({ ip }) => ip)
}

const known: Readonly<Record<Family, WeakMap<ServiceResource, readonly ServicePort[]>>> = {
  4: new WeakMap(),
  6: new WeakMap(),
}

/** The ports of a Service in a family; none of one that is headless, a name, or has no address of that family. */
export function portsOfService(service: ServiceResource, family: Family): readonly ServicePort[] {
  return keptIn(known[family], service, () => {
    const clusterIp = clusterIpOf(service, family)
    if (service.spec.type === 'ExternalName' || clusterIp === undefined) return []
    return (service.spec.ports ?? []).map((entry, index) => portOf(service, entry, index, family, clusterIp))
  })
}

const HINTS = ['service.kubernetes.io/topology-mode', 'service.kubernetes.io/topology-aware-hints']

function portOf(
  resource: ServiceResource,
  entry: PortEntry,
  index: number,
  family: Family,
  clusterIp: Ip,
): ServicePort {
  const { metadata, spec } = resource
  const namespace = metadata.namespace ?? 'default'
  const protocol = protocolOf(entry) as ServicePort['protocol']
  const portName = entry.name ?? ''
  const externalIps = ofFamily(spec.externalIPs, family)
  const isBalanced = spec.type === 'LoadBalancer'
  const isOutside = isBalanced || spec.type === 'NodePort' || externalIps.length > 0
  const externalLocal = isOutside && spec.externalTrafficPolicy === 'Local'
  const { healthCheckNodePort } = spec
  return {
    ref: { namespace, name: metadata.name, portName, protocol, port: entry.port },
    name: servicePortName(namespace, metadata.name, portName),
    protocol,
    family,
    clusterIp,
    port: entry.port,
    ...(entry.nodePort === undefined ? {} : { nodePort: entry.nodePort }),
    externalIps,
    balancerIps: ofFamily(balancerIpsOf(resource), family),
    sourceRanges: rangesOf(resource, family),
    ...(spec.sessionAffinity === 'ClientIP'
      ? { affinity: spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800 }
      : {}),
    internalLocal: spec.internalTrafficPolicy === 'Local',
    externalLocal,
    ...(isBalanced && externalLocal && healthCheckNodePort !== undefined
      ? { healthCheckPort: healthCheckNodePort }
      : {}),
    heedsHints: !HINTS.some((key) => metadata.annotations?.[key]?.toLowerCase() === 'disabled'),
    resource,
    index,
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** All ports of a family, in the order of their names: kube-proxy's own is not the same twice. */
export function servicePorts(services: readonly ServiceResource[], family: Family): ServicePort[] {
  return inOrder(services.flatMap((service) => portsOfService(service, family)))
}

/** Ports in the order of their names. */
export function inOrder(ports: readonly ServicePort[]): ServicePort[] {
  return [...ports].sort((a, b) => (a.name === b.name ? order(a.protocol, b.protocol) : order(a.name, b.name)))
}
