import { MILLISECOND, type NetNs, sendFrame } from '../dataplane/index.ts'
import { Process } from './process.ts'

/** Time between two frames. */
const GAP = 20 * MILLISECOND

/** Sends raw frames with a packet socket on an interface. */
export class Inject extends Process {
  private readonly dev: string
  private readonly frames: readonly Uint8Array[]

  constructor(ns: NetNs, dev: string, frames: readonly Uint8Array[]) {
    super(ns)
    this.dev = dev
    this.frames = frames
  }

  /** Sends the frames, one after the other. */
  start(): void {
    this.send(0)
  }

  protected cleanup(): void {}

  private send(n: number): void {
    const frame = this.frames[n]
    const dev = this.ns.byName.get(this.dev)
    if (frame === undefined || dev === undefined) {
      this.outcome = dev === undefined ? `no interface ${this.dev}` : 'injected'
      this.exit(dev === undefined ? 1 : 0)
      return
    }
    sendFrame(dev, frame)
    this.after(GAP, () => this.send(n + 1))
  }
}
