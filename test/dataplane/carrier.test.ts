import { describe, expect, it } from 'vitest'
import { Simulation } from '../../src/dataplane/index.ts'
import { ipLink } from '../../src/linux/index.ts'
import { type Cable, type Interface, type Namespace, Network } from '../../src/model/index.ts'
import { netns, veth, wire } from './link/lan.ts'

const BRIDGE: Interface = { ...veth('br0', '02:00:00:00:00:0b'), kind: 'bridge' }
const PORT = '02:00:00:00:00:01'

const port = (state: string, up = true): Interface =>
  veth('p0', PORT, { master: 'br0', port: { state }, up } as Partial<Interface>)

/** What is asked for, the device, the namespace, cables, other namespaces, and whether it has carrier. */
const TABLE: readonly [string, string, Namespace, readonly Cable[], readonly Namespace[], boolean][] = [
  ['a bridge whose only port forwards', 'br0', netns('a', [BRIDGE, port('forwarding')]), [], [], true],
  ['a bridge whose only port is blocking', 'br0', netns('a', [BRIDGE, port('blocking')]), [], [], false],
  ['a bridge whose only port is learning', 'br0', netns('a', [BRIDGE, port('learning')]), [], [], false],
  ['a bridge whose only port is down', 'br0', netns('a', [BRIDGE, port('forwarding', false)]), [], [], false],
  ['a bridge without ports', 'br0', netns('a', [BRIDGE]), [], [], false],
  ['a dummy with carrier', 'd0', netns('a', [{ ...veth('d0', PORT), kind: 'dummy' }]), [], [], true],
  ['a dummy without', 'd0', netns('a', [{ ...veth('d0', PORT, { carrier: false }), kind: 'dummy' }]), [], [], false],
  [
    'an end of a cable to a machine that is not in the model',
    'e0',
    netns('a', [veth('e0', PORT)]),
    [wire('a/e0', 'far/e0')],
    [],
    true,
  ],
  [
    'the same, without carrier in the dump',
    'e0',
    netns('a', [veth('e0', PORT, { carrier: false })]),
    [wire('a/e0', 'far/e0')],
    [],
    false,
  ],
  [
    'an end whose other end is down',
    'e0',
    netns('a', [veth('e0', PORT)]),
    [wire('a/e0', 'b/e0')],
    [netns('b', [veth('e0', '02:00:00:00:00:02', { up: false })])],
    false,
  ],
  ['an end on no cable', 'e0', netns('a', [veth('e0', PORT)]), [], [], true],
  ['a device that is down', 'e0', netns('a', [veth('e0', PORT, { up: false })]), [], [], false],
]

describe('carrier: the tools and the engine say the same', () => {
  it.each(TABLE)('%s', (_, dev, ns, wires, others, want) => {
    const namespaces = Object.fromEntries([ns, ...others].map((one) => [one.name, one]))
    const network = new Network({ namespaces, wires })
    expect(new Simulation(network).netns('a').byName.get(dev)?.carrier).toBe(want)
    expect(/[<,]LOWER_UP[,>]/.test(ipLink({ network, ns }, { dev }))).toBe(want)
  })
})
