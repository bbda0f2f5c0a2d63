import { POD_GATEWAY } from '../control/index.ts'
import { cablePeer, confKey, type Finding, interfaceOf, routesCovering, sysctlOf } from '../model/index.ts'
import { lastMatch } from '../trace/index.ts'
import { type Family, familyOf, type Ip } from '../wire/index.ts'
import type { Cause, DropPlace, LinkPlace } from './cause.ts'
import { six } from './commands.ts'
import { type Facts, isAssumed } from './facts.ts'

/** An address nobody answered for. */
export function neighbour(place: LinkPlace): Cause {
  const { drop, lost, facts } = place
  const last = lastMatch(lost.hops, (hop) => hop.kind === 'neighbour')
  const address = last?.kind === 'neighbour' ? last.address : ''
  const what = address === '' ? 'this address' : address
  const checks = [`ip ${six(address)}neigh show ${address} dev ${drop.dev}`]
  const own = facts.network.namespaces[drop.netns]
  if (own !== undefined && interfaceOf(own, drop.dev)?.kind === 'vxlan') return vtepUnknown(place, what, checks)
  const peer = cablePeer(facts.network, drop.netns, drop.dev)
  const other = peer && facts.network.namespaces[peer.netns]
  if (peer === undefined || other === undefined || other.role === 'switch') {
    const owner = facts.ownerOf(address)?.netns ?? ''
    const down = downCard(facts, owner, address)
    if (down !== undefined) {
      return { ...linkDown(owner, down), what: `${owner} ${down} is down, so nobody answers for ${address}` }
    }
    return {
      code: 'neighbour_silent',
      right: `Nobody on ${drop.dev} has ${what}: is the machine up and on this segment?`,
      checks: address === '' ? checks : [...checks, asksLink(drop.dev, address)],
    }
  }
  const isGateway = address === POD_GATEWAY || other.role === 'node'
  if (!isGateway) return { code: 'neighbour_silent', right: `${peer.netns} ${peer.dev} should have ${what}`, checks }
  return gateway(place, address, peer)
}

/** The interface with an address, when it is down. */
function downCard({ network }: Facts, netns: string, address: string): string | undefined {
  const devs = Object.values(network.namespaces[netns]?.interfaces ?? {})
  return devs.find(({ up, addresses }) => !up && addresses.some(({ local }) => local === address))?.name
}

/** A tool that asks the link for an address: ARP has one, neighbour discovery another. */
function asksLink(dev: string, address: string): string {
  return six(address) === '' ? `arping -c 2 -I ${dev} ${address}` : `ndisc6 ${address} ${dev}`
}

/** A VXLAN device asks nobody: Felix writes the neighbours. */
function vtepUnknown({ drop }: LinkPlace, what: string, checks: readonly string[]): Cause {
  return {
    code: 'neighbour_missing',
    by: 'felix',
    because: 'Felix writes a permanent neighbour for the VTEP of every node it knows with a VXLAN tunnel address',
    right: `There should be one on ${drop.dev} for ${what}`,
    checks: [...checks, `bridge fdb show dev ${drop.dev}`],
  }
}

/** A pod whose gateway, the host end of its cable, does not answer. */
function gateway(
  { drop, facts }: LinkPlace,
  address: string,
  peer: { readonly netns: string; readonly dev: string },
): Cause {
  const ns = facts.network.namespaces[peer.netns]!
  const place = { code: 'gateway_unanswered', netns: peer.netns, dev: peer.dev } as const
  const iface = interfaceOf(ns, peer.dev)
  if (iface !== undefined && !iface.up) return linkDown(peer.netns, peer.dev)
  const pod = facts.network.namespaces[drop.netns]
  if (isAssumed(pod)) {
    return {
      ...place,
      netns: drop.netns,
      dev: drop.dev,
      right: `The pod was assumed to be as Calico sets pods up; ${peer.netns} does not look so on ${peer.dev}: dump the pod, its gateway may be a permanent neighbour`,
      checks: [`ip neigh show dev ${drop.dev}`, 'ip route'],
    }
  }
  const family = six(address) === '' ? 4 : 6
  const own = pod && interfaceOf(pod, drop.dev)?.addresses.filter((one) => one.scope === 'global')
  if (own?.some((one) => familyOf(one.local) === family) === false) {
    const right = `${drop.netns} ${drop.dev} has no IPv${family} address to ask from: the CNI plugin gives it one`
    return { ...place, netns: drop.netns, dev: drop.dev, by: 'cni', right, checks: [`ip addr show dev ${drop.dev}`] }
  }
  if (family === 6) {
    const right = `${peer.netns} ${peer.dev} must have ${address}: IPv6 must be on there, with its link-local address`
    return { ...place, right, checks: [`ip -6 addr show dev ${peer.dev}`] }
  }
  const setting = confKey('ipv4', peer.dev, 'proxy_arp')
  const proxies = [setting, confKey('ipv4', 'all', 'proxy_arp')].some((key) => sysctlOf(ns, key) === '1')
  if (!proxies)
    return {
      ...place,
      by: 'felix',
      right: `${peer.netns} ${peer.dev} must answer for ${address}: ${setting} should be 1`,
      checks: [`sysctl ${setting}`],
    }
  // Proxy ARP answers for what the node would forward.
  if (sysctlOf(ns, confKey('ipv4', peer.dev, 'forwarding')) === '0') return forwardingOff(peer.netns, peer.dev, 4)
  const down = formerWay(facts, peer.netns, address)
  if (down !== undefined)
    return {
      ...linkDown(peer.netns, down),
      what: `${peer.netns} ${down} is down, and no other interface leads to ${address}: so ${peer.dev} does not answer for it`,
    }
  return {
    ...place,
    right: `${peer.netns} ${peer.dev} answers for ${address} only if it has a route to it by another interface: check its default route`,
    checks: [`ip route get ${address}`],
  }
}

/** A link that is down, on the machine that has it. */
export function linkDown(netns: string, dev: string): Cause & Pick<Finding, 'checks'> {
  return { code: 'link_down', netns, dev, right: `Bring ${dev} up in ${netns}`, checks: [`ip -d link show ${dev}`] }
}

/** The interface a machine once reached an address by, when that is down now. */
function formerWay({ network, cluster }: Facts, netns: string, address: string): string | undefined {
  const [then, now] = [cluster?.network.namespaces[netns], network.namespaces[netns]]
  if (cluster === null || then === undefined || now === undefined) return undefined
  const dev = routesCovering(cluster.network, then, address as Ip)[0]?.dev
  return dev !== undefined && interfaceOf(now, dev)?.up === false ? dev : undefined
}

/** A machine that forwards nothing. */
export function forwardingOff(netns: string, dev: string, family: Family): Cause {
  const key = family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding'
  const own = family === 4 ? confKey('ipv4', dev, 'forwarding') : undefined
  const keys = own === undefined ? key : `${own} (${key})`
  return {
    code: 'forwarding_off',
    netns,
    dev,
    by: 'felix',
    right: `Set ${keys} to 1 in ${netns}`,
    checks: [own === undefined ? `sysctl ${key}` : `sysctl ${key} ${own}`],
  }
}

/** The other end of the wire is down or unplugged: that end is to be looked at. */
export function noCarrier({ drop, facts }: DropPlace): Cause {
  const peer = cablePeer(facts.network, drop.netns, drop.dev)
  const other = peer && facts.network.namespaces[peer.netns]
  if (peer !== undefined && other !== undefined && interfaceOf(other, peer.dev)?.up === false) {
    const what = `${peer.netns} ${peer.dev} is down, so ${drop.netns} ${drop.dev} has no carrier`
    return { ...linkDown(peer.netns, peer.dev), what }
  }
  return {
    code: 'carrier_missing',
    right: `Plug in the other end of the wire at ${drop.netns} ${drop.dev}, and bring it up`,
    checks: [`ip -d link show ${drop.dev}`],
  }
}
