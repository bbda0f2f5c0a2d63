import type { DropCause, IptRule, Network } from '../../model/index.ts'
import type { Clock } from './clock.ts'
import type { IcmpGlobal } from './icmp-global.ts'
import type { NetDevice } from './net-device.ts'
import type { NetNs } from './netns.ts'
import type { Recorder } from './recorder.ts'
import type { PacketBuffer, PacketOnDevice } from './skb.ts'
import type { Slab } from './slab.ts'
import type { Stack } from './stack.ts'

/** Sees every frame a device sends or receives: `bytes[start, end)`, valid only during the call. */
export type Tap = (dev: NetDevice, direction: 'in' | 'out', bytes: Uint8Array, start: number, end: number) => void

/** Decides a rule of chance; undefined = the seed shall. */
export type Chooser = (rule: IptRule) => boolean | undefined

/** A request that finds no socket, and the ports and address it was sent to; addresses in engine form. */
export interface Unclaimed {
  /** Protocol. */
  readonly protocol: 'tcp' | 'udp'
  /** Address it came to. */
  readonly daddr: number | string
  /** Port it came to. */
  readonly dport: number
  /** Port it came from. */
  readonly sport: number
}

/** What the parts see of the machine they run in. */
export interface World {
  /** Virtual time. */
  readonly clock: Clock
  /** Entry points of the parts of the stack. */
  readonly stack: Stack
  /** The model it runs. */
  readonly network: Network
  /** Where records go; null = nowhere. */
  readonly recorder: Recorder | null
  /** Told of every drop; null = nobody. */
  readonly onDrop: ((cause: DropCause, skb: PacketBuffer, ns: NetNs) => void) | null
  /** May open a socket for a request that finds none, as inetd does, and says whether it did; null = nobody does. */
  readonly onUnclaimed: ((request: Unclaimed, ns: NetNs) => boolean) | null
  /** Sees frames. */
  readonly taps: readonly Tap[]
  /** Seed of the random source; keyed hashes start from it. */
  readonly seed: number
  /** Milliseconds since 1970 (UTC) at virtual time 0. */
  readonly epoch: number
  /** The machine-wide limit of ICMP messages. */
  readonly icmpGlobal: IcmpGlobal
  /** Memory of packets. */
  readonly slab: Slab
  /** What the parts fill again for each packet, by their slots; worthless when a call has returned. Each part knows its own type. */
  readonly scratch: readonly unknown[]
  /** Decides rules of chance before the seed does; null = nobody. */
  readonly choose: Chooser | null
  /** A random uint32 from the seed. */
  random(): number
  /** Id for a new packet. */
  nextPacketId(): number
  /** A new packet of `payloadLength` zero bytes with room in front. */
  newSkb(payloadLength: number, headroom?: number): PacketBuffer
  /** Queues a received frame for `skb.dev`. */
  enqueue(skb: PacketOnDevice): void
}
