import type { NatEnd } from '../model/index.ts'
import type { PacketSeen } from './decision.ts'
import { type Flow, flowOf } from './flow.ts'
import type { FrameHop, Hop, NatHop } from './hop.ts'
import { headersOfHop } from './hops/frame.ts'

const NOWHERE: NatEnd = { address: '', port: 0 }

/** Nobody has seen the packet. */
const UNSEEN: PacketSeen = { protocol: '', source: NOWHERE, destination: NOWHERE }

/** Follows the addresses of packets from hop to hop: frames show them, NAT changes them between frames. */
export class SeenPackets {
  private readonly frames = new Map<number, FrameHop | PacketSeen>()

  /** Takes the next hop of the trace in. */
  take(hop: Hop): void {
    if (hop.packet === 0) return
    if (hop.kind === 'tx' || hop.kind === 'rx') this.frames.set(hop.packet, hop)
    else if (hop.kind === 'nat') this.frames.set(hop.packet, translated(this.at(hop.packet), hop))
    else if (hop.kind === 'route' && !this.frames.has(hop.packet)) {
      const ends = { source: { address: hop.source, port: 0 }, destination: { address: hop.destination, port: 0 } }
      this.frames.set(hop.packet, { protocol: '', ...ends })
    }
  }

  /** A packet as it is now. Frames are taken apart when somebody asks. */
  at(packet: number): PacketSeen {
    const known = this.frames.get(packet)
    if (known === undefined) return UNSEEN
    if (!('bytes' in known)) return known
    const seen = seenIn(known)
    this.frames.set(packet, seen)
    return seen
  }
}

/** Addresses and ports of the innermost packet of a frame. */
export function seenIn(frame: FrameHop): PacketSeen {
  const flow = flowOf(headersOfHop(frame))
  if (flow === undefined) return UNSEEN
  return {
    protocol: flow.protocol,
    source: { address: flow.source, port: portIn(flow, flow.from) },
    destination: { address: flow.destination, port: portIn(flow, flow.to) },
  }
}

/** Of ICMP the identifier stands there. */
function portIn({ protocol }: Flow, text: string): number {
  return protocol === 'tcp' || protocol === 'udp' ? Number(text) : 0
}

/** The packet after a translation. */
function translated(seen: PacketSeen, { side, after }: NatHop): PacketSeen {
  return after === undefined ? seen : { ...seen, [side]: after }
}
