import { Lab } from 'packetwalk'
import { replayScenario } from 'packetwalk/replay'
import type { Ipv4 } from 'packetwalk/wire'
import { readScenario } from '../test/support/captures.ts'
import type { Row } from './measure.ts'
import { timed } from './packets.ts'
import { type Pinger, pinger } from './pinger.ts'

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

/** Pings in the state of a kernel capture. */
export function capturePinger(scenario: string, from: string, to: string, record: boolean): Pinger {
  // Probe 0 is none: only the state is read.
  const { network } = replayScenario(readScenario(scenario), { probe: 0 }).scenario
  return pinger(Lab.fromNetwork(network, { record }), from, to as Ipv4)
}
