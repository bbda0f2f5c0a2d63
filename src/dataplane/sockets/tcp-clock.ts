import { sysctlOf } from '../../model/index.ts'
import { MILLISECOND, SECOND } from '../kernel/clock.ts'
import { segmentsOf } from './tcp-piece.ts'
import type { TcpSock, TcpTimerKind } from './tcp-sock.ts'

/** A tick of the kernel's clock at 250 Hz: timers are rounded up to it. */
const JIFFY: number = 4 * MILLISECOND
/** Shortest delay of a loss timer: two ticks. */
const TIMEOUT_MIN: number = 2 * JIFFY
/** Shortest retransmission timeout. */
const RTO_MIN: number = 200 * MILLISECOND
/** Longest retransmission timeout. */
const RTO_MAX: number = 120 * SECOND
/** Shortest delay of an ACK. */
export const DELACK_MIN: number = 40 * MILLISECOND
const DELACK_MAX = 200 * MILLISECOND
const TIMEWAIT = 60 * SECOND
/** Wires of a model have no delay; round trips are taken to last this long at least, as on the machine of the captures. */
export const LEAST_RTT: number = 5 * MILLISECOND

const ticks = (ns: number): number => Math.ceil(ns / JIFFY) * JIFFY

/** Takes a measured round trip into account (`tcp_rtt_estimator`). @rfc 6298 §2 */
export function measureRtt(sock: TcpSock, measured: number): void {
  const rtt = Math.max(measured, LEAST_RTT)
  sock.minRtt = sock.minRtt === 0 ? rtt : Math.min(sock.minRtt, rtt)
  if (sock.srtt === 0) {
    sock.srtt = rtt
    sock.rttvar = Math.max(rtt * 2, RTO_MIN)
  } else {
    const error = rtt - sock.srtt
    sock.srtt += error / 8
    sock.rttvar = Math.max(sock.rttvar + (Math.abs(error) * 4 - sock.rttvar) / 4, RTO_MIN)
  }
  sock.rto = Math.min(ticks(sock.srtt + sock.rttvar), RTO_MAX)
}

function arm(sock: TcpSock, kind: TcpTimerKind, delay: number): void {
  sock.rtxTimerKind = kind
  sock.rtxTimer = sock.ns.sim.clock.rearm(sock.rtxTimer, delay, sock.onRtxTimer)
}

/** Stops the retransmission timer. */
export function clearRtxTimer(sock: TcpSock): void {
  sock.ns.sim.clock.cancel(sock.rtxTimer)
  sock.rtxTimer = null
}

/** Arms the retransmission timer anew, or stops it when nothing is under way (`tcp_rearm_rto`). */
export function armRto(sock: TcpSock): void {
  if (sock.rtx.length === 0 && sock.state !== 'SYN_RECV') clearRtxTimer(sock)
  else arm(sock, 'rto', Math.min(sock.rto * 2 ** sock.retransmits, RTO_MAX))
}

/** Arms the reordering timer: then what was not reported by now is lost. @rfc 8985 §6.2 */
export function armReordering(sock: TcpSock, delay: number): void {
  arm(sock, 'reo', Math.min(ticks(delay) + TIMEOUT_MIN, sock.rto))
}

/** Arms the next probe of a closed window (`tcp_probe0_when`). */
export function armProbe0(sock: TcpSock): void {
  arm(sock, 'probe0', Math.min(Math.max(sock.rto, RTO_MIN) * 2 ** sock.probeBackoff, RTO_MAX))
}

/**
 * Arms a tail loss probe instead of the retransmission timer; false where none is due (`tcp_schedule_loss_probe`).
 * @rfc 8985 §7.2
 */
export function armLossProbe(sock: TcpSock): boolean {
  if (!sock.sackOk || sock.caState !== 'Open' || sock.rtx.length === 0) return false
  const [first] = sock.rtx
  const isAlone = sock.rtx.length === 1 && first !== undefined && segmentsOf(first) === 1
  const delay = sock.srtt === 0 ? SECOND : ticks(2 * sock.srtt) + (isAlone ? RTO_MIN : TIMEOUT_MIN)
  arm(sock, 'tlp', Math.min(delay, sock.rto))
  return true
}

/** Arms the delayed ACK (`tcp_send_delayed_ack`). */
export function delayAck(sock: TcpSock): void {
  sock.ackScheduled = true
  if (sock.delackTimer !== null) return
  const most = sock.pingpong ? DELACK_MAX : DELACK_MAX / 2
  armDelack(sock, 'delack', ticks(Math.min(Math.max(sock.ato, DELACK_MIN), most)))
}

/** Arms the timer of ACKs held back. */
export function armDelack(sock: TcpSock, kind: TcpSock['delackTimerKind'], delay: number): void {
  sock.delackTimerKind = kind
  sock.delackTimer = sock.ns.sim.clock.after(delay, () => {
    sock.delackTimer = null
    sock.onTimer(sock, kind)
  })
}

/** Takes the delayed ACK back. */
export function cancelDelack(sock: TcpSock): void {
  sock.ns.sim.clock.cancel(sock.delackTimer)
  sock.delackTimer = null
}

/** Arms the end of FIN_WAIT2 or TIME_WAIT. */
export function armLinger(sock: TcpSock): void {
  const { clock } = sock.ns.sim
  clock.cancel(sock.lingerTimer)
  const finTimeout = Number(sysctlOf(sock.ns.model, 'net.ipv4.tcp_fin_timeout')) * SECOND
  sock.lingerTimer = clock.after(sock.state === 'TIME_WAIT' ? TIMEWAIT : finTimeout, () => sock.onTimer(sock, 'linger'))
}
