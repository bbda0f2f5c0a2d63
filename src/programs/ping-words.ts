import type { PingOptions } from './ping-options.ts'
import { milliseconds, type PingStatistics, roundTripText } from './ping-statistics.ts'

/** Counters of a run. */
export interface PingCounters {
  /** Requests sent. */
  readonly transmitted: number
  /** Replies. */
  readonly received: number
  /** Replies that came twice. */
  readonly duplicates: number
  /** Errors. */
  readonly errors: number
  /** From the first to the last request, in nanoseconds. */
  readonly elapsed: number
  /** Most requests that were under way at once. */
  readonly pipe: number
}

/** A reply. */
export interface PingReply {
  /** Bytes of the ICMP message. */
  readonly bytes: number
  /** Who answered, with scope where it has one. */
  readonly from: string
  /** Sequence number. */
  readonly sequence: number
  /** TTL it arrived with. */
  readonly ttl: number
  /** Round trip in nanoseconds; null when the data is too short to carry a time. */
  readonly rtt: number | null
  /** Came before. */
  readonly duplicate: boolean
}

/** How one of the two pings talks. */
export interface PingDialect {
  /** First line. `from`: source and device, when they were asked for. */
  banner(options: PingOptions, target: string, v4: boolean, optionsLength: number, from: string): string
  /** A reply. */
  reply(r: PingReply): string
  /** The last lines. */
  summary(target: string, c: PingCounters, rtt: PingStatistics): string
  /** Number of the first request. */
  readonly firstSequence: number
}

const loss = (c: PingCounters): number =>
  c.transmitted === 0 ? 0 : ((c.transmitted - c.received) * 100) / c.transmitted

/** iputils. */
export const IPUTILS: PingDialect = {
  firstSequence: 1,
  banner(options, target, v4, optionsLength, from) {
    const size = options.size ?? 56
    const name = options.hostname ?? (v4 ? options.destination : target)
    if (!v4) return `PING ${name}(${target}) ${from}${size} data bytes\n`
    return `PING ${name} (${target}) ${from}${size}(${size + 28 + optionsLength}) bytes of data.\n`
  },
  reply(r) {
    const time = r.rtt === null ? '' : ` time=${roundTripText(r.rtt)} ms`
    return `${r.bytes} bytes from ${r.from}: icmp_seq=${r.sequence} ttl=${r.ttl}${time}${r.duplicate ? ' (DUP!)' : ''}\n`
  },
  summary(target, c, rtt) {
    const duplicates = c.duplicates > 0 ? `+${c.duplicates} duplicates, ` : ''
    const errors = c.errors > 0 ? `+${c.errors} errors, ` : ''
    const times = [rtt.min, rtt.average, rtt.max, rtt.deviation].map(milliseconds).join('/')
    const last = [
      ...(c.received > 0 && rtt.count > 0 ? [`rtt min/avg/max/mdev = ${times} ms`] : []),
      ...(c.pipe > 1 ? [`pipe ${c.pipe}`] : []),
    ].join(', ')
    return (
      `\n--- ${target} ping statistics ---\n${c.transmitted} packets transmitted, ${c.received} received, ` +
      `${duplicates}${errors}${Number(loss(c).toPrecision(6))}% packet loss, time ${Math.trunc(c.elapsed / 1_000_000)}ms\n${last}\n`
    )
  },
}

/** busybox. */
export const BUSYBOX: PingDialect = {
  firstSequence: 0,
  banner(options, target) {
    return `PING ${options.hostname ?? target} (${target}): ${options.size ?? 56} data bytes\n`
  },
  reply(r) {
    const time = r.rtt === null ? '' : ` time=${milliseconds(r.rtt)} ms`
    return `${r.bytes} bytes from ${r.from}: seq=${r.sequence} ttl=${r.ttl}${time}${r.duplicate ? ' (DUP!)' : ''}\n`
  },
  summary(target, c, rtt) {
    const duplicates = c.duplicates > 0 ? `${c.duplicates} duplicates, ` : ''
    const times = [rtt.min, rtt.average, rtt.max].map(milliseconds).join('/')
    return (
      `\n--- ${target} ping statistics ---\n${c.transmitted} packets transmitted, ${c.received} packets received, ` +
      `${duplicates}${Math.trunc(loss(c))}% packet loss\n${rtt.count > 0 ? `round-trip min/avg/max = ${times} ms\n` : ''}`
    )
  },
}
