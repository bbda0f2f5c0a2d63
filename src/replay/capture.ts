import type { Simulation, Tap } from '../dataplane/index.ts'
import type { PcapngFile, PcapngInterface, PcapngPacket } from '../wire/index.ts'

/** Collects every frame of a simulation as a capture file, one interface block an interface. */
export class FrameCapture {
  private readonly sim: Simulation
  private readonly isSeen: (netns: string) => boolean
  private readonly epoch: bigint
  private readonly interfaces: PcapngInterface[] = []
  private readonly ids = new Map<string, number>()
  private readonly packets: PcapngPacket[] = []
  private readonly tap: Tap

  /**
   * Starts to collect.
   * @param isSeen - namespaces to capture
   * @param epoch - nanoseconds since 1970 at virtual time 0
   */
  constructor(sim: Simulation, isSeen: (netns: string) => boolean, epoch: bigint) {
    this.sim = sim
    this.isSeen = isSeen
    this.epoch = epoch
    this.tap = (dev, direction, bytes, start, end) => {
      const { name } = dev.ns
      if (!this.isSeen(name)) return
      const id = this.interfaceId(`${name}/${dev.name}`, dev.linkType)
      this.packets.push({
        interface: id,
        timestamp: this.epoch + BigInt(Math.round(this.sim.clock.now)),
        bytes: bytes.slice(start, end),
        direction: direction === 'in' ? 'inbound' : 'outbound',
      })
    }
    sim.taps.push(this.tap)
  }

  private interfaceId(name: string, linkType: number): number {
    const known = this.ids.get(name)
    if (known !== undefined) return known
    this.ids.set(name, this.interfaces.length)
    this.interfaces.push({ name, linkType })
    return this.interfaces.length - 1
  }

  /** Stops and gives what was collected. */
  stop(): PcapngFile {
    const at = this.sim.taps.indexOf(this.tap)
    if (at >= 0) this.sim.taps.splice(at, 1)
    return { application: 'packetwalk', interfaces: this.interfaces, packets: this.packets }
  }
}
