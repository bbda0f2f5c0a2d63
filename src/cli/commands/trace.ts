import { invalid, type Lab, type PortWord, splitPort, type Transport } from '../../lab/index.ts'
import { cablePeer, type NetworkData, printable } from '../../model/index.ts'
import {
  type CaptureAt,
  escapeXml,
  noteLine,
  renderHtml,
  renderMermaid,
  renderPcapng,
  renderSteps,
  renderSvg,
  renderTcpdump,
  renderText,
  type TextView,
} from '../../render/index.ts'
import type { Run } from '../../shell/index.ts'
import { type Trace, traceToJson } from '../../trace/index.ts'
import { captureAt, isFolder, writeCaptures } from '../capture.ts'
import type { TRACE_FORMATS } from '../choices.ts'
import { EXIT, NotEnoughInformation } from '../exit.ts'
import { nextLines } from '../next-line.ts'
import { namespaceOf, openLab, type SourceOptions } from '../open-lab.ts'
import { checkOutput, writeOutput } from '../output-file.ts'
import { checkForm, type PictureFlags, themeOf, tracePicture } from '../picture-flags.ts'
import { sourceTexts } from '../source-texts.ts'
import { standardError, standardOutput } from '../standard-stream.ts'
import { columnsOf, styleFor } from '../terminal.ts'

/** Options of `packetwalk trace`. */
export interface TraceOptions extends SourceOptions, PictureFlags {
  /** Where the packet starts. */
  readonly from?: string
  /** Where it goes, with `:PORT` for TCP and `:PORT/udp` for UDP. */
  readonly to?: string
  /** Form. */
  readonly output: (typeof TRACE_FORMATS)[number]
  /** How often `-v` was given. */
  readonly verbose: number
  /** `--view`; decided by `-v` and by where the text goes when left out. */
  readonly view?: TextView
  /** `-w`. */
  readonly write?: string
  /** `--at`. */
  readonly at?: string
  /** `--size`. */
  readonly size?: number
  /** `--ttl`. */
  readonly ttl?: number
  /** `--tcp`. */
  readonly tcp?: boolean
  /** `--udp`. */
  readonly udp?: boolean
  /** `--sctp`. */
  readonly sctp?: boolean
  /** `--protocol`. */
  readonly protocol?: number
  /** `--source-port`. */
  readonly sourcePort?: number
  /** False for `--no-server`. */
  readonly server?: boolean
  /** `--df`. */
  readonly df?: boolean
}

/** Follows one packet and prints its life. */
export function traceCommand(options: TraceOptions): number {
  checkForm('theme', options, options.output, ['svg', 'html', 'steps'])
  checkForm('width', options, options.output, ['svg'], 'html and steps are as wide as the window they are looked at in')
  const { lab } = openLab(options)
  const at = placeOf(lab, options)
  if (options.write !== undefined && !isFolder(options.write)) checkOutput(options.write)
  const run = send(lab, endsOf(lab, options), options)
  write({ trace: run.trace, network: lab.simulation.network }, options, at)
  return statusOf(run, options)
}

/** Where frames are taken, for the forms that are made of frames. */
function placeOf(lab: Lab, options: TraceOptions): CaptureAt | undefined {
  const { at, output, write: file } = options
  const isOfFrames = output === 'pcapng' || output === 'tcpdump' || (output === 'text' && file !== undefined)
  if (file !== undefined && isFolder(file) && !(output === 'text' || output === 'pcapng'))
    throw invalid('a file; a folder is for capture files', `-o ${output} -w ${file}`)
  if (at === undefined) return undefined
  if (!isOfFrames) throw invalid('--at with -w FILE, -o pcapng or -o tcpdump', `-o ${output}`)
  return captureAt(lab, at, namespaceOf(options))
}

/** An answer that could be otherwise is none. What the text says anyway is said here for the other forms. */
function statusOf(run: Run, options: TraceOptions): number {
  const isText = options.output === 'text'
  for (const note of isText || options.quiet === true ? [] : run.notes) {
    standardError.write(`packetwalk: ${printable(noteLine(note))}\n`)
  }
  if (run.certainty === 'undecided') return EXIT.unknown
  return run.ok ? EXIT.ok : EXIT.failed
}

function send(lab: Lab, { from, to, port }: Ends, options: TraceOptions): Run {
  const size = options.size === undefined ? {} : { size: options.size }
  const ttl = options.ttl === undefined ? {} : { ttl: options.ttl }
  const { server = true, df = false, protocol } = options
  if (protocol !== undefined) {
    if (port !== undefined) throw invalid('no port behind --to: a bare protocol has none', `:${port.number}`)
    return lab.raw(from, to, protocol, { ...size, ...ttl, dontFragment: df, server })
  }
  if (port === undefined) return lab.ping(from, to, { ...size, ...ttl, ...(df ? { pmtudisc: 'do' as const } : {}) })
  const source = options.sourcePort === undefined ? {} : { sourcePort: options.sourcePort }
  const common = { ...ttl, ...source, dontFragment: df, server }
  if (port.protocol === 'udp') return lab.udp(from, to, port.number, { ...size, ...common })
  const request = options.size === undefined ? {} : { request: options.size }
  return lab.tcp(from, to, port.number, { ...request, ...common })
}

/** What is asked for by flags that do not go together, or that nobody can send. */
function checkProtocol({ tcp, udp, sctp, protocol, sourcePort }: TraceOptions, port: PortWord | undefined): void {
  if (sctp === true) throw invalid('TCP, UDP (--udp) or a bare protocol (--protocol 132): SCTP is not sent', '--sctp')
  const given = [tcp === true ? '--tcp' : '', udp === true ? '--udp' : '', protocol === undefined ? '' : '--protocol']
  const flags = given.filter((flag) => flag !== '')
  if (flags.length > 1) throw invalid('one protocol', flags.join(' and '))
  const [flag] = flags
  const said = port?.protocol
  if (flag === '--tcp' && (port === undefined || said === 'udp'))
    throw invalid('a TCP port behind --to, e.g. default/web-0:80', port === undefined ? 'none' : `${port.port}/udp`)
  if (flag === '--udp' && (port === undefined || said === 'tcp'))
    throw invalid('a UDP port behind --to, e.g. default/web-0:53', port === undefined ? 'none' : `${port.port}/tcp`)
  if (sourcePort !== undefined && port === undefined)
    throw invalid('a port behind --to beside --source-port', 'none: a ping has no ports')
}

interface Ends {
  readonly from: string
  readonly to: string
  readonly port: { readonly number: number; readonly protocol: Transport } | undefined
}

/** Both ends by the names they are found again; those left out are chosen: two pods on different nodes, if there are two. */
function endsOf(lab: Lab, options: TraceOptions): Ends {
  const namespace = namespaceOf(options)
  const split = options.to === undefined ? { to: undefined, port: undefined } : splitPort(options.to)
  checkProtocol(options, split.port)
  const said = (word: string | undefined): string | undefined =>
    word === undefined ? undefined : lab.endpoint(word, namespace).label
  const [saidFrom, to] = [said(options.from), said(split.to)]
  const chosen =
    saidFrom !== undefined && to !== undefined ? { from: saidFrom, to } : choose(lab, namespace, saidFrom, to)
  const isSaid = chosen.from === options.from && chosen.to === split.to
  if (!isSaid && options.quiet !== true) {
    const hint = options.from === undefined && split.to === undefined ? ' (choose with --from and --to)' : ''
    standardError.write(`packetwalk: from ${printable(chosen.from)} to ${printable(chosen.to)}${hint}\n`)
  }
  const { port } = split
  if (port === undefined) return { ...chosen, port }
  const protocol = options.udp === true ? 'udp' : options.tcp === true ? 'tcp' : port.protocol
  return { ...chosen, port: lab.port(chosen.to, port.port, protocol) }
}

function choose(
  lab: Lab,
  namespace: string | undefined,
  saidFrom: string | undefined,
  to: string | undefined,
): { readonly from: string; readonly to: string } {
  const pods = [...(lab.cluster?.workloadEndpoints ?? [])]
    .filter((pod) => namespace === undefined || pod.namespace === namespace)
    .sort((a, b) => rank(a.namespace) - rank(b.namespace))
  const names = pods.length > 0 ? pods.map((p) => p.netns) : withoutObjects(lab)
  const nodeOf = (netns: string | undefined): string | undefined =>
    pods.find((p) => p.netns === netns)?.node ?? cablePeer(lab.network, netns ?? '', 'eth0')?.netns
  const from = saidFrom ?? names.find((n) => n !== to)
  const other = names.find((n) => n !== from && nodeOf(n) !== nodeOf(from)) ?? names.find((n) => n !== from)
  const chosen = to ?? other
  if (from !== undefined && chosen !== undefined) return { from, to: chosen }
  throw new NotEnoughInformation('there are not two endpoints to choose from; say --from and --to')
}

/** Names in a network that was not built from objects: pods before nodes before the rest. */
function withoutObjects(lab: Lab): string[] {
  const order = ['pod', 'container', 'node', 'host', 'external', 'router']
  const all = Object.values(lab.network.namespaces).filter((ns) => ns.role !== 'switch')
  return all.sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role)).map((ns) => ns.name)
}

/** Pods of users before those of the system. */
function rank(namespace: string): number {
  if (namespace === 'default') return 0
  return namespace.startsWith('kube-') || namespace.startsWith('calico-') ? 2 : 1
}

/** What is written: the trace, and the network it ran in. */
interface Answer {
  readonly trace: Trace
  readonly network: NetworkData
}

/** `-w` without `-o` writes packets, as tcpdump would, and prints the text all the same. */
function write(answer: Answer, options: TraceOptions, at: CaptureAt | undefined): void {
  const { trace } = answer
  const { write: file, output, quiet } = options
  const isCapture = output === 'pcapng' || (output === 'text' && file !== undefined)
  if (file === undefined) {
    standardOutput.write(isCapture ? captured(trace, at) : form(answer, options, at))
    return
  }
  const count = isFolder(file) ? writeCaptures(file, trace, at) : undefined
  if (count === undefined) writeOutput(file, isCapture ? captured(trace, at) : form(answer, options, at))
  if (output !== 'text') return
  standardOutput.write(text(answer, options))
  const what = count === undefined ? file : `${count} files to ${file}`
  if (quiet !== true) standardError.write(`packetwalk: wrote ${printable(what)}\n`)
}

function captured(trace: Trace, at: CaptureAt | undefined): Uint8Array {
  return renderPcapng(trace, at === undefined ? {} : { at })
}

/** `-v` and `-vv` are the deeper views; without them a line a hop, and in a file or a pipe the frames below. */
function viewOf({ view, verbose }: TraceOptions): TextView {
  if (view !== undefined) return view
  if (verbose === 0) return standardOutput.terminal?.isTTY ? 'hops' : 'both'
  return verbose === 1 ? 'reasons' : 'bytes'
}

function text({ trace, network }: Answer, options: TraceOptions): string {
  const { terminal } = standardOutput
  const [view, style, width] = [viewOf(options), styleFor(terminal), columnsOf(terminal)]
  const body = renderText(trace, { view, style, width, network })
  if ((view !== 'hops' && view !== 'both') || options.quiet === true) return body
  const next = nextLines(trace, options, width).map((line) => `${style('minor', line)}\n`)
  return `${body}${next.join('')}`
}

function form(answer: Answer, options: TraceOptions, at: CaptureAt | undefined): string {
  const { trace } = answer
  switch (options.output) {
    case 'json':
      return `${traceToJson(trace)}\n`
    case 'mermaid':
      return renderMermaid(trace)
    case 'tcpdump':
      return renderTcpdump(trace, { verbose: options.verbose > 0, ...(at === undefined ? {} : { at }) })
    case 'svg':
      return renderSvg(trace, tracePicture(options))
    case 'html':
      return page(trace, options)
    case 'steps':
      return renderSteps(trace, { network: answer.network, sources: sourceTexts(trace), ...themeOf(options) })
    default:
      return text(answer, options)
  }
}

/** The trace as a page of its own. */
function page(trace: Trace, flags: PictureFlags): string {
  const head = `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>${escapeXml(trace.title)}</title>\n`
  return `${head}${renderHtml(trace, themeOf(flags))}\n</html>\n`
}
