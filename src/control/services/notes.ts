import type { NoteScope } from '../../model/index.ts'
import { type Ip, parseIp } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { Findings } from '../findings.ts'
import type { TunnelKind } from '../ipam/block.ts'
import type { ServicePort, ServiceResource } from '../kubernetes-kinds.ts'
import type { FieldPath } from '../origin.ts'
import type { Resources } from '../resources.ts'

const NOT_RENDERED = 'not modelled: no rules of kube-proxy are made for it'

/** Every address a node answers for by itself: kube-proxy takes node ports on all of them. */
function addressesOfNodes(
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

function ipsOf(texts: readonly (string | undefined)[]): Ip[] {
  return texts.flatMap((text) => parseIp(text ?? '') ?? [])
}

function protocolOf({ protocol }: { readonly protocol?: string }): string {
  return (protocol ?? 'TCP').toLowerCase()
}

/**
 * Notes what takes packets for its own addresses or for ports of nodes: Services and host ports. A virtual address is
 * nobody's, whatever the port; an address that a node has is the Service's only on the Service's ports.
 */
export function noteServices(
  resources: Resources,
  nodes: readonly ClusterNode[],
  tunnels: ReadonlyMap<string, Partial<Record<TunnelKind, Ip>>>,
  findings: Findings,
): void {
  if (resources.services.length === 0 && !resources.pods.some(hasHostPort)) return
  const onNodes = addressesOfNodes(nodes, tunnels)
  for (const service of resources.services) noteService(service, onNodes, findings)
  for (const pod of resources.pods) noteHostPorts(pod, onNodes, findings)
}

function noteService(service: ServiceResource, onNodes: ReadonlySet<Ip>, findings: Findings): void {
  const { spec, status } = service
  if (spec.type === 'ExternalName') return
  const add = (path: FieldPath, scope: NoteScope): void =>
    findings.note('service', service, path, NOT_RENDERED, { scope })
  const virtual = [...new Set(ipsOf([spec.clusterIP, ...(spec.clusterIPs ?? [])]))]
  if (virtual.length > 0) add(['spec', 'clusterIP'], { kind: 'destination', addresses: virtual })
  const balanced = (status?.loadBalancer?.ingress ?? []).map((one) => one.ip)
  const outside = ipsOf([...(spec.externalIPs ?? []), spec.loadBalancerIP, ...balanced])
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

type Pod = Resources['pods'][number]

function hasHostPort(pod: Pod): boolean {
  return (
    pod.spec.hostNetwork !== true &&
    (pod.spec.containers ?? []).some((one) => one.ports?.some((port) => port.hostPort !== undefined))
  )
}

/** Ports of the node that the portmap plugin leads to a pod. */
function noteHostPorts(pod: Pod, onNodes: ReadonlySet<Ip>, findings: Findings): void {
  if (!hasHostPort(pod)) return
  for (const [i, container] of (pod.spec.containers ?? []).entries()) {
    for (const [j, entry] of (container.ports ?? []).entries()) {
      if (entry.hostPort === undefined) continue
      const what = `not modelled: hostPort ${entry.hostPort} makes no rules of the portmap plugin`
      findings.note('host_port', pod, ['spec', 'containers', i, 'ports', j], what, {
        scope: { kind: 'destination', addresses: [...onNodes], protocol: protocolOf(entry), port: entry.hostPort },
      })
    }
  }
}
