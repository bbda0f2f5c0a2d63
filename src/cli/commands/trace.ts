import { writeFileSync } from 'node:fs'
import type { Lab, Run } from '../../lab/index.ts'
import {
  renderHtml,
  renderMermaid,
  renderPcapng,
  renderSvg,
  renderTcpdump,
  renderText,
  type TextDepth,
} from '../../render/index.ts'
import { type Trace, traceToJson } from '../../trace/index.ts'
import { EXIT, NotEnoughInformation } from '../exit.ts'
import { openLab, type SourceOptions } from '../open-lab.ts'
import { styleFor } from '../terminal.ts'

/** Forms `trace -o` can take. */
export const TRACE_FORMATS = ['text', 'json', 'mermaid', 'tcpdump', 'pcapng', 'svg', 'html'] as const

/** Options of `packetwalk trace`. */
export interface TraceOptions extends SourceOptions {
  /** Where the packet starts. */
  readonly from?: string
  /** Where it goes, with `:PORT` for UDP. */
  readonly to?: string
  /** Form. */
  readonly output: (typeof TRACE_FORMATS)[number]
  /** How often `-v` was given. */
  readonly verbose: number
  /** `-w`. */
  readonly write?: string
  /** `--size`. */
  readonly size?: number
  /** `--ttl`. */
  readonly ttl?: number
  /** `--df`. */
  readonly df?: boolean
}

/** Follows one packet and prints its life. */
export function traceCommand(options: TraceOptions): number {
  const lab = openLab(options)
  const { from, to, port } = endsOf(lab, options)
  const run = send(lab, from, to, port, options)
  write(run.trace, options)
  if (options.output === 'text' && options.write !== undefined)
    process.stderr.write(`packetwalk: wrote ${options.write}\n`)
  return run.trace.ok ? EXIT.ok : EXIT.failed
}

function send(lab: Lab, from: string, to: string, port: number | undefined, options: TraceOptions): Run {
  const size = options.size === undefined ? {} : { size: options.size }
  const ttl = options.ttl === undefined ? {} : { ttl: options.ttl }
  const pmtudisc = options.df === true ? { pmtudisc: 'do' as const } : {}
  if (port === undefined) return lab.ping(from, to, { ...size, ...ttl, ...pmtudisc })
  return lab.udp(from, to, port, { ...size, ...ttl, ...pmtudisc })
}

interface Ends {
  readonly from: string
  readonly to: string
  readonly port: number | undefined
}

/** Both ends; those left out are chosen: two pods on different nodes, if there are two. */
function endsOf(lab: Lab, options: TraceOptions): Ends {
  const { to, port } = splitPort(options.to)
  if (options.from !== undefined && to !== undefined) return { from: options.from, to, port }
  const pods = [...(lab.cluster?.workloadEndpoints ?? [])].sort((a, b) => rank(a.namespace) - rank(b.namespace))
  const names = pods.length > 0 ? pods.map((p) => p.netns) : Object.keys(lab.network.namespaces)
  const from = options.from ?? names.find((n) => n !== to)
  const fromNode = pods.find((p) => p.netns === from)?.node
  const other = pods.find((p) => p.netns !== from && p.node !== fromNode)?.netns ?? names.find((n) => n !== from)
  const chosen = to ?? other
  if (from === undefined || chosen === undefined) {
    throw new NotEnoughInformation('there are not two endpoints to choose from; say --from and --to')
  }
  process.stderr.write(
    `packetwalk: from ${from} to ${chosen}${options.from === undefined && to === undefined ? ' (choose with --from and --to)' : ''}\n`,
  )
  return { from, to: chosen, port }
}

/** Pods of users before those of the system. */
function rank(namespace: string): number {
  if (namespace === 'default') return 0
  return namespace.startsWith('kube-') || namespace.startsWith('calico-') ? 2 : 1
}

/** `NS/POD:53`, `10.0.0.1:53`, `[fd00::1]:53`; without a port the whole word. */
function splitPort(word: string | undefined): { readonly to: string | undefined; readonly port: number | undefined } {
  if (word === undefined) return { to: undefined, port: undefined }
  const found = /^\[(.+)\]:(\d+)$/.exec(word) ?? /^([^:]+):(\d+)$/.exec(word)
  return found === null ? { to: word, port: undefined } : { to: found[1], port: Number(found[2]) }
}

function write(trace: Trace, options: TraceOptions): void {
  const bytes = options.output === 'pcapng' || options.write !== undefined ? formBytes(trace, options) : undefined
  if (options.write !== undefined) {
    writeFileSync(options.write, bytes ?? '')
    if (options.output === 'text')
      process.stdout.write(renderText(trace, { depth: depthOf(options.verbose), style: styleFor(process.stdout) }))
    return
  }
  process.stdout.write(bytes ?? form(trace, options))
}

/** `-w` without `-o` writes pcapng, as tcpdump would, and prints the text all the same. */
function formBytes(trace: Trace, options: TraceOptions): Uint8Array | string {
  return options.output === 'text' || options.output === 'pcapng' ? renderPcapng(trace) : form(trace, options)
}

function depthOf(verbose: number): TextDepth {
  if (verbose === 0) return 'minimal'
  return verbose === 1 ? 'summary' : 'detailed'
}

function form(trace: Trace, options: TraceOptions): string {
  switch (options.output) {
    case 'json':
      return `${traceToJson(trace)}\n`
    case 'mermaid':
      return renderMermaid(trace)
    case 'tcpdump':
      return renderTcpdump(trace, { verbose: options.verbose > 0 })
    case 'svg':
      return renderSvg(trace)
    case 'html':
      return renderHtml(trace)
    default:
      return renderText(trace, { depth: depthOf(options.verbose), style: styleFor(process.stdout) })
  }
}
