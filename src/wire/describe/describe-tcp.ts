// internal to the room

import { assertNever } from '../assert.ts'
import { checksumWithout } from '../checksum.ts'
import { toHex } from '../hex.ts'
import { IP_PROTOCOL } from '../protocols.ts'
import { TCP_FLAG, TCP_HEADER_LENGTH, TcpView } from '../tcp.ts'
import { readTcpOptions, type TcpOption } from '../tcp-options.ts'
import { type Around, cut, hex16, type Print } from './printer.ts'

const HTTP_PORTS: readonly number[] = [80, 8080, 3128]

/** The letters tcpdump prints for control bits, in its order. */
const FLAG_LETTERS: readonly (readonly [number, string])[] = [
  [TCP_FLAG.FIN, 'F'],
  [TCP_FLAG.SYN, 'S'],
  [TCP_FLAG.RST, 'R'],
  [TCP_FLAG.PSH, 'P'],
  [TCP_FLAG.ACK, '.'],
  [TCP_FLAG.URG, 'U'],
  [TCP_FLAG.ECE, 'E'],
  [TCP_FLAG.CWR, 'W'],
]

/** Control bits as tcpdump's letters, e.g. `S.` for SYN and ACK; `none` for none. */
export function tcpFlagLetters(flags: number): string {
  const letters = FLAG_LETTERS.filter(([bit]) => (flags & bit) !== 0).map(([, letter]) => letter)
  return letters.join('') || 'none'
}

/** A TCP segment in `bytes[at..end)`, with addresses and ports. */
export function describeTcp(print: Print, at: number, end: number, around: Around): string {
  if (end - at < 4) return `${around.source} > ${around.destination}:${cut('tcp')}`
  const view = new TcpView(print.bytes, at)
  const head = `${around.source}.${view.sourcePort} > ${around.destination}.${view.destinationPort}: `
  if (end - at < TCP_HEADER_LENGTH) return head + cut('tcp')
  const length = around.end - at - view.headerLength
  if (view.headerLength < TCP_HEADER_LENGTH || length < 0) {
    const wrong = view.headerLength < TCP_HEADER_LENGTH ? 'too short, < 20' : `too long, > ${around.end - at}`
    return `${head}Flags [${tcpFlagLetters(view.flags)}] [bad hdr length ${view.headerLength} - ${wrong}]`
  }
  const parts = [`Flags [${tcpFlagLetters(view.flags)}]`]
  const sum = checksumText(print, view, end, around)
  if (sum !== '') parts.push(sum)
  if (length > 0 || (view.flags & (TCP_FLAG.SYN | TCP_FLAG.FIN | TCP_FLAG.RST)) !== 0)
    parts.push(sequenceText(view, length))
  if ((view.flags & TCP_FLAG.ACK) !== 0) parts.push(`ack ${view.acknowledgment}`)
  parts.push(`win ${view.window}`)
  if ((view.flags & TCP_FLAG.URG) !== 0) parts.push(`urg ${view.urgentPointer}`)
  if (view.payloadAt > end) return `${head}${parts.join(', ')}, options [${cut('tcp')}`
  if (view.headerLength > TCP_HEADER_LENGTH) {
    const options = readTcpOptions(print.bytes, view.optionsAt, view.payloadAt)
    parts.push(`options [${options.map(optionText).join(',')}]`)
  }
  parts.push(`length ${length}`)
  return head + parts.join(', ') + payloadText(print, view, end)
}

function sequenceText(view: TcpView, length: number): string {
  return `seq ${view.sequence}${length > 0 ? `:${(view.sequence + length) >>> 0}` : ''}`
}

function checksumText(print: Print, view: TcpView, end: number, around: Around): string {
  if (!print.options.verbose || around.fragment || end !== around.end) return ''
  const pseudo = around.pseudo(IP_PROTOCOL.TCP, end - view.at)
  const text = `cksum ${hex16(view.checksum)}`
  if (view.checksumHolds(end, pseudo)) return `${text} (correct)`
  return `${text} (incorrect -> ${hex16(checksumWithout(print.bytes, view.at, end, view.at + 16, pseudo))})`
}

function optionText(option: TcpOption): string {
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
      return `sack ${option.blocks.length} ${option.blocks.map(([left, right]) => `{${left}:${right}}`).join('')}`
    case 'timestamps':
      return `TS val ${option.value} ecr ${option.echo}`
    case 'unknown':
      return `unknown-${option.number}${option.data.length === 0 ? '' : ` 0x${toHex(option.data)}`}`
    default:
      return assertNever(option)
  }
}

/** What is behind the header, where tcpdump knows it by its port: HTTP, with its first line when it is one. */
function payloadText(print: Print, view: TcpView, end: number): string {
  const { bytes } = print
  if (view.payloadAt >= end) return ''
  if (!HTTP_PORTS.includes(view.sourcePort) && !HTTP_PORTS.includes(view.destinationPort)) return ''
  let line = ''
  for (let at = view.payloadAt; at < end && bytes[at] !== 0x0a; at++) line += String.fromCharCode(bytes[at]!)
  const known = /^(GET|HEAD|PUT|POST|OPTIONS|DELETE|PATCH|TRACE|CONNECT) |^HTTP\/[0-9]/.test(line)
  return known ? `: HTTP: ${line.replace(/\r$/, '')}` : ': HTTP'
}
