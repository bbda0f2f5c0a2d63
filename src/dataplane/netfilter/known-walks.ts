import type { WalkedRules } from '../kernel/log-row.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { networkOf } from './packet.ts'
import type { Walk } from './walk.ts'

/** Walks one behind the other that are known, call nothing and end well: for another packet they are a count, a mark and a row. */
export class KnownWalks {
  private readonly walks: readonly Walk[]
  private readonly ways: readonly WalkedRules[]
  private readonly events: number
  private readonly last: Walk | undefined
  private packets = 0
  private bytes = 0

  constructor(steps: readonly (Walk | undefined)[]) {
    this.walks = steps.filter((walk) => walk !== undefined)
    this.ways = this.walks.map((walk) => walk.way)
    this.events = this.ways.reduce((sum, { hits }) => sum + hits.length + 1, 0)
    this.last = this.walks.at(-1)
  }

  /** Another packet goes these ways. */
  again(skb: PacketBuffer, ns: NetNs, hook: number, dev: NetDevice | null): void {
    const { last } = this
    if (last === undefined) return
    this.packets++
    this.bytes += skb.tail - networkOf(skb)
    skb.mark = last.mark
    skb.ctinfo = last.ctinfo
    if (ns.log !== null) ns.log.passage(skb, dev, hook, this.ways, this.events)
  }

  /** Tells the walks of the packets since the last time. */
  settle(): void {
    const { packets, bytes } = this
    if (packets === 0) return
    this.packets = 0
    this.bytes = 0
    for (const walk of this.walks) walk.count(packets, bytes)
  }
}
