// internal to the room
import { readU24 } from '../bytes.ts'
import { checksumWithout } from '../checksum.ts'
import { DNS_PORT } from '../dns.ts'
import { hexNumber } from '../hex.ts'
import { IP_PROTOCOL } from '../protocols.ts'
import { UDP_CHECKSUM, UDP_HEADER_LENGTH, UdpView } from '../udp.ts'
import { VXLAN_FLAG_VNI, VXLAN_HEADER_LENGTH, VXLAN_PORT, VxlanView } from '../vxlan.ts'
import { describeDns } from './dns.ts'
import { type Around, cut, hex16, inside, type Print, portsText } from './printer.ts'

/** The port Linux gives VXLAN when none is said; tcpdump reads OTV there. */
const OTV_PORT = 8472
/** Offsets of OTV's overlay and instance, three bytes each; it has the length and the flags of VXLAN. */
const OTV_OVERLAY = 1
const OTV_INSTANCE = 4

/** A UDP datagram in `bytes[at..end)`, with addresses and ports. */
export function describeUdp(print: Print, at: number, end: number, around: Around): string {
  if (end - at < 4) return `${around.source} > ${around.destination}: ${cut('udp')}`
  const view = new UdpView(print.bytes, at)
  const head = portsText(around, view.sourcePort, view.destinationPort)
  if (end - at < UDP_HEADER_LENGTH) return head + cut('udp')
  const length = view.length
  if (length < UDP_HEADER_LENGTH) return `${head}truncated-udplength ${length}`
  const inPacket = around.end - at - UDP_HEADER_LENGTH
  const stop = Math.min(end, at + length)
  const sum = checksumText(print, view, stop, around)
  const ports = [view.sourcePort, view.destinationPort]
  if (ports.includes(VXLAN_PORT)) return `${head}${sum}VXLAN${vxlanText(print, view.payloadAt, stop)}`
  if (ports.includes(OTV_PORT)) return `${head}${sum}OTV, ${otvText(print, view.payloadAt, stop)}`
  if (ports.includes(DNS_PORT) && stop - at === length) {
    const text = describeDns(print.bytes.subarray(view.payloadAt, stop), print.options.verbose === true)
    if (text !== undefined) return `${head}${sum}${text}`
  }
  const whole = around.fragment || length - UDP_HEADER_LENGTH <= inPacket
  return `${head}${sum}UDP, ${whole ? '' : 'bad '}length ${length - UDP_HEADER_LENGTH}${whole ? '' : ` > ${inPacket}`}`
}

/** tcpdump judges UDP over IPv4 only at -vv; over IPv6, where a checksum must be, at -v. */
function checksumText(print: Print, view: UdpView, end: number, around: Around): string {
  if (!print.options.verbose || !around.source.includes(':') || around.fragment) return ''
  if (end !== view.at + view.length) return ''
  const pseudo = around.pseudo(IP_PROTOCOL.UDP, view.length)
  if (view.checksum !== 0 && view.checksumHolds(pseudo)) return '[udp sum ok] '
  const right = checksumWithout(print.bytes, view.at, end, view.at + UDP_CHECKSUM, pseudo)
  return `[bad udp cksum ${hex16(view.checksum)} -> ${hex16(right)}!] `
}

function vxlanText(print: Print, at: number, end: number): string {
  if (end - at < VXLAN_HEADER_LENGTH) return ' (invalid)'
  const view = new VxlanView(print.bytes, at)
  const flag = (view.flags & VXLAN_FLAG_VNI) === 0 ? 'invalid' : 'I'
  return `, flags [${flag}] (0x${hexNumber(view.flags, 2)}), vni ${view.vni}\n${inside(print, 'frame', view.payloadAt, end)}`
}

function otvText(print: Print, at: number, end: number): string {
  if (end - at < VXLAN_HEADER_LENGTH) return `[length ${Math.max(0, end - at)} < 8] (invalid)`
  const flags = print.bytes[at]!
  const instance = readU24(print.bytes, at + OTV_INSTANCE)
  const head = `flags [${(flags & VXLAN_FLAG_VNI) === 0 ? '.' : 'I'}] (0x${hexNumber(flags, 2)})`
  return `${head}, overlay ${readU24(print.bytes, at + OTV_OVERLAY)}, instance ${instance}\n${inside(print, 'frame', at + VXLAN_HEADER_LENGTH, end)}`
}
