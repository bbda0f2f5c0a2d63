import { IP_PROTOCOL, type SackBlock } from '../../wire/index.ts'
import type { Timer } from '../kernel/clock.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PacketOnDevice } from '../kernel/skb.ts'
import type { Errno } from './errno.ts'
import { type Addr, InetSock } from './inet-sock.ts'
import { bindError } from './raw-sock.ts'
import { tcpKey } from './socket-table.ts'
import { tcpClose, tcpConnect, tcpSend, tcpShutdown } from './tcp-calls.ts'
import type { TcpListener } from './tcp-listener.ts'
import { windowOpened } from './tcp-output.ts'
import type { TxSkb } from './tcp-piece.ts'
import { tcpRelease } from './tcp-release.ts'
import type { Segment } from './tcp-segment.ts'
import { tcpTimeout } from './tcp-timer.ts'

/** States of a connection. @rfc 9293 §3.3.2 */
export type TcpState =
  | 'CLOSE'
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'ESTABLISHED'
  | 'FIN_WAIT1'
  | 'FIN_WAIT2'
  | 'CLOSE_WAIT'
  | 'CLOSING'
  | 'LAST_ACK'
  | 'TIME_WAIT'

/** Data that came before its turn. */
export interface EarlyData {
  /** First sequence number. */
  seq: number
  /** One past the last. */
  endSeq: number
  /** Data from `seq` on. */
  data: Uint8Array
  /** A FIN follows it. */
  fin: boolean
  /** The packet it came in. */
  skb: PacketOnDevice
}

/**
 * What a timer of a connection is for: retransmission, reordering, tail loss probe, probe of a closed window, delayed ACK,
 * duplicate ACKs told as one, end of waiting.
 */
export type TcpTimerKind = 'rto' | 'reo' | 'tlp' | 'probe0' | 'delack' | 'compress' | 'linger'

/** Congestion control states. */
export type CaState = 'Open' | 'Disorder' | 'Recovery' | 'Loss'

/** A TCP connection. */
export class TcpSock extends InetSock {
  /** Kind. */
  readonly type = 'tcp' as const
  /** State. */
  state: TcpState = 'CLOSE'
  /** Listener it came from, while its handshake is not complete. */
  listener: TcpListener | null = null

  /** Called once when the handshake is complete. */
  onConnect: (() => void) | null = null
  /** Called when data or the end of data came; read it with {@link TcpSock.read}. */
  onReadable: (() => void) | null = null
  /** Called when the connection failed: `err` says why. */
  onFail: (() => void) | null = null

  // receiving
  /** Next sequence number expected. */
  rcvNxt = 0
  /** `rcvNxt` at the last window update sent. */
  rcvWup = 0
  /** Window offered, in bytes. */
  rcvWnd = 0
  /** Scale of our window. */
  rcvWscale = 0
  /** Largest window we offer. */
  windowClamp = 0
  /** First sequence number of the peer. */
  rcvIsn = 0
  /** Data in order, not yet read. */
  received: Uint8Array[] = []
  /** The peer's FIN came. */
  finReceived = false
  /** We take no more data. */
  rcvShutdown = false
  /** Data out of order. */
  ofo: EarlyData[] = []
  /** Blocks to report, most recent first. */
  sackBlocks: SackBlock[] = []
  /** Block received twice, to report once. */
  dsack: SackBlock | null = null
  /** Our MSS, as told to the peer. */
  advmss = 536
  /** Guess of the peer's segment size. */
  rcvMss = 536
  /** An ACK is due. */
  ackScheduled = false
  /** ... and at once. */
  ackNow = false
  /** ACKs still sent at once. */
  quick = 0
  /** Request and answer take turns: ACKs wait for data. */
  pingpong = false
  /** Delay of ACKs, in nanoseconds; 0 = no data came yet. */
  ato = 0
  /** When data came last. */
  lastReceived = -1
  /** When data was sent last. */
  lastSent = -1
  /** When the last answer to a bad segment went out; such answers are rare. */
  lastOow = -1
  /** Duplicate ACKs sent at once for the same hole. */
  dupAcks = 0
  /** Delayed ACK. */
  delackTimer: Timer | null = null
  /** What that timer is for. */
  delackTimerKind: 'delack' | 'compress' = 'delack'

  // sending
  /** First sequence number not acknowledged. */
  sndUna = 0
  /** Next sequence number to send. */
  sndNxt = 0
  /** Next sequence number to be given to data. */
  writeSeq = 0
  /** Our first sequence number. */
  iss = 0
  /** Peer's window, in bytes. */
  sndWnd = 0
  /** Sequence number of the segment that last changed it. */
  sndWl1 = 0
  /** Scale of the peer's window. */
  sndWscale = 0
  /** Largest window the peer offered. */
  maxWindow = 0
  /** Sent and not acknowledged. */
  rtx: TxSkb[] = []
  /** To be sent. */
  unsent: TxSkb[] = []
  /** MSS of the peer. */
  mssClamp = 536
  /** Size of our segments now. */
  mss = 536
  /** Path MTU the size was computed for. */
  pmtu = 0
  /** We send no more. */
  sndShutdown = false
  /** Nobody holds it any more (the program closed it). */
  dead = false
  /** IP id of the next segment. */
  ipId = 0

  // options agreed on
  /** Timestamps. */
  tsOk = false
  /** SACK. */
  sackOk = false
  /** Window scaling. */
  wscaleOk = false
  /** Last timestamp of the peer. */
  tsRecent = 0
  /** Offset of our timestamps. */
  tsOffset = 0

  // timing
  /** Smoothed round trip, in nanoseconds; 0 = not measured. */
  srtt = 0
  /** Its deviation. */
  rttvar = 0
  /** Shortest round trip seen. */
  minRtt = 0
  /** Retransmission timeout, in nanoseconds. */
  rto = 1_000_000_000
  /** Timeouts in a row. */
  retransmits = 0
  /** Probes of a closed window since the peer was last heard. */
  probesOut = 0
  /** Probes since the window closed: each waits twice as long as the one before. */
  probeBackoff = 0
  /** Retransmission, reordering or probe timer: only one is armed. */
  rtxTimer: Timer | null = null
  /** What the timer is for. */
  rtxTimerKind: TcpTimerKind = 'rto'
  /** The timer fires. */
  readonly onRtxTimer: () => void = () => {
    this.rtxTimer = null
    this.onTimer(this, this.rtxTimerKind)
  }
  /** What to do when a timer fires. */
  readonly onTimer: (sock: TcpSock, kind: TcpTimerKind) => void = tcpTimeout
  /** End of FIN_WAIT2 or TIME_WAIT. */
  lingerTimer: Timer | null = null

  // congestion control
  /** Congestion window, in whole segments. */
  cwnd = 10
  /** Segments delivered towards the next one of the window (`snd_cwnd_cnt`). */
  cwndCount = 0
  /** The window, not the program, held back what was sent last. */
  cwndLimited = false
  /** Most segments under way at once since `cwndUsageSeq` was sent. */
  maxPacketsOut = 0
  /** End of the flight that `cwndLimited` and `maxPacketsOut` speak of. */
  cwndUsageSeq = 0
  /** Slow start threshold, in segments. */
  ssthresh = 0x7fffffff
  /** State. */
  caState: CaState = 'Open'
  /** `sndNxt` when recovery began. */
  highSeq = 0
  /** Congestion window when recovery began. */
  priorCwnd = 0
  /** Segments delivered during recovery. */
  prrDelivered = 0
  /** Segments sent during recovery. */
  prrOut = 0
  /** Bytes a second it would pace itself at; sizes the pieces handed down. */
  pacingRate: number = Number.POSITIVE_INFINITY
  /** RACK: when the most recently delivered segment was sent. */
  rackSentAt = -1
  /** RACK: its end. */
  rackEndSeq = 0
  /** RACK: something was delivered since losses were last looked for. */
  rackAdvanced = false
  /** RACK: its round trip. */
  rackRtt = 0
  /** A tail loss probe is out, up to this sequence number; -1 = none. */
  tlpHighSeq = -1

  /** When our SYN-ACK was sent first. */
  synAckAt = 0
  /** `rcvNxt` the duplicate ACKs were counted for. */
  dupAcksAt = -1

  // process context
  /** What to do when the program lets go. */
  readonly onRelease: (sock: TcpSock) => void = tcpRelease
  /** A program is in a system call: what arrives waits in the backlog. */
  owned = false
  /** When it lets go. */
  releaseTimer: Timer | null = null
  /** Segments that wait. */
  backlog: Segment[] = []
  /** Path MTU learned meanwhile; 0 = none. */
  deferredMtu = 0
  /** Error seen but not fatal (`sk_err_soft`). */
  softErr: Errno | null = null

  constructor(ns: NetNs, family: 'inet' | 'inet6') {
    super(ns, family, IP_PROTOCOL.TCP)
  }

  /** Key in the table of connections. */
  get key(): string {
    return tcpKey(this.rcvSaddr, this.sport, this.daddr, this.dport)
  }

  /** Binds to a local address (0 or '' = any) and port (0 = chosen at connect). */
  bind(addr: Addr, port: number): Errno | null {
    const failed = bindError(this, addr)
    if (failed !== null) return failed
    this.rcvSaddr = this.saddr = addr
    this.sport = port
    return null
  }

  /** Begins a handshake; {@link TcpSock.onConnect} or {@link TcpSock.onFail} follows. */
  connect(daddr: Addr, dport: number, oif: NetDevice | null = null): Errno | null {
    return tcpConnect(this, daddr, dport, oif)
  }

  /** Queues data and sends what may be sent. */
  send(data: Uint8Array): Errno | null {
    return tcpSend(this, data)
  }

  /** All data received so far. The peer hears of the room this makes when its window was small. */
  read(): Uint8Array {
    const parts = this.received
    this.received = []
    if (parts.length > 0) windowOpened(this)
    if (parts.length === 1) return parts[0] as Uint8Array
    const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
    let at = 0
    for (const p of parts) {
      all.set(p, at)
      at += p.length
    }
    return all
  }

  /** Says that we send no more (`shutdown(SHUT_WR)`). */
  shutdown(): void {
    tcpShutdown(this)
  }

  /** Ends it: no more data either way. */
  close(): void {
    tcpClose(this)
  }
}
