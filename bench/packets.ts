import type { Mode } from './cluster.ts'
import { microseconds, type Row } from './measure.ts'
import { demoPinger, eventsOf, type Pinger } from './pinger.ts'
import { plainPing } from './yardstick.ts'

const MODES: readonly Mode[] = ['ipip', 'vxlan', 'noencap']

/** What one ping takes, beside the plain one. */
export function timed(name: string, pinger: Pinger): Row {
  const value = microseconds(pinger.ping)
  const yardstick = microseconds(plainPing, 50, 100)
  const events = pinger.lab.recorder === null ? '' : `${pinger.lab.recorder.length} records`
  return { name, value, unit: 'µs', ratio: value / yardstick, note: events }
}

/** One ping between pods of two nodes, there and back, in each mode, with and without records. */
export function* pings(): Iterable<Row> {
  for (const mode of MODES) {
    for (const record of [true, false]) {
      yield timed(`ping, ${mode}, ${record ? 'all records with bytes' : 'no recorder'}`, demoPinger(mode, record))
    }
  }
}

/** The one figure other programs are timed beside. */
export function pingFigures(): Record<string, number> {
  const pinger = demoPinger('ipip', true)
  const us = microseconds(pinger.ping, 400, 800)
  const yardstick = microseconds(plainPing)
  const rounded = (n: number): number => Math.round(n * 100) / 100
  return {
    us_per_ping: rounded(us),
    records: pinger.lab.recorder?.length ?? 0,
    us_yardstick: rounded(yardstick),
    ratio: rounded(us / yardstick),
  }
}

/** Hop events a second: everything a recorder would write, written or not. */
export function* hops(): Iterable<Row> {
  for (const mode of MODES) {
    const recorded = demoPinger(mode, true)
    const events = eventsOf(recorded)
    const bare = demoPinger(mode, false)
    for (const [words, pinger] of [
      ['no recorder', bare],
      ['recorded', recorded],
    ] as const) {
      const value = events / microseconds(pinger.ping)
      yield { name: `hop events, ${mode}, ${words}`, value, unit: 'M/s', note: `${events} events a ping` }
    }
  }
}
