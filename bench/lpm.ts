import { Lab } from 'packetwalk'
import { fibLookup } from 'packetwalk/dataplane'
import { namespace, networkOf, route } from 'packetwalk/model'
import { type Ipv4, numberToIpv4 } from 'packetwalk/wire'
import { microseconds, type Row } from './measure.ts'
import { plainLookup } from './yardstick.ts'

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
