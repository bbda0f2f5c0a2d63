import { fieldName, type StagePlace } from '../../model/index.ts'
import {
  type DropHop,
  decisionsOf,
  fieldNumber,
  fieldText,
  isDenial,
  lastMatch,
  type Trace,
} from '../../trace/index.ts'
import { familyOf, IP_PROTOCOL, type Layer } from '../../wire/index.ts'
import type { Facts } from '../facts.ts'
import { type Lost, lostIn } from '../lost.ts'
import type { Loss, LossCode, PlacedLoss } from './codes.ts'
import { ruleLoss } from './rules.ts'
import { type DropScene, deviceKind, lastRouteHop, lastRule, leadsToPod, outermost, sceneOf } from './scene.ts'
import { SORT_OF } from './sorts.ts'

/** Where the lost packet of a trace ended, and by what; undefined for a success. */
export function lossOf(trace: Trace, facts: Facts): Loss | undefined {
  const lost = lostIn(trace)
  if (lost === undefined) return undefined
  const { place, code, detail } = lost.drop === undefined ? withoutDrop(lost, facts) : dropLoss(lost.drop, lost, facts)
  return { stage: lost.role === 'reply' ? `reply.${place}` : place, code, detail }
}

/** Where and by what a packet was dropped. Every cause of drops has an answer. */
function dropLoss(drop: DropHop, lost: Lost, facts: Facts): PlacedLoss {
  const scene = sceneOf(drop, lost, facts)
  switch (SORT_OF[drop.cause]) {
    case 'neighbour':
      return neighbourLoss(scene)
    case 'no_route':
      return { place: routed(scene), code: outside(scene) ? 'UNDERLAY_NO_ROUTE' : 'NO_ROUTE', detail: target(scene) }
    case 'blackhole':
      return outside(scene)
        ? { place: 'underlay', code: 'UNDERLAY_NO_ROUTE', detail: target(scene) }
        : { place: routed(scene), code: 'BLACKHOLE', detail: wonPrefix(scene) }
    case 'device':
      return { place: leaving(scene), code: 'DEV_DOWN', detail: drop.dev }
    case 'forwarding':
      return { place: routed(scene), code: 'FORWARDING_DISABLED', detail: drop.dev }
    case 'rpf':
      return outside(scene)
        ? { place: 'underlay', code: 'UNDERLAY_NO_ROUTE', detail: lost.flow?.source ?? '' }
        : { place: arriving(scene), code: 'RPF_DROP', detail: drop.dev }
    case 'rules':
      return outside(scene) ? underlayLoss(scene) : ruleLoss(scene, denialOf(scene))
    case 'mtu':
      return { place: leaving(scene), code: 'MTU_EXCEEDED', detail: sizes(scene) }
    case 'no_tunnel':
      return { place: scene.isRemote ? 'decap' : 'encap', code: 'DEV_MISSING', detail: drop.dev }
    case 'fdb':
      return { place: scene.isRemote ? 'decap' : 'encap', code: 'FDB_WRONG_HOST', detail: drop.dev }
    case 'not_for_us':
      return isVxlan(scene)
        ? { place: 'decap', code: 'VTEP_MAC_MISMATCH', detail: drop.dev }
        : { place: arriving(scene), code: 'DELIVERED_TO_OTHER', detail: drop.netns }
    case 'wireguard_ips':
      return { place: scene.isRemote ? 'decap' : 'encap', code: 'WG_ALLOWED_IPS', detail: lost.flow?.source ?? '' }
    case 'wireguard_session':
      return { place: scene.isRemote ? 'decap' : 'encap', code: 'WG_NO_HANDSHAKE', detail: '' }
    case 'ttl':
      return { place: outside(scene) ? 'underlay' : 'host.fib', ...roundTrip(scene) }
    case 'checksum':
      return { place: scene.role === 'pod' ? 'pod.rx' : 'nic.rx', code: 'BAD_OUTER_CHECKSUM', detail: '' }
    case 'snat_port':
      return { place: 'host.snat', code: 'CT_INSERT_RACE', detail: '' }
    case 'socket':
      return socketLoss(scene)
    case 'taken':
      return { place: 'pod.rx', code: 'UNANSWERED', detail: drop.netns }
    case 'malformed':
      return { place: arriving(scene), code: 'MALFORMED', detail: drop.dev }
    case 'unmodelled':
      return { place: routed(scene), code: 'INSUFFICIENT_INFO', detail: '' }
  }
}

/** Never sent, or taken in and not answered. */
function withoutDrop(lost: Lost, facts: Facts): PlacedLoss {
  const waits = lastMatch(lost.hops, (hop) => hop.kind === 'neighbour')
  if (waits?.kind === 'neighbour' && waits.queued) {
    const drop: DropHop = {
      ...waits,
      kind: 'drop',
      cause: 'neighbour_failed',
      kernelReason: '',
      kernelFunction: '',
      harmless: false,
    }
    return dropLoss(drop, { ...lost, hops: lost.hops.filter((hop) => hop !== waits) }, facts)
  }
  // Freed in silence, as what is addressed to somebody else is.
  const quiet = lastMatch(lost.hops, (hop) => hop.kind === 'drop')
  if (quiet?.kind === 'drop' && SORT_OF[quiet.cause] === 'not_for_us') return dropLoss(quiet, lost, facts)
  const { disposition } = lost.trace
  const role = facts.network.namespaces[lost.from]?.role
  if (disposition.kind === 'not-sent') {
    if (facts.tooLong !== undefined) {
      const { length, mtu } = facts.tooLong
      return { place: role === 'pod' ? 'pod.route' : 'nic.tx', code: 'MTU_EXCEEDED', detail: `${length} > ${mtu}` }
    }
    return { place: role === 'pod' ? 'pod.route' : 'host.fib', code: 'NO_ROUTE', detail: '' }
  }
  return { place: 'pod.rx', code: 'UNANSWERED', detail: lost.hops.at(-1)?.netns ?? '' }
}

function denialOf({ lost, drop }: DropScene) {
  const end = lost.trace.hops.indexOf(drop)
  return lastMatch(
    decisionsOf(lost.trace),
    (one) => one.packet === drop.packet && one.netns === drop.netns && (end < 0 || one.hop < end) && isDenial(one),
  )
}

/** Beyond the machines of the cluster. */
function outside({ role }: DropScene): boolean {
  return role === 'switch' || role === 'router' || role === 'external'
}

function routed(scene: DropScene): StagePlace {
  if (outside(scene)) return 'underlay'
  return scene.role === 'pod' ? 'pod.route' : 'host.fib'
}

/** Where a packet is that leaves a machine by the device it was dropped at. */
function leaving(scene: DropScene): StagePlace {
  if (outside(scene)) return 'underlay'
  if (scene.role === 'pod') return 'pod.route'
  const out = lastRouteHop(scene)?.out ?? scene.drop.dev
  if (isTunnelDevice(scene, scene.drop.dev) || (isTunnelDevice(scene, out) && !scene.isEncapsulated)) return 'encap'
  return leadsToPod(scene, out) ? 'host.fib' : 'nic.tx'
}

const TUNNELS: ReadonlySet<string> = new Set(['ipip', 'vxlan', 'wireguard'])

function isTunnelDevice(scene: DropScene, dev: string): boolean {
  return TUNNELS.has(deviceKind({ ...scene, drop: { ...scene.drop, dev } }) ?? '')
}

function isVxlan(scene: DropScene): boolean {
  return deviceKind(scene) === 'vxlan'
}

/** Where a packet is that came in by the device it was dropped at. */
function arriving(scene: DropScene): StagePlace {
  if (outside(scene)) return 'underlay'
  if (scene.role === 'pod') return 'pod.rx'
  if (leadsToPod(scene)) return 'host.raw'
  return scene.isDecapsulated || isTunnelDevice(scene, scene.drop.dev) ? 'decap' : 'nic.rx'
}

function neighbourLoss(scene: DropScene): PlacedLoss {
  const { drop, lost, role } = scene
  const asked = lastMatch(lost.hops, (hop) => hop.kind === 'neighbour')
  const address = asked?.kind === 'neighbour' ? asked.address : ''
  if (role === 'pod') {
    const code: LossCode = address !== '' && familyOf(address) === 6 ? 'ND_NO_PROXY' : 'ARP_NO_PROXY'
    return { place: 'pod.neigh', code, detail: address }
  }
  if (outside(scene)) return { place: 'underlay', code: 'NEIGH_FAILED', detail: address }
  if (leadsToPod(scene)) return { place: 'remote.neigh', code: 'NEIGH_FAILED', detail: address }
  if (isVxlan(scene)) return { place: 'encap', code: 'FDB_WRONG_HOST', detail: address }
  return { place: 'nic.tx', code: 'NEIGH_FAILED', detail: address === '' ? drop.dev : address }
}

function target(scene: DropScene): string {
  return lastRouteHop(scene)?.destination ?? scene.lost.flow?.destination ?? ''
}

function wonPrefix(scene: DropScene): string {
  return lastRouteHop(scene)?.candidates.find(({ won }) => won)?.prefix ?? target(scene)
}

function roundTrip({ drop, lost }: DropScene): Omit<PlacedLoss, 'place'> {
  const here = lost.hops.filter((hop) => hop.kind === 'forward' && hop.netns === drop.netns)
  const round = [...new Set(lost.hops.filter(({ kind }) => kind === 'forward').map(({ netns }) => netns))]
  return here.length > 1 ? { code: 'LOOP', detail: round.join(' ') } : { code: 'TTL_EXPIRED', detail: '' }
}

/** `1450 > 1400`: what the packet is long, and what passes. */
function sizes({ drop, lost, facts }: DropScene): string {
  const told = lost.trace.hops.find((hop) => hop.kind === 'icmp-error' && hop.packet === drop.packet && hop.info > 0)
  const ip = lastMatch(outermost(lost.hops), ({ protocol }) => protocol === 'ipv4' || protocol === 'ipv6')
  const length =
    ip === undefined
      ? 0
      : ip.protocol === 'ipv4'
        ? fieldNumber(ip, 'totalLength')
        : 40 + fieldNumber(ip, 'payloadLength')
  const own = facts.network.namespaces[drop.netns]?.interfaces[drop.dev]?.mtu
  const mtu = told?.kind === 'icmp-error' ? told.info : own
  return mtu === undefined || length === 0 ? '' : `${length} > ${mtu}`
}

/** Nobody takes it: a tunnel's port, another's address, or a port where nothing listens. */
function socketLoss(scene: DropScene): PlacedLoss {
  const { drop, lost, facts } = scene
  const ips = outermost(lost.hops).filter(({ protocol }) => protocol === 'ipv4' || protocol === 'ipv6')
  if (ips.length > 1) return { place: 'decap', code: 'DEV_MISSING', detail: drop.dev }
  const owner = facts.ownerOf(lost.flow?.destination ?? '')
  if (owner !== undefined && owner.netns !== drop.netns && lost.role === 'request') {
    const isNode = facts.network.namespaces[owner.netns]?.role === 'node'
    if (!isNode) return { place: 'pod.rx', code: 'DELIVERED_TO_OTHER', detail: drop.netns }
  }
  return { place: 'pod.rx', code: 'PORT_CLOSED', detail: lost.flow?.to ?? '' }
}

/** A filter between the machines, told by the packet it took: a number of a protocol, a port, or a source. */
function underlayLoss(scene: DropScene): PlacedLoss {
  const place = 'underlay'
  const origin = lastRule(scene)?.facts[0]?.origin
  const headers = outermost(scene.lost.hops)
  const ip = headers.find(({ protocol }) => protocol === 'ipv4' || protocol === 'ipv6')
  if (ip === undefined) return { place, code: 'UNDERLAY_PROTO_FILTERED', detail: '' }
  if (origin !== undefined && fieldName(origin) === 'sourceCheck')
    return { place, code: 'UNDERLAY_ANTISPOOF', detail: fieldText(ip, 'source') }
  const loss = filtered(headers, ip)
  const isReserved = origin !== undefined && fieldName(origin) === 'reserved'
  return { place, ...loss, ...(isReserved ? { code: 'UNDERLAY_PORT_CLAIMED' } : {}) }
}

function filtered(headers: readonly Layer[], ip: Layer): Omit<PlacedLoss, 'place'> {
  const number = fieldNumber(ip, ip.protocol === 'ipv4' ? 'protocol' : 'nextHeader')
  const upper = headers[headers.indexOf(ip) + 1]
  if ((number === IP_PROTOCOL.UDP || number === IP_PROTOCOL.TCP) && upper !== undefined) {
    const detail = `${number === IP_PROTOCOL.UDP ? 'udp' : 'tcp'}/${fieldText(upper, 'destinationPort')}`
    return { code: 'UNDERLAY_PORT_FILTERED', detail }
  }
  return { code: 'UNDERLAY_PROTO_FILTERED', detail: String(number) }
}
