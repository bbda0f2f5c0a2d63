import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import type { DropCause, Network } from '../model/index.ts'
import { InvariantError } from '../wire/index.ts'
import { Clock } from './clock.ts'
import type { NetDevice } from './net-device.ts'
import type { NetNs } from './netns.ts'
import type { Recorder } from './recorder.ts'
import { HEADROOM, PacketBuffer } from './skb.ts'
import type { Stack } from './stack.ts'

/** Sees every frame a device sends or receives: `bytes[start, end)`, valid only during the call. */
export type Tap = (dev: NetDevice, direction: 'in' | 'out', bytes: Uint8Array, start: number, end: number) => void

/** How to run a simulation. */
export interface SimulationOptions {
  /** Decides ids, ports and every other choice; same seed, same bytes. */
  readonly seed?: number
  /** Where to record; null or absent = nothing is recorded. */
  readonly recorder?: Recorder | null
}

/** A running network: the model plus everything that changes while packets move. */
export class Simulation {
  /** Virtual time. */
  readonly clock: Clock = new Clock()
  /** Entry points of the parts of the stack. */
  readonly stack: Stack
  /** The model it runs. */
  network: Network
  /** Where records go; null = nowhere. */
  recorder: Recorder | null
  /** Told of every drop. */
  onDrop: ((cause: DropCause, skb: PacketBuffer, ns: NetNs) => void) | null = null
  /** Sees frames; see {@link Tap}. */
  readonly taps: Tap[] = []
  /** Seed given. */
  readonly seed: number
  private rng: RandomGenerator
  private packetId = 0

  constructor(network: Network, options: SimulationOptions = {}) {
    this.network = network
    this.seed = options.seed ?? 1
    this.rng = xoroshiro128plus(this.seed)
    this.recorder = options.recorder ?? null
    this.stack = undefined as never
  }

  /** The namespace, compiled on first use. */
  netns(_name: string): NetNs {
    throw new InvariantError('not written yet')
  }

  /** Runs another model from now on; only changed namespaces are recompiled, volatile state is kept. */
  setNetwork(_network: Network): void {
    throw new InvariantError('not written yet')
  }

  /** Drains what is queued, fires timers in order up to `until` (absolute nanoseconds) and moves the clock there. */
  run(_until: number): void {
    throw new InvariantError('not written yet')
  }

  /** As {@link run}, but stops once nothing is queued and no timer is pending. Returns the time. */
  runUntilIdle(_limit: number): number {
    throw new InvariantError('not written yet')
  }

  /** Id for a new packet. */
  nextPacketId(): number {
    return ++this.packetId
  }

  /** A random uint32 from the seed. */
  random(): number {
    return this.rng.next() >>> 0
  }

  /** A new packet of `payloadLength` zero bytes with room in front. */
  newSkb(payloadLength: number, headroom: number = HEADROOM): PacketBuffer {
    return new PacketBuffer(
      new Uint8Array(headroom + payloadLength),
      headroom,
      headroom + payloadLength,
      this.nextPacketId(),
    )
  }
}
