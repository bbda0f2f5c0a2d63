import { IP_PROTOCOL } from '../wire/index.ts'
import type { Packet, Upper } from './packet.ts'

/** The packet that is talked about: the innermost, or the one that an ICMP error quotes. */
export interface FlowEnds {
  readonly protocol: string
  readonly source: string
  readonly destination: string
  readonly from: number
  readonly to: number
}

type Opened = Pick<Packet, 'layers' | 'carriers' | 'upper'>

/** What a packet is by addresses, ports and protocol and by what carries it: packets at one place of one flow and direction have one key. */
export function keyOf({ layers, carriers, upper, arp, quote }: Packet): string {
  if (arp !== undefined) return `arp ${arp.isRequest ? 'request' : 'reply'} ${arp.sender} ${arp.target}`
  return stackOf({ layers, carriers }) + upperKey({ layers, carriers, ...(upper && { upper }) }, quote)
}

/** The same without what is behind the innermost IP header: fragments have no more. */
export function looseKeyOf({ layers, carriers }: Packet): string {
  return `${stackOf({ layers, carriers })} ${layers.at(-1)?.protocol ?? ''}`
}

function stackOf({ layers, carriers }: Pick<Packet, 'layers' | 'carriers'>): string {
  return layers.map(({ source, destination }, i) => `${source}>${destination} ${carriers[i] ?? ''}`).join('/')
}

function upperKey({ layers, carriers, upper }: Opened, quote: Opened | undefined): string {
  const last = layers.at(-1)
  if (last === undefined) return ''
  // What is encrypted says nothing of what it is.
  if (carriers.length >= layers.length) return ' ciphertext'
  if (last.isFragment || upper === undefined) return ` fragment ${last.protocol}`
  if (upper.protocol === 'icmp')
    return ` icmp ${upper.type} ${upper.code}${quote === undefined ? '' : ` of ${quotedKey(quote)}`}`
  return upper.protocol === 'other' ? ` ${last.protocol}` : ` ${upper.protocol} ${upper.from}>${upper.to}`
}

function quotedKey(quote: Opened): string {
  const ends = endsOf(quote)
  return ends === undefined ? '' : `${ends.protocol} ${ends.source}>${ends.destination} ${portsOf(quote.upper)}`
}

function portsOf(upper: Upper | undefined): string {
  return upper === undefined || upper.protocol === 'icmp' || upper.protocol === 'other'
    ? ''
    : `${upper.from}>${upper.to}`
}

/** What WireGuard hides: all that goes between two machines is one conversation. */
export const HIDDEN = 'wireguard'

/** Whose packet it is: protocol, addresses and ports of the innermost that can be read; undefined for what is no IP. */
export function endsOf({ layers, carriers, upper }: Opened): FlowEnds | undefined {
  const last = layers.at(-1)
  if (last === undefined) return undefined
  const { source, destination } = last
  if (carriers.length >= layers.length) return { protocol: HIDDEN, source, destination, from: 0, to: 0 }
  const protocol = upper === undefined || upper.protocol === 'other' ? protocolOf(last.protocol) : upper.protocol
  const isPorted = upper?.protocol === 'tcp' || upper?.protocol === 'udp'
  return { protocol, source, destination, from: isPorted ? upper.from : 0, to: isPorted ? upper.to : 0 }
}

/** A protocol whose header is not there: of a later fragment, or cut off. */
function protocolOf(number: number): string {
  if (number === IP_PROTOCOL.ICMP || number === IP_PROTOCOL.ICMPV6) return 'icmp'
  return number === IP_PROTOCOL.TCP ? 'tcp' : number === IP_PROTOCOL.UDP ? 'udp' : `${number}`
}

/** A conversation, whoever speaks: both ends in one order. */
export function conversationOf({ protocol, source, destination, from, to }: FlowEnds): string {
  const [a, b] = [`${source} ${from}`, `${destination} ${to}`]
  return a < b ? `${protocol} ${a} ${b}` : `${protocol} ${b} ${a}`
}
