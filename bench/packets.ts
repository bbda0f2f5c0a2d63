import { Lab } from 'packetwalk'
import { fibLookup } from 'packetwalk/dataplane'
import { namespace, networkOf, route } from 'packetwalk/model'
import { type Ipv4, numberToIpv4 } from 'packetwalk/wire'
import type { Mode } from './cluster.ts'
import { microseconds, type Row } from './measure.ts'
import { capturePinger, demoPinger, eventsOf, type Pinger } from './pinger.ts'
import { plainLookup, plainPing } from './yardstick.ts'

const MODES: readonly Mode[] = ['ipip', 'vxlan', 'noencap']

function timed(name: string, pinger: Pinger): Row {
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

/** Pings through the rules Calico and kube-proxy write, and out through NAT, in the state of the captures. */
export function* chains(): Iterable<Row> {
  const states = [
    ['Calico’s chains (03b)', '03b-ipip-felix', 'pod65a', '192.168.196.130'],
    ['NAT outgoing (09)', '09-nat-outgoing', 'pod65a', '198.51.100.10'],
  ] as const
  for (const [words, scenario, from, to] of states) {
    for (const record of [true, false]) {
      const name = `ping, ${words}, ${record ? 'all records' : 'no recorder'}`
      yield timed(name, capturePinger(scenario, from, to, record))
    }
  }
}

const ROUTES = 5000

/** Longest prefix match over 5,000 routes, beside a scan of the same routes as text. */
export function* lpm(): Iterable<Row> {
  const prefixes = Array.from({ length: ROUTES }, (_, i) => `${numberToIpv4(0x0a400000 + i * 64)}/26`)
  const ns = namespace('node', {
    interfaces: [{ name: 'eth0', addresses: ['172.16.0.2/16'] }],
    routes: prefixes.map((prefix) => route(prefix, { via: '172.16.0.3', dev: 'eth0' })),
  })
  const { simulation } = Lab.fromNetwork(networkOf([ns], []))
  const compiled = simulation.netns('node')
  const addresses = Array.from({ length: 64 }, (_, i) => numberToIpv4(0x0a400007 + ((i * 997) % ROUTES) * 64) as Ipv4)
  const all = microseconds(() => {
    for (const dst of addresses) {
      if (fibLookup(compiled, { dst }).error !== null) throw new Error('no route')
    }
  }, 100)
  const plain = microseconds(() => plainLookup(prefixes, addresses[7] as string), 5, 50)
  const value = all / addresses.length
  yield { name: `lookup among ${ROUTES} routes, address as text`, value, unit: 'µs', ratio: value / plain }
}
