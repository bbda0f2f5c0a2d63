import { describeChange, type FrameHop, type Hop, type Trace } from '../trace/index.ts'
import { type PcapngInterface, type PcapngPacket, parseHex, writePcapng } from '../wire/index.ts'
import { noteLines } from './notes.ts'

/** How to write a capture file. */
export interface PcapngOptions {
  /** Time of the start of the run, in nanoseconds since 1970; 0 when left out. */
  readonly epoch?: bigint
}

/**
 * All frames as a capture file: an interface for every `namespace/interface`, directions, and a comment on each packet that
 * says why it is here.
 */
export function renderPcapng(trace: Trace, options: PcapngOptions = {}): Uint8Array {
  const indices = new Map<string, number>()
  const interfaces: PcapngInterface[] = []
  const packets: PcapngPacket[] = []
  for (let i = 0; i < trace.hops.length; i++) {
    const hop = trace.hops[i]!
    if (hop.kind !== 'tx' && hop.kind !== 'rx') continue
    const name = `${hop.netns}/${hop.dev}`
    const known = indices.get(name)
    if (known === undefined) {
      indices.set(name, interfaces.length)
      interfaces.push({ name, linkType: hop.linkType })
    }
    packets.push({
      interface: known ?? interfaces.length - 1,
      timestamp: (options.epoch ?? 0n) + BigInt(Math.round(hop.time)),
      bytes: parseHex(hop.bytes) ?? new Uint8Array(0),
      direction: hop.kind === 'tx' ? 'outbound' : 'inbound',
      comments: [commentOf(trace, hop, i)],
    })
  }
  const title = trace.title === '' ? trace.summary : `${trace.title}: ${trace.summary}`
  return writePcapng({ application: 'packetwalk', comments: [title, ...noteLines(trace)], interfaces, packets })
}

/** Why the packet is here, what changed, and, when its way ends here, how. */
function commentOf(trace: Trace, hop: FrameHop, at: number): string {
  const role = trace.packets.find((packet) => packet.id === hop.packet)?.role ?? 'other'
  const changes = hop.changes.map(describeChange)
  const end = endAfter(trace.hops, hop, at)
  const parts = [
    `packet ${hop.packet} (${role}): ${hop.reason}`,
    changes.length === 0 ? '' : `changed: ${changes.join(', ')}`,
    end === undefined ? '' : `then: ${end.reason}`,
  ]
  return parts.filter((part) => part !== '').join('; ')
}

/** The drop or delivery that follows a frame before the packet is seen again. */
function endAfter(hops: readonly Hop[], frame: FrameHop, at: number): Hop | undefined {
  for (let i = at + 1; i < hops.length; i++) {
    const hop = hops[i]!
    if (hop.packet !== frame.packet) continue
    if (hop.kind === 'tx' || hop.kind === 'rx') return undefined
    if (hop.kind === 'drop' || hop.kind === 'deliver') return hop
  }
  return undefined
}
