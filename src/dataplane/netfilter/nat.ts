import type { NatEnd } from '../../model/index.ts'
import {
  checksum,
  ICMPV6_CHECKSUM,
  IP_PROTOCOL,
  pseudoHeaderSum6,
  readU16,
  UDP_DESTINATION_PORT,
  UDP_SOURCE_PORT,
  writeU16,
} from '../../wire/index.ts'
import {
  dirOf,
  IP_CT_DIR_ORIGINAL,
  IP_CT_DIR_REPLY,
  IP_CT_ESTABLISHED,
  IP_CT_ESTABLISHED_REPLY,
  IP_CT_NEW,
} from '../kernel/conntrack.ts'
import { NF_ACCEPT, NF_DROP, NF_LOCAL_IN, NF_LOCAL_OUT, NF_POST_ROUTING } from '../kernel/stack.ts'
import {
  type Conn,
  IPS_CONFIRMED,
  IPS_DST_NAT,
  IPS_DST_NAT_DONE,
  IPS_NAT_DONE_MASK,
  IPS_NAT_MASK,
  IPS_SRC_NAT,
  IPS_SRC_NAT_DONE,
} from './conn.ts'
import { isIcmpOf } from './conntrack-icmp.ts'
import { addrText } from './ct-text.ts'
import { manipulate } from './nat-packet.ts'
import { oneAddress, type Range } from './nat-range.ts'
import { type Manip, uniqueTuple } from './nat-unique.ts'
import { deviceOf, type NfPacket } from './packet.ts'
import { equalTuples, invertTuple, Tuple } from './tuple.ts'

/** Which end the NAT hook at this place rewrites (`HOOK2MANIP`). */
export function manipOf(hook: number): Manip {
  return hook === NF_POST_ROUTING || hook === NF_LOCAL_IN ? 'src' : 'dst'
}

/** Whether the decision for this end was taken already (`nf_nat_initialized`). */
function initialized(conn: Conn, manip: Manip): boolean {
  return (conn.status & (manip === 'src' ? IPS_SRC_NAT_DONE : IPS_DST_NAT_DONE)) !== 0
}

/**
 * Decides how a new connection is translated at this end, from its first packet. Called by the NAT targets, or with its own address
 * when no rule wanted it.
 * @linux net/netfilter/nf_nat_core.c nf_nat_setup_info
 */
export function natSetup(p: NfPacket, conn: Conn, range: Range, manip: Manip): number {
  if (conn.status & IPS_CONFIRMED) return NF_ACCEPT
  if (initialized(conn, manip)) return NF_DROP
  const current = new Tuple()
  invertTuple(current, conn.reply)
  const context = { conns: p.nf.conns, now: p.now, random: () => p.ns.sim.random(), inverse: p.inverse }
  const chosen = uniqueTuple(current, range, conn, manip, context)
  if (!equalTuples(chosen, current)) {
    invertTuple(conn.reply, chosen)
    conn.status |= manip === 'src' ? IPS_SRC_NAT : IPS_DST_NAT
  }
  conn.status |= manip === 'src' ? IPS_SRC_NAT_DONE : IPS_DST_NAT_DONE
  return NF_ACCEPT
}

/**
 * The NAT hook: asks the rules about a connection's first packet, then translates as was decided. `walk` runs the nat table's
 * chain of this hook.
 * @linux net/netfilter/nf_nat_proto.c nf_nat_ipv4_fn
 */
export function natHook(p: NfPacket, walk: (p: NfPacket) => number): number {
  const { skb } = p
  const conn = p.ct
  if (conn === null) return NF_ACCEPT
  const manip = manipOf(p.hook)
  const { ctinfo } = skb
  if (ctinfo !== IP_CT_ESTABLISHED && ctinfo !== IP_CT_ESTABLISHED_REPLY) {
    if (ctinfo !== IP_CT_NEW && isIcmpOf(p)) return natIcmpError(p, conn, ctinfo, manip) ? NF_ACCEPT : NF_DROP
    if (!initialized(conn, manip)) {
      const verdict = walk(p)
      if (verdict !== NF_ACCEPT) return verdict
      if (!initialized(conn, manip)) {
        const own = manip === 'src' ? conn.reply.dst : conn.reply.src
        const bound = natSetup(p, conn, oneAddress(own, null), manip)
        if (bound !== NF_ACCEPT) return bound
      }
      return natPacket(p, conn, ctinfo, manip)
    }
  }
  if (outputDeviceChanged(p, conn, ctinfo)) {
    p.nf.conns.remove(conn)
    p.cause = 'nat_other_device'
    return NF_DROP
  }
  return natPacket(p, conn, ctinfo, manip)
}

/** A masqueraded connection must keep leaving by the device whose address it borrowed (`nf_nat_oif_changed`). */
function outputDeviceChanged(p: NfPacket, conn: Conn, ctinfo: number): boolean {
  return (
    p.hook === NF_POST_ROUTING &&
    conn.masqIndex !== 0 &&
    conn.masqIndex !== p.outdev?.ifindex &&
    dirOf(ctinfo) === IP_CT_DIR_ORIGINAL
  )
}

/** Whether packets of this direction are rewritten at this end. */
function rewritten(conn: Conn, dir: number, manip: Manip): boolean {
  const bit = manip === 'src' ? IPS_SRC_NAT : IPS_DST_NAT
  return (conn.status & (dir === IP_CT_DIR_REPLY ? bit ^ IPS_NAT_MASK : bit)) !== 0
}

function natPacket(p: NfPacket, conn: Conn, ctinfo: number, manip: Manip): number {
  const dir = dirOf(ctinfo)
  if (!rewritten(conn, dir, manip)) return NF_ACCEPT
  invertTuple(p.tuple, conn.tuple(1 - dir))
  const before = describe(p, manip)
  if (!manipulate(p.bytes, p.at, p.end, p.tuple, manip, p.place)) return NF_DROP
  p.load()
  recordNat(p, manip, before)
  return NF_ACCEPT
}

/**
 * Translates an ICMP error: the packet it quotes, which goes the other way, then its own address.
 * @linux net/netfilter/nf_nat_proto.c nf_nat_icmp_reply_translation
 */
function natIcmpError(p: NfPacket, conn: Conn, ctinfo: number, manip: Manip): boolean {
  const inner = p.transport + 8
  if (inner > p.end) return false
  const type = p.bytes[p.transport]
  const redirect = p.family === 'inet' ? 5 : 137
  if (type === redirect) {
    if ((conn.status & IPS_NAT_DONE_MASK) !== IPS_NAT_DONE_MASK || conn.status & IPS_NAT_MASK) {
      p.cause = 'nat_redirect'
      return false
    }
  }
  const dir = dirOf(ctinfo)
  if (!rewritten(conn, dir, manip)) return true
  const before = describe(p, manip)
  if (!manipulate(p.bytes, inner, p.end, conn.tuple(1 - dir), manip === 'src' ? 'dst' : 'src', p.place)) return false
  const { tuple: outer } = p
  invertTuple(outer, conn.tuple(1 - dir))
  outer.protocol = p.protocol
  if (!manipulate(p.bytes, p.at, p.end, outer, manip, p.place)) return false
  writeU16(p.bytes, p.transport + ICMPV6_CHECKSUM, 0)
  const pseudo = p.family === 'inet' ? 0 : pseudoHeaderSum6(p.bytes, p.at, p.protocol, p.end - p.transport)
  writeU16(p.bytes, p.transport + ICMPV6_CHECKSUM, checksum(p.bytes, p.transport, p.end, pseudo))
  p.load()
  recordNat(p, manip, before)
  return true
}

/** Whether an own packet must be routed again because NAT gave it another destination. */
export function mustReroute(p: NfPacket): boolean {
  const conn = p.ct
  if (p.hook !== NF_LOCAL_OUT || conn === null) return false
  const dir = dirOf(p.skb.ctinfo)
  return conn.tuple(dir).dst !== conn.tuple(1 - dir).src
}

/** What records say of one side of a packet; port 0 where it has none, or nobody writes it down. */
function describe(p: NfPacket, manip: Manip): NatEnd {
  if (p.ns.log === null) return { address: '', port: 0 }
  const address = addrText(manip === 'src' ? p.src : p.dst)
  const portAt = p.transport + (manip === 'src' ? UDP_SOURCE_PORT : UDP_DESTINATION_PORT)
  if (isIcmpOf(p) || !p.transportFound || p.end - p.transport < 4) return { address, port: 0 }
  if (p.protocol !== IP_PROTOCOL.TCP && p.protocol !== IP_PROTOCOL.UDP) return { address, port: 0 }
  return { address, port: readU16(p.bytes, portAt) }
}

function recordNat(p: NfPacket, manip: Manip, from: NatEnd): void {
  p.ns.log?.nat(p.skb, deviceOf(p), manip, from, describe(p, manip))
}
