import {
  ETHERTYPE,
  ICMP_TYPE,
  ICMP_UNREACH,
  IPV4_DESTINATION,
  IPV4_FLAG,
  IPV4_FRAG_OFF,
  IPV4_TOTAL_LENGTH,
  IPV4_TTL,
  readU16,
  readU32,
  writeU16,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { Dst } from '../kernel/dst.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { IPSKB_FORWARDED, IPSKB_REROUTED, type PacketBuffer, type PacketOnDevice, setDevice } from '../kernel/skb.ts'
import { usesPathMtu } from '../kernel/sock.ts'
import { NF_ACCEPT, NF_DROP, NF_LOCAL_OUT, NF_POST_ROUTING } from '../kernel/stack.ts'
import { ipFragment } from './fragment.ts'
import { ipSendCheck } from './header.ts'
import { RTCF_BROADCAST, RTCF_LOCAL, RTCF_MULTICAST, rtOf } from './rtable.ts'
import { ipv4Of } from './slot.ts'

/**
 * Sends a packet with a complete IPv4 header: length, checksum, LOCAL_OUT, then out by its route.
 * @linux net/ipv4/ip_output.c ip_local_out, net/netfilter/core.c nf_hook_slow
 * @returns what its sender is told at once: EPERM when netfilter dropped it
 */
export function ipLocalOut(skb: PacketBuffer): 'EPERM' | null {
  const rt = rtOf(skb)
  const { ns } = rt.dev
  const { bytes, data: at } = skb
  skb.network = at
  skb.transport = at + ((bytes[at]! & 0xf) << 2)
  writeU16(bytes, at + IPV4_TOTAL_LENGTH, skb.tail - at)
  ipSendCheck(bytes, at)
  skb.protocol = ETHERTYPE.IPV4
  const verdict = !ns.hasHooks ? NF_ACCEPT : ns.sim.stack.nfHook('inet', NF_LOCAL_OUT, skb, null, rt.dev)
  if (verdict !== NF_ACCEPT) return verdict === NF_DROP ? 'EPERM' : null
  return ipOutput(skb)
}

/** Out by the packet's route, from POSTROUTING on. @linux net/ipv4/ip_output.c ip_output, ip_mc_output */
export function ipOutput(skb: PacketBuffer): 'EPERM' | null {
  const rt = rtOf(skb)
  const { dev } = rt
  const { ns } = dev
  const indev = skb.dev
  setDevice(skb, dev)
  skb.protocol = ETHERTYPE.IPV4
  const isGroup = (rt.flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0
  if (isGroup && (rt.flags & RTCF_LOCAL) !== 0 && !dev.loopback && !loopBack(skb, rt, dev)) return null
  if (ns.hasHooks && (skb.cbFlags & IPSKB_REROUTED) === 0) {
    const from = isGroup ? null : indev
    const verdict = ns.sim.stack.nfHook('inet', NF_POST_ROUTING, skb, from, dev)
    if (verdict !== NF_ACCEPT) return verdict === NF_DROP ? 'EPERM' : null
  }
  ipFinishOutput(skb)
  return null
}

/** Broadcasts and multicasts are heard by this host, too. False: the packet ends here. */
function loopBack(skb: PacketBuffer, rt: Dst, dev: NetDevice): boolean {
  const { ns } = dev
  const here = rt.broadcast || (skb.cbFlags & IPSKB_FORWARDED) === 0
  if (here) {
    const copy = skb.copy(ns.sim)
    ns.log?.clone(copy, dev, skb)
    if (!ns.hasHooks || ns.sim.stack.nfHook('inet', NF_POST_ROUTING, copy, null, dev) === NF_ACCEPT) {
      ns.sim.stack.loopbackXmit(copy, dev)
    }
  }
  if (!rt.multicast || skb.bytes[skb.network + IPV4_TTL] !== 0) return true
  dropPacket(skb, 'multicast_ttl', dev)
  return false
}

/** Fits the packet to the path MTU. @linux net/ipv4/ip_output.c __ip_finish_output */
function ipFinishOutput(skb: PacketOnDevice): void {
  const rt = rtOf(skb)
  const mtu = ipSkbDstMtu(skb, rt)
  if (skb.tail - skb.data <= mtu && skb.fragMaxSize === 0) {
    ipFinishOutput2(skb)
    return
  }
  const { ns } = rt.dev
  const df = (readU16(skb.bytes, skb.network + IPV4_FRAG_OFF) & IPV4_FLAG.DF) !== 0
  if (df && (!skb.ignoreDf || (skb.fragMaxSize !== 0 && skb.fragMaxSize > mtu))) {
    ns.sim.stack.icmpSend(skb, ICMP_TYPE.DEST_UNREACH, ICMP_UNREACH.FRAG_NEEDED, mtu)
    dropPacket(skb, 'frag_needed_local', rt.dev)
    return
  }
  ipFragment(skb, mtu, ipFinishOutput2)
}

/** @linux include/net/ip.h ip_skb_dst_mtu */
function ipSkbDstMtu(skb: PacketBuffer, rt: Dst): number {
  const { sk } = skb
  if (sk !== null && !usesPathMtu(sk)) return Math.min(rt.dev.mtu, 0xffff)
  return (skb.cbFlags & IPSKB_FORWARDED) !== 0 ? rt.forwardMtu : rt.mtu
}

/** To the neighbour. @linux net/ipv4/ip_output.c ip_finish_output2 */
function ipFinishOutput2(skb: PacketBuffer): void {
  const rt = rtOf(skb)
  const { dev } = rt
  const key = rt.gateway ?? readU32(skb.bytes, skb.network + IPV4_DESTINATION)
  dev.ns.sim.stack.neighOutput(skb, dev, 'inet', key)
}

/** The next IP id of a namespace: a counter from a seeded start, never 0 (`__ip_select_ident`). */
export function ipSelectIdent(ns: NetNs): number {
  const { cache } = ipv4Of(ns)
  if (cache.ident === 0) cache.ident = ns.sim.random() & 0xffff
  cache.ident = (cache.ident & 0xffff) + 1
  if (cache.ident > 0xffff) cache.ident = 1
  return cache.ident
}
