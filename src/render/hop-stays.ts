import type { FrameHop, Hop, Trace } from '../trace/index.ts'
import { switchesOf } from './visible.ts'

/** One stay of a packet: it comes in by one interface of a namespace and leaves by another. What the view of one line a hop counts. */
export interface Stay {
  /** Namespace. */
  readonly netns: string
  /** Interface it came in by; '' where it was made. */
  readonly from: string
  /** Interface it left by; '' where its way ended. */
  readonly to: string
  /** What happened between. */
  readonly hops: readonly Hop[]
  /** The frame that left; absent when none did. */
  readonly sent?: FrameHop
}

/** The stays of one packet, in order. Switches are wires, unless they lose the packet. A tunnel device is an interface like others, so a tunnel takes two stays. */
export function staysOf(trace: Trace, packet: number): readonly Stay[] {
  const hidden = switchesOf(trace)
  const collector = new Collector()
  const chain = chainOf(trace, packet)
  for (const hop of trace.hops)
    if (chain.has(hop.packet) && (!hidden.has(hop.netns) || isLoss(hop))) collector.take(hop)
  collector.end()
  return collector.stays
}

/** The packet, and of its fragments the one that tells most: that which was lost, or else the one that went on as the whole. */
export function chainOf(trace: Trace, packet: number): ReadonlySet<number> {
  const chain = new Set([packet])
  for (let at: number | undefined = packet; at !== undefined; ) {
    const pieces = trace.packets.filter((one) => one.parent === at && !chain.has(one.id))
    const lost = pieces.find((one) => one.end === 'dropped')
    const wentOn = pieces.filter((one) => one.end !== 'reassembled').at(-1)
    at = (lost ?? wentOn ?? pieces.at(-1))?.id
    if (at !== undefined) chain.add(at)
  }
  return chain
}

/** What is lost inside a switch is lost there, not on a wire. */
function isLoss(hop: Hop): boolean {
  return hop.kind === 'drop' && !hop.harmless
}

interface Open {
  readonly netns: string
  readonly from: string
  readonly hops: Hop[]
}

class Collector {
  readonly stays: Stay[] = []
  private open: Open | undefined

  take(hop: Hop): void {
    const here = this.open?.netns === hop.netns ? this.open : undefined
    if (hop.kind === 'rx') {
      this.close(here === undefined ? '' : hop.dev)
      this.open = { netns: hop.netns, from: hop.dev, hops: [] }
    } else if (hop.kind === 'tx') {
      this.close(hop.dev, hop)
      this.open = { netns: hop.netns, from: hop.dev, hops: [] }
    } else {
      if (here === undefined) this.end()
      this.open ??= { netns: hop.netns, from: '', hops: [] }
      this.open.hops.push(hop)
    }
  }

  /** The packet has left, or its way ends here: an open stay without anything in it is only the wire. */
  end(): void {
    if (this.open !== undefined && this.open.hops.length > 0) this.stays.push({ ...this.open, to: '' })
    this.open = undefined
  }

  private close(to: string, sent?: FrameHop): void {
    if (to === '') {
      this.end()
      return
    }
    const netns = sent?.netns ?? this.open?.netns ?? ''
    const open = this.open?.netns === netns ? this.open : { netns, from: '', hops: [] }
    this.stays.push({ ...open, to, ...(sent === undefined ? {} : { sent }) })
    this.open = undefined
  }
}
