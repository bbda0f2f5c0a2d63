import { beforeEach, describe, expect, it } from 'vitest'
import { assumeNeighbours, MILLISECOND, SECOND, Simulation } from '../../../src/dataplane/index.ts'
import {
  NEIGH_UPDATE_ADMIN,
  NEIGH_UPDATE_ISROUTER,
  NEIGH_UPDATE_OVERRIDE,
  NEIGH_UPDATE_OVERRIDE_ISROUTER,
  NEIGH_UPDATE_WEAK_OVERRIDE,
  nudName,
  nudOf,
} from '../../../src/dataplane/kernel/nud.ts'
import type { Neigh } from '../../../src/dataplane/link/neigh.ts'
import { neighUpdate } from '../../../src/dataplane/link/neigh-machine.ts'
import { truesize } from '../../../src/dataplane/link/truesize.ts'
import { type NeighState, Network } from '../../../src/model/index.ts'
import { type Ip, ipv4ToNumber, keyToMac } from '../../../src/wire/index.ts'
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

/** A host whose neighbour answers nobody; when it asks, in milliseconds. */
function asks(
  sysctls: Readonly<Record<string, string>>,
  state: NeighState | null,
  seconds: number,
): { at: number[]; dropped: string[]; state: string } {
  const key = (name: string): string => `net.ipv4.neigh.eth0.${name}`
  const settings = Object.fromEntries(Object.entries(sysctls).map(([name, value]) => [key(name), value]))
  const eth0 = veth('eth0', '02:00:00:00:00:01', { addresses: [inet('10.0.0.1/24')] })
  const namespaces = {
    a: netns('a', [eth0], { sysctls: settings }),
    b: netns('b', [veth('eth0', '02:00:00:00:00:02')]),
  }
  sim = new Simulation(new Network({ namespaces, wires: [wire('a/eth0', 'b/eth0')] }))
  const at: number[] = []
  const lost: string[] = []
  sim.onDrop = (cause) => lost.push(cause)
  fake(sim, { arpSolicit: () => void at.push(Math.round(sim.clock.now / 1e6)), neighErrorReport: () => {} })
  if (state !== null) entryIn(state)
  send()
  sim.run(seconds * SECOND)
  return { at, dropped: lost, state: sim.netns('a').neigh.dump()[0]?.state ?? '' }
}

// Documentation/networking/ip-sysctl.rst, neigh/default/*
describe('settings of a device', () => {
  const about = (ms: number): number => expect.closeTo(ms, -Math.log10(ms / 4)) as unknown as number
  it.each([
    ['by default', {}, 3, 1000],
    ['mcast_solicit', { mcast_solicit: '5' }, 5, 1000],
    ['retrans_time_ms', { retrans_time_ms: '200' }, 3, 200],
    ['app_solicit', { app_solicit: '1' }, 4, 1000],
  ])('%s: how often and when it asks', (_, sysctls, times, gap) => {
    const { at, dropped, state } = asks(sysctls, null, 20)
    expect(at).toHaveLength(times)
    for (let i = 1; i < at.length; i++) expect((at[i] as number) - (at[i - 1] as number)).toEqual(about(gap))
    expect([dropped, state]).toEqual([['neighbour_failed'], 'FAILED'])
  })

  it('mcast_solicit 0: it fails at once', () => {
    expect(asks({ mcast_solicit: '0' }, null, 1)).toEqual({
      at: [],
      dropped: ['neighbour_failed_now'],
      state: 'FAILED',
    })
  })

  it.each([
    ['delay_first_probe_time', { delay_first_probe_time: '2' }, 2000, 3],
    ['ucast_solicit', { ucast_solicit: '1' }, 5000, 1],
    ['mcast_resolicit', { mcast_resolicit: '2' }, 5000, 5],
  ])('%s: when a stale one is asked, and how often', (_, sysctls, first, times) => {
    const { at } = asks(sysctls, 'STALE', 30)
    expect([at[0], at.length]).toEqual([about(first), times])
  })
})

describe('a neighbour that is reachable', () => {
  it.each([
    ['and used lately is asked', 29, 'DELAY'],
    ['and used long ago is not', 1, 'STALE'],
  ])('%s', (_, second, state) => {
    const entry = entryIn('NONE')
    neighUpdate(entry, A, nudOf('REACHABLE'), NEIGH_UPDATE_OVERRIDE)
    sim.run(second * SECOND)
    sim.netns('a').neigh.eventSend(entry) // what goes out by the header kept is not counted as use
    sim.run(30 * SECOND)
    while (nudName(entry.state) === 'REACHABLE') sim.run(sim.clock.now + SECOND)
    expect(nudName(entry.state)).toBe(state)
  })
})

describe('what is told of routers', () => {
  const [OVERRIDE_ISROUTER, ISROUTER] = [NEIGH_UPDATE_OVERRIDE_ISROUTER, NEIGH_UPDATE_ISROUTER]
  it.each([
    ['it is one', NEIGH_UPDATE_OVERRIDE | OVERRIDE_ISROUTER | ISROUTER, B, true],
    ['it is none', NEIGH_UPDATE_OVERRIDE | OVERRIDE_ISROUTER, B, false],
    ['nothing', NEIGH_UPDATE_OVERRIDE, B, true],
    ['that it is none, by another address that is not believed', OVERRIDE_ISROUTER, B, true],
    ['that it is none, by the same address', OVERRIDE_ISROUTER, A, false],
  ])('%s', (_, flags, lladdr, router) => {
    const entry = entryIn('REACHABLE')
    entry.isRouter = true
    neighUpdate(entry, lladdr, nudOf('STALE'), flags)
    expect(entry.isRouter).toBe(router)
  })
})

describe('the table', () => {
  const keys = (count: number): number[] => Array.from({ length: count }, (_, i) => ipv4ToNumber('10.0.0.2') + i)
  function fill(count: number, state: NeighState): void {
    const ns = sim.netns('a')
    for (const key of keys(count)) {
      const entry = ns.neigh.lookupOrCreate(ns.byName.get('eth0') as never, 'inet', key)
      entry.state = nudOf(state)
      entry.lladdr = A
    }
  }
  const size = (): number =>
    sim
      .netns('a')
      .neigh.entries()
      .filter((entry) => entry.dev.name === 'eth0').length
  // @linux net/core/neighbour.c neigh_periodic_work, gc_thresh1 = 128, gc_stale_time = 60 s
  it.each<[string, number, NeighState, number, number]>([
    ['few are kept, however old', 127, 'STALE', 1000, 128],
    ['many that are old go', 140, 'STALE', 61, 1],
    ['many that are young stay', 140, 'STALE', 59, 141],
    ['what failed goes at once', 128, 'FAILED', 0, 1],
    ['permanent ones stay', 140, 'PERMANENT', 1000, 141],
  ])('%s', (_, count, state, seconds, left) => {
    fill(count, state)
    sim.run(seconds * SECOND)
    const ns = sim.netns('a')
    ns.neigh.lookupOrCreate(ns.byName.get('eth0') as never, 'inet', ipv4ToNumber('10.0.0.250'))
    expect(size()).toBe(left)
  })

  it('has one entry for all that goes over loopback', () => {
    const ns = sim.netns('a')
    const lo = ns.byName.get('lo') as never
    const skb = sim.newSkb(20)
    skb.protocol = 0x0800
    sim.stack.neighOutput(skb, lo, 'inet', ipv4ToNumber('127.0.0.1'))
    expect(ns.neigh.lookup(lo, 'inet', 0)).toBeDefined()
    expect(ns.neigh.lookup(lo, 'inet', ipv4ToNumber('127.0.0.1'))).toBeUndefined()
    const six = `${'\0'.repeat(15)}\x01`
    sim.stack.neighOutput(sim.newSkb(40), lo, 'inet6', six)
    expect(ns.neigh.lookup(lo, 'inet6', six)).toBeDefined()
  })

  it('is made to show what a capture showed, and keeps what agrees', () => {
    const ns = sim.netns('a')
    fill(4, 'REACHABLE')
    const before = ns.neigh.entries().map((entry) => entry.dst)
    const kept = ns.neigh.lookup(ns.byName.get('eth0') as never, 'inet', keys(1)[0] as number)
    const mac = (n: number) => keyToMac(n)
    assumeNeighbours(ns, [
      { dst: '10.0.0.2' as Ip, dev: 'eth0', lladdr: mac(A), state: 'REACHABLE' },
      { dst: '10.0.0.3' as Ip, dev: 'eth0', lladdr: mac(B), state: 'REACHABLE' },
      { dst: '10.0.0.4' as Ip, dev: 'eth0', lladdr: mac(A), state: 'STALE' },
      { dst: '10.0.0.9' as Ip, dev: 'eth0', state: 'FAILED' },
      { dst: 'fd00::9' as Ip, dev: 'eth0', lladdr: mac(B), state: 'STALE', router: true },
      { dst: '10.0.0.8' as Ip, dev: 'gone', lladdr: mac(A), state: 'STALE' },
    ])
    expect(before).toHaveLength(4)
    expect(ns.neigh.dump().map(({ dst, lladdr, state, router }) => [dst, lladdr, state, router])).toEqual([
      ['10.0.0.2', mac(A), 'REACHABLE', undefined],
      ['10.0.0.3', mac(B), 'REACHABLE', undefined],
      ['10.0.0.4', mac(A), 'STALE', undefined],
      ['10.0.0.9', undefined, 'FAILED', undefined],
      ['fd00::9', mac(B), 'STALE', true],
    ])
    expect(ns.neigh.lookup(ns.byName.get('eth0') as never, 'inet', keys(1)[0] as number)).toBe(kept)
    sim.run(40 * SECOND)
    const states = ns.neigh.dump().map(({ dst, state }) => `${dst} ${state}`)
    expect(states).toContain('10.0.0.3 STALE') // its time began when it was assumed
  })
})

// kmalloc rounds to powers of two, `struct sk_buff` takes 256 more. @linux net/core/skbuff.c __alloc_skb
it.each([
  [0, 768],
  [161, 768],
  [162, 1280],
  [673, 1280],
  [674, 2304],
  [1500, 2304],
  [9000, 16_640],
])('a packet of %i bytes costs %i', (length, size) => expect(truesize(length)).toBe(size))
