import { beforeEach, describe, expect, it } from 'vitest'
import { MILLISECOND, SECOND, Simulation } from '../../../src/dataplane/index.ts'
import {
  NEIGH_UPDATE_ADMIN,
  NEIGH_UPDATE_OVERRIDE,
  NEIGH_UPDATE_WEAK_OVERRIDE,
  nudName,
  nudOf,
} from '../../../src/dataplane/kernel/nud.ts'
import type { Neigh } from '../../../src/dataplane/link/neigh.ts'
import { neighUpdate } from '../../../src/dataplane/link/neigh-machine.ts'
import { truesize } from '../../../src/dataplane/link/truesize.ts'
import { type NeighState, Network } from '../../../src/model/index.ts'
import { ipv4ToNumber, keyToMac } from '../../../src/wire/index.ts'
import { fake, inet, netns, veth, wire } from './lan.ts'

const A = 0x0200_0000_000a
const B = 0x0200_0000_000b
const PEER = ipv4ToNumber('10.0.0.2')

let sim: Simulation
let solicits: string[]
let dropped: string[]
let reported: number

beforeEach(() => {
  const network = new Network({
    namespaces: {
      a: netns('a', [veth('eth0', '02:00:00:00:00:01', { addresses: [inet('10.0.0.1/24')] })]),
      b: netns('b', [veth('eth0', '02:00:00:00:00:02', { addresses: [inet('10.0.0.2/24')] })]),
    },
    wires: [wire('a/eth0', 'b/eth0')],
  })
  sim = new Simulation(network)
  solicits = []
  dropped = []
  reported = 0
  fake(sim, {
    arpSolicit: (_dev, _target, probes, lladdr) => {
      // The timer wheel is up to an eighth late: whole seconds are enough here.
      solicits.push(`${Math.floor(sim.clock.now / SECOND)} #${probes} ${lladdr === 0 ? 'broadcast' : keyToMac(lladdr)}`)
    },
    inetAddrType: () => 'UNICAST',
    ipRcv: () => {},
    neighErrorReport: () => {
      reported++
    },
  })
  sim.onDrop = (cause) => dropped.push(cause)
})

function entryIn(state: NeighState, lladdr = A): Neigh {
  const ns = sim.netns('a')
  const entry = ns.neigh.lookupOrCreate(ns.byName.get('eth0') as never, 'inet', PEER)
  entry.state = nudOf(state)
  entry.lladdr = state === 'NONE' || state === 'INCOMPLETE' || state === 'FAILED' ? 0 : lladdr
  return entry
}

function send(size = 100): void {
  const ns = sim.netns('a')
  const skb = sim.newSkb(size)
  skb.protocol = 0x0800
  sim.stack.neighOutput(skb, ns.byName.get('eth0') as never, 'inet', PEER)
}

describe('neighUpdate', () => {
  const now = NEIGH_UPDATE_OVERRIDE
  const weak = NEIGH_UPDATE_WEAK_OVERRIDE
  const cases: [NeighState, number | null, NeighState, number, NeighState, number][] = [
    // old state (address A), told address, told state, flags → state, address
    ['NONE', A, 'REACHABLE', now, 'REACHABLE', A],
    ['INCOMPLETE', B, 'REACHABLE', 0, 'REACHABLE', B],
    ['INCOMPLETE', B, 'STALE', 0, 'STALE', B],
    ['INCOMPLETE', null, 'REACHABLE', now, 'INCOMPLETE', 0],
    ['FAILED', B, 'STALE', 0, 'STALE', B],
    ['REACHABLE', A, 'STALE', now, 'REACHABLE', A],
    ['REACHABLE', B, 'STALE', now, 'STALE', B],
    ['REACHABLE', B, 'REACHABLE', 0, 'REACHABLE', A],
    ['REACHABLE', B, 'REACHABLE', weak, 'STALE', A],
    ['STALE', B, 'REACHABLE', weak, 'STALE', A],
    ['STALE', A, 'REACHABLE', 0, 'REACHABLE', A],
    ['STALE', B, 'REACHABLE', now, 'REACHABLE', B],
    ['DELAY', A, 'STALE', now, 'DELAY', A],
    ['PROBE', A, 'REACHABLE', 0, 'REACHABLE', A],
    ['PERMANENT', B, 'REACHABLE', now, 'PERMANENT', A],
    ['PERMANENT', B, 'STALE', now | NEIGH_UPDATE_ADMIN, 'STALE', B],
    ['NOARP', B, 'REACHABLE', now, 'NOARP', A],
    ['STALE', null, 'FAILED', now, 'FAILED', A],
  ]
  it.each(cases)('%s told %s %s with flags %s becomes %s', (old, lladdr, state, flags, expected, address) => {
    const entry = entryIn(old)
    neighUpdate(entry, lladdr, nudOf(state), flags)
    expect([nudName(entry.state), entry.lladdr]).toEqual([expected, address])
  })

  it('sends what waited, in order, once the address is known', () => {
    const sent: number[] = []
    send(60)
    send(70)
    const entry = sim.netns('a').neigh.lookup(sim.netns('a').byName.get('eth0') as never, 'inet', PEER) as Neigh
    sim.taps.push((dev, way, _bytes, start, end) => way === 'out' && dev.ns.name === 'a' && sent.push(end - start))
    neighUpdate(entry, B, nudOf('REACHABLE'), 0)
    expect(sent).toEqual([74, 84])
    expect(entry.queueBytes).toBe(0)
  })
})

describe('resolution over time', () => {
  it('asks three times, a second apart, then reports and drops what waited', () => {
    send()
    send()
    sim.run(10 * SECOND)
    expect(solicits).toEqual(['0 #3 broadcast', '1 #4 broadcast', '2 #5 broadcast'])
    expect(dropped).toEqual(['neighbour_failed', 'neighbour_failed'])
    expect(reported).toBe(2)
    expect(sim.netns('a').neigh.dump()).toMatchObject([{ dst: '10.0.0.2', dev: 'eth0', state: 'FAILED' }])
  })

  it('begins again when a failed neighbour is needed again', () => {
    send()
    sim.run(5 * SECOND)
    send()
    expect(solicits.at(-1)).toBe('5 #3 broadcast')
  })

  it('uses a stale address at once, waits five seconds for a confirmation, then probes by unicast', () => {
    entryIn('STALE')
    send()
    expect(solicits).toEqual([])
    expect(dropped).toEqual([])
    sim.run(20 * SECOND)
    const mac = keyToMac(A)
    expect(solicits).toEqual([`5 #0 ${mac}`, `6 #1 ${mac}`, `7 #2 ${mac}`])
    expect(sim.netns('a').neigh.dump()).toMatchObject([{ state: 'FAILED' }])
  })

  it('goes from DELAY back to REACHABLE when an upper layer confirms, and to STALE when nobody uses it', () => {
    const entry = entryIn('STALE')
    send()
    sim.run(2 * SECOND)
    sim.stack.neighConfirm(sim.netns('a'), entry.dev, 'inet', PEER)
    sim.run(6 * SECOND)
    expect(nudName(entry.state)).toBe('REACHABLE')
    sim.run(40 * SECOND)
    expect(nudName(entry.state)).toBe('STALE')
    expect(solicits).toEqual([])
  })

  it('throws away the oldest packets when the queue is over unres_qlen_bytes', () => {
    const fits = Math.floor(212992 / truesize(1000))
    for (let i = 0; i < fits + 3; i++) send(1000)
    expect(dropped).toEqual(['neighbour_queue_full', 'neighbour_queue_full', 'neighbour_queue_full'])
  })
})

describe('snapshot', () => {
  it('brings back entries, waiting packets and their timers', () => {
    send()
    sim.run(1500 * MILLISECOND)
    const saved = sim.snapshot()
    sim.run(10 * SECOND)
    expect(solicits.length).toBe(3)
    expect(dropped.length).toBe(1)
    sim.restore(saved)
    expect(sim.clock.now).toBe(1500 * MILLISECOND)
    sim.run(10 * SECOND)
    expect(solicits).toEqual([...solicits.slice(0, 3), '2 #5 broadcast'])
    expect(dropped).toEqual(['neighbour_failed', 'neighbour_failed'])
  })
})

describe('the picture of an entry that records refer to', () => {
  it('is one object as long as nothing changes, and another afterwards', () => {
    const entry = entryIn('REACHABLE')
    const first = entry.ref
    expect(first).toEqual({ dst: '10.0.0.2', dev: 'eth0', lladdr: keyToMac(A), state: 'REACHABLE' })
    expect(entry.ref).toBe(first)
    entry.state = nudOf('STALE')
    const stale = entry.ref
    expect([stale.state, stale.lladdr, first.state]).toEqual(['STALE', keyToMac(A), 'REACHABLE'])
    entry.lladdr = B
    expect([entry.ref.state, entry.ref.lladdr, stale.lladdr]).toEqual(['STALE', keyToMac(B), keyToMac(A)])
    expect(entryIn('FAILED').ref).toMatchObject({ lladdr: '', state: 'FAILED' })
  })
})
