import {
  buildIcmpv6,
  buildLinkLayerOption,
  ICMPV6_TYPE,
  IP_PROTOCOL,
  IPV6_DESTINATION,
  IPV6_HEADER_LENGTH,
  IPV6_MIN_MTU,
  IPV6_SOURCE,
  type Ip6Key,
  type MacKey,
  ND_LINK_LAYER_OPTION_LENGTH,
  ND_OPTION,
  ND_OPTION_LENGTH,
  ND_REDIRECT_DESTINATION,
  ND_REDIRECT_LENGTH,
  ND_TARGET,
  ndTarget,
  readIp6Key,
  redirectDestination,
  writeIp6Key,
} from '../../wire/index.ts'
import { HZ, TICK, xrlimAllow } from '../kernel/inet-peer.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import {
  NEIGH_UPDATE_ISROUTER,
  NEIGH_UPDATE_OVERRIDE,
  NEIGH_UPDATE_OVERRIDE_ISROUTER,
  NEIGH_UPDATE_WEAK_OVERRIDE,
  NUD_STALE,
  NUD_VALID,
} from '../kernel/nud.ts'
import type { PacketBuffer, PacketOnDevice } from '../kernel/skb.ts'
import { isLinkLocal6, isMulticast6 } from './addr.ts'
import { linkLocalOf } from './inet6-addr.ts'
import { linkLayerOption } from './ndisc-option.ts'
import { ndiscSendSkb } from './ndisc-send.ts'
import { ip6LearnRedirect } from './pmtu.ts'
import { keySum } from './pseudo.ts'
import { ip6RouteOutput } from './route-output.ts'
import { rt6Of } from './rt6.ts'
import { ipv6Of } from './slot.ts'

const OPTION_HEADER = 8

/**
 * Tells the sender of a forwarded packet that `target` is nearer to him than this router.
 *
 * @param target - the better router, or the destination itself
 * @linux net/ipv6/ndisc.c ndisc_send_redirect
 */
export function sendRedirect(skb: PacketOnDevice, target: string): void {
  const { dev } = skb
  const { ns } = dev
  const { bytes, network: at } = skb
  const source = linkLocalOf(dev)
  const daddr = readIp6Key(bytes, at + IPV6_DESTINATION)
  if (source === '' || (target !== daddr && !isLinkLocal6(target))) return
  const sender = readIp6Key(bytes, at + IPV6_SOURCE)
  const flow = {
    daddr: sender,
    saddr: source,
    tclass: 0,
    mark: 0,
    oif: dev,
    proto: IP_PROTOCOL.ICMPV6,
    sport: 0,
    dport: 0,
  }
  const rt = ip6RouteOutput(ns, flow)
  if (typeof rt === 'string' || rt.gateway !== null) return
  const now = Math.floor(ns.sim.clock.now / TICK)
  const peer = ipv6Of(ns)?.peers.get(sender, now)
  if (peer === undefined || !xrlimAllow(peer, HZ, now)) return
  const message = buildRedirect(skb, dev, source, sender, target, daddr)
  ndiscSendSkb(message, dev, sender, source, skb.id)
}

function buildRedirect(
  skb: PacketBuffer,
  dev: NetDevice,
  source: string,
  sender: string,
  target: string,
  daddr: string,
): PacketBuffer {
  const { ns } = dev
  const out = rt6Of(skb).dev
  const neighbour = out.hardHeaderLen === 0 ? undefined : ns.neigh.lookupOrCreate(out, 'inet6', target)
  const knowsMac = neighbour !== undefined && (neighbour.state & NUD_VALID) !== 0
  const macLength = knowsMac ? ND_LINK_LAYER_OPTION_LENGTH : 0
  const room = IPV6_MIN_MTU - IPV6_HEADER_LENGTH - ND_REDIRECT_LENGTH - macLength
  const quoteLength = Math.min(room, skb.tail - skb.network + OPTION_HEADER) & ~7
  const made = ns.sim.newSkb(ND_REDIRECT_LENGTH + macLength + quoteLength)
  const { bytes, data } = made
  writeIp6Key(bytes, data + ND_TARGET, target as Ip6Key)
  writeIp6Key(bytes, data + ND_REDIRECT_DESTINATION, daddr as Ip6Key)
  let at = data + ND_REDIRECT_LENGTH
  if (knowsMac) at = buildLinkLayerOption(bytes, at, ND_OPTION.TARGET_LINK_LAYER, neighbour.lladdr as MacKey)
  bytes[at] = ND_OPTION.REDIRECTED_HEADER
  bytes[at + ND_OPTION_LENGTH] = quoteLength >> 3
  const quoted = skb.bytes.subarray(skb.network, skb.network + quoteLength - OPTION_HEADER)
  bytes.set(quoted, at + OPTION_HEADER)
  const pseudo = keySum(source) + keySum(sender) + IP_PROTOCOL.ICMPV6 + made.len
  buildIcmpv6(bytes, data, made.tail, { type: ICMPV6_TYPE.REDIRECT, code: 0, restOfHeader: 0, pseudo })
  return made
}

/**
 * A router says that another way is nearer: believed by hosts, from the router in use.
 *
 * @linux net/ipv6/ndisc.c ndisc_redirect_rcv, net/ipv6/route.c rt6_do_redirect
 */
export function redirectReceived(skb: PacketBuffer, dev: NetDevice): void {
  const { ns } = dev
  const { bytes, network, transport } = skb
  const router = readIp6Key(bytes, network + IPV6_SOURCE)
  const target = ndTarget(bytes, transport)
  const daddr = redirectDestination(bytes, transport)
  const onLink = target === daddr
  if (!isLinkLocal6(router) || isMulticast6(daddr) || (!onLink && !isLinkLocal6(target))) return
  if (dev.conf6.forwarding || !dev.conf6.acceptRedirects) return
  const saddr = readIp6Key(bytes, network + IPV6_DESTINATION)
  if (!ip6LearnRedirect(ns, dev, saddr, daddr, router, onLink ? '' : target)) return
  const entry = ns.neigh.lookupOrCreate(dev, 'inet6', target)
  const lladdr = linkLayerOption(skb, ND_REDIRECT_LENGTH, ND_OPTION.TARGET_LINK_LAYER)
  const asRouter = onLink ? 0 : NEIGH_UPDATE_OVERRIDE_ISROUTER | NEIGH_UPDATE_ISROUTER
  const flags = NEIGH_UPDATE_WEAK_OVERRIDE | NEIGH_UPDATE_OVERRIDE | asRouter
  ns.neigh.update(entry, lladdr === 0 ? null : lladdr, NUD_STALE, flags)
}
