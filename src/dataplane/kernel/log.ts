import {
  ARP_VERDICTS,
  type ArpVerdict,
  type ConnectionPicture,
  type DropCause,
  ENDS,
  type EndKind,
  type HeldBack,
  KEEPERS,
  type Keeper,
  type Lookup,
  type NatEnd,
  type NeighbourPicture,
  type OuterChoice,
  type RuleHit,
  TAKERS,
  type TableName,
  type Taker,
  type Tunnel,
} from '../../model/index.ts'
import type { Clock } from './clock.ts'
import { ROW, type WalkedRules } from './log-row.ts'
import type { NetDevice } from './net-device.ts'
import type { Recorder } from './recorder.ts'
import type { PacketBuffer } from './skb.ts'
import { NF_ACCEPT } from './stack.ts'

const [FORWARD, FLOOD, LOCAL] = [0, 1, 2]
const [DROPPED] = [ENDS.indexOf('dropped')]

/**
 * Writes down what happens in a namespace, a method a kind of event: numbers and references, no text and no objects where
 * packets pass often. `ns.log` is null while nobody records.
 */
export class NsLog {
  private readonly recorder: Recorder
  private readonly clock: Clock
  private readonly where: number

  constructor(recorder: Recorder, clock: Clock, netns: string) {
    this.recorder = recorder
    this.clock = clock
    this.where = recorder.whereOf(netns)
  }

  /** Id under which the recorder keeps an interface name. */
  devId(name: string): number {
    return this.recorder.devId(name)
  }

  /** A frame `bytes[start, tail)` was handed to a device. */
  tx(skb: PacketBuffer, dev: NetDevice, start: number): void {
    const { recorder, clock, where } = this
    recorder.sent(clock.now, where + dev.recordId, dev.linkType, skb, start)
  }

  /** A frame `bytes[start, tail)` was received from a device. */
  rx(skb: PacketBuffer, dev: NetDevice, start: number): void {
    const { recorder, clock, where } = this
    recorder.received(clock.now, where + dev.recordId, dev.linkType, skb, start)
  }

  /** A received packet was routed; `refused`: and not taken, whatever was found. */
  routeInput(skb: PacketBuffer, dev: NetDevice, lookup: Lookup, refused: DropCause | null): void {
    const ref = refused === null ? lookup : { lookup, refused }
    this.recorder.add(ROW.routeInput, this.clock.now, this.where + dev.recordId, skb.id, 0, 0, 0, ref)
  }

  /** An own packet was routed. `packet` is its id; 0 when the sender was refused before there was one. */
  routeOutput(packet: number, dev: NetDevice | null, lookup: Lookup): void {
    this.recorder.add(ROW.routeOutput, this.clock.now, this.where + idOf(dev), packet, 0, 0, 0, lookup)
  }

  /** The way back to the source was looked up. */
  rpFilter(skb: PacketBuffer, dev: NetDevice, passed: boolean, lookup: Lookup): void {
    this.recorder.add(ROW.rpFilter, this.clock.now, this.where + dev.recordId, skb.id, passed ? 1 : 0, 0, 0, lookup)
  }

  /** A packet passes through and leaves by `out`; `hopLimit` is the TTL it came with. */
  forward(skb: PacketBuffer, out: NetDevice, hopLimit: number): void {
    this.recorder.add(ROW.forward, this.clock.now, this.where + out.recordId, skb.id, hopLimit, 0, 0, undefined)
  }

  /** A protocol or socket took a packet. `port` is the ICMP type for ICMP. */
  deliver(skb: PacketBuffer, protocol: number, port: number, by: Taker): void {
    const { recorder, clock, where } = this
    recorder.add(ROW.deliver, clock.now, where + idOf(skb.dev), skb.id, protocol, port, TAKERS.indexOf(by), undefined)
  }

  /** A packet was freed with a cause. */
  dropped(skb: PacketBuffer, dev: NetDevice | null, cause: DropCause): void {
    this.recorder.add(ROW.end, this.clock.now, this.where + idOf(dev), skb.id, DROPPED as number, 0, 0, cause)
  }

  /** A packet ended in another way. */
  end(skb: PacketBuffer, dev: NetDevice | null, how: Exclude<EndKind, 'dropped'>): void {
    this.recorder.add(ROW.end, this.clock.now, this.where + idOf(dev), skb.id, ENDS.indexOf(how), 0, 0, null)
  }

  /** A packet is kept for later. */
  held(skb: PacketBuffer, dev: NetDevice | null, by: Keeper): void {
    this.recorder.add(ROW.held, this.clock.now, this.where + idOf(dev), skb.id, KEEPERS.indexOf(by), 0, 0, undefined)
  }

  /** A netfilter rule, or a policy (position 0), matched; `hook` is its number. */
  rule(skb: PacketBuffer, dev: NetDevice | null, hook: number, position: number, hit: RuleHit): void {
    this.recorder.add(ROW.rule, this.clock.now, this.where + idOf(dev), skb.id, hook, position, skb.mark, hit)
  }

  /**
   * A packet went through a table as one of its flow did before.
   *
   * @param verdict - with which the table's part in the hook ended; -1 when it has not
   */
  walk(skb: PacketBuffer, dev: NetDevice | null, hook: number, way: WalkedRules, verdict: number): void {
    const { recorder, clock, where } = this
    const events = way.hits.length + (verdict < 0 ? 0 : 1)
    recorder.add(ROW.walk, clock.now, where + idOf(dev), skb.id, hook, verdict, 0, way, events)
  }

  /** A packet went through these tables as one of its flow did before, and all let it pass; `events` is how many rules they have, and ends. */
  passage(skb: PacketBuffer, dev: NetDevice | null, hook: number, ways: readonly WalkedRules[], events: number): void {
    const { recorder, clock, where } = this
    recorder.add(ROW.passage, clock.now, where + idOf(dev), skb.id, hook, NF_ACCEPT, 0, ways, events)
  }

  /** A table's part in a hook ended with an NF_ verdict; `unmodelled` names the match or target that stopped it, or is ''. */
  hookEnd(
    skb: PacketBuffer,
    dev: NetDevice | null,
    hook: number,
    verdict: number,
    table: TableName,
    unmodelled: string,
  ): void {
    const ref = unmodelled === '' ? table : { table, unmodelled }
    this.recorder.add(ROW.hookEnd, this.clock.now, this.where + idOf(dev), skb.id, hook, verdict, 0, ref)
  }

  /** ConnectionPicture tracking looked at a packet. */
  conntrack(skb: PacketBuffer, dev: NetDevice | null, isNew: boolean, connection: ConnectionPicture): void {
    this.recorder.add(ROW.conntrack, this.clock.now, this.where + idOf(dev), skb.id, isNew ? 1 : 0, 0, 0, connection)
  }

  /** NAT rewrote a packet. */
  nat(skb: PacketBuffer, dev: NetDevice | null, side: 'src' | 'dst', from: NatEnd, to: NatEnd): void {
    const kind = side === 'src' ? ROW.natSource : ROW.natDestination
    this.recorder.add(kind, this.clock.now, this.where + idOf(dev), skb.id, 0, 0, 0, { from, to })
  }

  /** The neighbour of a packet was looked up. */
  neighbour(skb: PacketBuffer, dev: NetDevice, entry: NeighbourPicture): void {
    this.recorder.add(ROW.neighbour, this.clock.now, this.where + dev.recordId, skb.id, 0, 0, 0, entry)
  }

  /** A packet waits for its neighbour. */
  neighbourQueued(skb: PacketBuffer, dev: NetDevice, entry: NeighbourPicture): void {
    this.recorder.add(ROW.neighbourQueued, this.clock.now, this.where + dev.recordId, skb.id, 0, 0, 0, entry)
  }

  /** A neighbour entry got another state; `before` is an index into NEIGH_STATES. */
  neighbourChange(dev: NetDevice, before: number, entry: NeighbourPicture): void {
    this.recorder.add(ROW.neighbourChange, this.clock.now, this.where + dev.recordId, 0, before, 0, 0, entry)
  }

  /** An ARP request was judged; addresses are uint32. */
  arp(skb: PacketBuffer, dev: NetDevice, verdict: ArpVerdict, target: number, sender: number): void {
    const { recorder, clock, where } = this
    const which = ARP_VERDICTS.indexOf(verdict)
    recorder.add(ROW.arp, clock.now, where + dev.recordId, skb.id, which, target >>> 0, sender >>> 0, undefined)
  }

  /** A neighbour solicitation was judged; addresses are keys. */
  nd(skb: PacketBuffer, dev: NetDevice, verdict: ArpVerdict, target: string, sender: string): void {
    const { recorder, clock, where } = this
    const which = ARP_VERDICTS.indexOf(verdict)
    recorder.add(ROW.nd, clock.now, where + dev.recordId, skb.id, which, 0, 0, { target, sender })
  }

  /** Outer headers were put in front; addresses in engine form. */
  encap(
    skb: PacketBuffer,
    dev: NetDevice,
    tunnel: Tunnel,
    overhead: number,
    source: number | string,
    destination: number | string,
    chosenBy: OuterChoice,
  ): void {
    const ref = { tunnel, source, destination, chosenBy }
    this.recorder.add(ROW.encap, this.clock.now, this.where + dev.recordId, skb.id, overhead, 0, 0, ref)
  }

  /** Outer headers were taken off; addresses in engine form. */
  decap(
    skb: PacketBuffer,
    dev: NetDevice,
    tunnel: Tunnel,
    overhead: number,
    source: number | string,
    destination: number | string,
  ): void {
    const ref = { tunnel, source, destination }
    this.recorder.add(ROW.decap, this.clock.now, this.where + dev.recordId, skb.id, overhead, 0, 0, ref)
  }

  /** A packet is cut into pieces that fit `mtu`. */
  fragment(skb: PacketBuffer, dev: NetDevice, mtu: number, pieces: number): void {
    this.recorder.add(ROW.fragment, this.clock.now, this.where + dev.recordId, skb.id, mtu, pieces, 0, undefined)
  }

  /** A packet was put together; its length is in bytes. */
  reassemble(skb: PacketBuffer, dev: NetDevice, pieces: number, length: number): void {
    this.recorder.add(ROW.reassemble, this.clock.now, this.where + dev.recordId, skb.id, pieces, length, 0, undefined)
  }

  /** An ICMP error about a packet is sent. */
  icmpError(skb: PacketBuffer, dev: NetDevice, type: number, code: number, info: number): void {
    this.recorder.add(ROW.icmpError, this.clock.now, this.where + dev.recordId, skb.id, type, code, info >>> 0, null)
  }

  /** An ICMP error about a packet is not sent. */
  icmpHeldBack(skb: PacketBuffer, type: number, code: number, why: HeldBack): void {
    this.recorder.add(ROW.icmpError, this.clock.now, this.where + idOf(skb.dev), skb.id, type, code, 0, why)
  }

  /** A path MTU was learned; the destination in engine form. */
  pathMtu(dev: NetDevice | null, destination: number | string, mtu: number, locked: boolean): void {
    this.recorder.add(ROW.pathMtu, this.clock.now, this.where + idOf(dev), 0, mtu, locked ? 1 : 0, 0, destination)
  }

  /** A redirect was learned; addresses in engine form, '' as gateway = on the link. */
  redirect(dev: NetDevice | null, destination: number | string, gateway: number | string): void {
    this.recorder.add(ROW.redirect, this.clock.now, this.where + idOf(dev), 0, 0, 0, 0, { destination, gateway })
  }

  /** A bridge knows the port of a frame. */
  bridgeForward(skb: PacketBuffer, bridge: NetDevice, port: NetDevice): void {
    const { recorder, clock, where } = this
    recorder.add(ROW.bridge, clock.now, where + bridge.recordId, skb.id, FORWARD as number, port.recordId, 0, undefined)
  }

  /** A bridge floods a frame. */
  bridgeFlood(skb: PacketBuffer, bridge: NetDevice): void {
    this.recorder.add(
      ROW.bridge,
      this.clock.now,
      this.where + bridge.recordId,
      skb.id,
      FLOOD as number,
      0,
      0,
      undefined,
    )
  }

  /** A frame is for the bridge itself. */
  bridgeLocal(skb: PacketBuffer, bridge: NetDevice): void {
    this.recorder.add(
      ROW.bridge,
      this.clock.now,
      this.where + bridge.recordId,
      skb.id,
      LOCAL as number,
      0,
      0,
      undefined,
    )
  }

  /** A bridge learned where a MAC address is. */
  learn(bridge: NetDevice, mac: number, port: NetDevice): void {
    this.recorder.add(ROW.learn, this.clock.now, this.where + bridge.recordId, 0, mac, port.recordId, 0, undefined)
  }

  /** A packet was made; `answers` is the id of the packet it answers, 0 = none. */
  create(skb: PacketBuffer, dev: NetDevice | null, protocol: number, answers: number): void {
    this.recorder.add(ROW.create, this.clock.now, this.where + idOf(dev), skb.id, protocol, answers, 0, undefined)
  }

  /** A packet was copied, or cut from another. */
  clone(copy: PacketBuffer, dev: NetDevice, original: PacketBuffer): void {
    this.recorder.add(ROW.clone, this.clock.now, this.where + dev.recordId, copy.id, original.id, 0, 0, undefined)
  }

  /** A program said why it could not go on. */
  program(text: string): void {
    this.recorder.add(ROW.program, this.clock.now, this.where + 0, 0, 0, 0, 0, text)
  }
}

function idOf(dev: NetDevice | null): number {
  return dev === null ? 0 : dev.recordId
}
