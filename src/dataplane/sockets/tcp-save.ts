import { type Deadline, deadlineOf } from '../kernel/clock.ts'
import type { TcpSock, TcpTimerKind } from './tcp-sock.ts'

/** A connection at a moment. */
export interface SavedTcp {
  /** The connection itself. */
  readonly sock: TcpSock
  /** Its fields then; lists are copies. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Timers that were armed. */
  readonly timers: readonly (readonly [field: TimerField, deadline: Deadline])[]
}

const TIMERS = ['rtxTimer', 'delackTimer', 'lingerTimer', 'releaseTimer'] as const

type TimerField = (typeof TIMERS)[number]

/** Copies a connection's state. */
export function saveTcp(sock: TcpSock): SavedTcp {
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(sock)) {
    if ((TIMERS as readonly string[]).includes(name)) continue
    fields[name] = Array.isArray(value) ? value.map(copyOf) : value
  }
  const timers = TIMERS.flatMap((field) => {
    const deadline = deadlineOf(sock[field])
    return deadline === null ? [] : [[field, deadline] as const]
  })
  return { sock, fields, timers }
}

/** Pieces of queues change in place; bytes and blocks do not. */
function copyOf(item: object): object {
  return Object.getPrototypeOf(item) === Object.prototype ? { ...item } : item
}

/** Puts a connection back; its timers are armed again. */
export function loadTcp(saved: SavedTcp): TcpSock {
  const { sock } = saved
  for (const [name, value] of Object.entries(saved.fields)) {
    Object.assign(sock, { [name]: Array.isArray(value) ? value.map(copyOf) : value })
  }
  const { clock } = sock.ns.sim
  for (const field of TIMERS) sock[field] = null
  for (const [field, deadline] of saved.timers) {
    sock[field] = clock.again(deadline, () => {
      sock[field] = null
      if (field === 'releaseTimer') sock.onRelease(sock)
      else sock.onTimer(sock, kindOf(sock, field))
    })
  }
  return sock
}

function kindOf(sock: TcpSock, field: Exclude<TimerField, 'releaseTimer'>): TcpTimerKind {
  if (field === 'lingerTimer') return 'linger'
  return field === 'rtxTimer' ? sock.rtxTimerKind : sock.delackTimerKind
}
