import { checkOptions, printable, printableLines } from '../model/index.ts'
import type { FrameHop, Trace } from '../trace/index.ts'
import { checkTrace } from '../trace/index.ts'
import { type DescribeOptions, describeFrame, parseHex, TcpConnections } from '../wire/index.ts'
import { framesAt } from './capture-points.ts'
import type { PcapngOptions } from './pcapng.ts'
import { timeText } from './time.ts'

/** What to print, in the flags of tcpdump. */
export interface TcpdumpOptions extends Omit<DescribeOptions, 'connections'> {
  /** Only what this takes; every device when left out. */
  readonly at?: NonNullable<PcapngOptions['at']>
  /** Only this namespace. */
  readonly netns?: string
  /** Only this interface. */
  readonly dev?: string
}

/** The frames of one interface as tcpdump prints them. */
export interface TcpdumpInterface {
  /** Namespace. */
  readonly netns: string
  /** Interface. */
  readonly dev: string
  /** Lines with times, in order. */
  readonly lines: readonly string[]
}

/** Frames as `tcpdump -nn` prints them, interface by interface, in order of first use; each interface is a capture of its own. */
export function tcpdumpOf(trace: Trace, options: TcpdumpOptions = {}): readonly TcpdumpInterface[] {
  const interfaces = new Map<string, { netns: string; dev: string; lines: string[]; connections: TcpConnections }>()
  for (const { hop } of framesAt(trace, options.at ?? 'all')) {
    if ((options.netns ?? hop.netns) !== hop.netns || (options.dev ?? hop.dev) !== hop.dev) continue
    const key = `${hop.netns} ${hop.dev}`
    const one = interfaces.get(key) ?? {
      netns: hop.netns,
      dev: hop.dev,
      lines: [],
      connections: new TcpConnections(),
    }
    interfaces.set(key, one)
    one.lines.push(tcpdumpLine(hop, { ...options, connections: one.connections }))
  }
  return [...interfaces.values()].map(({ netns, dev, lines }) => ({ netns, dev, lines }))
}

/** A frame as tcpdump prints it, with its time. */
function tcpdumpLine(hop: FrameHop, options: DescribeOptions): string {
  const bytes = parseHex(hop.bytes) ?? new Uint8Array(0)
  return printableLines(`${timeText(hop.time)} ${describeFrame(bytes, hop.linkType, options)}`)
}

/** All interfaces under one another, a heading before each unless there is only one. */
export function renderTcpdump(trace: Trace, options: TcpdumpOptions = {}): string {
  checkTrace(trace)
  checkOptions(options)
  const interfaces = tcpdumpOf(trace, options)
  const blocks = interfaces.map(({ netns, dev, lines }) => {
    const text = `${lines.join('\n')}\n`
    return interfaces.length === 1 ? text : `${printable(`${netns} ${dev}`)}\n${text}`
  })
  return blocks.join('\n')
}
