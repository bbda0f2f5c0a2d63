// The devices of a namespace: there is a loopback in each, whether somebody wrote it down or not.
import { describe, expect, it } from 'vitest'
import { Simulation } from '../../src/dataplane/index.ts'
import { type Namespace, Network } from '../../src/model/index.ts'
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
})
