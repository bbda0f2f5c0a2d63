import {
  ICMP_TYPE,
  ICMP_UNREACH,
  IPV4_CHECKSUM,
  IPV4_FLAG,
  IPV4_FRAG_OFF,
  IPV4_OPTION_POINTER,
  IPV4_TTL,
  readU16,
  updateChecksum16,
  writeU16,
  writeU32,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { IpOptions } from '../kernel/ip-options.ts'
import {
  IPSKB_DOREDIRECT,
  IPSKB_FORWARDED,
  PACKET_HOST,
  type PacketBuffer,
  type PacketOnDevice,
} from '../kernel/skb.ts'
import { NF_ACCEPT, NF_FORWARD } from '../kernel/stack.ts'
import { ipSendCheck } from './header.ts'
import { ipOutput } from './output.ts'
import { ipRtSendRedirect } from './redirect.ts'
import { type Rtable, rtOf } from './rtable.ts'
import { ipRtGetSource } from './spec-dst.ts'

/** Passes a packet on, in the kernel's order of checks. @linux net/ipv4/ip_forward.c ip_forward */
export function ipForward(skb: PacketOnDevice): void {
  const { dev } = skb
  const { ns } = dev
  const { sim } = ns
  const { stack } = sim
  const { bytes, network: at } = skb
  if (skb.pktType !== PACKET_HOST) {
    dropPacket(skb, 'forward_not_for_us', dev)
    return
  }
  const ttl = bytes[at + IPV4_TTL]!
  if (ttl <= 1) {
    stack.icmpSend(skb, ICMP_TYPE.TIME_EXCEEDED, 0, 0)
    dropPacket(skb, 'ttl_exceeded', dev)
    return
  }
  const rt = rtOf(skb)
  skb.cbFlags |= IPSKB_FORWARDED
  const mtu = rt.forwardMtu
  if (exceedsMtu(skb, mtu)) {
    stack.icmpSend(skb, ICMP_TYPE.DEST_UNREACH, ICMP_UNREACH.FRAG_NEEDED, mtu)
    dropPacket(skb, 'forward_too_big', dev)
    return
  }
  decreaseTtl(bytes, at)
  if ((skb.cbFlags & IPSKB_DOREDIRECT) !== 0) ipRtSendRedirect(skb, rt)
  ns.log?.forward(skb, rt.dev, ttl)
  if (ns.hasHooks && stack.nfHook('inet', NF_FORWARD, skb, dev, rt.dev) !== NF_ACCEPT) return
  if (skb.opt !== null) ipForwardOptions(skb, skb.opt, rt)
  ipOutput(skb)
}

/** @linux net/ipv4/ip_forward.c ip_exceeds_mtu */
function exceedsMtu(skb: PacketBuffer, mtu: number): boolean {
  if (skb.tail - skb.data <= mtu) return false
  if ((readU16(skb.bytes, skb.network + IPV4_FRAG_OFF) & IPV4_FLAG.DF) === 0) return false
  return skb.fragMaxSize > mtu || !skb.ignoreDf
}

/** Lowers the TTL and adjusts the checksum by the difference. */
function decreaseTtl(bytes: Uint8Array, at: number): void {
  const old = readU16(bytes, at + IPV4_TTL)
  bytes[at + IPV4_TTL] = bytes[at + IPV4_TTL]! - 1
  writeU16(
    bytes,
    at + IPV4_CHECKSUM,
    updateChecksum16(readU16(bytes, at + IPV4_CHECKSUM), old, readU16(bytes, at + IPV4_TTL)),
  )
}

/** The address of the way out goes where input put the address of the way in. @linux net/ipv4/ip_options.c ip_forward_options */
function ipForwardOptions(skb: PacketBuffer, opt: IpOptions, rt: Rtable): void {
  const { bytes, network: at } = skb
  if (opt.rrNeedsAddress) {
    writeU32(bytes, at + opt.rr + bytes[at + opt.rr + IPV4_OPTION_POINTER]! - 5, ipRtGetSource(skb, rt))
    opt.changed = true
  }
  if (opt.tsNeedsAddress) {
    writeU32(bytes, at + opt.ts + bytes[at + opt.ts + IPV4_OPTION_POINTER]! - 9, ipRtGetSource(skb, rt))
    opt.changed = true
  }
  if (!opt.changed) return
  opt.changed = false
  ipSendCheck(bytes, at)
}
