import { type Clock, type Deadline, deadlineOf } from '../kernel/clock.ts'
import type { PacketBuffer } from '../kernel/skb.ts'

/** A request that waits to be answered for somebody else. */
interface Waiting {
  readonly deadline: Deadline
  readonly skb: PacketBuffer
  readonly answer: (skb: PacketBuffer) => void
}

/** What {@link ProxyQueue.save} gives and {@link ProxyQueue.load} takes. */
export type SavedProxyQueue = readonly Waiting[]

/**
 * Requests for addresses this host proxies: answered after a delay, so that the owner, if there is one, is first
 * (`pneigh_enqueue`, `neigh_proxy_process`).
 */
export class ProxyQueue {
  private readonly clock: Clock
  private waiting: Waiting[] = []

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Keeps a request for `delay` nanoseconds. False: `limit` requests wait already, this one is lost. */
  add(skb: PacketBuffer, delay: number, limit: number, answer: (skb: PacketBuffer) => void): boolean {
    if (this.waiting.length > limit) return false
    const timer = this.clock.afterOnWheel(delay, () => this.serve(one))
    const one = { deadline: deadlineOf(timer) as Deadline, skb, answer }
    this.waiting.push(one)
    return true
  }

  private serve(one: Waiting): void {
    if (!this.waiting.includes(one)) return
    this.waiting = this.waiting.filter((other) => other !== one)
    one.answer(one.skb)
  }

  /** What waits now. */
  save(): SavedProxyQueue {
    return this.waiting.map((one) => ({ ...one, skb: one.skb.again() }))
  }

  /** Goes back to a saved state. */
  load(saved: SavedProxyQueue): void {
    this.waiting = saved.map((one) => ({ ...one, skb: one.skb.again() }))
    for (const one of this.waiting) this.clock.again(one.deadline, () => this.serve(one))
  }
}
