// internal to the room

import { assertNever } from '../assert.ts'
import { checksumWithout } from '../checksum.ts'
import { toHex } from '../hex.ts'
import { IP_PROTOCOL } from '../protocols.ts'
import { TCP_CHECKSUM, TCP_FLAG, TCP_HEADER_LENGTH, TcpView, tcpFlagLetters } from '../tcp.ts'
import { readTcpOptions, type TcpOption } from '../tcp-options.ts'
import { type Around, cut, hex16, type Print, portsText } from './printer.ts'
import type { TcpOrigin } from './tcp-connections.ts'

const HTTP_PORTS: readonly number[] = [80, 8080]
const BGP_PORT = 179

/** A TCP segment in `bytes[at..end)`, with addresses and ports. */
export function describeTcp(print: Print, at: number, end: number, around: Around): string {
  if (end - at < 4) return `${around.source} > ${around.destination}: ${cut('tcp')}`
  const view = new TcpView(print.bytes, at)
  const head = portsText(around, view.sourcePort, view.destinationPort)
  if (end - at < TCP_HEADER_LENGTH) return head + cut('tcp')
  const length = around.end - at - view.headerLength
  if (view.headerLength < TCP_HEADER_LENGTH || length < 0) {
    if (view.headerLength < TCP_HEADER_LENGTH) {
      return `${head} tcp ${length} [bad hdr length ${view.headerLength} - too short, < 20]`
    }
    const wrong = `too long, > ${around.end - at}`
    return `${head}Flags [${tcpFlagLetters(view.flags)}] [bad hdr length ${view.headerLength} - ${wrong}]`
  }
  const parts = [`Flags [${tcpFlagLetters(view.flags)}]`]
  const sum = checksumText(print, view, end, around)
  if (sum !== '') parts.push(sum)
  const origin = originOf(print, view, around)
  if (length > 0 || (view.flags & (TCP_FLAG.SYN | TCP_FLAG.FIN | TCP_FLAG.RST)) !== 0)
    parts.push(sequenceText((view.sequence - origin.own) >>> 0, length))
  if ((view.flags & TCP_FLAG.ACK) !== 0) parts.push(`ack ${(view.acknowledgment - origin.other) >>> 0}`)
  parts.push(`win ${view.window}`)
  if ((view.flags & TCP_FLAG.URG) !== 0) parts.push(`urg ${view.urgentPointer}`)
  if (view.payloadAt > end) {
    const texts = readTcpOptions(print.bytes, view.optionsAt, end).map((option) => `${optionText(option, origin)},`)
    return `${head}${parts.join(', ')}, options [${texts.join('')}${cut('tcp')}`
  }
  if (view.headerLength > TCP_HEADER_LENGTH) {
    const options = readTcpOptions(print.bytes, view.optionsAt, view.payloadAt)
    parts.push(`options [${options.map((option) => optionText(option, origin)).join(',')}]`)
  }
  parts.push(`length ${length}`)
  return head + parts.join(', ') + payloadText(print, view, end)
}

const ABSOLUTE: TcpOrigin = { own: 0, other: 0 }

/** What is subtracted from the numbers of a segment. */
function originOf({ options }: Print, view: TcpView, around: Around): TcpOrigin {
  if (options.connections === undefined || (view.flags & TCP_FLAG.ACK) === 0) return ABSOLUTE
  const source = `${around.source}.${view.sourcePort}`
  const destination = `${around.destination}.${view.destinationPort}`
  const syn = (view.flags & TCP_FLAG.SYN) !== 0
  return options.connections.see(source, destination, syn, view.sequence, view.acknowledgment) ?? ABSOLUTE
}

function sequenceText(sequence: number, length: number): string {
  return `seq ${sequence}${length > 0 ? `:${(sequence + length) >>> 0}` : ''}`
}

function checksumText(print: Print, view: TcpView, end: number, around: Around): string {
  if (!print.options.verbose || around.fragment || end !== around.end) return ''
  const pseudo = around.pseudo(IP_PROTOCOL.TCP, end - view.at)
  const text = `cksum ${hex16(view.checksum)}`
  if (view.checksumHolds(end, pseudo)) return `${text} (correct)`
  return `${text} (incorrect -> ${hex16(checksumWithout(print.bytes, view.at, end, view.at + TCP_CHECKSUM, pseudo))})`
}

function optionText(option: TcpOption, { other }: TcpOrigin): string {
  switch (option.kind) {
    case 'end':
      return 'eol'
    case 'nop':
      return 'nop'
    case 'mss':
      return `mss ${option.value}`
    case 'wscale':
      return `wscale ${option.shift}`
    case 'sackOk':
      return 'sackOK'
    case 'sack':
      return `sack ${option.blocks.length} ${option.blocks.map(([left, right]) => `{${(left - other) >>> 0}:${(right - other) >>> 0}}`).join('')}`
    case 'timestamps':
      return `TS val ${option.value} ecr ${option.echo}`
    case 'unknown':
      return `unknown-${option.number}${option.data.length === 0 ? '' : ` 0x${toHex(option.data)}`}`
    default:
      return assertNever(option)
  }
}

/** What is behind the header, as far as tcpdump knows it by flag or port: a reason for RST, HTTP, or just BGP. */
function payloadText(print: Print, view: TcpView, end: number): string {
  const { bytes, options } = print
  if (view.payloadAt >= end) return ''
  const text = String.fromCharCode(...bytes.subarray(view.payloadAt, Math.min(end, view.payloadAt + MAX_TEXT)))
  if ((view.flags & TCP_FLAG.RST) !== 0) return options.verbose ? ` [RST ${text}]` : ''
  const ports = [view.sourcePort, view.destinationPort]
  if (ports.includes(BGP_PORT)) return ': BGP'
  if (!HTTP_PORTS.some((port) => ports.includes(port))) return ''
  const known = /^(GET|HEAD|PUT|POST|OPTIONS|DELETE|PATCH|TRACE|CONNECT) |^HTTP\/[0-9]/.test(text)
  if (!known) return ': HTTP'
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  if (!options.verbose) return `: HTTP: ${lines[0]!}`
  const shown = lines.at(-1) === '' ? lines.slice(0, -1) : lines
  return `: HTTP, length: ${end - view.payloadAt}${shown.map((line) => `\n\t${line}`).join('')}`
}

/** No more of a payload than this is turned into text. */
const MAX_TEXT = 4096
