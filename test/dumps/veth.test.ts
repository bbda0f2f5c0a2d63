// Two machines with a container each, all interfaces with the same numbers: what else was dumped says which ends belong together.
import { describe, expect, it } from 'vitest'
import { pairVeths } from '../../src/dumps/veth.ts'
import { type Namespace, type NamespaceParts, namespace, neighbour, route } from '../../src/model/index.ts'

const MAC = { c1: '02:00:00:00:00:01', c2: '02:00:00:00:00:02' }

function machine(name: string, more: Partial<NamespaceParts>): Namespace {
  return namespace(name, {
    role: 'node',
    interfaces: [
      { name: 'v', kind: 'veth', mac: '02:00:00:00:01:01', ifindex: 10, linkIndex: 2, linkNetnsid: 0 },
      { name: 'w', kind: 'dummy', mac: '02:00:00:00:01:02' },
    ],
    ...more,
  })
}

function container(name: 'c1' | 'c2', address: string, more: Partial<NamespaceParts> = {}): Namespace {
  return namespace(name, {
    role: 'container',
    interfaces: [
      {
        name: 'eth0',
        kind: 'veth',
        mac: MAC[name],
        ifindex: 2,
        linkIndex: 10,
        linkNetnsid: 0,
        addresses: [`${address}/32`],
      },
    ],
    ...more,
  })
}

/** The pairs that are found when the first machine knows this. */
function pairs(known: Partial<NamespaceParts>): string[] {
  const all = [machine('n1', known), machine('n2', {}), container('c1', '10.0.0.1'), container('c2', '10.0.0.2')]
  const { wires, ambiguous, single } = pairVeths(all)
  const names = wires.map(({ ends }) =>
    ends
      .map(({ netns }) => netns)
      .sort()
      .join(' '),
  )
  return [
    ...names.sort(),
    ...(ambiguous.length > 0 ? [`${ambiguous.length} ambiguous`] : []),
    ...single.map(() => 'single'),
  ]
}

const fdb = (mac: string, dev: string, self = false) => [{ mac, dev, state: '', ...(self ? { self } : {}) }] as never

describe('the ends of veth pairs that their indices allow', () => {
  it.each<[string, Partial<NamespaceParts>]>([
    ['a route to the address of one', { routes: [route('10.0.0.1', { dev: 'v', scope: 'link' })] }],
    ['a neighbour with its MAC address', { neighbours: [neighbour('10.0.0.1', 'v', MAC.c1)] }],
    ['its MAC address, learned by the port of a bridge', { fdb: fdb(MAC.c1, 'v') }],
  ])('are told by %s', (_what, known) => {
    expect(pairs(known)).toEqual(['c1 n1', 'c2 n2'])
  })

  it.each<[string, Partial<NamespaceParts>]>([
    ['nothing', {}],
    ['a route through a gateway', { routes: [route('10.0.0.1', { via: '10.0.0.9', dev: 'v', onlink: true })] }],
    ['a route through another device', { routes: [route('10.0.0.1', { dev: 'w', scope: 'link' })] }],
    ['a neighbour on another device', { neighbours: [neighbour('10.0.0.1', 'w', MAC.c1)] }],
    ['a neighbour with another MAC address', { neighbours: [neighbour('10.0.0.1', 'v', '02:00:00:00:00:77')] }],
    ['a MAC address learned elsewhere', { fdb: fdb(MAC.c1, 'w') }],
    ['another MAC address', { fdb: fdb('02:00:00:00:00:77', 'v') }],
    ['an entry of the device itself', { fdb: fdb(MAC.c1, 'v', true) }],
  ])('are left open by %s', (_what, known) => {
    expect(pairs(known)).toEqual(['4 ambiguous'])
  })
})
