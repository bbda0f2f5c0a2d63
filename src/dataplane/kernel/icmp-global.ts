import { HZ, TICK } from './inet-peer.ts'
import type { NetNs } from './netns.ts'

/** What a snapshot keeps of the limit. */
export interface SavedIcmpGlobal {
  /** Messages that may still go. */
  readonly credit: number
  /** Tick of the last refill. */
  readonly stamp: number
}

/** The machine-wide bucket of ICMP messages, which both families share (`icmp_global`). Times are ticks. */
export class IcmpGlobal {
  private credit = 0
  private stamp = -HZ

  /**
   * Takes a message's worth: 0 to 2 credits, one on average. False: nothing is left.
   * @linux net/ipv4/icmp.c icmp_global_allow
   */
  take({ ip, sim }: NetNs): boolean {
    const { icmpMsgsPerSec, icmpMsgsBurst } = ip
    if (icmpMsgsPerSec === 0) return true
    const now = Math.floor(sim.clock.now / TICK)
    const delta = Math.min(now - this.stamp, HZ)
    let refill = 0
    if (delta >= HZ / 50) {
      refill = Math.floor((icmpMsgsPerSec * delta) / HZ)
      if (refill > 0) this.stamp = now
    }
    this.credit = Math.min(this.credit + refill, icmpMsgsBurst)
    if (this.credit === 0) return false
    this.credit = Math.max(this.credit - (sim.random() % 3), 0)
    return true
  }

  /** A copy of its two numbers. */
  save(): SavedIcmpGlobal {
    return { credit: this.credit, stamp: this.stamp }
  }

  /** Goes back to a copy. */
  load({ credit, stamp }: SavedIcmpGlobal): void {
    this.credit = credit
    this.stamp = stamp
  }
}
