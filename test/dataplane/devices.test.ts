// The devices of a namespace: there is a loopback in each, whether somebody wrote it down or not.
import { describe, expect, it } from 'vitest'
import { Simulation } from '../../src/dataplane/index.ts'
import { neighOf } from '../../src/dataplane/link/slot.ts'
import { type Interface, type Namespace, Network } from '../../src/model/index.ts'
import type { Ip, Mac } from '../../src/wire/index.ts'
import { netns, veth } from './link/lan.ts'

describe('devices of a namespace', () => {
  const written = netns('n', [
    veth('e0', '02:00:00:00:00:01', { ifindex: 7 }),
    veth('e1', '02:00:00:00:00:02', { ifindex: 5 }),
  ])
  const { lo: _, ...others } = written.interfaces
  const without: Namespace = { ...written, interfaces: others }
  const devices = (ns: Namespace) => [
    ...new Simulation(new Network({ namespaces: { n: ns }, wires: [] })).netns('n').byName.values(),
  ]

  it('stand by index, the loopback that is written down among them', () => {
    expect(devices(written).map(({ name, ifindex, up }) => `${ifindex} ${name} ${up ? 'up' : 'down'}`)).toEqual([
      '1 lo up',
      '5 e1 up',
      '7 e0 up',
    ])
  })
  it('have a loopback that is down when none is written down', () => {
    expect(devices(without).map(({ name, up }) => `${name} ${up ? 'up' : 'down'}`)).toEqual([
      'lo down',
      'e1 up',
      'e0 up',
    ])
  })

  it('that have the index of one that is gone keep their neighbours over edits', () => {
    const neighbours = [
      {
        dst: '10.0.0.9' as Ip,
        dev: 'e9',
        lladdr: '02:00:00:00:00:99' as Mac,
        state: 'PERMANENT',
        origin: { component: 'user' },
      },
    ] as const
    const first = netns('n', [veth('e0', '02:00:00:00:00:01', { ifindex: 7 })])
    const second = netns('n', [veth('e9', '02:00:00:00:00:09', { ifindex: 7 })])
    const { lo, e9 } = second.interfaces as { readonly lo: Interface; readonly e9: Interface }
    const at = (ns: Namespace) => new Network({ namespaces: { n: ns }, wires: [] })
    const sim = new Simulation(at(first))
    const printed = () => neighOf(sim.netns('n')).dump()
    expect(sim.netns('n').byName.has('e0')).toBe(true)
    sim.setNetwork(at({ ...second, neighbours }))
    expect(printed()).toMatchObject([{ dst: '10.0.0.9', dev: 'e9' }])
    sim.setNetwork(at({ ...second, neighbours, interfaces: { lo, e9: { ...e9, mtu: 1400 } } }))
    expect(printed()).toMatchObject([{ dst: '10.0.0.9', dev: 'e9' }])
  })
})
