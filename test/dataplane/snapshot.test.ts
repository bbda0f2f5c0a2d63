// From a snapshot on, everything happens again, to the byte: whatever packets have changed is part of some part.
import { describe, expect, it } from 'vitest'
import { PARTS } from '../../src/dataplane/assemble.ts'
import { SECOND, Simulation, UdpSock } from '../../src/dataplane/index.ts'
import { type Namespace, type Neighbour, Network } from '../../src/model/index.ts'
import { host } from './ipv4/hosts.ts'
import { netns, veth, watch, wire } from './link/lan.ts'

const FAR = netns('far', [veth('eth0', '02:00:00:00:00:99')])
const stale = (dst: string, last: number): Neighbour =>
  ({ dst, dev: 'eth0', lladdr: `02:00:00:00:00:${last}`, state: 'STALE' }) as Neighbour

/** A host with these routes and neighbours, on a wire to a silent other. */
function simulate(routes: readonly string[], neighbours: readonly Neighbour[]): Simulation {
  const model: Namespace = { ...host('h', { eth0: { addresses: ['10.0.0.1/24'] } }, routes), neighbours }
  return new Simulation(new Network({ namespaces: { h: model, far: FAR }, wires: [wire('h/eth0', 'far/eth0')] }))
}

/** Sends datagrams to an address, a socket each; the frames that leave. */
function send(sim: Simulation, to: number, count: number): string[] {
  const frames = watch(sim)
  for (let i = 0; i < count; i++) {
    const sock = new UdpSock(sim.netns('h'), 'inet')
    sock.sendTo(new Uint8Array([i]), to, 53)
    sock.close()
    sim.drain()
  }
  sim.run(sim.clock.now + SECOND)
  sim.taps.pop()
  return frames.filter((line) => line.startsWith('h/eth0 out'))
}

/** The last byte of the hardware address each datagram went to. */
const waysOf = (frames: readonly string[]): string[] =>
  frames.filter((line) => line.slice(11 + 24, 11 + 28) === '0800').map((line) => line.slice(11 + 10, 11 + 12))

describe('two equal default routes with stale gateways', () => {
  const routes = ['default via 10.0.0.2 dev eth0', 'default via 10.0.0.3 dev eth0']
  const build = (): Simulation => simulate(routes, [stale('10.0.0.2', 22), stale('10.0.0.3', 33)])

  it.each([0, 1, 2, 3])('take turns again after a restore, %i datagrams into it', (before) => {
    const sim = build()
    send(sim, 0x08080808, before)
    const saved = sim.snapshot()
    const first = send(sim, 0x08080808, 3)
    expect(waysOf(first)).toHaveLength(3)
    sim.restore(saved)
    expect(send(sim, 0x08080808, 3)).toEqual(first)
  })

  it('go on where they were when something else is edited', () => {
    const [edited, left] = [build(), build()]
    for (const sim of [edited, left]) send(sim, 0x08080808, 1)
    edited.setNetwork(
      edited.network.edit((draft) => {
        draft.namespaces['h']!.sysctls = { 'net.ipv4.ip_forward': '1' }
      }),
    )
    expect(waysOf(send(edited, 0x08080808, 1))).toEqual(waysOf(send(left, 0x08080808, 1)))
  })
})

describe('the limit of ICMP messages', () => {
  it('is the machine’s, and goes back with it', () => {
    const sim = simulate([], [])
    const ns = sim.netns('h')
    const take = (): boolean[] => Array.from({ length: 60 }, () => sim.icmpGlobal.take(ns))
    sim.run(SECOND)
    take()
    const saved = sim.snapshot()
    const first = take()
    sim.restore(saved)
    expect(take()).toEqual(first)
  })
})

describe('parts', () => {
  it('stand at their slots', () => {
    expect(PARTS.map(({ slot }) => slot)).toEqual(PARTS.map((_, i) => i))
  })
})
