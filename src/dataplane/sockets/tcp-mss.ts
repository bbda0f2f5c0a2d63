import { type Namespace, sysctlOf } from '../../model/index.ts'
import { TCP_HEADER_LENGTH, TCP_TIMESTAMPS_ALONE } from '../../wire/index.ts'
import type { Dst } from '../kernel/dst.ts'
import type { NetNs } from '../kernel/netns.ts'
import { tcpRoute } from './tcp-ip.ts'
import { seqAdd, seqDiff } from './tcp-seq.ts'
import type { TcpSock } from './tcp-sock.ts'

const LARGEST_ADVMSS = 0xffff
const MIN_ADVMSS_6 = 1220
const RMEM_MAX = 212992

const ipHeader = (sock: { readonly family: 'inet' | 'inet6' }): number => (sock.family === 'inet' ? 20 : 40)

/** A sysctl of the namespace as a number. */
function setting(ns: NetNs, key: string): number {
  return Number(sysctlOf(ns.model, key))
}

/** Which options we offer. */
export function offeredOptions(ns: NetNs): { timestamps: boolean; sack: boolean; windowScaling: boolean } {
  return {
    timestamps: setting(ns, 'net.ipv4.tcp_timestamps') !== 0,
    sack: setting(ns, 'net.ipv4.tcp_sack') !== 0,
    windowScaling: setting(ns, 'net.ipv4.tcp_window_scaling') !== 0,
  }
}

/** MSS to tell the peer: the route's, else what its MTU leaves (`dst_metric_advmss`). */
export function advertisedMss(sock: TcpSock, dst: Dst): number {
  const headers = ipHeader(sock) + TCP_HEADER_LENGTH
  if (dst.advmss > 0) return dst.advmss
  const least = sock.family === 'inet' ? sock.ns.ip.minAdvMss : MIN_ADVMSS_6
  return Math.min(Math.max(dst.mtu - headers, least), LARGEST_ADVMSS - headers)
}

/** Bytes of a header with the options of every segment: timestamps. */
function plainHeader(sock: TcpSock): number {
  return TCP_HEADER_LENGTH + (sock.tsOk ? TCP_TIMESTAMPS_ALONE : 0)
}

/** Takes over a path MTU (`tcp_sync_mss`). */
export function syncMss(sock: TcpSock, mtu: number): void {
  const fits = Math.min(mtu - ipHeader(sock) - TCP_HEADER_LENGTH, sock.mssClamp)
  const least = setting(sock.ns, 'net.ipv4.tcp_min_snd_mss')
  const plain = Math.max(fits, least) - (plainHeader(sock) - TCP_HEADER_LENGTH)
  sock.pmtu = mtu
  sock.mss = boundToHalfWindow(sock, plain)
}

/** At most half of the largest window the peer offered, so that it can acknowledge one while we send the other (`tcp_bound_to_half_wnd`). */
export function boundToHalfWindow(sock: TcpSock, size: number): number {
  const cutoff = sock.maxWindow > 536 ? sock.maxWindow >>> 1 : sock.maxWindow
  return cutoff > 0 && size > cutoff ? Math.max(cutoff, 68 - plainHeader(sock)) : size
}

/** Size of the next segment: looks at the route again; SACK blocks take their room (`tcp_current_mss`). */
export function currentMss(sock: TcpSock): number {
  const dst = tcpRoute(sock)
  if (typeof dst !== 'string' && dst.mtu !== sock.pmtu) syncMss(sock, dst.mtu)
  const blocks = sackBlockCount(sock)
  return sock.mss - (blocks > 0 ? 4 + 8 * blocks : 0)
}

/** SACK blocks a segment carries now. */
export function sackBlockCount(sock: TcpSock): number {
  const wanted = sock.sackBlocks.length + (sock.dsack === null ? 0 : 1)
  if (wanted === 0) return 0
  return Math.min(wanted, Math.floor((40 - (sock.tsOk ? TCP_TIMESTAMPS_ALONE : 0) - 4) / 8))
}

/** Room left in the window offered. */
export function receiveWindow(sock: TcpSock): number {
  return Math.max(0, seqDiff(seqAdd(sock.rcvWup, sock.rcvWnd), sock.rcvNxt))
}

/** Bytes that wait for the program. */
export function unread(sock: TcpSock): number {
  let n = 0
  for (const part of sock.received) n += part.length
  return n
}

/** Bytes a socket takes without being read (`tcp_full_space`): half of the receive buffer. */
export function fullSpace(ns: NetNs): number {
  return rmem(ns)[1] >>> 1
}

/** Smallest, usual and largest receive buffer, in bytes. */
type Rmem = readonly [min: number, normal: number, max: number]

/** Models are immutable: their text is read once. */
const rmems = new WeakMap<Namespace, Rmem>()

function rmem({ model }: NetNs): Rmem {
  const known = rmems.get(model)
  if (known !== undefined) return known
  const text = sysctlOf(model, 'net.ipv4.tcp_rmem') ?? ''
  const [min = 4096, normal = 131072, max = 6291456] = text.split(/\s+/).map(Number)
  const read: Rmem = [min, normal, max]
  rmems.set(model, read)
  return read
}

/** The first window and its scale (`tcp_select_initial_window`). */
export function initialWindow(
  ns: NetNs,
  mss: number,
  wscaleOk: boolean,
): { wnd: number; wscale: number; clamp: number } {
  let space = fullSpace(ns)
  if (space > mss) space -= space % mss
  const wnd = Math.min(space, 0xffff)
  let wscale = 0
  if (wscaleOk) {
    const most = Math.max(space, rmem(ns)[2], RMEM_MAX)
    wscale = Math.min(Math.max(31 - Math.clz32(most) - 15, 0), 14)
  }
  return { wnd, wscale, clamp: 0xffff << wscale }
}
