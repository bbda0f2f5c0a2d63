import type { BridgePort, DropCause } from '../../model/index.ts'
import {
  BROADCAST_MAC_KEY,
  ETHERNET_HEADER_LENGTH,
  ETHERNET_SOURCE,
  isMulticastMac,
  readMac,
} from '../../wire/index.ts'
import { SECOND } from '../kernel/clock.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { PACKET_HOST, type PacketBuffer, type PacketOnDevice, setDevice } from '../kernel/skb.ts'
import { BridgeFdb } from './bridge-fdb.ts'
import { bridgeDevXmit, bridgeForward, bridgePreRouting, callsIptables } from './bridge-netfilter.ts'
import { devQueueXmit, isForwardable } from './device.ts'
import { receiveFromBridge } from './receive.ts'

/** 01:80:c2:00:00:0x: addresses that bridges do not pass on. @ieee 802.1D §7.12.6 */
const LINK_LOCAL_GROUP = 0x0180_c200_0000
const PAUSE = LINK_LOCAL_GROUP + 1

/** Wires a frame may have crossed and still be flooded; IEEE 802.1D allows seven bridges in a row. More is a loop. */
const MOST_CROSSINGS = 128
/** Frames that have crossed more wires than this and are flooded again count towards a storm. */
const OFTEN = 6
/** Such frames a bridge floods in a second of virtual time; more is a broadcast storm. */
const STORM = 10_000

type PacketKind = 'unicast' | 'multicast' | 'broadcast'

/** A port's settings and state. */
interface Port {
  readonly dev: NetDevice
  readonly settings: BridgePort
}

/** A bridge at run time: ports, forwarding database, and what it does with a frame. */
export class Bridge {
  /** The bridge's own device. */
  readonly dev: NetDevice
  /** Forwarding database. */
  readonly fdb: BridgeFdb
  private ports: readonly Port[] = []
  /** Frames of this second that have been round often, and when it began. */
  private storm = { frames: 0, since: 0 }
  private readonly byDev = new Map<NetDevice, Port>()

  constructor(dev: NetDevice, ageing: number) {
    this.dev = dev
    this.fdb = new BridgeFdb(dev, ageing)
  }

  /** Replaces the ports, given in the order they were added. A port that has gone, or is down, loses what was learned on it. */
  setPorts(devs: readonly NetDevice[]): void {
    this.byDev.clear()
    for (const dev of devs) this.byDev.set(dev, { dev, settings: dev.model.port ?? {} })
    // The kernel adds a port at the head of its list, so the last one is served first.
    this.ports = [...this.byDev.values()].reverse()
    for (const { port } of this.fdb.learned()) if (!this.isForwarding(port)) this.fdb.flush(port)
  }

  /** Whether the device is a port that takes part in forwarding: up, with carrier, in state forwarding. */
  isForwarding(dev: NetDevice): boolean {
    return this.stateOf(this.byDev.get(dev)) === 'forwarding'
  }

  private stateOf(port: Port | undefined): NonNullable<BridgePort['state']> {
    if (port === undefined || !port.dev.up || !port.dev.carrier) return 'disabled'
    return port.settings.state ?? 'forwarding'
  }

  /**
   * A frame came in on a port; `data` behind its Ethernet header.
   * @returns false when the port itself is to receive it like any device
   *
   * @linux net/bridge/br_input.c br_handle_frame
   */
  handleFrame(skb: PacketOnDevice, dev: NetDevice): boolean {
    const port = this.byDev.get(dev)
    if (port === undefined) return false
    const source = readMac(skb.bytes, skb.mac + ETHERNET_SOURCE)
    const destination = readMac(skb.bytes, skb.mac)
    if (source === 0 || isMulticastMac(source)) return this.lose(skb, 'bridge_bad_source')
    const group = destination - LINK_LOCAL_GROUP
    if (group >= 0 && group < 16) {
      if (destination === PAUSE) return this.lose(skb, 'bridge_link_local')
      if (group !== 0) return false
    }
    const state = this.stateOf(port)
    if (state !== 'forwarding' && state !== 'learning') return this.lose(skb, 'bridge_port_blocked')
    if (destination === this.dev.mac) skb.pktType = PACKET_HOST
    if (callsIptables(this.dev, skb.protocol)) {
      bridgePreRouting(this.dev, skb, dev, (packet) => this.handleFrameFinish(packet, port, state))
    } else this.handleFrameFinish(skb, port, state)
    return true
  }

  private lose(skb: PacketOnDevice, cause: DropCause): true {
    dropPacket(skb, cause, skb.dev)
    return true
  }

  /** Learns, then forwards, floods or delivers. @linux net/bridge/br_input.c br_handle_frame_finish */
  handleFrameFinish(
    skb: PacketOnDevice,
    port: { readonly dev: NetDevice; readonly settings: BridgePort },
    state: string,
  ): void {
    const destination = readMac(skb.bytes, skb.mac)
    if (port.settings.learning !== false) this.fdb.learn(readMac(skb.bytes, skb.mac + ETHERNET_SOURCE), port.dev)
    if (state === 'learning') {
      this.lose(skb, 'bridge_port_blocked')
      return
    }
    const kind = kindOf(destination)
    if (kind === 'unicast') {
      const entry = this.fdb.find(destination)
      if (entry?.local) this.passUp(skb)
      else if (entry?.port) this.forward(skb, entry.port, port, false)
      else this.flood(skb, kind, port, false)
      return
    }
    this.flood(skb, kind, port, true)
    this.passUp(skb)
  }

  /** Whether a frame goes round in a loop of bridges, alone or multiplying where there are more than two ways. */
  private circles(skb: PacketOnDevice): boolean {
    if (skb.crossings <= OFTEN) return false
    const { now } = this.dev.ns.sim.clock
    if (now >= this.storm.since + SECOND) this.storm = { frames: 0, since: now }
    this.storm.frames += 1
    return this.storm.frames > STORM || skb.crossings > MOST_CROSSINGS
  }

  /** A frame whose destination was rewritten goes on as one that came in by its port, which may be gone by now. */
  private bridgeAgain(skb: PacketBuffer, from: NetDevice): void {
    const port = this.byDev.get(from)
    setDevice(skb, from)
    if (port === undefined) this.lose(skb, 'bridge_port_blocked')
    else this.handleFrameFinish(skb, port, this.stateOf(port))
  }

  /** Sends a frame of the bridge's own device out of its ports; `data` at the Ethernet header. @linux net/bridge/br_device.c br_dev_xmit */
  xmit(skb: PacketOnDevice): void {
    skb.mac = skb.data
    skb.pull(ETHERNET_HEADER_LENGTH)
    if (skb.bridgedDnat !== 0 && skb.physIn !== null) {
      bridgeDevXmit(skb)
      this.bridgeAgain(skb, skb.physIn)
      return
    }
    const destination = readMac(skb.bytes, skb.mac)
    const kind = kindOf(destination)
    const entry = kind === 'unicast' ? this.fdb.find(destination) : undefined
    if (entry === undefined) this.flood(skb, kind, null, false)
    else if (entry.port === null || entry.local) this.lose(skb, 'bridge_no_port')
    else this.forward(skb, entry.port, null, false)
  }

  /** @linux net/bridge/br_forward.c br_forward */
  private forward(skb: PacketOnDevice, to: NetDevice, from: Port | null, keep: boolean): void {
    const port = this.byDev.get(to)
    if (port !== undefined && this.shouldDeliver(port, from)) {
      this.dev.ns.log?.bridgeForward(skb, this.dev, to)
      this.forwardTo(keep ? this.clone(skb) : skb, port, from)
    } else if (!keep) this.lose(skb, from === null ? 'bridge_no_port' : 'bridge_same_port')
  }

  private shouldDeliver(port: Port, from: Port | null): boolean {
    if (from === port && port.settings.hairpin !== true) return false
    if (this.stateOf(port) !== 'forwarding') return false
    return !(port.settings.isolated === true && from?.settings.isolated === true)
  }

  /** To every port that wants it; the last one gets the packet itself, the others copies. @linux net/bridge/br_forward.c br_flood */
  private flood(skb: PacketOnDevice, kind: PacketKind, from: Port | null, keep: boolean): void {
    const wanted = this.ports.filter((port) => floods(port, kind, from === null) && this.shouldDeliver(port, from))
    const last = wanted.pop()
    if (last === undefined) {
      if (!keep) this.lose(skb, from === null ? 'bridge_no_port' : 'bridge_no_forward')
      return
    }
    if (this.circles(skb)) {
      this.lose(keep ? this.clone(skb) : skb, 'bridge_loop')
      return
    }
    this.dev.ns.log?.bridgeFlood(skb, this.dev)
    for (const port of wanted) this.forwardTo(this.clone(skb), port, from)
    this.forwardTo(keep ? this.clone(skb) : skb, last, from)
  }

  private clone(skb: PacketOnDevice): PacketOnDevice {
    const { ns } = this.dev
    const copy = skb.copy(ns.sim)
    ns.log?.clone(copy, this.dev, skb)
    return copy
  }

  private forwardTo(skb: PacketOnDevice, port: Port, from: Port | null): void {
    setDevice(skb, port.dev)
    // What PREROUTING has seen carries its input port (`nf_bridge`); only that goes through the other hooks.
    if (from !== null && skb.physIn !== null && callsIptables(this.dev, skb.protocol)) {
      bridgeForward(this.dev, skb, port.dev, (piece) => this.pushXmit(piece))
    } else this.pushXmit(skb)
  }

  /** @linux net/bridge/br_forward.c br_dev_queue_push_xmit */
  private pushXmit(skb: PacketOnDevice): void {
    const { dev } = skb
    skb.push(ETHERNET_HEADER_LENGTH)
    skb.mac = skb.data
    if (isForwardable(dev, skb)) devQueueXmit(skb)
    else dropPacket(skb, 'mtu_exceeded_on_bridge', dev)
  }

  /** To the host, as if the bridge device had received it. @linux net/bridge/br_input.c br_pass_frame_up */
  passUp(skb: PacketBuffer): void {
    this.dev.ns.log?.bridgeLocal(skb, this.dev)
    if (this.dev.up) receiveFromBridge(skb, this.dev)
    else dropPacket(skb, 'link_down', this.dev)
  }
}

function kindOf(destination: number): PacketKind {
  if (destination === BROADCAST_MAC_KEY) return 'broadcast'
  return isMulticastMac(destination) ? 'multicast' : 'unicast'
}

/** Whether a port takes part in flooding this kind; groups sent by the host itself go everywhere. */
function floods(port: Port, kind: PacketKind, own: boolean): boolean {
  const { flood, mcastFlood, bcastFlood } = port.settings
  if (kind === 'unicast') return flood !== false
  return own || (kind === 'multicast' ? mcastFlood : bcastFlood) !== false
}
