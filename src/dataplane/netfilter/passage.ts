import type { TableName } from '../../model/index.ts'
import { IPV4_DESTINATION, IPV4_PROTOCOL, IPV4_SOURCE, IPV4_TOS, isIpv4Fragment, readU32 } from '../../wire/index.ts'
import { IP_CT_UNTRACKED } from '../kernel/conntrack.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { NF_ACCEPT } from '../kernel/stack.ts'
import type { Conn, KnownPassage } from './conn.ts'
import type { FoundLast, TupleEntry } from './conn-table.ts'
import { KnownWalks } from './known-walks.ts'
import type { Netfilter } from './netfilter.ts'
import { type NfPacket, networkOf } from './packet.ts'
import { follow, trackedAgain } from './track-again.ts'
import { Walk } from './walk.ts'

/** So many packets of a flow pass before it pays to write down what one meets: most connections send fewer from one state. */
const PATIENCE = 3

/** First byte of an IPv4 header without options. */
const PLAIN_HEADER = 0x45
/** Length of the shortest packet whose upper header is whole whatever the protocol. */
export const WHOLE = 40

/** The connection of a packet as far as matches look at it. */
class Tracked {
  private ct: Conn | null = null
  private ctinfo = 0
  private status = 0
  private mark = 0

  fits(skb: PacketBuffer): boolean {
    const { ct } = this
    if (ct !== skb.ct || this.ctinfo !== skb.ctinfo) return false
    return ct === null || (this.status === ct.status && this.mark === ct.mark)
  }

  /** A rule said that packets of the flow are not tracked. */
  get isUntracked(): boolean {
    return this.ctinfo === IP_CT_UNTRACKED
  }

  /** Whether it is this one, in the state it is in. */
  is(conn: Conn, ctinfo: number): boolean {
    return this.ct === conn && this.ctinfo === ctinfo && this.status === conn.status && this.mark === conn.mark
  }

  set({ skb, ct }: NfPacket): void {
    this.ct = ct
    this.ctinfo = skb.ctinfo
    this.status = ct === null ? 0 : ct.status
    this.mark = ct === null ? 0 : ct.mark
  }
}

/**
 * How the packets of one flow pass a hook: their walks through its tables. What tells one flow from another is all that steady
 * matches look at (`steady.ts`).
 */
export class Passage implements KnownPassage, FoundLast {
  /** Nothing happens in it but conntrack and walks that are known, call nothing and end well. */
  isKnown = false
  /** Such walks before conntrack. */
  private before: KnownWalks | null = null
  /** Such walks behind it, or all. */
  private after: KnownWalks | null = null
  /** Walks by the steps of the hook. */
  private readonly walks: (Walk | undefined)[] = []
  private packets = 0
  private revision = -1
  private src = 0
  private dst = 0
  /** Ports, or type and code. */
  upper = 0
  private protocol = 0
  private tos = 0
  private mark = 0
  private indev: NetDevice | null = null
  private outdev: NetDevice | null = null
  /** Where conntrack found the connection of the last packet. */
  entry: TupleEntry | null = null
  private readonly entering: Tracked = new Tracked()
  private readonly tracked: Tracked = new Tracked()

  /** Whether it is worth to remember, now that another packet passes. */
  isBusy(): boolean {
    this.packets++
    return this.packets > PATIENCE
  }

  /** Whether it is that of a packet's flow. */
  fits(p: NfPacket, upper: number): boolean {
    return (
      this.src === p.src4 &&
      this.dst === p.dst4 &&
      this.upper === upper &&
      this.mark === p.skb.mark &&
      this.indev === p.indev &&
      this.outdev === p.outdev &&
      this.protocol === p.protocol &&
      this.entering.fits(p.skb) &&
      this.tos === p.bytes[p.at + IPV4_TOS] &&
      this.revision === p.ns.revision
    )
  }

  /** Is that of another flow from now on. */
  begin(p: NfPacket, upper: number): void {
    this.revision = p.ns.revision
    this.src = p.src4
    this.dst = p.dst4
    this.upper = upper
    this.protocol = p.protocol
    this.tos = p.bytes[p.at + IPV4_TOS]!
    this.mark = p.skb.mark
    this.indev = p.indev
    this.outdev = p.outdev
    this.entering.set(p)
    this.tracked.set(p)
    this.packets = 1
    this.isKnown = false
    this.entry = null
    this.clearFrom(0)
  }

  /** Conntrack has looked at the packet: what is known of the steps behind holds for the same connection in the same state. */
  track(p: NfPacket, step: number): void {
    if (this.tracked.fits(p.skb)) return
    this.tracked.set(p)
    this.isKnown = false
    this.clearFrom(step)
  }

  /** Nothing is known of a step and those behind it. */
  private clearFrom(step: number): void {
    this.settleKnown()
    for (let i = step; i < this.walks.length; i++) {
      const walk = this.walks[i]
      if (walk !== undefined && walk.knowledge !== 'nothing') walk.clear()
    }
  }

  /** A packet has passed, and nothing but rules and conntrack, in step `tracksAt`, had to do with it. @returns whether all is known */
  conclude(tracksAt: number): boolean {
    const { walks } = this
    for (let i = 0; i < walks.length; i++) if (walks[i]?.isPlain === false) return false
    this.settleKnown()
    this.before = tracksAt > 0 ? new KnownWalks(walks.slice(0, tracksAt)) : null
    this.after = new KnownWalks(walks.slice(tracksAt + 1))
    this.isKnown = true
    return true
  }

  /** Whether a packet passes as the last one did: {@link Passage.fits} for one nobody has looked at yet. */
  isThatOf(skb: PacketBuffer, at: number, indev: NetDevice | null, outdev: NetDevice | null): boolean {
    const { bytes } = skb
    return (
      this.isThatOfConnection(skb, indev, outdev) &&
      this.protocol === bytes[at + IPV4_PROTOCOL] &&
      !isIpv4Fragment(bytes, at) &&
      this.src === readU32(bytes, at + IPV4_SOURCE) &&
      this.dst === readU32(bytes, at + IPV4_DESTINATION)
    )
  }

  /** {@link Passage.isThatOf} a packet that conntrack has looked at: its connection says where it comes from and goes to, and that it is whole. */
  isThatOfConnection(skb: PacketBuffer, indev: NetDevice | null, outdev: NetDevice | null): boolean {
    const { bytes } = skb
    const at = networkOf(skb)
    return (
      this.isKnown &&
      this.indev === indev &&
      this.outdev === outdev &&
      this.mark === skb.mark &&
      this.entering.fits(skb) &&
      skb.tail - at >= WHOLE &&
      bytes[at] === PLAIN_HEADER &&
      this.tos === bytes[at + IPV4_TOS] &&
      skb.physIn === null &&
      skb.physOut === null &&
      this.revision === (outdev ?? indev)?.ns.revision
    )
  }

  /**
   * Lets a packet that {@link Passage.isThatOf} fits pass a hook in which conntrack looks at it, if conntrack, too, has nothing to do with it but what it had with
   * the last one. @returns how far it came: through, behind conntrack (which has found something else), or not at all
   */
  trackAgain(nf: Netfilter, hook: number, skb: PacketBuffer, dev: NetDevice | null): 'passed' | 'tracked' | 'not' {
    const { ns, ct } = nf
    if (this.tracked.isUntracked) {
      this.before?.again(skb, ns, hook, dev)
      this.after?.again(skb, ns, hook, dev)
      return 'passed'
    }
    const { entry } = this
    if (entry === null) return 'not'
    const { now } = ns.sim.clock
    const { conn } = entry
    const { segment } = nf.contexts
    const ctinfo = trackedAgain(ct, hook, skb, networkOf(skb), entry, now, segment)
    if (ctinfo < 0 || !this.tracked.is(conn, ctinfo)) return 'not'
    const picture = ns.log === null ? undefined : conn.refs?.[ctinfo]
    if (ns.log !== null && picture === undefined) return 'not'
    this.before?.again(skb, ns, hook, dev)
    if (!follow(ct, conn, ctinfo, now, segment)) return 'tracked'
    skb.ct = conn
    skb.ctinfo = ctinfo
    if (picture !== undefined) ns.log?.conntrack(skb, dev, false, picture)
    if (!this.tracked.is(conn, ctinfo)) return 'tracked'
    this.after?.again(skb, ns, hook, dev)
    return 'passed'
  }

  /** What comes before conntrack, with another packet. */
  enterAgain(skb: PacketBuffer, ns: NetNs, hook: number, dev: NetDevice | null): void {
    this.before?.again(skb, ns, hook, dev)
  }

  /** What comes behind conntrack, or all where it does not look, with another packet. @returns NF_ACCEPT */
  passAgain(skb: PacketBuffer, ns: NetNs, hook: number, dev: NetDevice | null): number {
    this.after?.again(skb, ns, hook, dev)
    return NF_ACCEPT
  }

  /** Counts what went this way with the rules it met. */
  settle(): void {
    this.settleKnown()
    for (const walk of this.walks) walk?.settle()
  }

  private settleKnown(): void {
    this.before?.settle()
    this.after?.settle()
  }

  /** Whether the walk of a step may be another for each packet. */
  isUnsteadyAt(step: number): boolean {
    return this.walks[step]?.knowledge === 'not steady'
  }

  /** The walk of a step. */
  walk(step: number, table: TableName): Walk {
    let walk = this.walks[step]
    if (walk === undefined) {
      walk = new Walk(table)
      this.walks[step] = walk
    }
    return walk
  }
}
