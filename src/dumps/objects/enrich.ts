import type { NodeResource, PodResource, Resources } from '../../control/index.ts'
import type { Namespace } from '../../model/index.ts'
import { isIpv4, parseIps } from '../../wire/index.ts'
import { hostRoutes } from '../veth.ts'
import { caliName, type KnownMachine } from './identify.ts'

/**
 * The objects with what only the machines know: addresses of pods that no object gives, by the routes to their host ends, and public keys
 * of WireGuard. What an object says stays.
 */
export function enriched(resources: Resources, known: readonly KnownMachine[]): Resources {
  const machines = new Map(
    known.filter(({ kind }) => kind === 'node').map(({ netns, node }) => [netns, node.namespace]),
  )
  return {
    ...resources,
    pods: resources.pods.map((pod) => withAddresses(pod, machines)),
    nodes: resources.nodes.map((node) => withKey(node, machines)),
  }
}

function withAddresses(pod: PodResource, machines: ReadonlyMap<string, Namespace>): PodResource {
  const { podIP, podIPs } = pod.status ?? {}
  const ns = machines.get(pod.spec.nodeName ?? '')
  if (ns === undefined || podIP !== undefined || podIPs !== undefined || pod.spec.hostNetwork === true) return pod
  const dev = ns.interfaces[caliName(pod)]
  const found = dev === undefined ? [] : parseIps(hostRoutes({ ns, dev }))
  const ips = [...found.filter((ip) => isIpv4(ip)), ...found.filter((ip) => !isIpv4(ip) && !ip.startsWith('fe80'))]
  if (ips.length === 0) return pod
  return { ...pod, status: { ...pod.status, podIPs: ips.map((ip) => ({ ip })) } }
}

const KEYS = [
  ['wireguard.cali', 'projectcalico.org/WireguardPublicKey'],
  ['wg-v6.cali', 'projectcalico.org/WireguardPublicKeyV6'],
] as const

/** A node's own key, or the one that others know for its address. */
function withKey(node: NodeResource, machines: ReadonlyMap<string, Namespace>): NodeResource {
  const annotations: Record<string, string> = {}
  for (const [dev, annotation] of KEYS) {
    if (node.metadata.annotations?.[annotation] !== undefined) continue
    const key = keyOf(node, dev, machines)
    if (key !== undefined) annotations[annotation] = key
  }
  if (Object.keys(annotations).length === 0) return node
  return { ...node, metadata: { ...node.metadata, annotations: { ...node.metadata.annotations, ...annotations } } }
}

function keyOf(node: NodeResource, dev: string, machines: ReadonlyMap<string, Namespace>): string | undefined {
  const own = machines.get(node.metadata.name)
  if (own !== undefined) return own.interfaces[dev]?.wireguard?.publicKey
  const addresses = new Set((node.status?.addresses ?? []).map(({ address }) => address))
  for (const ns of machines.values()) {
    for (const peer of ns.interfaces[dev]?.wireguard?.peers ?? []) {
      if (peer.endpoint !== undefined && addresses.has(peer.endpoint.address)) return peer.publicKey
    }
  }
  return undefined
}
