import type { Tap } from '../dataplane/index.ts'
import { didYouMean } from '../model/index.ts'
import {
  cookedFrame,
  describeFrame,
  LINK_TYPE,
  LINUX_SLL2,
  type LinkType,
  TcpConnections,
  writePcapng,
} from '../wire/index.ts'
import type { Host } from './host.ts'
import { compileFilter, type FrameFilter } from './pcap-filter.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'

interface CapturedFrame {
  readonly time: number
  readonly direction: 'in' | 'out'
  readonly dev: string
  readonly linkType: LinkType
  readonly bytes: Uint8Array
}

/** What `tcpdump` was asked. */
interface CaptureRequest {
  readonly dev: string | null
  readonly count: number
  readonly file: string | null
  readonly verbose: boolean
  readonly link: boolean
  /** `-S`: TCP numbers as they are. */
  readonly absolute: boolean
  readonly filter: FrameFilter
}

/** A `tcpdump … &` that is watching. */
export class Capture {
  /** The command line. */
  readonly title: string
  private readonly host: Host
  private readonly request: CaptureRequest
  private readonly frames: CapturedFrame[] = []
  private printedFrames = 0
  private readonly connections = new TcpConnections()
  private readonly tap: Tap

  constructor(host: Host, title: string, request: CaptureRequest) {
    this.host = host
    this.title = title
    this.request = request
    this.tap = (dev, direction, bytes, start, end) => {
      if (dev.ns.name !== host.netns || (request.dev !== null && dev.name !== request.dev)) return
      if (this.isFull || !request.filter(bytes.subarray(start, end), dev.linkType as LinkType)) return
      const time = host.lab.simulation.clock.now
      this.frames.push({
        time,
        direction,
        dev: dev.name,
        linkType: dev.linkType as LinkType,
        bytes: bytes.slice(start, end),
      })
    }
    host.lab.simulation.taps.push(this.tap)
  }

  /** It has as many frames as `-c` asked for. */
  get isFull(): boolean {
    return this.frames.length >= this.request.count
  }

  /** Lines of the frames seen since the last call; nothing while they go to a file. */
  fresh(): string {
    if (this.request.file !== null) return ''
    const { verbose, link, dev, absolute } = this.request
    const options = { verbose, link, ...(absolute ? {} : { connections: this.connections }) }
    const lines = this.frames.slice(this.printedFrames).map((f) => {
      const where = dev === null ? `${f.dev.padEnd(5)} ${f.direction === 'in' ? 'In ' : 'Out'} ` : ''
      return `${clockText(f.time)} ${where}${describeFrame(f.bytes, f.linkType, options)}\n`
    })
    this.printedFrames = this.frames.length
    return lines.join('')
  }

  /** Stops watching: the rest of the lines, the account, and the file if one was asked for. */
  stop(): Run {
    const { taps } = this.host.lab.simulation
    taps.splice(taps.indexOf(this.tap), 1)
    const stdout = this.fresh()
    const stderr = `${this.frames.length} packets captured\n`
    const ended = printed(stdout, stderr)
    if (this.request.file === null) return ended
    return { ...ended, files: [{ name: this.request.file, bytes: this.pcapng() }] }
  }

  private pcapng(): Uint8Array {
    const names = [...new Set(this.frames.map((f) => f.dev))]
    const isCooked = new Set(this.frames.map((f) => f.linkType)).size > 1
    const interfaces = names.map((name) => ({
      name: `${this.host.netns}/${name}`,
      linkType: isCooked ? LINUX_SLL2 : (this.frames.find((f) => f.dev === name)?.linkType ?? LINK_TYPE.ETHERNET),
    }))
    const packets = this.frames.map((f) => ({
      interface: names.indexOf(f.dev),
      timestamp: BigInt(f.time),
      direction: f.direction === 'in' ? ('inbound' as const) : ('outbound' as const),
      bytes: isCooked ? cookedFrame(f.bytes, f.linkType, names.indexOf(f.dev) + 1, f.direction === 'out') : f.bytes,
    }))
    return writePcapng({ interfaces, packets })
  }
}

function clockText(nanoseconds: number): string {
  const us = Math.floor(nanoseconds / 1000)
  const two = (n: number): string => String(n).padStart(2, '0')
  const seconds = Math.floor(us / 1_000_000)
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${String(us % 1_000_000).padStart(6, '0')}`
}

/** Letters together of which the last takes a value, as in `-ni eth0`: apart. */
function apart(word: string): string[] {
  const { plain, valued } = /^-(?<plain>[nltSvepq]+)(?<valued>[icw])$/.exec(word)?.groups ?? {}
  return plain === undefined || valued === undefined ? [word] : [`-${plain}`, `-${valued}`]
}

/** Understands `tcpdump -i IF [-n] [-e] [-v] [-c N] [-w FILE] [filter]`; a result when it cannot be started. */
export function startCapture(host: Host, words: readonly string[], title: string): Capture | Run {
  let dev: string | null = null
  let count = Number.POSITIVE_INFINITY
  let file: string | null = null
  let verbose = false
  let link = false
  let absolute = false
  const filterWords: string[] = []
  const given = words.flatMap(apart)
  for (let i = 1; i < given.length; i++) {
    const word = given[i] as string
    if (word === '-i') dev = given[++i] ?? ''
    else if (word === '-c') count = Number(given[++i])
    else if (word === '-w') file = given[++i] ?? ''
    else if (/^-[nltSvepq]+$/.test(word)) {
      verbose ||= word.includes('v')
      link ||= word.includes('e')
      absolute ||= word.includes('S')
    } else if (word.startsWith('-'))
      return failed(`tcpdump: packetwalk does not know ${word}; it knows -i -n -e -v -c -w`)
    else filterWords.push(word)
  }
  if (dev === 'any') dev = null
  else if (dev === null) dev = Object.keys(host.model.interfaces).find((name) => name !== 'lo') ?? 'lo'
  if (dev !== null && host.model.interfaces[dev] === undefined) {
    return failed(
      `tcpdump: ${dev}: No such device exists (packetwalk: ${didYouMean(dev, Object.keys(host.model.interfaces))})`,
    )
  }
  if (Number.isNaN(count) || count <= 0) return failed('tcpdump: -c expects a number above 0')
  const filter = compileFilter(filterWords)
  if (typeof filter === 'string') return failed(`tcpdump: can't parse filter expression: ${filter} is not understood`)
  return new Capture(host, title, { dev, count, file, verbose, link, absolute, filter })
}

/** The line tcpdump begins with. */
export function captureBanner(words: readonly string[]): Run {
  const given = words.flatMap(apart)
  const dev = given[given.indexOf('-i') + 1] ?? 'any'
  return printed(
    `listening on ${given.includes('-i') ? dev : 'the first interface'}; frames of the next commands are printed; stop with: fg\n`,
  )
}
