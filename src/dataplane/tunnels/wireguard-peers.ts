import type { WireguardPeer } from '../../model/index.ts'
import { addressKey, isIpv4, parseIp } from '../../wire/index.ts'
import { type Deadline, deadlineOf, type Timer } from '../kernel/clock.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { tunnelsOf } from './slot.ts'

/** A pair of session keys; only their names and age are modelled, not the ciphers. */
export interface Keypair {
  /** Index this end goes by: the receiver index of what it is sent. */
  readonly local: number
  /** Index of the other end. */
  readonly remote: number
  /** When it was made. */
  readonly born: number
  /** This end sent the initiation. */
  readonly initiator: boolean
  /** Next counter to send. */
  counter: number
}

/** Run-time state of a WireGuard peer (`struct wg_peer`). */
export interface PeerState {
  /** The model's peer; another one after an edit. */
  model: WireguardPeer
  /** Where to send: learned from what arrives. */
  endpoint: { address: number | string; port: number } | null
  /** Keys in use. */
  current: Keypair | null
  /** Keys of a responder that wait for the first data packet. */
  next: Keypair | null
  /** Keys before. */
  previous: Keypair | null
  /** Index of an initiation under way, 0 = none. */
  initiating: number
  /** When the last initiation was sent. */
  lastHandshake: number
  /** Tries of the handshake under way. */
  attempts: number
  /** Packets that wait for keys, with the MTU that limits their padding. */
  staged: { readonly skb: PacketBuffer; readonly mtu: number }[]
  /** Sends the initiation again. */
  retransmit: Timer | null
  /** Says something to a peer that is only heard. */
  keepalive: Timer | null
  /** Makes a new handshake when a sent packet is not answered. */
  newHandshake: Timer | null
  /** More arrived while a keepalive was due. */
  needAnotherKeepalive: boolean
}

/** Run-time state of a WireGuard device. */
export interface WireguardState {
  /** Peers in the model's order. */
  readonly peers: PeerState[]
  /** Next local index to hand out. */
  nextIndex: number
}

/** The state of a device; peers that the model dropped are forgotten, new ones begin without keys. */
export function wireguardState(dev: NetDevice): WireguardState {
  const { wireguard } = tunnelsOf(dev.ns)
  const state = wireguard.get(dev.name) ?? { peers: [], nextIndex: 1 }
  wireguard.set(dev.name, state)
  const wanted = dev.model.wireguard?.peers ?? []
  if (state.peers.length === wanted.length && state.peers.every((p, i) => p.model === wanted[i])) return state
  const old = new Map(state.peers.splice(0).map((peer) => [peer.model.publicKey, peer]))
  for (const model of wanted) {
    const kept = old.get(model.publicKey)
    old.delete(model.publicKey)
    state.peers.push(kept === undefined ? newPeer(model) : taughtAnew(kept, model))
  }
  for (const peer of old.values()) stopPeer(dev.ns, peer)
  return state
}

/** A peer whose settings are others: the same object, which its timers know. */
function taughtAnew(peer: PeerState, model: WireguardPeer): PeerState {
  const [was, is] = [peer.model.endpoint, model.endpoint]
  if (was?.address !== is?.address || was?.port !== is?.port) peer.endpoint = endpointOf(model) ?? peer.endpoint
  peer.model = model
  return peer
}

function endpointOf({ endpoint }: WireguardPeer): PeerState['endpoint'] {
  return endpoint ? { address: addressKey(endpoint.address), port: endpoint.port } : null
}

/** What waits for keys of a peer ends, and its timers stop. @linux drivers/net/wireguard/send.c wg_packet_purge_staged_packets */
function stopPeer({ sim }: NetNs, peer: PeerState): void {
  for (const timer of PEER_TIMERS) {
    sim.clock.cancel(peer[timer])
    peer[timer] = null
  }
  for (const { skb } of peer.staged.splice(0)) if (skb.dev !== null) dropPacket(skb, 'wireguard_no_handshake', skb.dev)
}

/**
 * Devices that are gone, or down, forget what was under way; one that is down keeps where its peers are.
 * @linux drivers/net/wireguard/device.c wg_stop, wg_destruct
 */
export function stopWireguard(ns: NetNs, isStopped: (name: string) => boolean): void {
  const { wireguard } = tunnelsOf(ns)
  for (const [name, state] of wireguard) {
    if (!isStopped(name)) continue
    for (const peer of state.peers) stopPeer(ns, peer)
    const dev = ns.byName.get(name)
    if (dev?.model.wireguard === undefined) wireguard.delete(name)
    else for (const peer of state.peers) Object.assign(peer, { ...newPeer(peer.model), endpoint: peer.endpoint })
  }
}

function newPeer(model: WireguardPeer): PeerState {
  return {
    model,
    endpoint: endpointOf(model),
    current: null,
    next: null,
    previous: null,
    initiating: 0,
    lastHandshake: Number.NEGATIVE_INFINITY,
    attempts: 0,
    staged: [],
    retransmit: null,
    keepalive: null,
    newHandshake: null,
    needAnotherKeepalive: false,
  }
}

interface AllowedIp {
  readonly address: number | string
  readonly bits: number
  readonly index: number
}

const allowedTables = new WeakMap<readonly WireguardPeer[], AllowedIp[]>()

/** Allowed IPs of all peers, longest prefix first. */
function allowedIps(dev: NetDevice): AllowedIp[] {
  const peers = dev.model.wireguard?.peers ?? []
  const known = allowedTables.get(peers)
  if (known) return known
  const table = peers.flatMap((peer, index) =>
    peer.allowedIps.flatMap((prefix) => {
      const [text, bits] = prefix.split('/')
      const address = parseIp(text ?? '')
      return address === undefined
        ? []
        : [{ address: addressKey(address), bits: Number(bits ?? (isIpv4(address) ? 32 : 128)), index }]
    }),
  )
  table.sort((x, y) => y.bits - x.bits)
  allowedTables.set(peers, table)
  return table
}

/**
 * Cryptokey routing: the peer whose allowed IPs hold an address, by the longest prefix.
 * @linux drivers/net/wireguard/allowedips.c wg_allowedips_lookup_dst
 */
export function wireguardPeerFor(dev: NetDevice, address: number | string): PeerState | undefined {
  const hit = allowedIps(dev).find((a) => within(address, a.address, a.bits))
  return hit === undefined ? undefined : wireguardState(dev).peers[hit.index]
}

function within(address: number | string, prefix: number | string, bits: number): boolean {
  if (typeof address === 'number') {
    return typeof prefix === 'number' && (bits === 0 || (address ^ prefix) >>> (32 - bits) === 0)
  }
  if (typeof prefix === 'number') return false
  for (let i = 0; i * 8 < bits; i++) {
    const mask = bits - i * 8 >= 8 ? 0xff : (0xff << (8 - (bits - i * 8))) & 0xff
    if (((address.charCodeAt(i) ^ prefix.charCodeAt(i)) & mask) !== 0) return false
  }
  return true
}

/** The timers of a peer, by their fields. */
export type PeerTimer = 'retransmit' | 'keepalive' | 'newHandshake'

const PEER_TIMERS: readonly PeerTimer[] = ['retransmit', 'keepalive', 'newHandshake']

/** The WireGuard devices of a namespace at a moment, for a snapshot. */
export type WireguardSave = readonly (readonly [string, WireguardStateSave])[]

/** One device of a {@link WireguardSave}. */
export interface WireguardStateSave {
  /** The device's state itself: the same object is filled again. */
  readonly state: WireguardState
  /** Next local index. */
  readonly nextIndex: number
  /** Peers, with copies of what waits, and when their timers fire. */
  readonly peers: readonly SavedPeer[]
}

interface SavedPeer {
  readonly peer: PeerState
  readonly copy: PeerState
  readonly timers: readonly (readonly [PeerTimer, Deadline])[]
}

function copyPeer(peer: PeerState): PeerState {
  return {
    ...peer,
    endpoint: peer.endpoint && { ...peer.endpoint },
    current: peer.current && { ...peer.current },
    next: peer.next && { ...peer.next },
    previous: peer.previous && { ...peer.previous },
    staged: peer.staged.map(({ skb, mtu }) => ({ skb: skb.again(), mtu })),
    retransmit: null,
    keepalive: null,
    newHandshake: null,
  }
}

/** A copy of the WireGuard state. */
export function saveWireguard(states: ReadonlyMap<string, WireguardState>): WireguardSave {
  return [...states].map(([dev, state]) => {
    const peers = state.peers.map((peer): SavedPeer => {
      const timers = PEER_TIMERS.flatMap((name) => {
        const deadline = deadlineOf(peer[name])
        return deadline === null ? [] : [[name, deadline] as const]
      })
      return { peer, copy: copyPeer(peer), timers }
    })
    return [dev, { state, nextIndex: state.nextIndex, peers }]
  })
}

/**
 * Puts back what {@link saveWireguard} copied, into the same objects.
 * @param arm - arms a timer of a peer again
 */
export function loadWireguard(
  saved: WireguardSave,
  arm: (dev: string, peer: PeerState, timer: PeerTimer, deadline: Deadline) => void,
): Map<string, WireguardState> {
  const byDev = new Map<string, WireguardState>()
  for (const [dev, { state, nextIndex, peers }] of saved) {
    state.nextIndex = nextIndex
    state.peers.splice(0, state.peers.length, ...peers.map(({ peer, copy }) => Object.assign(peer, copyPeer(copy))))
    byDev.set(dev, state)
    for (const { peer, timers } of peers) for (const [name, deadline] of timers) arm(dev, peer, name, deadline)
  }
  return byDev
}
