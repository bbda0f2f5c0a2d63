// IPv4 packets inside frames, however deep.
import type { FrameHop } from '../../src/trace/index.ts'
import { ETHERTYPE, Ipv4View, LINK_TYPE, parseHex, readU16, UdpView, VXLAN_PORT } from '../../src/wire/index.ts'

/** The bytes of a frame. */
export function bytesOf(frame: FrameHop): Uint8Array {
  return parseHex(frame.bytes)!
}

/** Where the network layer of a frame begins. */
export function networkOffset(frame: FrameHop): number {
  return frame.linkType === LINK_TYPE.ETHERNET ? 14 : 0
}

/** Every IPv4 header of a frame, outermost first; an empty list when the frame carries something else. */
export function headersIn(frame: FrameHop): Ipv4View[] {
  const bytes = bytesOf(frame)
  const ethernet = frame.linkType === LINK_TYPE.ETHERNET
  if (ethernet && readU16(bytes, 12) !== ETHERTYPE.IPV4) return []
  const headers: Ipv4View[] = []
  let at: number | undefined = networkOffset(frame)
  while (at !== undefined && at + 20 <= bytes.length && bytes[at]! >> 4 === 4) {
    const header: Ipv4View = new Ipv4View(bytes, at)
    headers.push(header)
    at = insideOf(bytes, at, header)
  }
  return headers
}

/** Where the next IPv4 header begins inside an IPIP or VXLAN packet. */
function insideOf(bytes: Uint8Array, at: number, header: Ipv4View): number | undefined {
  const payload = at + header.ihl * 4
  if (header.fragmentOffset !== 0) return undefined
  if (header.protocol === 4) return payload
  if (header.protocol !== 17 || new UdpView(bytes, payload).destinationPort !== VXLAN_PORT) return undefined
  const inner = payload + 16
  return readU16(bytes, inner + 12) === ETHERTYPE.IPV4 ? inner + 14 : undefined
}

/** The bytes of the innermost IPv4 packet, with TTL and header checksum set to zero. */
export function innermost(frame: FrameHop): Uint8Array | undefined {
  const header = headersIn(frame).at(-1)
  if (header === undefined) return undefined
  const copy = header.bytes.slice(header.at, header.at + header.totalLength)
  copy[8] = 0
  copy[10] = 0
  copy[11] = 0
  return copy
}
