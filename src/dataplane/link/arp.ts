import type { ArpVerdict } from '../../model/index.ts'
import {
  ARP_HARDWARE_LENGTH,
  ARP_OPERATION,
  ARP_PROTOCOL_LENGTH,
  arpFault,
  isIpv4Loopback,
  isIpv4Multicast,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { NEIGH_UPDATE_OVERRIDE, NUD_REACHABLE, NUD_STALE } from '../kernel/nud.ts'
import { PACKET_HOST, PACKET_OTHERHOST, type PacketBuffer, type PacketOnDevice } from '../kernel/skb.ts'
import { isIndifferent } from './arp-dormant.ts'
import { sendArp } from './arp-packet.ts'
import { isFiltered, isIgnored, proxies } from './arp-policy.ts'
import type { Neigh } from './neigh.ts'
import { arpViewOf, neighOf } from './slot.ts'

const FIXED_PART = 8
const { REQUEST, REPLY } = ARP_OPERATION

/** What an ARP packet says. Filled once, before anything is sent: sending may reuse views. */
interface Arp {
  readonly op: number
  readonly sha: number
  readonly sip: number
  readonly tha: number
  readonly tip: number
}

/**
 * An ARP packet came in, `data` at its header. Frames for others are ignored without a word.
 * @linux net/ipv4/arp.c arp_rcv
 */
export function arpRcv(skb: PacketOnDevice): void {
  const { dev } = skb
  if (dev.noarp || skb.pktType === PACKET_OTHERHOST || dev.loopback) {
    taken(skb, dev)
    return
  }
  const short = skb.len < FIXED_PART || arpFault(skb.bytes, skb.data, skb.tail) === 'truncated'
  if (short || skb.bytes[skb.data + ARP_HARDWARE_LENGTH] !== 6 || skb.bytes[skb.data + ARP_PROTOCOL_LENGTH] !== 4) {
    dropPacket(skb, 'arp_malformed', dev)
  } else arpProcess(skb, dev, false)
}

/**
 * Answers, or learns from, a well-formed ARP packet.
 * @param delayed - it comes from the proxy queue
 * @linux net/ipv4/arp.c arp_process
 */
function arpProcess(skb: PacketBuffer, dev: NetDevice, delayed: boolean): void {
  const { ns } = dev
  const view = arpViewOf(ns.sim)
  view.on(skb.bytes, skb.data)
  const op = view.operation
  const tip = view.targetProtocol
  const known = op === REQUEST || op === REPLY
  const arp = { op, sha: view.senderHardware, sip: view.senderProtocol, tha: view.targetHardware, tip }
  if (ns.dormant && op === REQUEST && arp.sip !== 0 && arp.sip !== tip && isIndifferent(dev, arp.sip, tip)) {
    note(skb, dev, arp, 'not-ours')
    taken(skb, dev)
    return
  }
  if (
    arpFault(skb.bytes, skb.data, skb.tail) !== undefined ||
    !known ||
    isIpv4Multicast(tip) ||
    (isIpv4Loopback(tip) && !dev.conf4.routeLocalnet) ||
    (arp.sip === tip && dev.conf4.dropGratuitousArp)
  ) {
    dropPacket(skb, 'arp_ignored', dev)
    return
  }
  if (arp.sip === 0) {
    answerProbe(skb, dev, arp)
    taken(skb, dev)
    return
  }
  if (op === REQUEST && ns.sim.stack.ipRouteInput(skb, tip, arp.sip, 0, dev) === null && skb.dst !== null) {
    if (answerRequest(skb, dev, arp, delayed)) return
  }
  learn(skb, dev, arp)
  taken(skb, dev)
}

/** The packet was read: it ends here (`consume_skb`). */
function taken(skb: PacketBuffer, dev: NetDevice): void {
  dev.ns.log?.end(skb, dev, 'consumed')
}

/** A duplicate address probe: only the owner speaks up, and nothing is learned. @rfc 5227 §2.1.1 */
function answerProbe(skb: PacketBuffer, dev: NetDevice, arp: Arp): void {
  const isOwn = arp.op === REQUEST && dev.ns.sim.stack.inetAddrType(dev.ns, arp.tip, null) === 'LOCAL'
  const isQuiet = isOwn && isIgnored(dev, 0, arp.tip)
  note(skb, dev, arp, isQuiet ? 'arp-ignore' : isOwn ? 'probe' : 'not-ours')
  if (isOwn && !isQuiet) reply(skb, dev, arp)
}

/** A request with a sender. True when it is settled, answered or not. */
function answerRequest(skb: PacketBuffer, dev: NetDevice, arp: Arp, delayed: boolean): boolean {
  const { dst } = skb
  if (dst === null || dst.broadcast || dst.multicast) return false
  if (dst.kind === 'local') {
    const why = isIgnored(dev, arp.sip, arp.tip)
      ? 'arp-ignore'
      : dev.conf4.arpFilter && isFiltered(dev.ns, dev, arp.sip, arp.tip)
        ? 'arp-filter'
        : 'local'
    note(skb, dev, arp, why)
    if (why === 'local') {
      neighOf(dev.ns).eventNs(dev, 'inet', arp.sip, arp.sha)
      reply(skb, dev, arp)
    }
    taken(skb, dev)
    return true
  }
  if (dst.kind !== 'forward' || !dev.conf4.forwarding) return false
  const why = proxies(dev, dst.dev, arp.sip, arp.tip)
  if (why === null) return false
  neighOf(dev.ns).eventNs(dev, 'inet', arp.sip, arp.sha)
  if (delayed || skb.pktType === PACKET_HOST || dev.neigh4.proxyDelay === 0) {
    note(skb, dev, arp, why)
    reply(skb, dev, arp)
    taken(skb, dev)
  } else enqueueProxy(skb, dev)
  return true
}

/** Answers as proxy after a random part of `proxy_delay` (`pneigh_enqueue`). */
function enqueueProxy(skb: PacketBuffer, dev: NetDevice): void {
  const { sim } = dev.ns
  const { proxyDelay, proxyQlen } = dev.neigh4
  const delay = Math.floor((sim.random() / 2 ** 32) * proxyDelay)
  skb.dst = null
  const isKept = neighOf(dev.ns).proxyQueue.add(skb, delay, proxyQlen, (waited) => {
    if (dev.up) arpProcess(waited, dev, true)
    else taken(waited, dev)
  })
  if (isKept) dev.ns.log?.held(skb, dev, 'proxy-delay')
  else dropPacket(skb, 'arp_ignored', dev)
}

function reply(skb: PacketBuffer, dev: NetDevice, { sha, sip, tip }: Arp): void {
  const fields = {
    operation: REPLY,
    senderHardware: dev.mac,
    senderProtocol: tip,
    targetHardware: sha,
    targetProtocol: sip,
  }
  sendArp(dev, sha, fields, skb.id)
}

/** Updates what we know of the sender; makes an entry only where `arp_accept` allows. */
function learn(skb: PacketBuffer, dev: NetDevice, arp: Arp): void {
  const { ns } = dev
  const { stack, clock } = ns.sim
  let entry: Neigh | undefined = neighOf(ns).lookup(dev, 'inet', arp.sip)
  const accepts = isAccepted(dev, arp.sip)
  const isGratuitous = (entry !== undefined || accepts) && gratuitous(dev, arp)
  if (entry === undefined && accepts) {
    const isUnicast = arp.op === REPLY && stack.inetAddrType(ns, arp.sip, dev) === 'UNICAST'
    if (isGratuitous || isUnicast) entry = neighOf(ns).lookupOrCreate(dev, 'inet', arp.sip)
  }
  if (entry !== undefined) {
    const override = clock.now > entry.updated + dev.neigh4.locktime || isGratuitous
    const isAnswer = arp.op === REPLY && skb.pktType === PACKET_HOST
    neighOf(ns).update(entry, arp.sha, isAnswer ? NUD_REACHABLE : NUD_STALE, override ? NEIGH_UPDATE_OVERRIDE : 0)
  }
  if (arp.op === REQUEST) note(skb, dev, arp, 'not-ours')
}

/** `arp_accept`: 0 no, 1 yes, 2 only from a subnet of the device. */
function isAccepted(dev: NetDevice, sip: number): boolean {
  if (dev.conf4.arpAccept === 2) return dev.addrs4.some((a) => ((sip ^ a.address) & a.mask) === 0)
  return dev.conf4.arpAccept === 1
}

/** An announcement of the sender's own unicast address (`arp_is_garp`). @rfc 5227 §3 */
function gratuitous(dev: NetDevice, { op, sip, tip, sha, tha }: Arp): boolean {
  if (sip !== tip || (op === REPLY && tha !== sha)) return false
  return dev.ns.sim.stack.inetAddrType(dev.ns, sip, dev) === 'UNICAST'
}

function note(skb: PacketBuffer, dev: NetDevice, arp: Arp, why: ArpVerdict): void {
  dev.ns.log?.arp(skb, dev, why, arp.tip, arp.sip)
}
