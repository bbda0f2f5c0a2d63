import {
  ecnDecapsulate,
  ecnEncapsulate,
  innerTos,
  setEcn4,
  setEcn6,
  WIREGUARD_HANDSHAKE_TOS,
  WIREGUARD_MAX_STAGED,
  WIREGUARD_TIME,
  wireguardPadding,
} from '../../encap/index.ts'
import {
  ICMP_TYPE,
  ICMP_UNREACH,
  ICMPV6_TYPE,
  ICMPV6_UNREACH,
  IPV4_DESTINATION,
  IPV4_SOURCE,
  IPV4_TOTAL_LENGTH,
  IPV6_DESTINATION,
  IPV6_HEADER_LENGTH,
  IPV6_PAYLOAD_LENGTH,
  IPV6_SOURCE,
  readIp6Key,
  readU16,
  readU32,
  UDP_HEADER_LENGTH,
  WIREGUARD_COUNTER,
  WIREGUARD_LENGTH,
  WIREGUARD_RECEIVER,
  WIREGUARD_RESPONSE_RECEIVER,
  WIREGUARD_SENDER,
  WIREGUARD_TRANSPORT_HEADER_LENGTH,
  WIREGUARD_TYPE,
  wireguardIndex,
} from '../../wire/index.ts'
import { type Deadline, MILLISECOND, SECOND } from '../kernel/clock.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { type PacketBuffer, setDevice } from '../kernel/skb.ts'
import { extendTail, newMessage, readKey, sendToPeer, writeIndex, writeKey } from './wireguard-message.ts'
import { type Keypair, type PeerState, type PeerTimer, wireguardPeerFor, wireguardState } from './wireguard-peers.ts'

const TAG = 16
/** Where the sender's public key stands in our initiation: there a real one has its encrypted form. */
const KEY_AT = 40
const MAX_ATTEMPTS = Math.floor(WIREGUARD_TIME.REKEY_ATTEMPT / WIREGUARD_TIME.REKEY_TIMEOUT)
/** Jitter of retries: the kernel draws up to a third of a second; here it is always the middle, so that runs repeat. */
const JITTER = 167 * MILLISECOND

/**
 * Sends a packet to the peer whose allowed IPs hold its destination; without keys it waits for a handshake.
 * @linux drivers/net/wireguard/device.c wg_xmit
 */
export function wireguardXmit(skb: PacketBuffer, dev: NetDevice): void {
  const { stack } = dev.ns.sim
  const version = (skb.bytes[skb.data] ?? 0) >> 4
  const destination =
    version === 4 ? readU32(skb.bytes, skb.data + IPV4_DESTINATION) : readIp6Key(skb.bytes, skb.data + IPV6_DESTINATION)
  const peer = wireguardPeerFor(dev, destination)
  if (peer === undefined || peer.endpoint === null) {
    if (version === 4) stack.icmpSend(skb, ICMP_TYPE.DEST_UNREACH, ICMP_UNREACH.HOST, 0)
    else stack.icmpv6Send(skb, ICMPV6_TYPE.DEST_UNREACH, ICMPV6_UNREACH.ADDRESS, 0)
    dropPacket(skb, peer === undefined ? 'wireguard_no_peer' : 'wireguard_no_endpoint', dev)
    return
  }
  const mtu = skb.dst?.mtu ?? dev.mtu
  skb.dst = null
  stage(dev, peer, skb, mtu)
  sendStaged(dev, peer)
}

function stage(dev: NetDevice, peer: PeerState, skb: PacketBuffer, mtu: number): void {
  if (peer.staged.length >= WIREGUARD_MAX_STAGED) {
    const oldest = peer.staged.shift()
    if (oldest) dropPacket(oldest.skb, 'wireguard_no_handshake', dev)
  }
  peer.staged.push({ skb, mtu })
  dev.ns.log?.held(skb, dev, 'handshake')
}

function ageOf(dev: NetDevice, keys: Keypair): number {
  return (dev.ns.sim.clock.now - keys.born) / SECOND
}

/** Sends what waits, or begins a handshake. @linux drivers/net/wireguard/send.c wg_packet_send_staged_packets */
function sendStaged(dev: NetDevice, peer: PeerState): void {
  const keys = peer.current
  if (keys === null || ageOf(dev, keys) >= WIREGUARD_TIME.REJECT_AFTER) {
    queueInitiation(dev, peer, false)
    return
  }
  for (const { skb, mtu } of peer.staged.splice(0)) {
    const content = skb.len > 0
    sendData(dev, peer, keys, skb, mtu)
    traversedSent(dev, peer)
    if (content) dataSent(dev, peer)
  }
  if (keys.initiator && ageOf(dev, keys) >= WIREGUARD_TIME.REKEY_AFTER) queueInitiation(dev, peer, false)
}

/**
 * What passes while another processor encrypts: the sender goes on meanwhile.
 * @linux drivers/net/wireguard/send.c wg_packet_encrypt_worker
 */
const ENCRYPTING = 0.2 * MILLISECOND

/** Pads, puts header and tag around, and sends. The content stays readable: ciphers are not modelled. */
function sendData(dev: NetDevice, peer: PeerState, keys: Keypair, skb: PacketBuffer, mtu: number): void {
  const inner = skb.data
  const tos = skb.len > 0 ? ecnEncapsulate(0, innerTos(skb.bytes, inner)) : 0
  const trailer = (skb.len > 0 ? wireguardPadding(skb.len, mtu) : 0) + TAG
  extendTail(skb, trailer)
  skb.push(WIREGUARD_TRANSPORT_HEADER_LENGTH)
  const { bytes, data } = skb
  bytes.fill(0, data, data + WIREGUARD_TRANSPORT_HEADER_LENGTH)
  bytes[data] = WIREGUARD_TYPE.TRANSPORT_DATA
  writeIndex(bytes, data + WIREGUARD_RECEIVER, keys.remote)
  writeIndex(bytes, data + WIREGUARD_COUNTER, keys.counter++)
  const again = (one: PacketBuffer): PacketBuffer => one.again()
  dev.ns.sim.clock.carry(ENCRYPTING, skb, again, (ready) => sendToPeer(dev, peer, ready, tos))
}

/** @linux drivers/net/wireguard/send.c wg_packet_send_queued_handshake_initiation */
function queueInitiation(dev: NetDevice, peer: PeerState, retry: boolean): void {
  if (!retry) peer.attempts = 0
  const { clock } = dev.ns.sim
  if (clock.now - peer.lastHandshake < WIREGUARD_TIME.REKEY_TIMEOUT * SECOND) return
  peer.lastHandshake = clock.now
  const state = wireguardState(dev)
  peer.initiating = state.nextIndex++
  const message = newMessage(
    dev,
    WIREGUARD_LENGTH.HANDSHAKE_INITIATION,
    WIREGUARD_TYPE.HANDSHAKE_INITIATION,
    peer.initiating,
  )
  writeKey(message.bytes, message.data + KEY_AT, dev.model.wireguard?.publicKey ?? '')
  traversedSent(dev, peer)
  sendToPeer(dev, peer, message, WIREGUARD_HANDSHAKE_TOS)
  clock.cancel(peer.retransmit)
  const delay = WIREGUARD_TIME.REKEY_TIMEOUT * SECOND + JITTER
  peer.retransmit = clock.afterOnWheel(delay, () => fire(dev.ns, dev.name, peer, 'retransmit'))
}

/** @linux drivers/net/wireguard/timers.c wg_expired_retransmit_handshake */
function retransmitInitiation(dev: NetDevice, peer: PeerState): void {
  if (peer.attempts > MAX_ATTEMPTS) {
    for (const { skb } of peer.staged.splice(0)) dropPacket(skb, 'wireguard_no_handshake', dev)
    return
  }
  peer.attempts++
  queueInitiation(dev, peer, true)
}

/** Anything authenticated was sent: no keepalive is owed. */
function traversedSent(dev: NetDevice, peer: PeerState): void {
  dev.ns.sim.clock.cancel(peer.keepalive)
  peer.keepalive = null
}

/** Data was sent: it should be answered. @linux drivers/net/wireguard/timers.c wg_timers_data_sent */
function dataSent(dev: NetDevice, peer: PeerState): void {
  if (peer.newHandshake !== null) return
  const delay = (WIREGUARD_TIME.KEEPALIVE_TIMEOUT + WIREGUARD_TIME.REKEY_TIMEOUT) * SECOND
  peer.newHandshake = dev.ns.sim.clock.afterOnWheel(delay + JITTER, () => fire(dev.ns, dev.name, peer, 'newHandshake'))
}

/** A timer of a peer is due. Devices are looked up again: the model may have changed meanwhile. */
function fire(ns: NetNs, name: string, peer: PeerState, timer: PeerTimer): void {
  peer[timer] = null
  const dev = ns.byName.get(name)
  if (!dev?.up) return
  if (timer === 'retransmit') retransmitInitiation(dev, peer)
  else if (timer === 'newHandshake') queueInitiation(dev, peer, false)
  else keepaliveDue(dev, peer)
}

/** Arms a timer of a peer as a snapshot had it. */
export function rearmWireguard(ns: NetNs, name: string, peer: PeerState, timer: PeerTimer, deadline: Deadline): void {
  peer[timer] = ns.sim.clock.again(deadline, () => fire(ns, name, peer, timer))
}

/** Data arrived: something must go back within ten seconds. @linux drivers/net/wireguard/timers.c wg_timers_data_received */
function dataReceived(dev: NetDevice, peer: PeerState): void {
  if (peer.keepalive !== null) {
    peer.needAnotherKeepalive = true
    return
  }
  armKeepalive(dev, peer)
}

function armKeepalive(dev: NetDevice, peer: PeerState): void {
  const delay = WIREGUARD_TIME.KEEPALIVE_TIMEOUT * SECOND
  peer.keepalive = dev.ns.sim.clock.afterOnWheel(delay, () => fire(dev.ns, dev.name, peer, 'keepalive'))
}

function keepaliveDue(dev: NetDevice, peer: PeerState): void {
  sendKeepalive(dev, peer)
  if (!peer.needAnotherKeepalive) return
  peer.needAnotherKeepalive = false
  armKeepalive(dev, peer)
}

/** Sends what waits, or an empty packet. @linux drivers/net/wireguard/send.c wg_packet_send_keepalive */
function sendKeepalive(dev: NetDevice, peer: PeerState): void {
  if (peer.staged.length === 0) {
    const skb = dev.ns.sim.newSkb(0)
    setDevice(skb, dev)
    peer.staged.push({ skb, mtu: dev.mtu })
  }
  sendStaged(dev, peer)
}

/** The WireGuard device that is up and listens on this port. */
export function wireguardDevice(ns: NetNs, port: number): NetDevice | undefined {
  return ns.devices.find((dev) => dev.up && dev.model.wireguard?.listenPort === port)
}

/** WireGuard input: `data` at the UDP header, checked by the caller. @linux drivers/net/wireguard/receive.c wg_packet_receive */
export function wireguardRcv(skb: PacketBuffer, dev: NetDevice): void {
  const { bytes } = skb
  const at = skb.data + UDP_HEADER_LENGTH
  const length = skb.tail - at
  const type = bytes[at]
  if (type === WIREGUARD_TYPE.HANDSHAKE_INITIATION && length === WIREGUARD_LENGTH.HANDSHAKE_INITIATION) {
    initiationRcv(skb, dev, at)
  } else if (type === WIREGUARD_TYPE.HANDSHAKE_RESPONSE && length === WIREGUARD_LENGTH.HANDSHAKE_RESPONSE) {
    responseRcv(skb, dev, at)
  } else if (type === WIREGUARD_TYPE.TRANSPORT_DATA && length >= WIREGUARD_LENGTH.TRANSPORT_OVERHEAD) {
    dataRcv(skb, dev, at)
  } else {
    dropPacket(skb, 'wireguard_malformed', dev)
  }
}

/** Remembers where a peer speaks from. */
function roam(skb: PacketBuffer, peer: PeerState): void {
  const { bytes, network } = skb
  const four = (bytes[network] as number) >> 4 === 4
  peer.endpoint = {
    address: four ? readU32(bytes, network + IPV4_SOURCE) : readIp6Key(bytes, network + IPV6_SOURCE),
    port: readU16(bytes, skb.data),
  }
}

/** Ends a control message: it was taken in. */
function consume(skb: PacketBuffer, dev: NetDevice): void {
  dev.ns.log?.end(skb, dev, 'consumed')
}

function initiationRcv(skb: PacketBuffer, dev: NetDevice, at: number): void {
  const state = wireguardState(dev)
  const key = readKey(skb.bytes, at + KEY_AT)
  const peer = state.peers.find((p) => p.model.publicKey === key)
  if (peer === undefined) {
    dropPacket(skb, 'wireguard_malformed', dev)
    return
  }
  roam(skb, peer)
  const local = state.nextIndex++
  const remote = wireguardIndex(skb.bytes, at + WIREGUARD_SENDER)
  consume(skb, dev)
  peer.next = { local, remote, born: dev.ns.sim.clock.now, initiator: false, counter: 0 }
  const answer = newMessage(dev, WIREGUARD_LENGTH.HANDSHAKE_RESPONSE, WIREGUARD_TYPE.HANDSHAKE_RESPONSE, local)
  writeIndex(answer.bytes, answer.data + WIREGUARD_RESPONSE_RECEIVER, remote)
  peer.lastHandshake = dev.ns.sim.clock.now
  traversedSent(dev, peer)
  sendToPeer(dev, peer, answer, WIREGUARD_HANDSHAKE_TOS)
}

function responseRcv(skb: PacketBuffer, dev: NetDevice, at: number): void {
  const local = wireguardIndex(skb.bytes, at + WIREGUARD_RESPONSE_RECEIVER)
  const peer = wireguardState(dev).peers.find((p) => p.initiating !== 0 && p.initiating === local)
  if (peer === undefined) {
    dropPacket(skb, 'wireguard_malformed', dev)
    return
  }
  roam(skb, peer)
  const remote = wireguardIndex(skb.bytes, at + WIREGUARD_SENDER)
  consume(skb, dev)
  const { clock } = dev.ns.sim
  peer.previous = peer.current
  peer.current = { local, remote, born: clock.now, initiator: true, counter: 0 }
  peer.initiating = 0
  peer.attempts = 0
  clock.cancel(peer.retransmit)
  peer.retransmit = null
  sendKeepalive(dev, peer)
}

function dataRcv(skb: PacketBuffer, dev: NetDevice, at: number): void {
  const { ns } = dev
  const { clock } = ns.sim
  const index = wireguardIndex(skb.bytes, at + WIREGUARD_RECEIVER)
  const uses = (k: Keypair | null): k is Keypair =>
    k !== null && k.local === index && ageOf(dev, k) < WIREGUARD_TIME.REJECT_AFTER
  const peer = wireguardState(dev).peers.find((p) => uses(p.current) || uses(p.next) || uses(p.previous))
  if (peer === undefined) {
    dropPacket(skb, 'wireguard_malformed', dev)
    return
  }
  roam(skb, peer)
  clock.cancel(peer.newHandshake)
  peer.newHandshake = null
  if (uses(peer.next)) {
    peer.previous = peer.current
    peer.current = peer.next
    peer.next = null
    sendStaged(dev, peer)
  }
  const outer = skb.network
  skb.pull(UDP_HEADER_LENGTH + WIREGUARD_TRANSPORT_HEADER_LENGTH)
  skb.tail -= TAG
  if (skb.len === 0) {
    consume(skb, dev)
    return
  }
  dataReceived(dev, peer)
  deliver(skb, dev, peer, outer)
}

/** Hands the content up when its source is one this peer may use. @linux drivers/net/wireguard/receive.c wg_packet_consume_data_done */
function deliver(skb: PacketBuffer, dev: NetDevice, peer: PeerState, outer: number): void {
  const { ns } = dev
  const { stack } = ns.sim
  const { bytes, data } = skb
  const version = (bytes[data] as number) >> 4
  const four = version === 4
  const length = four
    ? readU16(bytes, data + IPV4_TOTAL_LENGTH)
    : readU16(bytes, data + IPV6_PAYLOAD_LENGTH) + IPV6_HEADER_LENGTH
  if ((version !== 4 && version !== 6) || skb.len < (four ? 20 : 40) || length > skb.len || length < (four ? 20 : 40)) {
    dropPacket(skb, 'wireguard_malformed', dev)
    return
  }
  const ecn = ecnDecapsulate(innerTos(bytes, outer), innerTos(bytes, data))
  if (ecn !== 'drop') {
    if (four) setEcn4(bytes, data, ecn)
    else setEcn6(bytes, data, ecn)
  }
  skb.trim(length)
  const source = four ? readU32(bytes, data + IPV4_SOURCE) : readIp6Key(bytes, data + IPV6_SOURCE)
  if (wireguardPeerFor(dev, source) !== peer) {
    dropPacket(skb, 'wireguard_bad_source', dev)
    return
  }
  const outerSource = readU32(bytes, outer + IPV4_SOURCE)
  ns.log?.decap(skb, dev, 'wireguard', data - outer, outerSource, readU32(bytes, outer + IPV4_DESTINATION))
  skb.scrub(false)
  skb.mac = -1
  skb.network = -1
  skb.transport = -1
  stack.netifRx(skb, dev)
}
