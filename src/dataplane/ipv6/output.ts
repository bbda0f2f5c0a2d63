import {
  ETHERTYPE,
  IPV6_DESTINATION,
  IPV6_HEADER_LENGTH,
  IPV6_HOP_LIMIT,
  IPV6_PAYLOAD_LENGTH,
  readIp6Key,
  writeU16,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { IPSKB_REROUTED, type PacketBuffer, type PacketOnDevice, setDevice } from '../kernel/skb.ts'
import { usesPathMtu } from '../kernel/sock.ts'
import { NF_ACCEPT, NF_DROP, NF_LOCAL_OUT, NF_POST_ROUTING } from '../kernel/stack.ts'
import { isMulticast6 } from './addr.ts'
import { ip6Fragment } from './fragment.ts'
import { ipv6ChkMcastAddr, staysOnInterface } from './inet6-addr.ts'
import { rt6Of } from './rt6.ts'
import { IP6SKB_NO_LOOP } from './skb-flags.ts'

const MAX_PAYLOAD = 0xffff

/**
 * Sends a packet with a complete IPv6 header: length, LOCAL_OUT, then out by its route.
 * @linux net/ipv6/output_core.c ip6_local_out
 * @returns what its sender is told at once: EPERM when netfilter dropped it
 */
export function ip6LocalOut(skb: PacketBuffer): 'EPERM' | null {
  const { dev } = rt6Of(skb)
  const { ns } = dev
  const { bytes, data: at } = skb
  const payload = skb.tail - at - IPV6_HEADER_LENGTH
  skb.network = at
  writeU16(bytes, at + IPV6_PAYLOAD_LENGTH, payload > MAX_PAYLOAD ? 0 : payload)
  skb.protocol = ETHERTYPE.IPV6
  const verdict = !ns.hasHooks ? NF_ACCEPT : ns.sim.stack.nfHook('inet6', NF_LOCAL_OUT, skb, null, dev)
  if (verdict !== NF_ACCEPT) return verdict === NF_DROP ? 'EPERM' : null
  return ip6Output(skb)
}

/** Out by the packet's route, from POSTROUTING on. @linux net/ipv6/ip6_output.c ip6_output */
export function ip6Output(skb: PacketBuffer): 'EPERM' | null {
  const { dev } = rt6Of(skb)
  const { ns } = dev
  const indev = skb.dev
  skb.protocol = ETHERTYPE.IPV6
  setDevice(skb, dev)
  if (dev.conf6.disabled) {
    dropPacket(skb, 'ip6_disabled_out', dev)
    return null
  }
  if (ns.hasHooks && (skb.cbFlags & IPSKB_REROUTED) === 0) {
    const verdict = ns.sim.stack.nfHook('inet6', NF_POST_ROUTING, skb, indev, dev)
    if (verdict !== NF_ACCEPT) return verdict === NF_DROP ? 'EPERM' : null
  }
  ip6FinishOutput(skb)
  return null
}

/** Fits the packet to the path MTU. @linux net/ipv6/ip6_output.c __ip6_finish_output */
function ip6FinishOutput(skb: PacketOnDevice): void {
  const mtu = ip6SkbDstMtu(skb)
  const length = skb.tail - skb.network
  if (length > mtu || (skb.fragMaxSize !== 0 && length > skb.fragMaxSize)) ip6Fragment(skb, mtu, ip6FinishOutput2)
  else ip6FinishOutput2(skb)
}

/** @linux include/net/ip6_route.h ip6_skb_dst_mtu */
function ip6SkbDstMtu(skb: PacketBuffer): number {
  const rt = rt6Of(skb)
  const { sk } = skb
  return sk !== null && !usesPathMtu(sk) ? rt.dev.mtu : rt.mtu
}

/** To the neighbour; groups this host listens to are heard here, too. @linux net/ipv6/ip6_output.c ip6_finish_output2 */
function ip6FinishOutput2(skb: PacketBuffer): void {
  const rt = rt6Of(skb)
  const { dev } = rt
  const { stack } = dev.ns.sim
  const daddr = readIp6Key(skb.bytes, skb.network + IPV6_DESTINATION)
  if (isMulticast6(daddr)) {
    if (!loopBack(skb, dev, daddr)) return
    if (staysOnInterface(daddr) && !dev.loopback) {
      dropPacket(skb, 'ip6_interface_local', dev)
      return
    }
  }
  stack.neighOutput(skb, dev, 'inet6', rt.gateway ?? daddr)
}

/** False: the packet ends here, with the copy for this host. */
function loopBack(skb: PacketBuffer, dev: NetDevice, daddr: string): boolean {
  const { ns } = dev
  if (dev.loopback || (skb.cbFlags & IP6SKB_NO_LOOP) !== 0 || !ipv6ChkMcastAddr(dev, daddr)) return true
  const copy = skb.copy(ns.sim)
  ns.log?.clone(copy, dev, skb)
  if (!ns.hasHooks || ns.sim.stack.nfHook('inet6', NF_POST_ROUTING, copy, null, dev) === NF_ACCEPT) {
    ns.sim.stack.loopbackXmit(copy, dev)
  }
  if (skb.bytes[skb.network + IPV6_HOP_LIMIT] !== 0) return true
  dropPacket(skb, 'ip6_hop_limit', dev)
  return false
}
