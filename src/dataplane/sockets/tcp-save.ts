import { type Deadline, deadlineOf } from '../kernel/clock.ts'
import type { TcpSock, TcpTimerKind } from './tcp-sock.ts'

/** A connection at a moment. */
export interface SavedTcp {
  /** The connection itself. */
  readonly sock: TcpSock
  /** Its fields then; lists are copies. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Timers that were armed. */
  readonly timers: readonly (readonly [kind: TcpTimerKind, deadline: Deadline])[]
}

const TIMERS = ['rtxTimer', 'delackTimer', 'lingerTimer'] as const

/** Copies a connection's state. */
export function saveTcp(sock: TcpSock): SavedTcp {
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(sock)) {
    if ((TIMERS as readonly string[]).includes(name)) continue
    fields[name] = Array.isArray(value) ? value.map(copyOf) : value
  }
  const timers: (readonly [TcpTimerKind, Deadline])[] = []
  const note = (kind: TcpTimerKind, timer: TcpSock['rtxTimer']): void => {
    const deadline = deadlineOf(timer)
    if (deadline !== null) timers.push([kind, deadline])
  }
  note(sock.rtxTimerKind, sock.rtxTimer)
  note('delack', sock.delackTimer)
  note('linger', sock.lingerTimer)
  return { sock, fields, timers }
}

/** Pieces of queues change in place; bytes and blocks do not. */
function copyOf(item: unknown): unknown {
  const plain = typeof item === 'object' && item !== null && Object.getPrototypeOf(item) === Object.prototype
  return plain ? { ...item } : item
}

/** Puts a connection back; its timers are armed again. */
export function loadTcp(saved: SavedTcp): TcpSock {
  const { sock } = saved
  for (const [name, value] of Object.entries(saved.fields)) {
    Object.assign(sock, { [name]: Array.isArray(value) ? value.map(copyOf) : value })
  }
  sock.rtxTimer = sock.delackTimer = sock.lingerTimer = null
  const { clock } = sock.ns.sim
  if (sock.owned) clock.after(0, () => sock.onRelease(sock))
  for (const [kind, deadline] of saved.timers) {
    const field = kind === 'delack' ? 'delackTimer' : kind === 'linger' ? 'lingerTimer' : 'rtxTimer'
    sock[field] = clock.again(deadline, () => {
      sock[field] = null
      sock.onTimer(sock, kind)
    })
  }
  return sock
}
