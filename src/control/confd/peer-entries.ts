import { keptIn, once, pushTo } from '../../model/index.ts'
import { type Family, familyOf, type Ip, parseCidr, parseIp } from '../../wire/index.ts'
import { isSelectorFault, parseSelector, selects } from '../selector.ts'
import {
  type ConfdDatastore,
  type ConfdNode,
  type ConfdPeer,
  globalAs,
  listenPortOf,
  type PasswordRef,
} from './datastore.ts'

/** A peer of a node as confd writes it down for BIRD, before the node itself is looked at. */
export interface PeerEntry {
  /** The BGPPeer that asks for it. */
  readonly peer: ConfdPeer
  /** Address. */
  readonly ip: Ip
  /** Port; undefined: BGP's own. */
  readonly port?: number
  /** AS number of the peer. */
  readonly asNumber: number
  /** AS number of this side towards it. */
  readonly localAsNumber?: number
  /** Route reflector cluster id of the peer, where it is known. */
  readonly clusterId?: string
  /** Whether the session is bound to the node's address. */
  readonly fromNodeIp: boolean
  /** Password, where its Secret has it. */
  readonly password?: PasswordRef
  readonly restartTime?: number
  readonly keepaliveTime?: number
  /** Whether its address is that of a node. */
  readonly isNode: boolean
  readonly numAllowedLocalAsNumbers?: number
  readonly ttlSecurity?: number
  readonly reachableBy?: string
  /** Whether it is a pod of this node. */
  readonly isWorkload: boolean
}

/** The explicit peers of a node: those of every node, and its own. */
export interface PeerEntries {
  readonly global: readonly PeerEntry[]
  readonly ofNode: readonly PeerEntry[]
}

/** `10.0.0.1`, `10.0.0.1:1790`, `fd00::1` or `[fd00::1]:1790`. */
function splitPeerAddress(text: string): { readonly host: string; readonly port?: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(text) ?? []
  if (port === undefined || Number(port) > 65535) return { host: text }
  return { host: (bracketed ?? plain)!, ...(Number(port) === 0 ? {} : { port: Number(port) }) }
}

/** Nodes by what BGPPeers ask for: each question is answered once. */
export class NodeIndex {
  /** What is asked about. */
  readonly datastore: ConfdDatastore
  readonly #selected = new Map<string, ReadonlySet<ConfdNode>>()
  readonly #at: () => ReadonlyMap<string, readonly ConfdNode[]>

  constructor(datastore: ConfdDatastore) {
    this.datastore = datastore
    this.#at = once(() => {
      const byAddress = new Map<string, ConfdNode[]>()
      for (const node of datastore.nodes.values())
        for (const ip of Object.values(node.addresses)) pushTo(byAddress, ip, node)
      return byAddress
    })
  }

  /** Nodes that a selector selects; none where it is no selector. */
  matching(text: string): ReadonlySet<ConfdNode> {
    return keptIn(this.#selected, text, () => {
      const selector = parseSelector(text)
      if (isSelectorFault(selector)) return new Set()
      return new Set([...this.datastore.nodes.values()].filter(({ labels }) => selects(selector, labels)))
    })
  }

  /** Nodes with an address, as it is written. */
  at(host: string): readonly ConfdNode[] {
    return this.#at().get(host) ?? []
  }
}

/** Nodes with an address, an AS number and, where one is asked for, a port. */
function nodesAt(index: NodeIndex, host: string, asNumber: number | undefined, port: number | undefined): ConfdNode[] {
  const { ofNode, settings } = index.datastore
  const wanted = asNumber === undefined || asNumber === 0 ? globalAs(index.datastore) : asNumber
  return index.at(host).filter((node) => {
    if ((node.asNumber ?? globalAs(index.datastore)) !== wanted) return false
    if (port === undefined) return true
    const own = ofNode.get(node.name)?.listenPort
    if (own !== undefined && own !== port) return false
    // The port of the cluster counts for a node with one of its own, too.
    return settings?.listenPort === undefined || settings.listenPort === port
  })
}

/** What every entry of a BGPPeer for nodes has. */
function ofPeer(datastore: ConfdDatastore, peer: ConfdPeer): Pick<PeerEntry, 'peer' | 'fromNodeIp' | 'isWorkload'> {
  const { password, maxRestartTime, keepaliveTime } = peer
  return {
    peer,
    fromNodeIp: (peer.sourceAddress ?? 'UseNodeIP') === 'UseNodeIP',
    isWorkload: false,
    ...(password !== undefined && isThere(datastore, password) ? { password } : {}),
    ...(maxRestartTime === undefined ? {} : { restartTime: maxRestartTime }),
    ...(keepaliveTime === undefined ? {} : { keepaliveTime }),
  }
}

/** Whether a Secret of the namespace calico-node runs in has a key. @calico confd/pkg/backends/calico/secret_watcher.go */
export function isThere({ secrets, env }: ConfdDatastore, { secret, key }: PasswordRef): boolean {
  if (secrets === undefined) return true
  const found = secrets.get(`${env['NAMESPACE'] || 'kube-system'}/${secret}`) ?? secrets.get(`/${secret}`)
  return found?.has(key) === true
}

/** A node as a peer, by each of its addresses. */
function nodeEntries(
  datastore: ConfdDatastore,
  node: ConfdNode,
  families: readonly Family[],
  peer: ConfdPeer,
): PeerEntry[] {
  const { ttlSecurity, reachableBy } = peer
  const port = listenPortOf(datastore, node.name)
  return families.flatMap((family) => {
    const ip = node.addresses[family]
    if (ip === undefined) return []
    return [
      {
        ...ofPeer(datastore, peer),
        ip,
        asNumber: node.asNumber ?? globalAs(datastore),
        isNode: false,
        ...(port === undefined ? {} : { port }),
        ...(node.clusterId === undefined ? {} : { clusterId: node.clusterId }),
        ...(ttlSecurity === undefined ? {} : { ttlSecurity }),
        ...(reachableBy === undefined ? {} : { reachableBy }),
      },
    ]
  })
}

/** The peer that a BGPPeer names by its address. */
function addressEntries(index: NodeIndex, peer: ConfdPeer): PeerEntry[] {
  const { datastore } = index
  const { host, port: given } = splitPeerAddress(peer.peerIp ?? '')
  const ip = parseIp(host)
  const gateway = peer.reachableBy === undefined ? undefined : parseIp(peer.reachableBy)
  if (ip === undefined) return []
  // A gateway that is none, or of the other family, undoes the whole peer.
  if (peer.reachableBy !== undefined && (gateway === undefined || familyOf(gateway) !== familyOf(ip))) return []
  const [node] = given === undefined ? nodesAt(index, host, peer.asNumber, undefined) : []
  const port = given ?? (node === undefined ? undefined : listenPortOf(datastore, node.name))
  const isNode = index.at(host).length > 0
  const { localAsNumber, numAllowedLocalAsNumbers, ttlSecurity, reachableBy } = peer
  return [
    {
      ...ofPeer(datastore, peer),
      ip,
      asNumber: peer.asNumber ?? 0,
      isNode,
      ...(port === undefined ? {} : { port }),
      ...(localAsNumber === undefined ? {} : { localAsNumber }),
      ...(numAllowedLocalAsNumbers === undefined ? {} : { numAllowedLocalAsNumbers }),
      ...(ttlSecurity === undefined ? {} : { ttlSecurity }),
      ...(reachableBy === undefined ? {} : { reachableBy }),
    },
  ]
}

/** Local workloads that a BGPPeer selects, by their first address of each family. */
function workloadEntries({ workloadPeers }: ConfdDatastore, peer: ConfdPeer): PeerEntry[] {
  return workloadPeers
    .filter((one) => one.peer === peer.name)
    .flatMap(({ ipv4Nets = [], ipv6Nets = [] }) => {
      const cidrs = [ipv4Nets[0], ipv6Nets[0]].filter((text) => text !== undefined).map(parseCidr)
      // One wrong address, and nothing is made of the workload.
      if (cidrs.includes(undefined)) return []
      const { localAsNumber } = peer
      return cidrs.map(
        (cidr): PeerEntry => ({
          peer,
          ip: cidr!.address,
          asNumber: peer.asNumber ?? 0,
          fromNodeIp: false,
          isNode: false,
          isWorkload: true,
          ...(localAsNumber === undefined ? {} : { localAsNumber }),
        }),
      )
    })
}

function forwardEntries(index: NodeIndex, peer: ConfdPeer): PeerEntry[] {
  const { datastore } = index
  if (peer.localWorkloadSelector !== undefined) return workloadEntries(datastore, peer)
  if (peer.peerSelector === undefined) return addressEntries(index, peer)
  return [...index.matching(peer.peerSelector)].flatMap((node) => nodeEntries(datastore, node, [4, 6], peer))
}

/** What nodes on the far side of a BGPPeer get so that both sides have the session: nodes of this side. */
function reverseEntries(index: NodeIndex, peer: ConfdPeer, node: ConfdNode): PeerEntry[] {
  if (!peer.reverse || peer.localWorkloadSelector !== undefined) return []
  const { host, port } = splitPeerAddress(peer.peerIp ?? '')
  const isFar =
    peer.peerSelector === undefined
      ? nodesAt(index, host, peer.asNumber, port).includes(node)
      : index.matching(peer.peerSelector).has(node)
  if (!isFar) return []
  const families: readonly Family[] = peer.peerSelector !== undefined ? [4, 6] : [host.includes(':') ? 6 : 4]
  return nearNodes(index, peer).flatMap((one) => nodeEntries(index.datastore, one, families, peer))
}

/** Nodes on the near side of a BGPPeer. */
function nearNodes(index: NodeIndex, peer: ConfdPeer): ConfdNode[] {
  const { nodes } = index.datastore
  if (peer.nodeSelector !== undefined) return [...index.matching(peer.nodeSelector)]
  if (peer.node === undefined) return [...nodes.values()]
  const node = nodes.get(peer.node)
  return node === undefined ? [] : [node]
}

/** Whether a BGPPeer is for all nodes. */
function isGlobal({ node, nodeSelector }: ConfdPeer): boolean {
  return node === undefined && nodeSelector === undefined
}

/**
 * The explicit peers of a node. An address and port comes once: peers of all nodes go before those of some, and what a
 * BGPPeer says before what follows from one for the other side.
 *
 * @calico confd/pkg/backends/calico/client.go updatePeersV1
 */
export function peerEntries(index: NodeIndex, node: ConfdNode): PeerEntries {
  const { peers } = index.datastore
  const global = new Map<string, PeerEntry>()
  const ofNode = new Map<string, PeerEntry>()
  const keyOf = ({ ip, port = 0 }: PeerEntry): string => `${ip} ${port}`
  const add = (entry: PeerEntry): void => {
    const key = keyOf(entry)
    if (!global.has(key) && !ofNode.has(key)) ofNode.set(key, entry)
  }
  for (const peer of peers.filter(isGlobal)) {
    for (const entry of forwardEntries(index, peer)) if (!global.has(keyOf(entry))) global.set(keyOf(entry), entry)
  }
  for (const peer of peers) {
    const isNear =
      peer.nodeSelector === undefined ? peer.node === node.name : index.matching(peer.nodeSelector).has(node)
    if (!isGlobal(peer) && isNear) for (const entry of forwardEntries(index, peer)) add(entry)
  }
  for (const peer of peers) for (const entry of reverseEntries(index, peer, node)) add(entry)
  return { global: [...global.values()], ofNode: [...ofNode.values()] }
}
