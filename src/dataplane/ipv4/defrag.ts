import { type DropCause, sysctlOf } from '../../model/index.ts'
import {
  ICMP_TIME_EXCEEDED,
  ICMP_TYPE,
  IPV4_DESTINATION,
  IPV4_FLAG,
  IPV4_FRAG_OFF,
  IPV4_ID,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOS,
  IPV4_TOTAL_LENGTH,
  isIpv4Fragment,
  readU16,
  readU32,
  writeU16,
} from '../../wire/index.ts'
import { type Deadline, deadlineOf, type Timer } from '../kernel/clock.ts'
import { dropPacket } from '../kernel/drop.ts'
import { FragRuns, reassembledEcn } from '../kernel/frag-runs.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { RTN } from '../kernel/rtn.ts'
import { HEADROOM, IPSKB_FRAG_COMPLETE, IPSKB_FRAG_PMTU, type PacketBuffer, setDevice } from '../kernel/skb.ts'
import { ipSendCheck } from './header.ts'
import { ipRouteInput } from './route-input.ts'
import { rtOf } from './rtable.ts'
import { ipv4Of } from './slot.ts'

/** Who reassembles: fragments of one datagram never mix between users. */
export type DefragUser = 'local' | 'conntrack-in' | 'conntrack-out' | 'bridge'

/** Memory of a fragment beside its bytes. */
const FRAGMENT_OVERHEAD = 768

/** One fragment that waits. */
interface Fragment {
  readonly skb: PacketBuffer
  readonly offset: number
  readonly length: number
}

/** An incomplete datagram (`struct ipq`). */
interface FragQueue {
  readonly key: string
  readonly user: DefragUser
  fragments: Fragment[]
  runs: FragRuns
  /** Length of the payload as far as known. */
  length: number
  lastIn: boolean
  firstIn: boolean
  meat: number
  ecn: number
  maxSize: number
  maxDfSize: number
  memory: number
  /** Number of the peer's fragment that came last. */
  rid: number
  dev: NetDevice
  timer: Timer | null
}

/** What {@link FragQueues.save} gives and {@link FragQueues.load} takes. */
export interface SavedFragQueues {
  /** Queues with copies of their fragments. */
  readonly queues: readonly { readonly queue: unknown; readonly deadline: Deadline | null }[]
  /** Fragments counted per peer. */
  readonly rids: ReadonlyMap<number, number>
}

/** Incomplete IPv4 datagrams of a namespace, all users. Volatile: kept over edits. */
export class FragQueues {
  /** Namespace. */
  readonly ns: NetNs
  private queues = new Map<string, FragQueue>()
  private rids = new Map<number, number>()
  private memory = 0

  constructor(ns: NetNs) {
    this.ns = ns
  }

  /** Number of incomplete datagrams. */
  get size(): number {
    return this.queues.size
  }

  /** The queue of a fragment, made when new; undefined when memory is used up (`ip_find`). */
  find(skb: PacketBuffer, user: DefragUser, dev: NetDevice): FragQueue | undefined {
    const { ipfragHighThresh } = this.ns.ip
    if (ipfragHighThresh === 0 || this.memory > ipfragHighThresh) return undefined
    const { bytes, network: at } = skb
    const key = `${user} ${readU32(bytes, at + IPV4_SOURCE)} ${readU32(bytes, at + IPV4_DESTINATION)} ${readU16(bytes, at + IPV4_ID)} ${bytes[at + IPV4_PROTOCOL]}`
    const known = this.queues.get(key)
    if (known !== undefined) return known
    const queue: FragQueue = { ...emptyQueue(), key, user, rid: 0, dev, timer: null }
    queue.timer = this.ns.sim.clock.after(this.ns.ip.ipfragTime, () => this.expire(queue))
    this.queues.set(key, queue)
    return queue
  }

  /** Counts a fragment of a sender; true when too many others came since the queue's last one (`ip_frag_too_far`). */
  isTooFar(queue: FragQueue, source: number): boolean {
    const maxDistance = Number(sysctlOf(this.ns.model, 'net.ipv4.ipfrag_max_dist') ?? '64')
    if (maxDistance === 0) return false
    const start = queue.rid
    const end = (this.rids.get(source) ?? 0) + 1
    this.rids.set(source, end)
    queue.rid = end
    return queue.fragments.length > 0 && end - start > maxDistance
  }

  /** Starts a queue over with nothing in it (`ip_frag_reinit`). */
  reinit(queue: FragQueue): void {
    this.purge(queue)
    const { clock } = this.ns.sim
    clock.cancel(queue.timer)
    Object.assign(queue, emptyQueue())
    queue.timer = clock.after(this.ns.ip.ipfragTime, () => this.expire(queue))
  }

  /** Adds memory to a queue's account. */
  charge(queue: FragQueue, bytes: number): void {
    queue.memory += bytes
    this.memory += bytes
  }

  /** Takes a queue out; its fragments are the caller's. */
  kill(queue: FragQueue): void {
    this.ns.sim.clock.cancel(queue.timer)
    queue.timer = null
    if (this.queues.get(queue.key) === queue) this.queues.delete(queue.key)
    this.memory -= queue.memory
    queue.memory = 0
  }

  /** Throws the fragments of a queue away. */
  purge(queue: FragQueue): void {
    this.memory -= queue.memory
    queue.memory = 0
    for (const { skb } of queue.fragments) dropPacket(skb, 'frag_overlap', skb.dev ?? queue.dev)
    queue.fragments = []
  }

  /** The volatile state. */
  save(): SavedFragQueues {
    const queues = [...this.queues.values()].map((queue) => ({
      queue: copyQueue(queue),
      deadline: deadlineOf(queue.timer),
    }))
    return { queues, rids: new Map(this.rids) }
  }

  /** Goes back to a saved state; timers are armed again. */
  load(saved: SavedFragQueues): void {
    for (const queue of [...this.queues.values()]) this.kill(queue)
    this.rids = new Map(saved.rids)
    const { clock } = this.ns.sim
    for (const one of saved.queues) {
      const queue = copyQueue(one.queue as FragQueue)
      if (one.deadline !== null) queue.timer = clock.again(one.deadline, () => this.expire(queue))
      this.queues.set(queue.key, queue)
      this.memory += queue.memory
    }
  }

  /** The rest did not come in time. @linux net/ipv4/ip_fragment.c ip_expire */
  private expire(queue: FragQueue): void {
    this.kill(queue)
    const { stack } = this.ns.sim
    const head = queue.firstIn ? queue.fragments.find((one) => one.offset === 0) : undefined
    for (const one of queue.fragments) if (one !== head) dropPacket(one.skb, 'frag_purged', queue.dev)
    if (head === undefined) return
    const { skb } = head
    const { bytes, network: at } = skb
    setDevice(skb, queue.dev)
    const failed = ipRouteInput(
      skb,
      readU32(bytes, at + IPV4_DESTINATION),
      readU32(bytes, at + IPV4_SOURCE),
      bytes[at + IPV4_TOS]!,
      queue.dev,
    )
    const tells = failed === null && (queue.user === 'local' || rtOf(skb).type === RTN.LOCAL)
    if (tells) stack.icmpSend(skb, ICMP_TYPE.TIME_EXCEEDED, ICMP_TIME_EXCEEDED.REASSEMBLY, 0)
    dropPacket(skb, 'frag_timeout', queue.dev)
  }
}

function emptyQueue() {
  return {
    fragments: [] as Fragment[],
    runs: new FragRuns(),
    length: 0,
    lastIn: false,
    firstIn: false,
    meat: 0,
    ecn: 0,
    maxSize: 0,
    maxDfSize: 0,
    memory: 0,
  }
}

function copyQueue(queue: FragQueue): FragQueue {
  const fragments = queue.fragments.map((one) => ({ ...one, skb: one.skb.again() }))
  return { ...queue, fragments, runs: queue.runs.copy(), timer: null }
}

/**
 * Takes a fragment in. True: `skb` is now the whole datagram; false: it waits, or it was dropped.
 *
 * @linux net/ipv4/ip_fragment.c ip_defrag
 */
export function ipDefrag(skb: PacketBuffer, user: DefragUser): boolean {
  const dev = skb.dev ?? rtOf(skb).dev
  const { ns } = dev
  if (!isIpv4Fragment(skb.bytes, skb.network)) return true
  skb.sk = null
  const queue = ipv4Of(ns).frags.find(skb, user, dev)
  if (queue === undefined) {
    dropPacket(skb, 'frag_high_threshold', dev)
    return false
  }
  return fragQueue(ns, queue, skb, dev)
}

/** @linux net/ipv4/ip_fragment.c ip_frag_queue */
function fragQueue(ns: NetNs, queue: FragQueue, skb: PacketBuffer, dev: NetDevice): boolean {
  const { bytes, network: at } = skb
  const queues = ipv4Of(ns).frags
  const fresh = (skb.cbFlags & IPSKB_FRAG_COMPLETE) === 0
  if (fresh && queues.isTooFar(queue, readU32(bytes, at + IPV4_SOURCE))) queues.reinit(queue)
  const word = readU16(bytes, at + IPV4_FRAG_OFF)
  const offset = (word & IPV4_FLAG.OFFSET) << 3
  const headerLength = (bytes[at]! & 0xf) << 2
  const end = fragmentEnd(queue, (word & IPV4_FLAG.MF) !== 0, offset + skb.tail - at - headerLength)
  if (end < 0 || end === offset) return discard(ns, queue, skb, dev, 'frag_malformed')
  const length = end - offset
  const placed = queue.runs.insert(offset, end)
  if (placed !== 'new') {
    if (placed === 'overlap') return discard(ns, queue, skb, dev, 'frag_malformed')
    dropPacket(skb, 'frag_malformed', dev)
    return false
  }
  skb.tail = at + headerLength + length
  queue.dev = dev
  queue.meat += length
  queue.ecn |= 1 << ecnBit(bytes[at + IPV4_TOS]!)
  queues.charge(queue, length + FRAGMENT_OVERHEAD)
  if (offset === 0) queue.firstIn = true
  const size = length + headerLength
  queue.maxSize = Math.max(queue.maxSize, size)
  if ((word & IPV4_FLAG.DF) !== 0) queue.maxDfSize = Math.max(queue.maxDfSize, size)
  queue.fragments.push({ skb, offset, length })
  if (queue.firstIn && queue.lastIn && queue.meat === queue.length) return reassemble(ns, queue, skb, dev)
  skb.dst = null
  ns.log?.held(skb, dev, 'fragments')
  return false
}

/** Where a fragment ends; -1 when it contradicts the others. */
function fragmentEnd(queue: FragQueue, more: boolean, end: number): number {
  if (!more) {
    if (end < queue.length || (queue.lastIn && end !== queue.length)) return -1
    queue.lastIn = true
    queue.length = end
    return end
  }
  const cut = end & ~7
  if (cut > queue.length) {
    if (queue.lastIn) return -1
    queue.length = cut
  }
  return cut
}

/** Bit of {@link reassembledEcn}'s mask for a TOS byte: Not-ECT 0, ECT(1) 1, ECT(0) 2, CE 3. */
function ecnBit(tos: number): number {
  return tos & 3
}

function discard(ns: NetNs, queue: FragQueue, skb: PacketBuffer, dev: NetDevice, cause: DropCause): false {
  ipv4Of(ns).frags.kill(queue)
  ipv4Of(ns).frags.purge(queue)
  dropPacket(skb, cause, dev)
  return false
}

/** Makes `skb` the whole datagram: header of the first fragment, route of the last. @linux net/ipv4/ip_fragment.c ip_frag_reasm */
function reassemble(ns: NetNs, queue: FragQueue, skb: PacketBuffer, dev: NetDevice): boolean {
  ipv4Of(ns).frags.kill(queue)
  const parts = queue.fragments.sort((a, b) => a.offset - b.offset)
  const head = (parts[0] as Fragment).skb
  const headerLength = (head.bytes[head.network]! & 0xf) << 2
  const ecn = reassembledEcn(queue.ecn)
  const total = headerLength + queue.length
  if (ecn < 0 || total > 65535) {
    queue.fragments = parts.filter((one) => one.skb !== skb)
    ipv4Of(ns).frags.purge(queue)
    dropPacket(skb, 'frag_malformed', dev)
    return false
  }
  const bytes = new Uint8Array(HEADROOM + total)
  bytes.set(head.bytes.subarray(head.network, head.network + headerLength), HEADROOM)
  for (const { skb: part, offset, length } of parts) {
    const from = part.network + ((part.bytes[part.network]! & 0xf) << 2)
    bytes.set(part.bytes.subarray(from, from + length), HEADROOM + headerLength + offset)
  }
  become(skb, head, bytes, headerLength)
  setDevice(skb, dev)
  skb.fragMaxSize = Math.max(queue.maxDfSize, queue.maxSize)
  const allDf = queue.maxDfSize === queue.maxSize
  if (allDf) skb.cbFlags |= IPSKB_FRAG_PMTU
  writeU16(bytes, HEADROOM + IPV4_TOTAL_LENGTH, total)
  writeU16(bytes, HEADROOM + IPV4_FRAG_OFF, allDf ? IPV4_FLAG.DF : 0)
  bytes[HEADROOM + IPV4_TOS] = bytes[HEADROOM + IPV4_TOS]! | ecn
  ipSendCheck(bytes, HEADROOM)
  if (queue.user !== 'local') {
    skb.ignoreDf = true
    skb.fragLengths = parts.map((part) => part.length)
  }
  for (const part of parts) if (part.skb !== skb) ns.log?.end(part.skb, dev, 'merged')
  ns.log?.reassemble(skb, dev, parts.length, total)
  return true
}

function become(skb: PacketBuffer, head: PacketBuffer, bytes: Uint8Array, headerLength: number): void {
  skb.bytes = bytes
  skb.summed(-1, -1)
  skb.data = HEADROOM
  skb.tail = bytes.length
  skb.mac = -1
  skb.network = HEADROOM
  skb.transport = HEADROOM + headerLength
  skb.iif = head.iif
  skb.pktType = head.pktType
  skb.mark = head.mark
  skb.ct = head.ct
  skb.ctinfo = head.ctinfo
  skb.opt = head.opt
  skb.physIn = head.physIn
  skb.physOut = head.physOut
  skb.cbFlags = head.cbFlags
}
