import {
  ICMPV6_CODE,
  ICMPV6_REST,
  ICMPV6_TYPE,
  IPV6_DESTINATION,
  IPV6_HOP_LIMIT,
  IPV6_SOURCE,
  NA_FLAG,
  ND_HOP_LIMIT,
  ND_OPTION,
  ND_OPTION_LENGTH,
  ND_TARGET_LENGTH,
  ndOptionsOffset,
  ndTarget,
  readIp6Key,
  readU32,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import {
  NEIGH_UPDATE_ISROUTER,
  NEIGH_UPDATE_OVERRIDE,
  NEIGH_UPDATE_OVERRIDE_ISROUTER,
  NEIGH_UPDATE_WEAK_OVERRIDE,
  NUD_FAILED,
  NUD_REACHABLE,
  NUD_STALE,
} from '../kernel/nud.ts'
import { PACKET_HOST, type PacketBuffer, type PacketOnDevice } from '../kernel/skb.ts'
import { ANY_ADDR, isLinkLocal6, isMulticast6, isSolicitedNode, LINKLOCAL_ALLNODES } from './addr.ts'
import { icmpv6Taken } from './icmpv6-taken.ts'
import { findAddr6, ipv6ChkAcastAddr } from './inet6-addr.ts'
import { linkLayerOption } from './ndisc-option.ts'
import { redirectReceived } from './ndisc-redirect.ts'
import { ndiscSendNa } from './ndisc-send.ts'
import { IP6SKB_FRAGMENTED } from './skb-flags.ts'
import { ipv6Of } from './slot.ts'

const BOTH_OVERRIDES = NEIGH_UPDATE_WEAK_OVERRIDE | NEIGH_UPDATE_OVERRIDE

/**
 * A message of neighbour discovery, `data` at the ICMPv6 header.
 *
 * @linux net/ipv6/ndisc.c ndisc_rcv
 */
export function ndiscRcv(skb: PacketOnDevice): boolean {
  const { dev } = skb
  const { bytes, transport: at } = skb
  // What came in pieces is not believed (`suppress_frag_ndisc`). @rfc 6980
  if ((skb.cbFlags & IP6SKB_FRAGMENTED) !== 0) return true
  if (bytes[skb.network + IPV6_HOP_LIMIT] !== ND_HOP_LIMIT || bytes[at + ICMPV6_CODE] !== 0 || !optionsAreSound(skb))
    return true
  switch (bytes[at]) {
    case ICMPV6_TYPE.NEIGHBOR_SOLICITATION:
      return solicitationReceived(skb, dev, false)
    case ICMPV6_TYPE.NEIGHBOR_ADVERTISEMENT:
      advertisementReceived(skb, dev)
      break
    case ICMPV6_TYPE.ROUTER_SOLICITATION:
      routerSolicitationReceived(skb, dev)
      break
    case ICMPV6_TYPE.ROUTER_ADVERTISEMENT:
      return routerAdvertisementReceived(skb, dev)
    case ICMPV6_TYPE.REDIRECT:
      redirectReceived(skb, dev)
      break
    default:
  }
  return true
}

/** Every option has a length, and fits. @linux net/ipv6/ndisc.c ndisc_parse_options */
function optionsAreSound(skb: PacketBuffer): boolean {
  const { bytes, transport, tail } = skb
  const offset = ndOptionsOffset(bytes[transport] as number)
  if (offset === undefined || tail - transport < offset) return false
  for (let at = transport + offset; at < tail; ) {
    const length = at + 1 < tail ? (bytes[at + ND_OPTION_LENGTH] as number) * 8 : 0
    if (length === 0 || at + length > tail) return false
    at += length
  }
  return true
}

/**
 * Somebody asks for an address: answers when it is ours, or when we stand in for its owner, and learns who asked.
 *
 * @param delayed - it comes from the proxy queue
 * @linux net/ipv6/ndisc.c ndisc_recv_ns
 */
function solicitationReceived(skb: PacketBuffer, dev: NetDevice, delayed: boolean): boolean {
  const { bytes, network, transport } = skb
  const target = ndTarget(bytes, transport)
  const saddr = readIp6Key(bytes, network + IPV6_SOURCE)
  const daddr = readIp6Key(bytes, network + IPV6_DESTINATION)
  const dad = saddr === ANY_ADDR
  if (isMulticast6(target) || (dad && !isSolicitedNode(daddr))) return true
  const lladdr = linkLayerOption(skb, ND_TARGET_LENGTH, ND_OPTION.SOURCE_LINK_LAYER)
  if (dad && lladdr !== 0) return true
  const toGroup = isMulticast6(daddr)
  const own = findAddr6(dev, target)
  // An address that is still being checked is nobody's: others may ask, and are not answered.
  if (own?.tentative) return true
  if (own === undefined) {
    const standsIn = ipv6ChkAcastAddr(dev.ns, dev, target) || isProxyFor(dev, target)
    if (!standsIn) {
      dev.ns.log?.nd(skb, dev, 'not-ours', target, saddr)
      return true
    }
    if (!delayed && skb.pktType !== PACKET_HOST && toGroup && dev.neigh6.proxyDelay !== 0) {
      enqueueProxy(skb, dev)
      return false
    }
  }
  const verdict = own !== undefined ? 'local' : isProxyFor(dev, target) ? 'proxy-entry' : 'anycast'
  const router = own === undefined && verdict === 'proxy-entry' ? false : dev.conf6.forwarding
  const answer = { target, router, override: own !== undefined }
  if (dad) {
    dev.ns.log?.nd(skb, dev, 'probe', target, saddr)
    ndiscSendNa(dev, { ...answer, daddr: LINKLOCAL_ALLNODES, solicited: false, withOption: true }, skb.id)
    return true
  }
  const known = learnSender(dev, saddr, lladdr, !toGroup || lladdr !== 0 || dev.hardHeaderLen === 0)
  dev.ns.log?.nd(skb, dev, known ? verdict : 'asker-unknown', target, saddr)
  if (!known) return true
  const override = own !== undefined && toGroup
  ndiscSendNa(dev, { ...answer, daddr: saddr, solicited: true, override, withOption: toGroup }, skb.id)
  return true
}

/** Takes note of who asked. False: he is not known, and may not be learned. */
function learnSender(dev: NetDevice, saddr: string, lladdr: number, create: boolean): boolean {
  const { neigh } = dev.ns
  const entry = create ? neigh.lookupOrCreate(dev, 'inet6', saddr) : neigh.lookup(dev, 'inet6', saddr)
  if (entry === undefined) return dev.hardHeaderLen === 0
  neigh.update(entry, lladdr === 0 ? null : lladdr, NUD_STALE, BOTH_OVERRIDES)
  return true
}

/** Whether this router answers for somebody else's address. @linux net/ipv6/ndisc.c pndisc_is_router */
function isProxyFor(dev: NetDevice, target: string): boolean {
  const allowed = dev.conf6.forwarding && dev.conf6.proxyNdp
  return allowed && dev.ns.neigh.isProxied(dev, 'inet6', target)
}

/** Who answers for others does so after a random part of `proxy_delay`, so that the owner comes first (`pneigh_enqueue`). */
function enqueueProxy(skb: PacketBuffer, dev: NetDevice): void {
  const { sim } = dev.ns
  const delay = Math.floor((sim.random() / 2 ** 32) * dev.neigh6.proxyDelay)
  const again = (one: PacketBuffer): PacketBuffer => one.again()
  sim.clock.carry(delay, skb, again, (waited) => {
    if (dev.up) solicitationReceived(waited, dev, true)
    icmpv6Taken(waited, dev)
  })
  dev.ns.log?.held(skb, dev, 'proxy-delay')
}

/** Somebody tells his hardware address. @linux net/ipv6/ndisc.c ndisc_recv_na */
function advertisementReceived(skb: PacketBuffer, dev: NetDevice): void {
  const { bytes, network, transport } = skb
  const { ns } = dev
  const target = ndTarget(bytes, transport)
  const flags = readU32(bytes, transport + ICMPV6_REST)
  const has = (flag: number): boolean => Math.floor(flags / flag) % 2 === 1
  const solicited = has(NA_FLAG.SOLICITED)
  if (isMulticast6(target) || (isMulticast6(readIp6Key(bytes, network + IPV6_DESTINATION)) && solicited)) return
  if (findAddr6(dev, target) !== undefined) return
  const entry = ns.neigh.lookup(dev, 'inet6', target)
  if (entry === undefined || (entry.state & NUD_FAILED) !== 0) return
  const lladdr = linkLayerOption(skb, ND_TARGET_LENGTH, ND_OPTION.TARGET_LINK_LAYER)
  const ip6 = ipv6Of(ns)
  const isEcho = lladdr !== 0 && lladdr === dev.mac && ip6?.forwarding === true && ip6.globals.proxyNdp
  if (isEcho && ns.neigh.isProxied(dev, 'inet6', target)) return
  const override = has(NA_FLAG.OVERRIDE) ? NEIGH_UPDATE_OVERRIDE : 0
  const router = has(NA_FLAG.ROUTER) ? NEIGH_UPDATE_ISROUTER : 0
  ns.neigh.update(
    entry,
    lladdr === 0 ? null : lladdr,
    solicited ? NUD_REACHABLE : NUD_STALE,
    NEIGH_UPDATE_WEAK_OVERRIDE | override | NEIGH_UPDATE_OVERRIDE_ISROUTER | router,
  )
}

/** A host looks for routers: a router learns of it. @linux net/ipv6/ndisc.c ndisc_recv_rs */
function routerSolicitationReceived(skb: PacketBuffer, dev: NetDevice): void {
  const saddr = readIp6Key(skb.bytes, skb.network + IPV6_SOURCE)
  if (!dev.conf6.forwarding || saddr === ANY_ADDR) return
  const lladdr = linkLayerOption(skb, 8, ND_OPTION.SOURCE_LINK_LAYER)
  const entry = dev.ns.neigh.lookupOrCreate(dev, 'inet6', saddr)
  const flags = BOTH_OVERRIDES | NEIGH_UPDATE_OVERRIDE_ISROUTER
  dev.ns.neigh.update(entry, lladdr === 0 ? null : lladdr, NUD_STALE, flags)
}

/**
 * A router tells of itself: it is learned as a neighbour. Addresses and routes are configured by what built the network, so a
 * device that takes them from advertisements says that it cannot.
 *
 * @linux net/ipv6/ndisc.c ndisc_router_discovery
 */
function routerAdvertisementReceived(skb: PacketBuffer, dev: NetDevice): boolean {
  const { ns } = dev
  const saddr = readIp6Key(skb.bytes, skb.network + IPV6_SOURCE)
  if (!isLinkLocal6(saddr)) return true
  const lladdr = linkLayerOption(skb, 16, ND_OPTION.SOURCE_LINK_LAYER)
  const entry = ns.neigh.lookupOrCreate(dev, 'inet6', saddr)
  const flags = BOTH_OVERRIDES | NEIGH_UPDATE_OVERRIDE_ISROUTER | NEIGH_UPDATE_ISROUTER
  ns.neigh.update(entry, lladdr === 0 ? null : lladdr, NUD_STALE, flags)
  const accepts = dev.conf6.forwarding ? dev.conf6.acceptRa === 2 : dev.conf6.acceptRa !== 0
  if (accepts) dropPacket(skb, 'not_modelled', dev)
  return !accepts
}
