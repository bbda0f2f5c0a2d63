import type { Lab } from '../lab/index.ts'
import { headersOf, hopsOf, type Trace, type TracePacket } from '../trace/index.ts'
import { parseHex } from '../wire/index.ts'
import { type Asked, send } from './observe.ts'

/** Bytes of headers before the data of a datagram or an echo, by the family. */
const HEADERS = { ip: 20 + 8, ip6: 40 + 8 } as const
/** Bytes that a connection sends, so that it fills its segments. */
const MANY = 40_000
/** The largest MTU that is looked for: jumbo frames have 9000. */
const MOST = 9_216

/**
 * Bytes of the largest packet that gets from one end to the other whole: found by packets that must not be cut, or of a connection by the
 * segments that it sends in the end. 0 where nothing gets there. The lab is put back after each.
 */
export function largestWhole(lab: Lab, from: string, to: string, asked: Asked): number {
  const moment = lab.snapshot()
  const ask = <T>(look: (trace: Trace) => T, run: () => Trace): T => {
    try {
      return look(run())
    } finally {
      lab.restore(moment)
    }
  }
  if (isConnection(lab, to, asked))
    return ask(largestSegment, () => send(lab, from, to, { ...asked, size: MANY }).trace)
  const headers = lab.endpoint(to).address?.includes(':') === true ? HEADERS.ip6 : HEADERS.ip
  const passes = (bytes: number): boolean => ask(isThere, () => sendWhole(lab, from, to, asked, bytes - headers))
  let [low, high] = [headers, MOST + 1]
  if (!passes(low)) return 0
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (passes(middle)) low = middle
    else high = middle
  }
  return low
}

function isConnection(lab: Lab, to: string, { port, protocol }: Asked): boolean {
  return port !== undefined && lab.port(to, port, protocol).protocol === 'tcp'
}

function sendWhole(lab: Lab, from: string, to: string, { port, protocol }: Asked, size: number): Trace {
  if (port === undefined) return lab.ping(from, to, { size, pmtudisc: 'do' }).trace
  return lab.udp(from, to, lab.port(to, port, protocol).number, { size, dontFragment: true }).trace
}

/** Whether the request was taken in where it was sent to, whatever came of the answer. */
function isThere({ packets, exchanges }: Trace): boolean {
  const request = packets.find(({ id }) => id === exchanges[0]?.request)
  return request?.end === 'delivered' || request?.end === 'consumed'
}

const NOTHING = new Uint8Array()

/** Bytes of the largest packet that one who asks sent and the other end took in. */
function largestSegment({ exchanges, packets, hops }: Trace): number {
  const [exchange] = exchanges
  const end = packets.find(({ id }) => id === exchange?.request)?.path.at(-1)
  const isTaken = ({ path, end: how }: TracePacket): boolean =>
    path[0] === exchange?.netns && path.at(-1) === end && how !== 'dropped'
  const taken = new Set(packets.filter(isTaken).map(({ id }) => id))
  const lengths = hopsOf({ hops }, 'rx')
    .filter(({ netns, packet }) => netns === end && taken.has(packet))
    .map(({ bytes, linkType }) => ipLength(parseHex(bytes) ?? NOTHING, linkType))
  return Math.max(0, ...lengths)
}

function ipLength(bytes: Uint8Array, linkType: number): number {
  const ip = headersOf(bytes, linkType).find(({ protocol }) => protocol === 'ipv4' || protocol === 'ipv6')
  return ip === undefined ? 0 : bytes.length - ip.start
}
