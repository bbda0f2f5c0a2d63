import { type Deadline, MILLISECOND } from '../kernel/clock.ts'
import { dropPacket } from '../kernel/drop.ts'
import {
  NEIGH_UPDATE_ADMIN,
  NEIGH_UPDATE_ISROUTER,
  NEIGH_UPDATE_OVERRIDE,
  NEIGH_UPDATE_OVERRIDE_ISROUTER,
  NEIGH_UPDATE_WEAK_OVERRIDE,
  NUD_CONNECTED,
  NUD_DELAY,
  NUD_FAILED,
  NUD_IN_TIMER,
  NUD_INCOMPLETE,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_PROBE,
  NUD_REACHABLE,
  NUD_STALE,
  NUD_VALID,
  nudIndex,
} from '../kernel/nud.ts'
import type { PacketOnDevice } from '../kernel/skb.ts'
import type { Neigh } from './neigh.ts'
import { truesize } from './truesize.ts'

/** Shortest time between two runs of an entry's timer (HZ/100). */
const MIN_TIMER = 10 * MILLISECOND

/**
 * Makes sure that resolution is under way (`neigh_event_send`). With a packet, an unresolved entry keeps it.
 * @returns true when the packet was kept or dropped; false when the entry can be used now
 *
 * @linux net/core/neighbour.c __neigh_event_send
 */
export function neighEventSend(entry: Neigh, skb: PacketOnDevice | null): boolean {
  const { sim } = entry.dev.ns
  const now = sim.clock.now
  entry.used = now
  if ((entry.state & (NUD_CONNECTED | NUD_DELAY | NUD_PROBE)) !== 0) return false
  if (entry.dead) return dropUnresolved(entry, skb, 'neighbour_dead')
  let probeNow = false
  if ((entry.state & (NUD_STALE | NUD_INCOMPLETE)) === 0) {
    if (entry.parms.mcastSolicit + entry.parms.appSolicit === 0) {
      setState(entry, NUD_FAILED)
      return dropUnresolved(entry, skb, 'neighbour_failed_now')
    }
    entry.probes = entry.parms.ucastSolicit
    setState(entry, NUD_INCOMPLETE)
    armTimer(entry, now + retrans(entry))
    probeNow = true
  } else if (entry.state === NUD_STALE) {
    setState(entry, NUD_DELAY)
    armTimer(entry, now + entry.parms.delayProbeTime)
  }
  if (entry.state !== NUD_INCOMPLETE) return false
  if (skb !== null) enqueue(entry, skb)
  if (probeNow) neighProbe(entry)
  return true
}

function dropUnresolved(
  entry: Neigh,
  skb: PacketOnDevice | null,
  cause: 'neighbour_dead' | 'neighbour_failed_now',
): boolean {
  if (skb !== null) dropPacket(skb, cause, entry.dev)
  return true
}

/** Keeps a packet until the address is known; the oldest go when their memory exceeds `unres_qlen_bytes`. */
function enqueue(entry: Neigh, skb: PacketOnDevice): void {
  const { ns } = entry.dev
  const size = truesize(skb.len)
  while (entry.queueBytes + size > entry.parms.queueLenBytes) {
    const oldest = entry.queue.shift()
    if (oldest === undefined) break
    entry.queueBytes -= truesize(oldest.len)
    dropPacket(oldest, 'neighbour_queue_full', entry.dev)
  }
  entry.queue.push(skb)
  entry.queueBytes += size
  ns.log?.neighbourQueued(skb, entry.dev, entry.ref)
}

/** Sends one solicitation for the packet that came last. */
function neighProbe(entry: Neigh): void {
  const { stack } = entry.dev.ns.sim
  const trigger = entry.queue[entry.queue.length - 1] ?? null
  const { dev, key, probes, state } = entry
  const lladdr = (state & NUD_VALID) === 0 ? 0 : entry.lladdr
  entry.probes++
  if (typeof key === 'number') stack.arpSolicit(dev, key, probes, lladdr, trigger)
  else stack.ndiscSolicit(dev, key, probes, lladdr, trigger)
}

function maxProbes(entry: Neigh): number {
  const { ucastSolicit, appSolicit, mcastResolicit, mcastSolicit } = entry.parms
  return ucastSolicit + appSolicit + (entry.state === NUD_PROBE ? mcastResolicit : mcastSolicit)
}

function retrans(entry: Neigh): number {
  return Math.max(entry.parms.retransTime, MIN_TIMER)
}

/**
 * An entry's timer went off.
 * @linux net/core/neighbour.c neigh_timer_handler
 */
function neighTimer(entry: Neigh): void {
  const { parms } = entry
  const now = entry.dev.ns.sim.clock.now
  let next = now
  if (entry.state === NUD_REACHABLE) {
    if (now < entry.confirmed + parms.baseReachableTime) next = entry.confirmed + parms.baseReachableTime
    else if (now <= entry.used + parms.delayProbeTime) {
      setState(entry, NUD_DELAY)
      next = now + parms.delayProbeTime
    } else setState(entry, NUD_STALE)
  } else if (entry.state === NUD_DELAY) {
    if (now <= entry.confirmed + parms.delayProbeTime) {
      setState(entry, NUD_REACHABLE)
      next = entry.confirmed + parms.baseReachableTime
    } else {
      setState(entry, NUD_PROBE)
      entry.probes = 0
      next = now + retrans(entry)
    }
  } else next = now + retrans(entry)

  const probing = (entry.state & (NUD_INCOMPLETE | NUD_PROBE)) !== 0
  if (probing && entry.probes >= maxProbes(entry)) {
    setState(entry, NUD_FAILED)
    neighInvalidate(entry)
    return
  }
  if ((entry.state & NUD_IN_TIMER) !== 0) armTimer(entry, Math.max(next, now + MIN_TIMER))
  if (probing) neighProbe(entry)
}

/** Nobody answered: tells the senders of what waited, and drops it (`neigh_invalidate`). */
function neighInvalidate(entry: Neigh): void {
  const { ns } = entry.dev
  const { stack } = ns.sim
  const cause = entry.family === 'inet' ? 'neighbour_failed' : 'neighbour_failed6'
  // A report may itself need this neighbour: then resolution has begun anew, and all that waits is thrown away.
  while (entry.state === NUD_FAILED) {
    const skb = entry.queue.shift()
    if (skb === undefined) break
    stack.neighErrorReport(skb, entry.family)
    dropPacket(skb, cause, entry.dev)
  }
  for (const skb of entry.queue.splice(0)) dropPacket(skb, 'neighbour_flushed', entry.dev)
  entry.queueBytes = 0
}

/**
 * A neighbour's state or address is said to be something else. Which news wins is decided by the flags and by what is known.
 *
 * @param lladdr - null: the news does not tell one
 * @param flags - NEIGH_UPDATE_ constants
 * @linux net/core/neighbour.c __neigh_update
 */
export function neighUpdate(entry: Neigh, lladdr: number | null, state: number, flags: number): void {
  const { clock } = entry.dev.ns.sim
  const old = entry.state
  if ((flags & NEIGH_UPDATE_ADMIN) === 0 && (old & (NUD_NOARP | NUD_PERMANENT)) !== 0) return
  if (entry.dead) return
  if ((state & NUD_VALID) === 0) {
    clock.cancel(entry.timer)
    setState(entry, state)
    if ((old & (NUD_INCOMPLETE | NUD_PROBE)) !== 0 && (state & NUD_FAILED) !== 0) neighInvalidate(entry)
    return
  }
  if (lladdr === null && (old & NUD_VALID) === 0) return
  const before = entry.lladdr
  let address = lladdr ?? before
  let next = state
  let takesRouter = (flags & NEIGH_UPDATE_OVERRIDE_ISROUTER) !== 0
  if ((state & NUD_CONNECTED) !== 0) entry.confirmed = clock.now
  if ((old & NUD_VALID) !== 0) {
    if (address !== before && (flags & NEIGH_UPDATE_OVERRIDE) === 0) {
      takesRouter = false
      if ((flags & NEIGH_UPDATE_WEAK_OVERRIDE) === 0 || (old & NUD_CONNECTED) === 0) return
      address = before
      next = NUD_STALE
    } else if (address === before && state === NUD_STALE && (flags & NEIGH_UPDATE_ADMIN) === 0) next = old
  }
  if (next !== old || address !== before) entry.updated = clock.now
  if (next !== old) changeState(entry, next)
  if (address !== before) {
    entry.lladdr = address
    entry.header = null
    if ((next & NUD_CONNECTED) === 0) entry.confirmed = clock.now - 2 * entry.parms.baseReachableTime
  }
  if (next !== old && (old & NUD_VALID) === 0) sendWaiting(entry)
  if (takesRouter) entry.isRouter = (flags & NEIGH_UPDATE_ISROUTER) !== 0
}

function changeState(entry: Neigh, next: number): void {
  const { clock } = entry.dev.ns.sim
  clock.cancel(entry.timer)
  if (next === NUD_PROBE) entry.probes = 0
  setState(entry, next)
  if ((next & NUD_IN_TIMER) === 0) return
  armTimer(entry, clock.now + (next === NUD_REACHABLE ? entry.parms.baseReachableTime : 0))
}

/** The address is known: what waited goes out in order. */
function sendWaiting(entry: Neigh): void {
  const { stack } = entry.dev.ns.sim
  const waiting = entry.queue
  entry.queue = []
  entry.queueBytes = 0
  for (const skb of waiting) stack.neighOutput(skb, entry.dev, entry.family, entry.key)
}

function setState(entry: Neigh, state: number): void {
  const { ns } = entry.dev
  const old = entry.state
  entry.state = state
  entry.updated = ns.sim.clock.now
  ns.log?.neighbourChange(entry.dev, nudIndex(old), entry.ref)
}

/** Arms the timer for an absolute time (`mod_timer`). */
export function armTimer(entry: Neigh, at: number): void {
  const { clock } = entry.dev.ns.sim
  clock.cancel(entry.timer)
  entry.timer = clock.afterOnWheel(Math.max(0, at - clock.now), () => runTimer(entry))
}

/** Arms the timer of an entry that is older than the simulation. */
export function assumeTimer(entry: Neigh, at: number): void {
  entry.timer = entry.dev.ns.sim.clock.onWheelAt(at, () => runTimer(entry))
}

/** Arms the timer as a snapshot had it. */
export function rearmNeigh(entry: Neigh, deadline: Deadline): void {
  entry.timer = entry.dev.ns.sim.clock.again(deadline, () => runTimer(entry))
}

function runTimer(entry: Neigh): void {
  entry.timer = null
  neighTimer(entry)
}
