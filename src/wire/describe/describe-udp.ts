// internal to the room
import { readU24 } from '../bytes.ts'
import { checksumWithout } from '../checksum.ts'
import { hexNumber } from '../hex.ts'
import { IP_PROTOCOL } from '../protocols.ts'
import { UDP_HEADER_LENGTH, UdpView } from '../udp.ts'
import { VXLAN_HEADER_LENGTH, VXLAN_PORT, VxlanView } from '../vxlan.ts'
import { type Around, cut, hex16, type Print } from './printer.ts'

/** The port Linux gives VXLAN when none is said; tcpdump reads OTV there. */
const OTV_PORT = 8472

/** A UDP datagram in `bytes[at..end)`, with addresses and ports. */
export function describeUdp(print: Print, at: number, end: number, around: Around): string {
  if (end - at < UDP_HEADER_LENGTH) return `${around.source} > ${around.destination}:${cut('udp')}`
  const view = new UdpView(print.bytes, at)
  const head = `${around.source}.${view.sourcePort} > ${around.destination}.${view.destinationPort}: `
  const length = view.length
  if (length < UDP_HEADER_LENGTH) return `${head}truncated-udplength ${length}`
  const inPacket = around.end - at - UDP_HEADER_LENGTH
  const stop = Math.min(end, at + length)
  const sum = checksumText(print, view, stop, around)
  const ports = [view.sourcePort, view.destinationPort]
  if (ports.includes(VXLAN_PORT)) return `${head}${sum}VXLAN, ${vxlanText(print, view.payloadAt, stop)}`
  if (ports.includes(OTV_PORT)) return `${head}${sum}OTV, ${otvText(print, view.payloadAt, stop)}`
  const whole = around.fragment || length - UDP_HEADER_LENGTH <= inPacket
  return `${head}${sum}UDP, ${whole ? '' : 'bad '}length ${length - UDP_HEADER_LENGTH}${whole ? '' : ` > ${inPacket}`}`
}

/** tcpdump judges UDP over IPv4 only at -vv; over IPv6, where a checksum must be, at -v. */
function checksumText(print: Print, view: UdpView, end: number, around: Around): string {
  if (!print.options.verbose || !around.source.includes(':') || around.fragment) return ''
  if (view.checksum === 0) return '[no cksum] '
  if (end !== view.at + view.length) return ''
  const pseudo = around.pseudo(IP_PROTOCOL.UDP, view.length)
  if (view.checksumHolds(pseudo)) return '[udp sum ok] '
  const right = checksumWithout(print.bytes, view.at, end, view.at + 6, pseudo)
  return `[bad udp cksum ${hex16(view.checksum)} -> ${hex16(right)}!] `
}

function vxlanText(print: Print, at: number, end: number): string {
  if (end - at < VXLAN_HEADER_LENGTH) return cut('vxlan').trimStart()
  const view = new VxlanView(print.bytes, at)
  const flag = (view.flags & 0x08) === 0 ? 'invalid' : 'I'
  return `flags [${flag}] (0x${hexNumber(view.flags, 2)}), vni ${view.vni}\n${print.frame(print, view.payloadAt, end)}`
}

function otvText(print: Print, at: number, end: number): string {
  if (end - at < VXLAN_HEADER_LENGTH) return cut('otv').trimStart()
  const flags = print.bytes[at]!
  const instance = readU24(print.bytes, at + 4)
  const head = `flags [${(flags & 0x08) === 0 ? '.' : 'I'}] (0x${hexNumber(flags, 2)})`
  return `${head}, overlay ${readU24(print.bytes, at + 1)}, instance ${instance}\n${print.frame(print, at + 8, end)}`
}
