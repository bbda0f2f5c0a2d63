import { contains, type Family, familyOf, type Ip, parseIp, prefixOf } from '../../wire/index.ts'
import type { BGPPeerResource } from '../calico-kinds.ts'
import { addressOfNode, type ClusterNode } from '../cluster-node.ts'
import { secondsAt } from '../confd/plain-fields.ts'
import type { Findings } from '../findings.ts'
import type { Resources } from '../resources.ts'
import { isSelectorFault, parseSelector, selects } from '../selector.ts'
import type { Settings } from '../settings/settings.ts'
import type { PlannedRouter, UnderlayPlan } from '../underlay/plan.ts'

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
  /** How long each end asks the other to keep its routes while it restarts, in seconds; absent = BIRD's own. */
  readonly restartTime?: number
}

/** Who speaks BGP: a node, or a router of the Underlay. */
export interface Speaker {
  /** Name. */
  readonly name: string
  /** AS number. */
  readonly asNumber: number
  /** Route reflector cluster id. */
  readonly routeReflector?: string
}

/** A router of the Underlay that speaks BGP. */
export interface RouterSpeaker extends Speaker {
  /** The router. */
  readonly router: PlannedRouter
}

/** All BGP sessions of a cluster, without listing the pairs of a mesh. */
export interface BgpPlan {
  /** Nodes of the full mesh by family: a session between every two. */
  readonly mesh: Readonly<Record<Family, readonly ClusterNode[]>>
  /** Routers of the Underlay that take part. */
  readonly routers: readonly RouterSpeaker[]
  /** Sessions that BGPPeers add, and those between routers. */
  readonly explicit: readonly Peering[]
  /** Port of the mesh. */
  readonly port: number
  /** Restart time of the mesh's sessions, in seconds; absent = BIRD's own. */
  readonly meshRestartTime?: number
  /** BGPPeers that name somebody who is neither a node nor a router that speaks BGP. */
  readonly strangers: readonly BGPPeerResource[]
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
function peeringsOf(
  peer: BGPPeerResource,
  nodes: readonly ClusterNode[],
  routers: readonly RouterSpeaker[],
  port: number,
  strangers: BGPPeerResource[],
  findings: Findings,
): Peering[] {
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
  const type: PeerType = spec.node === undefined && spec.nodeSelector === undefined ? 'global' : 'node specific'
  const outside = address === undefined ? undefined : routers.find(({ router }) => hasAddress(router, address))
  if (address !== undefined && outside !== undefined) {
    return routerPeerings(peer, locals, outside, address, type, findings)
  }
  if (address !== undefined && remotes.length === 0) {
    const what = `${address} is not a node; BGP speakers outside the cluster are not modelled, but for routers of an Underlay with an asNumber`
    findings.note('bgp_speaker', peer, ['spec', 'peerIP'], what, { scope: { kind: 'between_nodes' } })
    strangers.push(peer)
  }
  const list: Peering[] = []
  for (const a of locals) {
    for (const b of remotes) {
      if (a === b) continue
      for (const family of [4, 6] as const) {
        if (address !== undefined && familyOf(address) !== family) continue
        if (!addressOfNode(a, family) || !addressOfNode(b, family)) continue
        list.push({ ...meshPeering(a, b, family, port, type), ...restartTimeOf(peer) })
      }
    }
  }
  return list
}

/** Whether a router has an address. */
function hasAddress({ interfaces, loopback }: PlannedRouter, address: Ip): boolean {
  return [...interfaces, ...(loopback ? [loopback] : [])].some((dev) =>
    dev.addresses.some((one) => one.address === address),
  )
}

/** The sessions of nodes with a router; none where the AS numbers do not fit. */
function routerPeerings(
  peer: BGPPeerResource,
  locals: readonly ClusterNode[],
  router: RouterSpeaker,
  address: Ip,
  type: PeerType,
  findings: Findings,
): Peering[] {
  const wanted = peer.spec.asNumber === undefined ? undefined : Number(peer.spec.asNumber)
  const family = familyOf(address)
  const port = Number(/(?:^[^:]+|\]):(\d+)$/.exec(peer.spec.peerIP ?? '')?.[1] ?? BGP_PORT)
  const fitting = locals.filter((node) => (wanted ?? node.asNumber) === router.asNumber)
  if (fitting.length < locals.length) {
    const expected = `${router.asNumber}, the AS of router ${router.name}: BIRD says Bad peer AS`
    findings.warn('invalid', peer, ['spec', 'asNumber'], expected, String(wanted ?? 'none'))
  }
  return fitting.flatMap((node): Peering[] => {
    const own = addressOfNode(node, family)?.address
    if (own === undefined) return []
    const ends = { dialer: node.name, dialerAddress: own, listener: router.name, listenerAddress: address }
    return [{ family, ...ends, port, type, ...restartTimeOf(peer) }]
  })
}

/** The restart time that a BGPPeer says. */
function restartTimeOf({ spec }: BGPPeerResource): Pick<Peering, 'restartTime'> {
  const restartTime = secondsAt(spec, 'maxRestartTime')
  return restartTime === undefined ? {} : { restartTime }
}

/** Sessions that routers have among themselves. */
function betweenRouters(routers: readonly RouterSpeaker[]): Peering[] {
  return routers.flatMap((from) =>
    from.router.peers.flatMap((address): Peering[] => {
      const to = routers.find(({ router }) => router !== from.router && hasAddress(router, address))
      const near = from.router.interfaces.flatMap((dev) => dev.addresses)
      const own = near.find((cidr) => contains(prefixOf(cidr.address, cidr.length), address)) ?? near[0]
      if (to === undefined || own === undefined) return []
      const ends = { dialer: from.name, dialerAddress: own.address, listener: to.name, listenerAddress: address }
      return [{ family: familyOf(address), ...ends, port: BGP_PORT, type: 'node specific' }]
    }),
  )
}

const BGP_PORT = 179

function routerSpeaker(router: PlannedRouter, asNumber: number): RouterSpeaker {
  const { name, clusterId } = router
  return { name, asNumber, router, ...(clusterId === undefined ? {} : { routeReflector: clusterId }) }
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
  underlay: UnderlayPlan,
  findings: Findings,
): BgpPlan {
  const port = settings.bgp?.spec.listenPort ?? 179
  if (settings.backend !== 'bird') return { mesh: { 4: [], 6: [] }, routers: [], explicit: [], port, strangers: [] }
  const routers = (underlay.routers ?? []).flatMap((router): RouterSpeaker[] =>
    router.asNumber === undefined ? [] : [routerSpeaker(router, router.asNumber)],
  )
  const members = settings.mesh ? nodes.filter((node) => node.routeReflector === undefined) : []
  const seen = new Set<string>()
  const explicit: Peering[] = []
  const strangers: BGPPeerResource[] = []
  for (const peer of resources.bgpPeers) {
    for (const peering of peeringsOf(peer, nodes, routers, port, strangers, findings)) {
      const key = `${peering.family} ${peering.dialer} ${peering.listener}`
      if (seen.has(key)) continue
      seen.add(key)
      explicit.push(peering)
    }
  }
  const meshRestartTime = secondsAt(settings.bgp?.spec, 'nodeMeshMaxRestartTime')
  return {
    mesh: { 4: members.filter((node) => node.ipv4), 6: members.filter((node) => node.ipv6) },
    routers,
    explicit: [...explicit, ...betweenRouters(routers)],
    port,
    ...(meshRestartTime === undefined ? {} : { meshRestartTime }),
    strangers,
  }
}

/** How many sessions a plan has. */
export function peeringCount({ mesh, explicit }: BgpPlan): number {
  const pairs = (n: number): number => (n * (n - 1)) / 2
  return pairs(mesh[4].length) + pairs(mesh[6].length) + explicit.length
}

/** The session between two nodes; undefined when there is none. */
export function peeringBetween(plan: BgpPlan, a: string, b: string, family: Family): Peering | undefined {
  const [one, other] = [a, b].map((name) => plan.mesh[family].find((node) => node.name === name))
  if (one !== undefined && other !== undefined) return meshPeering(one, other, family, plan.port, 'node-to-node mesh')
  return plan.explicit.find(
    ({ family: of, dialer, listener }) =>
      of === family && ((dialer === a && listener === b) || (dialer === b && listener === a)),
  )
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
