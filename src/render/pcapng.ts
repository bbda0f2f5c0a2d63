import { checkOptions, checkText, pushTo } from '../model/index.ts'
import { checkTrace, describeChange, type FrameHop, type Hop, type Trace } from '../trace/index.ts'
import {
  cookedFrame,
  LINK_TYPE,
  LINUX_SLL2,
  type PcapngInterface,
  type PcapngPacket,
  parseHex,
  writePcap,
  writePcapng,
} from '../wire/index.ts'
import { type CapturedFrame, cablesOf, deviceName, framesAt } from './capture-points.ts'
import { noteLines } from './notes.ts'

/** How to write a capture file. */
export interface PcapngOptions {
  /** Time of the start of the run, in nanoseconds since 1970; 0 when left out. */
  readonly epoch?: bigint
  /**
   * Where the frames are taken; `wire` when left out.
   * `wire`: every packet once, on the cable between two machines where it crosses one, so that nothing looks sent twice;
   * `links`: on every cable, at one end; `all`: on every device; `NAMESPACE/DEVICE`: on that device.
   */
  readonly at?: 'wire' | 'links' | 'all' | `${string}/${string}`
}

/**
 * Frames as a capture file: an interface for every device, with what it is, directions, and a comment on each packet that says
 * why it is here. Where devices with and without link layer meet in a file, frames are cooked as `tcpdump -i any` does: libpcap
 * reads files of one link type only.
 */
export function renderPcapng(trace: Trace, options: PcapngOptions = {}): Uint8Array {
  checkTrace(trace)
  checkOptions(options)
  const at = options.at ?? 'wire'
  checkText('options.at', at, 'wire, all, links or NODE/DEV')
  const frames = framesAt(trace, at)
  const isCooked = new Set(frames.map(({ hop }) => hop.linkType)).size > 1
  const indices = new Map<string, number>()
  const interfaces: PcapngInterface[] = []
  const packets: PcapngPacket[] = []
  const describe = describer(trace)
  const written = new Set(frames.map(({ index }) => index))
  for (const { hop, index } of frames) {
    const name = deviceName(hop)
    const known = indices.get(name)
    if (known === undefined) {
      indices.set(name, interfaces.length)
      interfaces.push({ name, description: describe(hop), linkType: isCooked ? LINUX_SLL2 : hop.linkType })
    }
    const nth = known ?? interfaces.length - 1
    const bytes = bytesOf(hop)
    packets.push({
      interface: nth,
      timestamp: timeOf(hop, options),
      bytes: isCooked ? cookedFrame(bytes, hop.linkType, nth + 1, hop.kind === 'tx') : bytes,
      direction: hop.kind === 'tx' ? 'outbound' : 'inbound',
      comments: [commentOf(trace, hop, endAfter(trace.hops, hop, index, written))],
    })
  }
  // libpcap reads no file without an interface.
  if (interfaces.length === 0) interfaces.push({ name: at, linkType: LINK_TYPE.ETHERNET })
  const title = trace.title === '' ? trace.summary : `${trace.title}: ${trace.summary}`
  return writePcapng({ application: 'packetwalk', comments: [title, ...noteLines(trace)], interfaces, packets })
}

/** A classic capture file of one device. */
interface DeviceCapture {
  /** Its name: namespace and device, with `_` for what a file name had better not hold. */
  readonly name: string
  /** The file. */
  readonly bytes: Uint8Array
}

/** A classic capture file for every device, in order of first use. */
export function renderPcaps(trace: Trace, options: PcapngOptions = {}): DeviceCapture[] {
  const devices = new Map<string, CapturedFrame[]>()
  for (const frame of framesAt(trace, options.at ?? 'all')) pushTo(devices, deviceName(frame.hop), frame)
  const taken = new Set<string>()
  return [...devices].map(([device, frames]) => {
    const packets = frames.map(({ hop }) => ({ timestamp: timeOf(hop, options), bytes: bytesOf(hop) }))
    return { name: fileName(device, taken), bytes: writePcap(frames[0]?.hop.linkType ?? 0, packets) }
  })
}

/** A name of its own for each device: `node01_eth0.pcap`. */
function fileName(device: string, taken: Set<string>): string {
  const plain = device
    .replace(/[^A-Za-z0-9.-]/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, LONGEST_NAME)
  let name = `${plain}.pcap`
  for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${plain}-${n}.pcap`
  taken.add(name.toLowerCase())
  return name
}

/** Names longer than this do not fit every file system. */
const LONGEST_NAME = 200

function timeOf(hop: FrameHop, { epoch = 0n }: PcapngOptions): bigint {
  return epoch + BigInt(Math.round(hop.time))
}

function bytesOf(hop: FrameHop): Uint8Array {
  return parseHex(hop.bytes) ?? new Uint8Array(0)
}

/** What a device is: whose, and what its cable leads to. */
function describer(trace: Trace): (hop: FrameHop) => string {
  const roles = new Map(trace.nodes.map((node) => [node.name, node.role]))
  const peers = new Map([...cablesOf(trace)].flatMap(([one, other]) => [[one, other] as const, [other, one] as const]))
  return (hop) => {
    const role = roles.get(hop.netns) ?? 'unknown'
    const peer = peers.get(deviceName(hop))
    const owner = role === 'unknown' ? hop.netns : `${role} ${hop.netns}`
    return `${hop.dev} of ${owner}${peer === undefined ? '' : `, cable to ${peer}`}`
  }
}

/** Why the packet is here, what changed, and, when its way ends here, how. */
function commentOf(trace: Trace, hop: FrameHop, end: Hop | undefined): string {
  const role = trace.packets.find((packet) => packet.id === hop.packet)?.role ?? 'other'
  const changes = hop.changes.map(describeChange)
  const parts = [
    `packet ${hop.packet} (${role}): ${hop.reason}`,
    changes.length === 0 ? '' : `changed: ${changes.join(', ')}`,
    end === undefined ? '' : `then: ${end.reason}`,
  ]
  return parts.filter((part) => part !== '').join('; ')
}

/** The drop or delivery that follows a frame before the packet is in the file again. */
function endAfter(hops: readonly Hop[], frame: FrameHop, at: number, written: ReadonlySet<number>): Hop | undefined {
  for (let i = at + 1; i < hops.length; i++) {
    const hop = hops[i]!
    if (hop.packet !== frame.packet) continue
    if (written.has(i)) return undefined
    if (hop.kind === 'drop' || hop.kind === 'deliver') return hop
  }
  return undefined
}
