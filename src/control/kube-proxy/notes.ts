import { keptIn, type NoteScope } from '../../model/index.ts'
import { type Ip, parseIp } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { Findings } from '../findings.ts'
import type { TunnelKind } from '../ipam/block.ts'
import type { ServicePort, ServiceResource } from '../kubernetes-kinds.ts'
import type { FieldPath } from '../origin.ts'
import { namespacedName } from '../resource.ts'
import type { EndpointSlices } from '../services/endpoint-slices.ts'
import { protocolOf } from '../services/port-protocol.ts'
import { clusterIpsOf, outsideIpsOf } from '../services/service-addresses.ts'
import type { ProxyConfig } from './config.ts'

/** Every address a node answers for by itself: kube-proxy takes node ports on all of them. */
export function addressesOfNodes(
  nodes: readonly ClusterNode[],
  tunnels: ReadonlyMap<string, Partial<Record<TunnelKind, Ip>>>,
): ReadonlySet<Ip> {
  const found = new Set<Ip>()
  for (const node of nodes) {
    for (const dev of node.machine?.interfaces ?? []) for (const { address } of dev.addresses) found.add(address)
    for (const ip of [node.ipv4, node.ipv6]) if (ip !== undefined) found.add(ip.address)
    for (const ip of Object.values(tunnels.get(node.name) ?? {})) found.add(ip)
    for (const { type, address } of node.resource.status?.addresses ?? []) {
      const ip = type.endsWith('IP') ? parseIp(address) : undefined
      if (ip !== undefined) found.add(ip)
    }
  }
  return found
}

/** Where among all notes those are that {@link noteServices} has made, and what it takes to make them again. */
export interface ServiceNotes {
  /** Place of the first. */
  readonly at: number
  /** How many they are. */
  readonly count: number
  /** Addresses that nodes answer for by themselves. */
  readonly onNodes: () => ReadonlySet<Ip>
}

const virtuals = new WeakMap<ServiceResource, boolean>()

function isVirtual(service: ServiceResource): boolean {
  return keptIn(virtuals, service, () => service.spec.type !== 'ExternalName' && clusterIpsOf(service).length > 0)
}

/** What kube-proxy's rules leave open, and on what they rest. @param onNodes - addresses that nodes answer for by themselves */
export function noteServices(
  services: readonly ServiceResource[],
  slices: EndpointSlices,
  config: ProxyConfig,
  onNodes: () => ReadonlySet<Ip>,
  findings: Findings,
): void {
  const virtual = services.filter(isVirtual)
  if (virtual.length === 0) return
  const isGiven = (service: ServiceResource): boolean => slices.isGiven(service)
  const open = openServices(virtual, config, isGiven)
  for (const [service, what] of open) noteService(service, what, onNodes(), findings)
  noteStandIns(slices, findings)
  if (config.mode !== 'iptables') return
  noteAssumedConfig(config, findings)
  noteDerived(
    virtual.filter((service) => !open.has(service) && !isGiven(service)),
    findings,
  )
}

/** Services nobody can answer for, and why. */
function openServices(
  services: readonly ServiceResource[],
  { mode, resource }: ProxyConfig,
  isGiven: (service: ServiceResource) => boolean,
): ReadonlyMap<ServiceResource, string> {
  if (mode !== 'iptables') {
    const place = resource?.placeOf?.(['mode']) ?? resource?.placeOf?.([])
    const where = place === undefined ? '' : ` (${place.file}:${place.line})`
    const what = `not modelled: kube-proxy runs in mode ${mode}${where}, and only its mode iptables is rendered`
    return new Map(services.map((service) => [service, what]))
  }
  const what =
    'it has no selector, and neither EndpointSlices nor Endpoints of it are in the input: whom it leads to is not known'
  const isOpen = (service: ServiceResource): boolean =>
    Object.keys(service.spec.selector ?? {}).length === 0 && !isGiven(service)
  return new Map(services.filter(isOpen).map((service) => [service, what]))
}

/** A virtual address is nobody's, whatever the port; an address that a node has is the Service's only on the Service's ports. */
function noteService(service: ServiceResource, what: string, onNodes: ReadonlySet<Ip>, findings: Findings): void {
  const { spec } = service
  const add = (path: FieldPath, scope: NoteScope): void => findings.note('service', service, path, what, { scope })
  const virtual = clusterIpsOf(service)
  if (virtual.length > 0) add(['spec', 'clusterIP'], { kind: 'destination', addresses: virtual })
  const outside = outsideIpsOf(service)
  const nobodys = outside.filter((ip) => !onNodes.has(ip))
  const nodes = outside.filter((ip) => onNodes.has(ip))
  if (nobodys.length > 0) add(['spec', 'externalIPs'], { kind: 'destination', addresses: nobodys })
  for (const [i, entry] of (spec.ports ?? []).entries()) {
    const at = ['spec', 'ports', i]
    if (nodes.length > 0) add(at, portScope(nodes, entry, entry.port))
    if (entry.nodePort !== undefined) add(at, portScope([...onNodes], entry, entry.nodePort))
  }
}

function portScope(addresses: readonly Ip[], entry: ServicePort, port: number): NoteScope {
  return { kind: 'destination', addresses, protocol: protocolOf(entry), port }
}

function noteAssumedConfig({ resource, detector }: ProxyConfig, findings: Findings): void {
  if (resource !== undefined) return
  const ranges = detector?.kind === 'cidr' ? Object.values(detector.cidrs).join(',') : ''
  const what = `no settings of kube-proxy are in the input: its mode is taken to be iptables, and clusterCIDR ${ranges}`
  const check = 'kubectl get configmap -n kube-system kube-proxy -o yaml'
  findings.assume('proxy_assumed', what, { scope: { kind: 'service' }, check })
}

function noteDerived(services: readonly ServiceResource[], findings: Findings): void {
  if (services.length === 0) return
  const names = services.map(({ metadata }) => namespacedName(metadata))
  const of = names.length === 1 ? `Service ${names[0]}` : `${names.length} Services`
  const what = `EndpointSlices of ${of} are not in the input: their endpoints are taken to be the ready pods they select`
  const check = 'kubectl get endpointslices -A'
  findings.assume('endpoints_assumed', what, { scope: { kind: 'service', services: names }, check })
}

/** Endpoints at addresses that nobody has, and the pods they are taken to be. */
function noteStandIns(slices: EndpointSlices, findings: Findings): void {
  const found = [...slices.standIns()]
  const [first] = found
  if (first === undefined) return
  const services = [...new Set(found.map(([, { service }]) => service))]
  const [address, { pod, service }] = first
  const those =
    found.length === 1
      ? `${address}, an endpoint of Service ${service}, is taken to be pod ${namespacedName(pod.metadata)}`
      : `${found.length} endpoints of Services (${address} of ${service}, …) are taken to be pods these select`
  const what = `nobody has the address: ${those}, whose address the input leaves open`
  findings.assume('endpoints_stand_in', what, {
    scope: { kind: 'service', services },
    check: 'kubectl get pods -A -o wide',
  })
}
