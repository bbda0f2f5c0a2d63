import type { Simulation } from '../../dataplane/index.ts'
import { InputError, keptIn, type Network } from '../../model/index.ts'
import { target } from '../asked.ts'
import type { Endpoint } from '../endpoint.ts'
import type { Lab } from '../lab.ts'
import { flowIds } from './flow-ids.ts'
import type { ProbeGround, TimelineProbe } from './probe.ts'
import type { ProbeServers } from './servers.ts'

/** Source ports and identifiers of probes: below those of what is asked once. */
const FIRST_ID = 33_000
const LAST_ID = 39_999

/** What probes need of a lab. */
export function groundOf(lab: Lab, servers: ProbeServers): ProbeGround {
  const { simulation } = lab
  // By the network, which is held by no probe that is asked no more.
  const known = new WeakMap<Network, Map<string, Endpoint>>()
  let id = LAST_ID
  const endpoint = (name: string, path: 'from' | 'to'): Endpoint => {
    const ends = keptIn(known, simulation.network, () => new Map())
    try {
      const end = ends.get(name) ?? lab.endpoint(name)
      ends.set(name, end)
      return end
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      throw new InputError(error.issues.map((issue) => ({ ...issue, path: [path] })))
    }
  }
  return {
    simulation,
    servers,
    wayOf: (from, to) => {
      const start = endpoint(from, 'from')
      const end = endpoint(to, 'to')
      const { netns } = start
      if (netns !== undefined && netns in simulation.network.namespaces)
        return { netns, destination: target(start, end) }
      const expected = 'a pod or node that is there'
      throw new InputError([{ kind: 'missing_reference', file: '', path: ['from'], expected, received: `"${from}"` }])
    },
    portOf: (to, port, protocol) => lab.port(to, port, protocol).number,
    nextId: () => {
      id = id >= LAST_ID ? FIRST_ID : id + 1
      return id
    },
  }
}

/** Tells probes where packets end. */
export function dropsToldTo(probes: () => readonly TimelineProbe[]): NonNullable<Simulation['onDrop']> {
  return (cause, skb, ns) => {
    const ids = flowIds(skb.bytes, skb.network, skb.tail)
    if (ids.length === 0) return
    for (const probe of probes()) probe.dropped(ids, { netns: ns.name, dev: skb.dev?.name ?? '', cause })
  }
}
