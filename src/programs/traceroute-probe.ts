import type { Addr, Errno, InetSock, NetDevice, NetNs, SockError } from '../dataplane/index.ts'
import { ICMP_TYPE, ICMPV6_TYPE } from '../wire/index.ts'

/** An answer to a probe. */
export interface ProbeAnswer {
  /** Who answered. */
  readonly from: Addr
  /** The destination was reached, or said no: no further hops. */
  readonly final: boolean
  /** `!H` and the like; '' for none. */
  readonly note: string
}

/** What the probes of one run share. */
export interface ProbeContext {
  /** Where it runs. */
  readonly ns: NetNs
  /** Destination. */
  readonly daddr: Addr
  /** Source asked for; 0 or '' = any. */
  readonly saddr: Addr
  /** Device asked for. */
  readonly dev: NetDevice | null
  /** Source port asked for, 0 = any. */
  readonly sport: number
  /** Destination port of the first probe. */
  readonly port: number
  /** TOS. */
  readonly tos: number
  /** Set DF. */
  readonly dontFragment: boolean
  /** Bytes behind the IP and transport header. */
  readonly dataLength: number
}

/** A way of probing. */
export interface Prober {
  /** Sends probe number `index` (from 0) with this TTL; `answered` is called at most once. */
  send(index: number, ttl: number, answered: (answer: ProbeAnswer) => void): Errno | null
  /** Closes what is open. */
  close(): void
}

const NOTES: Readonly<Record<number, string>> = {
  0: '!N',
  1: '!H',
  2: '!P',
  3: '',
  5: '!S',
  13: '!X',
  14: '!V',
  15: '!C',
}
const NOTES6: Readonly<Record<number, string>> = { 0: '!N', 1: '!X', 2: '!S', 3: '!H', 4: '' }

/** What an ICMP error says about a probe. */
export function answerOf(e: SockError): ProbeAnswer {
  const v6 = e.origin === 3
  const timeExceeded = v6 ? ICMPV6_TYPE.TIME_EXCEEDED : ICMP_TYPE.TIME_EXCEEDED
  if (e.type === timeExceeded) return { from: e.offender, final: false, note: '' }
  const tooBig = v6 ? e.type === ICMPV6_TYPE.PACKET_TOO_BIG : e.code === 4
  const note = tooBig ? `!F-${e.info}` : ((v6 ? NOTES6 : NOTES)[e.code] ?? `!<${e.code}>`)
  return { from: e.offender, final: true, note }
}

export function tune(sock: InetSock, c: ProbeContext, ttl: number): void {
  sock.boundDev = c.dev
  sock.tos = c.tos
  sock.ttl = ttl
  sock.pmtudisc = c.dontFragment ? 'probe' : 'dont'
  sock.recvErr = true
}

/** `inet` or `inet6`, of the destination. */
export const familyOf = (c: ProbeContext): 'inet' | 'inet6' => (typeof c.daddr === 'number' ? 'inet' : 'inet6')

/** What the kernel also reports as an ICMP error would be is no failure of the program. */
export function unlessReported(error: Errno | null): Errno | null {
  return error === 'EMSGSIZE' || error === 'EHOSTUNREACH' ? null : error
}

/** What the program sends: every byte by its place in the message. */
export function probeMessage(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => 0x40 + (i & 0x3f))
}
