import type { DropCause } from '../../model/index.ts'
import {
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_TIME_EXCEEDED,
  ICMPV6_TYPE,
  IP_PROTOCOL,
  IPV6_CLASS_LOW,
  IPV6_DESTINATION,
  IPV6_EXTENSION_LENGTH,
  IPV6_FRAGMENT_ID,
  IPV6_FRAGMENT_LENGTH,
  IPV6_FRAGMENT_OFFSET,
  IPV6_HEADER_LENGTH,
  IPV6_PAYLOAD_LENGTH,
  IPV6_SOURCE,
  isIpv6Extension,
  readIp6Key,
  readU16,
  readU32,
  writeU16,
} from '../../wire/index.ts'
import { type Deadline, deadlineOf, type Timer } from '../kernel/clock.ts'
import { dropPacket } from '../kernel/drop.ts'
import { FragRuns, reassembledEcn } from '../kernel/frag-runs.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { HEADROOM, type PacketBuffer, type PacketOnDevice, setDevice } from '../kernel/skb.ts'
import { needsScopeId } from './addr.ts'
import { rt6Of } from './rt6.ts'
import { IP6SKB_FRAGMENTED } from './skb-flags.ts'
import { ipv6Of } from './slot.ts'
import type { Ipv6State } from './state.ts'

/** Who reassembles: fragments of one packet never mix between users. */
export type DefragUser6 = 'local' | 'conntrack-in' | 'conntrack-out'

const MAX_PAYLOAD = 0xffff

/** One fragment that waits. */
interface Fragment {
  readonly skb: PacketBuffer
  /** Where its fragment header is, relative to the packet. */
  readonly headerAt: number
  /** Where the header is that names the fragment header, relative to the packet. */
  readonly nexthdrAt: number
  readonly offset: number
  readonly length: number
}

/** An incomplete packet. */
interface FragQueue6 {
  readonly key: string
  readonly user: DefragUser6
  fragments: Fragment[]
  runs: FragRuns
  length: number
  lastIn: boolean
  meat: number
  ecn: number
  maxSize: number
  dev: NetDevice
  timer: Timer | null
}

/** What {@link FragQueues6.save} gives and {@link FragQueues6.load} takes. */
export type SavedFragQueues6 = readonly { readonly queue: unknown; readonly deadline: Deadline | null }[]

/** Incomplete IPv6 packets of a namespace, all users. Volatile: kept over edits. */
export class FragQueues6 {
  private readonly ns: NetNs
  private readonly queues = new Map<string, FragQueue6>()

  constructor(ns: NetNs) {
    this.ns = ns
  }

  /** Number of incomplete packets. */
  get size(): number {
    return this.queues.size
  }

  /** The queue of a fragment, made when new (`fq_find`). */
  find(skb: PacketBuffer, id: number, user: DefragUser6, dev: NetDevice): FragQueue6 {
    const { bytes, network: at } = skb
    const daddr = readIp6Key(bytes, at + IPV6_DESTINATION)
    const iif = needsScopeId(daddr) ? dev.ifindex : 0
    const key = `${user} ${iif} ${id} ${readIp6Key(bytes, at + IPV6_SOURCE)}${daddr}`
    const known = this.queues.get(key)
    if (known !== undefined) return known
    const made: FragQueue6 = {
      key,
      user,
      fragments: [],
      runs: new FragRuns(),
      length: 0,
      lastIn: false,
      meat: 0,
      ecn: 0,
      maxSize: 0,
      dev,
      timer: null,
    }
    const lifetime = user === 'local' ? ipv6Of(this.ns)?.globals.fragTime : ipv6Of(this.ns)?.globals.conntrackFragTime
    made.timer = this.ns.sim.clock.after(lifetime ?? 0, () => this.expire(made))
    this.queues.set(key, made)
    return made
  }

  /** Takes a queue out; its fragments are the caller's. */
  kill(queue: FragQueue6): void {
    this.ns.sim.clock.cancel(queue.timer)
    queue.timer = null
    if (this.queues.get(queue.key) === queue) this.queues.delete(queue.key)
  }

  /** Takes a queue out and throws its fragments away. */
  discard(queue: FragQueue6, except: PacketBuffer | null): void {
    this.kill(queue)
    for (const { skb } of queue.fragments) {
      if (skb !== except) dropPacket(skb, 'frag_overlap', skb.dev ?? queue.dev)
    }
  }

  /** The volatile state. */
  save(): SavedFragQueues6 {
    return [...this.queues.values()].map((queue) => ({
      queue: copyQueue(queue),
      deadline: deadlineOf(queue.timer),
    }))
  }

  /** Goes back to a saved state; timers are armed again. */
  load(saved: SavedFragQueues6): void {
    for (const queue of [...this.queues.values()]) this.kill(queue)
    const { clock } = this.ns.sim
    for (const one of saved) {
      const queue = copyQueue(one.queue as FragQueue6)
      if (one.deadline !== null) queue.timer = clock.again(one.deadline, () => this.expire(queue))
      this.queues.set(queue.key, queue)
    }
  }

  /** The rest did not come in time; who sent it is told if its beginning came. @linux include/net/ipv6_frag.h ip6frag_expire_frag_queue */
  private expire(queue: FragQueue6): void {
    this.kill(queue)
    const { stack } = this.ns.sim
    const head = queue.fragments.find((one) => one.offset === 0)
    for (const one of queue.fragments) if (one !== head) dropPacket(one.skb, 'frag_purged', queue.dev)
    if (head === undefined) return
    head.skb.dev = queue.dev
    stack.icmpv6Send(head.skb, ICMPV6_TYPE.TIME_EXCEEDED, ICMPV6_TIME_EXCEEDED.REASSEMBLY, 0)
    dropPacket(head.skb, 'ip6_frag_timeout', queue.dev)
  }
}

function copyQueue(queue: FragQueue6): FragQueue6 {
  const fragments = queue.fragments.map((one) => ({ ...one, skb: one.skb.again() }))
  return { ...queue, fragments, runs: queue.runs.copy(), timer: null }
}

/** Where the chain of headers goes on. */
export interface NextHeader {
  /** Where the header is that names the next one, in the buffer. */
  readonly nhoff: number
  /** Where the next one is. */
  readonly transport: number
}

/**
 * A packet for this host has a fragment header at `data`, named at `nhoff`.
 *
 * @returns where to go on with the whole packet; null = it waits, or it was dropped
 * @linux net/ipv6/reassembly.c ipv6_frag_rcv
 */
export function ip6FragRcv(skb: PacketOnDevice, nhoff: number): NextHeader | null {
  const { dev } = skb
  const { ns } = dev
  const { bytes, network, data: at } = skb
  const twice = (skb.cbFlags & IP6SKB_FRAGMENTED) !== 0
  if (twice || readU16(bytes, network + IPV6_PAYLOAD_LENGTH) === 0 || at + IPV6_FRAGMENT_LENGTH > skb.tail) {
    problem(skb, dev, ICMPV6_PARAMETER_PROBLEM.HEADER_FIELD, at - network)
    return null
  }
  skb.cbFlags |= IP6SKB_FRAGMENTED
  if ((readU16(bytes, at + IPV6_FRAGMENT_OFFSET) & 0xfff9) === 0)
    return { nhoff: at, transport: at + IPV6_FRAGMENT_LENGTH }
  if (isTruncated(skb, at)) {
    problem(skb, dev, ICMPV6_PARAMETER_PROBLEM.INCOMPLETE_CHAIN, 0)
    return null
  }
  const headerAt = at - network
  const nexthdrAt = nhoff - network
  if (!queueFragment(ns, skb, dev, headerAt, nexthdrAt, 'local')) return null
  return { nhoff: skb.network + nexthdrAt, transport: skb.network + headerAt }
}

/**
 * Takes a fragment in for conntrack. True: `skb` is now the whole packet, or was no fragment; false: it waits, or was dropped.
 *
 * @linux net/ipv6/netfilter/nf_conntrack_reasm.c nf_ct_frag6_gather
 */
export function ip6Defrag(skb: PacketBuffer, user: 'conntrack-in' | 'conntrack-out'): boolean {
  const dev = skb.dev ?? rt6Of(skb).dev
  const { ns } = dev
  const { bytes, network } = skb
  if (ipv6Of(ns) === null || readU16(bytes, network + IPV6_PAYLOAD_LENGTH) === 0) return true
  let nexthdrAt = 6
  let headerAt = IPV6_HEADER_LENGTH
  for (;;) {
    const next = bytes[network + nexthdrAt] as number
    if (next === IP_PROTOCOL.FRAGMENT) break
    if (!isIpv6Extension(next) || network + headerAt + 8 > skb.tail) return true
    nexthdrAt = headerAt
    headerAt += ((bytes[network + headerAt + IPV6_EXTENSION_LENGTH] as number) + 1) * 8
  }
  if (network + headerAt + IPV6_FRAGMENT_LENGTH > skb.tail) return true
  if (!queueFragment(ns, skb, dev, headerAt, nexthdrAt, user)) return false
  skb.ignoreDf = true
  skb.cbFlags |= IP6SKB_FRAGMENTED
  return true
}

/** Whether a first fragment ends before its upper-layer header does. @rfc 8200 §4.5 @linux net/ipv6/reassembly.c ipv6frag_thdr_truncated */
function isTruncated(skb: PacketBuffer, at: number): boolean {
  const { bytes, tail } = skb
  if ((readU16(bytes, at + IPV6_FRAGMENT_OFFSET) & 0xfff8) !== 0) return false
  let next = bytes[at] as number
  let to = at + IPV6_FRAGMENT_LENGTH
  while (isIpv6Extension(next)) {
    if (to + 8 > tail) return true
    next = bytes[to] as number
    to += ((bytes[to + IPV6_EXTENSION_LENGTH] as number) + 1) * 8
  }
  return to + (MINIMUM[next] ?? 0) > tail
}

/** Least length of an upper-layer header. */
const MINIMUM: Readonly<Record<number, number>> = { 6: 20, 17: 8, 58: 8 }

function problem(skb: PacketBuffer, dev: NetDevice, code: number, pointer: number): void {
  const { stack } = dev.ns.sim
  stack.icmpv6Send(skb, ICMPV6_TYPE.PARAMETER_PROBLEM, code, pointer)
  dropPacket(skb, 'ip6_frag_malformed', dev)
}

/** True when the packet is complete. @linux net/ipv6/reassembly.c ip6_frag_queue */
function queueFragment(
  ns: NetNs,
  skb: PacketBuffer,
  dev: NetDevice,
  headerAt: number,
  nexthdrAt: number,
  user: DefragUser6,
): boolean {
  const { frags } = ipv6Of(ns) as Ipv6State
  const { bytes, network } = skb
  const at = network + headerAt
  const word = readU16(bytes, at + IPV6_FRAGMENT_OFFSET)
  const queue = frags.find(skb, readU32(bytes, at + IPV6_FRAGMENT_ID), user, dev)
  const offset = word & 0xfff8
  const more = (word & 1) !== 0
  const end = offset + skb.tail - at - IPV6_FRAGMENT_LENGTH
  if (end > MAX_PAYLOAD || (more && (end & 7) !== 0)) {
    if (user === 'local')
      problem(skb, dev, ICMPV6_PARAMETER_PROBLEM.HEADER_FIELD, end > MAX_PAYLOAD ? headerAt + 2 : IPV6_PAYLOAD_LENGTH)
    else dropPacket(skb, 'ip6_frag_malformed', dev)
    return false
  }
  if (!agrees(queue, end, more) || end === offset) return refuse(ns, queue, skb, dev)
  const placed = queue.runs.insert(offset, end)
  if (placed === 'duplicate') {
    dropPacket(skb, 'ip6_frag_malformed', dev)
    return false
  }
  if (placed === 'overlap') return refuse(ns, queue, skb, dev)
  queue.dev = dev
  queue.meat += end - offset
  queue.ecn |= 1 << ((readU16(bytes, network) >> 4) & 3)
  queue.maxSize = Math.max(queue.maxSize, skb.tail - network)
  queue.fragments.push({ skb, headerAt, nexthdrAt, offset, length: end - offset })
  if (queue.lastIn && queue.meat === queue.length) return reassemble(ns, queue, skb, dev)
  ns.log?.held(skb, dev, 'fragments')
  skb.dst = null
  skb.sk = null
  return false
}

/** Whether where a fragment ends fits what is known of the packet's length. */
function agrees(queue: FragQueue6, end: number, more: boolean): boolean {
  if (!more) {
    if (end < queue.length || (queue.lastIn && end !== queue.length)) return false
    queue.lastIn = true
    queue.length = end
  } else if (end > queue.length) {
    if (queue.lastIn) return false
    queue.length = end
  }
  return true
}

function refuse(
  ns: NetNs,
  queue: FragQueue6,
  skb: PacketBuffer,
  dev: NetDevice,
  cause: DropCause = 'ip6_frag_malformed',
): false {
  ipv6Of(ns)?.frags.discard(queue, skb)
  dropPacket(skb, cause, dev)
  return false
}

/** Makes `skb` the whole packet, without the fragment header. @linux net/ipv6/reassembly.c ip6_frag_reasm */
function reassemble(ns: NetNs, queue: FragQueue6, skb: PacketBuffer, dev: NetDevice): boolean {
  const parts = queue.fragments.sort((a, b) => a.offset - b.offset)
  const { skb: head, headerAt, nexthdrAt } = parts[0] as Fragment
  const ecn = reassembledEcn(queue.ecn)
  const payload = headerAt - IPV6_HEADER_LENGTH + queue.length
  if (ecn < 0 || payload > MAX_PAYLOAD) return refuse(ns, queue, skb, dev)
  ipv6Of(ns)?.frags.kill(queue)
  const bytes = new Uint8Array(HEADROOM + IPV6_HEADER_LENGTH + payload)
  bytes.set(head.bytes.subarray(head.network, head.network + headerAt), HEADROOM)
  bytes[HEADROOM + nexthdrAt] = head.bytes[head.network + headerAt] as number
  for (const part of parts) {
    const from = part.skb.network + part.headerAt + IPV6_FRAGMENT_LENGTH
    bytes.set(part.skb.bytes.subarray(from, from + part.length), HEADROOM + headerAt + part.offset)
  }
  writeU16(bytes, HEADROOM + IPV6_PAYLOAD_LENGTH, payload)
  bytes[HEADROOM + IPV6_CLASS_LOW] = (bytes[HEADROOM + IPV6_CLASS_LOW] as number) | (ecn << 4)
  become(skb, head, bytes)
  setDevice(skb, dev)
  skb.transport = HEADROOM + headerAt
  skb.fragMaxSize = queue.maxSize
  if (queue.user !== 'local') skb.fragLengths = parts.map((part) => part.length)
  for (const part of parts) if (part.skb !== skb) ns.log?.end(part.skb, dev, 'merged')
  ns.log?.reassemble(skb, dev, parts.length, IPV6_HEADER_LENGTH + payload)
  return true
}

function become(skb: PacketBuffer, head: PacketBuffer, bytes: Uint8Array): void {
  skb.bytes = bytes
  skb.summed(-1, -1)
  skb.data = HEADROOM
  skb.tail = bytes.length
  skb.mac = -1
  skb.network = HEADROOM
  skb.iif = head.iif
  skb.pktType = head.pktType
  skb.mark = head.mark
  skb.ct = head.ct
  skb.ctinfo = head.ctinfo
  skb.physIn = head.physIn
  skb.physOut = head.physOut
  skb.cbFlags = head.cbFlags
}
