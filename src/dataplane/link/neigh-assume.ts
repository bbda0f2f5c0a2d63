import type { Neighbour } from '../../model/index.ts'
import { type Ipv4, type Ipv6, ipv4ToNumber, ipv6ToKey, isIpv4, macToKey } from '../../wire/index.ts'
import type { NetNs } from '../kernel/netns.ts'
import { NUD_NOARP, NUD_REACHABLE, nudOf } from '../kernel/nud.ts'
import { assumeTimer } from './neigh-machine.ts'
import { neighOf } from './slot.ts'

/**
 * Makes the neighbour table show exactly these entries, as if they had been learned. Entries that agree in address and
 * state keep their timers; others are replaced or removed without a word to anybody who waits.
 */
export function assumeNeighbours(ns: NetNs, neighbours: readonly Neighbour[]): void {
  const wanted = new Map(neighbours.map((n) => [`${n.dev} ${n.dst}`, n]))
  for (const entry of neighOf(ns).entries()) {
    if ((entry.state & NUD_NOARP) !== 0 || entry.state === 0) continue
    const key = `${entry.dev.name} ${entry.dst}`
    const want = wanted.get(key)
    if (want === undefined) {
      neighOf(ns).remove(entry)
      continue
    }
    const lladdr = want.lladdr === undefined ? 0 : macToKey(want.lladdr)
    if (entry.state === nudOf(want.state) && (entry.lladdr === lladdr || lladdr === 0)) wanted.delete(key)
  }
  for (const want of wanted.values()) put(ns, want)
}

function put(ns: NetNs, want: Neighbour): void {
  const dev = ns.byName.get(want.dev)
  if (dev === undefined) return
  const v4 = isIpv4(want.dst)
  const key = v4 ? ipv4ToNumber(want.dst as Ipv4) : ipv6ToKey(want.dst as Ipv6)
  const family = v4 ? 'inet' : 'inet6'
  const known = neighOf(ns).lookup(dev, family, key)
  if (known !== undefined) neighOf(ns).remove(known)
  const entry = neighOf(ns).lookupOrCreate(dev, family, key)
  entry.lladdr = want.lladdr === undefined ? 0 : macToKey(want.lladdr)
  entry.state = nudOf(want.state)
  entry.isRouter = want.router === true
  const { now } = ns.sim.clock
  if (entry.state === NUD_REACHABLE) {
    entry.confirmed = now
    assumeTimer(entry, now + entry.parms.baseReachableTime)
  }
}
