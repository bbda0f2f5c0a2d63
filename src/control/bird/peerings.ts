import { type Family, familyOf, type Ip, parseIp } from '../../wire/index.ts'
import type { BGPPeerResource } from '../calico-kinds.ts'
import { addressOfNode, type ClusterNode } from '../cluster-node.ts'
import type { Findings } from '../findings.ts'
import type { Resources } from '../resources.ts'
import { isSelectorFault, parseSelector, selects } from '../selector.ts'
import type { Settings } from '../settings/settings.ts'

/** What `calicoctl node status` calls a peer. */
export type PeerType = 'node-to-node mesh' | 'global' | 'node specific'

/** One BGP session between two nodes. */
export interface Peering {
  /** Family of the addresses it runs over (and of the routes it carries). */
  readonly family: Family
  /** Node that opens the TCP connection; of a mesh session the one with the greater address text. */
  readonly dialer: string
  /** Its address. */
  readonly dialerAddress: Ip
  /** Node that waits for it. */
  readonly listener: string
  /** Its address. */
  readonly listenerAddress: Ip
  /** TCP port dialled. */
  readonly port: number
  /** Why there is a session. */
  readonly type: PeerType
}

/** All BGP sessions of a cluster, without listing the pairs of a mesh. */
export interface BgpPlan {
  /** Nodes of the full mesh by family: a session between every two. */
  readonly mesh: Readonly<Record<Family, readonly ClusterNode[]>>
  /** Sessions that BGPPeers add. */
  readonly explicit: readonly Peering[]
  /** Port of the mesh. */
  readonly port: number
}

/** The session between two nodes of a mesh. */
export function meshPeering(a: ClusterNode, b: ClusterNode, family: Family, port: number, type: PeerType): Peering {
  const left = addressOfNode(a, family)!.address
  const right = addressOfNode(b, family)!.address
  // Compared as text: "10.0.0.10" is smaller than "10.0.0.9". The smaller one is passive.
  const [dialer, listener] = left > right ? [a, b] : [b, a]
  return {
    family,
    dialer: dialer.name,
    dialerAddress: addressOfNode(dialer, family)!.address,
    listener: listener.name,
    listenerAddress: addressOfNode(listener, family)!.address,
    port,
    type,
  }
}

function selected(peer: BGPPeerResource, field: 'nodeSelector' | 'peerSelector', findings: Findings) {
  const text = peer.spec[field]
  if (text === undefined) return undefined
  const parsed = parseSelector(text)
  if (!isSelectorFault(parsed)) return (node: ClusterNode): boolean => selects(parsed, node.labels)
  const expected = `a selector (at ${parsed.position}: ${parsed.expected})`
  findings.fault('invalid', peer, ['spec', field], expected, text)
  return (): boolean => false
}

/** `10.0.0.1`, `10.0.0.1:1790`, `fd00::1` or `[fd00::1]:1790`. */
function peerAddress(text: string): Ip | undefined {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(text)
  const plain = bracketed?.[1] ?? (/^[^:]+:\d+$/.test(text) ? text.slice(0, text.indexOf(':')) : text)
  return parseIp(plain)
}

/** The sessions one BGPPeer asks for. */
function peeringsOf(peer: BGPPeerResource, nodes: readonly ClusterNode[], port: number, findings: Findings): Peering[] {
  const { spec } = peer
  if (spec.node !== undefined && spec.nodeSelector !== undefined) {
    findings.fault('invalid', peer, ['spec', 'nodeSelector'], 'no nodeSelector beside node', spec.nodeSelector)
  }
  if (spec.peerIP !== undefined && spec.peerSelector !== undefined) {
    findings.fault('invalid', peer, ['spec', 'peerSelector'], 'no peerSelector beside peerIP', spec.peerSelector)
  }
  const here = selected(peer, 'nodeSelector', findings)
  const there = selected(peer, 'peerSelector', findings)
  const locals = nodes.filter((node) => (spec.node !== undefined ? node.name === spec.node : here ? here(node) : true))
  const address = spec.peerIP === undefined ? undefined : peerAddress(spec.peerIP)
  if (spec.peerIP !== undefined && address === undefined) {
    findings.fault('invalid', peer, ['spec', 'peerIP'], 'an address, with a port if need be', spec.peerIP)
  }
  const remotes = nodes.filter((node) =>
    there ? there(node) : address !== undefined && addressOfNode(node, familyOf(address))?.address === address,
  )
  if (address !== undefined && remotes.length === 0) {
    const what = `${address} is not a node; BGP speakers outside the cluster are not modelled`
    findings.note('bgp_speaker', peer, ['spec', 'peerIP'], what, { scope: { kind: 'between_nodes' } })
  }
  const type: PeerType = spec.node === undefined && spec.nodeSelector === undefined ? 'global' : 'node specific'
  const list: Peering[] = []
  for (const a of locals) {
    for (const b of remotes) {
      if (a === b) continue
      for (const family of [4, 6] as const) {
        if (address !== undefined && familyOf(address) !== family) continue
        if (addressOfNode(a, family) && addressOfNode(b, family)) list.push(meshPeering(a, b, family, port, type))
      }
    }
  }
  return list
}

/**
 * All BGP sessions of a cluster: the mesh (nodes that are no route reflectors) and what BGPPeers add.
 *
 * @calico confd/pkg/backends/calico/bgp_processor.go, peers.go
 */
export function bgpPlan(
  resources: Resources,
  nodes: readonly ClusterNode[],
  settings: Settings,
  findings: Findings,
): BgpPlan {
  const port = settings.bgp?.spec.listenPort ?? 179
  if (settings.backend !== 'bird') return { mesh: { 4: [], 6: [] }, explicit: [], port }
  const members = settings.mesh ? nodes.filter((node) => node.routeReflector === undefined) : []
  const seen = new Set<string>()
  const explicit: Peering[] = []
  for (const peer of resources.bgpPeers) {
    for (const peering of peeringsOf(peer, nodes, port, findings)) {
      const key = `${peering.family} ${peering.dialer} ${peering.listener}`
      if (seen.has(key)) continue
      seen.add(key)
      explicit.push(peering)
    }
  }
  return {
    mesh: { 4: members.filter((node) => node.ipv4), 6: members.filter((node) => node.ipv6) },
    explicit,
    port,
  }
}

/** How many sessions a plan has. */
export function peeringCount({ mesh, explicit }: BgpPlan): number {
  const pairs = (n: number): number => (n * (n - 1)) / 2
  return pairs(mesh[4].length) + pairs(mesh[6].length) + explicit.length
}

/** Calls `visit` for every session of a plan; a mesh of n nodes has n·(n-1)/2. */
export function forEachPeering(plan: BgpPlan, visit: (peering: Peering) => void): void {
  for (const family of [4, 6] as const) {
    const members = plan.mesh[family]
    for (let i = 0; i < members.length; i++) {
      for (let j = i + 1; j < members.length; j++) {
        visit(meshPeering(members[i]!, members[j]!, family, plan.port, 'node-to-node mesh'))
      }
    }
  }
  for (const peering of plan.explicit) visit(peering)
}
