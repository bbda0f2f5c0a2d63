// Every packet ends exactly once: what the engine wrote down, not what can be guessed from its hops.

import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { type PacketEvent, type RecordLog, route, type Stamped } from '../../src/model/index.ts'
import { traceOf } from '../../src/trace/index.ts'
import { POD_A, POD_B, TWO_NODES } from './two-nodes.ts'

const eventsOf = (log: RecordLog): Stamped<PacketEvent>[] =>
  Array.from({ length: log.length }, (_, i) => log.eventAt(i))

/** Packets that were on a device, and how often each ended. */
function endings(log: RecordLog): Map<number, number> {
  const ends = new Map<number, number>()
  for (const event of eventsOf(log)) {
    if (event.packet === 0) continue
    const known = ends.get(event.packet) ?? 0
    ends.set(event.packet, event.kind === 'end' ? known + 1 : known)
  }
  return ends
}

const RUNS: readonly { readonly name: string; readonly run: (lab: Lab) => unknown }[] = [
  { name: 'a ping', run: (lab) => lab.ping('a', POD_B, { count: 3 }) },
  { name: 'fragments', run: (lab) => lab.ping('a', POD_B, { size: 4000 }) },
  { name: 'a blackhole', run: (lab) => lab.ping('a', '10.1.0.100') },
  { name: 'a traceroute', run: (lab) => lab.traceroute('a', POD_B) },
  { name: 'UDP', run: (lab) => lab.udp('a', POD_B, 53, { count: 2 }) },
  { name: 'UDP to nobody', run: (lab) => lab.udp('a', POD_B, 53, { server: false }) },
  { name: 'TCP', run: (lab) => lab.tcp('a', POD_B, 80) },
  { name: 'TCP to nobody', run: (lab) => lab.tcp('a', POD_B, 80, { server: false }) },
  {
    name: 'TCP whose answers are lost: the server is asked again and again',
    run: (lab) => {
      expect(lab.sh('a', 'iptables -I INPUT -p tcp -j DROP').ok).toBe(true)
      return lab.tcp('a', POD_B, 80)
    },
  },
  { name: 'nobody at home', run: (lab) => lab.ping('a', '192.168.0.77') },
]

describe('every packet ends exactly once', () => {
  it.each(RUNS)('$name', ({ run }) => {
    const lab = Lab.fromNetwork(TWO_NODES)
    run(lab)
    lab.wait(300)
    const counts = [...endings(lab.recorder!)]
    expect(counts.length).toBeGreaterThan(0)
    expect(counts.filter(([, count]) => count !== 1)).toEqual([])
    expect(lab.trace().faults).toEqual([])
  })
})

describe('a trace that spans an edit', () => {
  const withRouteFrom = (object: string) =>
    TWO_NODES.edit((draft) => {
      for (const route of draft.namespaces['a']!.routes)
        (route as { origin?: object }).origin = { component: 'cni', object }
    })

  it('tells each packet by the network of its time', () => {
    const before = withRouteFrom('before')
    const lab = Lab.fromNetwork(before)
    lab.ping('a', POD_B)
    const first = lab.recorder!.length
    lab.setNetwork(withRouteFrom('after'))
    lab.simulation.run(lab.simulation.clock.now + 1)
    const events = eventsOf(lab.recorder!)
    expect(events.filter((event) => event.kind === 'network')).toHaveLength(2)
    expect(events.findIndex((event) => event.kind === 'network' && event.network !== before)).toBe(first)
    const said = traceOf(lab.recorder!, before).hops.find((hop) => hop.kind === 'route' && hop.netns === 'a')
    expect(said?.facts[0]?.origin?.object).toBe('before')
  })

  it('explains a lookup by the devices as they were', () => {
    const lab = Lab.fromNetwork(TWO_NODES)
    lab.ping('a', POD_B)
    lab.edit((draft) => {
      draft.namespaces['n1']!.interfaces['tunl0']!.up = false
    })
    const reasons = traceOf(lab.recorder!, TWO_NODES).hops.flatMap((hop) =>
      hop.kind === 'route' ? hop.candidates.map((one) => one.lost) : [],
    )
    expect(reasons).not.toContain('device-down')
    expect(reasons).toContain('shorter-prefix')
  })
})

describe('a refusal is told beside what was found', () => {
  const refusedBy = (own: boolean) => {
    const network = TWO_NODES.edit((draft) => {
      const n1 = draft.namespaces['n1']!
      n1.sysctls = { ...n1.sysctls, 'net.ipv4.conf.cali1.rp_filter': '1' }
      n1.routes = n1.routes.filter((one) => one.dst !== `${POD_A}/32`)
      const gateway = route('169.254.1.1', { type: 'local', dev: 'cali1', table: 'local', scope: 'host' })
      if (own) n1.routes = [...n1.routes, gateway as (typeof n1.routes)[number]]
    })
    const { hops } = Lab.fromNetwork(network).ping('a', '192.168.0.1').trace
    const refused = hops.find((hop) => hop.kind === 'route' && hop.refused !== undefined)
    if (refused?.kind !== 'route') throw new Error('nothing was refused')
    return refused
  }

  it('when the reverse path filter refuses an ARP request for the router itself', () => {
    expect(refusedBy(true)).toMatchObject({ netns: 'n1', result: 'local', refused: 'rp_filter' })
    expect(refusedBy(true).reason).toMatch(
      /^169\.254\.1\.1 is an address of this host .*; but refused: reverse path filter/,
    )
  })

  it('and one for somebody it could have answered for', () => {
    expect(refusedBy(false)).toMatchObject({ netns: 'n1', result: 'unicast', refused: 'rp_filter' })
  })
})
