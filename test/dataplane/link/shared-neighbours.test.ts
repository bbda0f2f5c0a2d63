import { describe, expect, it } from 'vitest'
import { Simulation } from '../../../src/dataplane/index.ts'
import { Network, type SharedEntry, type SharedView } from '../../../src/model/index.ts'
import { type Ip, ipv4ToNumber, type Mac } from '../../../src/wire/index.ts'
import { netns, veth } from './lan.ts'

const entries: SharedEntry[] = ['a', 'b', 'c'].map((owner, i) => ({
  owner,
  via: `10.65.${i}.0` as Ip,
  lladdr: `66:00:00:00:00:0${i}` as Mac,
}))

function build(use: Partial<SharedView> = {}): Simulation {
  const shared: SharedView[] = [{ table: 'vteps', as: 'neighbour', dev: 'eth0', ...use }]
  const ns = netns('a', [veth('eth0', '02:00:00:00:00:01'), veth('eth1', '02:00:00:00:00:02')], { shared })
  return new Simulation(new Network({ namespaces: { a: ns }, shared: { vteps: { entries } } }))
}

const table = (sim: Simulation): string[] =>
  sim
    .netns('a')
    .neigh.dump()
    .map(({ dst, dev, lladdr, state }) => `${dst} ${dev} ${lladdr} ${state}`)

const B = '10.65.1.0 eth0 66:00:00:00:00:01 PERMANENT'
const C = '10.65.2.0 eth0 66:00:00:00:00:02 PERMANENT'

describe('neighbours of a table', () => {
  it('are permanent, on the device of the use, and without the own one', () => {
    expect(table(build())).toEqual([B, C])
  })

  it('leave out whom the use leaves out', () => {
    expect(table(build({ except: ['c'] }))).toEqual([B])
  })

  it('are found one by one, and listed once', () => {
    const sim = build()
    const ns = sim.netns('a')
    const find = (dev: string, ip: string): number | undefined =>
      ns.neigh.lookup(ns.byName.get(dev) as never, 'inet', ipv4ToNumber(ip))?.lladdr
    expect(find('eth0', '10.65.1.0')).toBe(0x6600_0000_0001)
    expect(find('eth1', '10.65.1.0')).toBeUndefined()
    expect(find('eth0', '10.65.0.0')).toBeUndefined()
    expect(table(sim)).toEqual([B, C])
  })

  it('follow an edit of the table', () => {
    const sim = build()
    const ns = sim.netns('a')
    ns.neigh.lookup(ns.byName.get('eth0') as never, 'inet', ipv4ToNumber('10.65.1.0'))
    const { namespaces, wires } = sim.network
    sim.setNetwork(new Network({ namespaces, wires, shared: { vteps: { entries: entries.slice(2) } } }))
    expect(table(sim)).toEqual([C])
  })
})
