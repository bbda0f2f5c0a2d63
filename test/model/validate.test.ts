import { describe, expect, it } from 'vitest'
import {
  cable,
  describeIssue,
  iface,
  type Namespace,
  type NetworkData,
  namespace,
  neighbour,
  networkOf,
  route,
  validate,
} from '../../src/model/index.ts'

const eth0 = iface({ name: 'eth0', addresses: ['10.0.0.1/24'], mac: '02:00:00:00:00:01' })
const far = iface({ name: 'eth0', addresses: ['10.0.0.2/24'], mac: '02:00:00:00:00:02' })
const good = networkOf(
  [namespace('a', { interfaces: [eth0] }), namespace('b', { interfaces: [far] })],
  [cable(['a', 'eth0'], ['b', 'eth0'])],
)

function faults(data: Partial<NetworkData>): string[] {
  return validate({ ...good.toJSON(), ...data }).map(describeIssue)
}

function withA(change: (ns: Namespace) => Namespace): string[] {
  return faults({ namespaces: { ...good.namespaces, a: change(good.namespaces['a']!) } })
}

const link =
  (parts: object) =>
  (ns: Namespace): Namespace => ({
    ...ns,
    interfaces: { ...ns.interfaces, eth0: { ...ns.interfaces['eth0']!, ...parts } },
  })

describe('validate', () => {
  it('finds nothing in a sound network', () => expect(validate(good)).toEqual([]))

  /** A route and a rule with a number of 32 bits. */
  const numbered = (value: number): string[] =>
    withA((ns) => ({
      ...ns,
      routes: [route('10.9.0.0/16', { dev: 'eth0', metric: value })],
      rules: [{ family: 'inet', priority: value, action: 'blackhole' }],
    }))

  it.each([0, 0xffffffff])('takes %i as the metric of a route and the priority of a rule', (value) => {
    expect(numbered(value)).toEqual([])
  })

  it.each([-1, 0.5, 2 ** 32])('refuses %d as either', (value) => {
    expect(numbered(value)).toEqual([
      expect.stringContaining(`routes.0.metric: expected a number of 32 bits, received ${value}`),
      expect.stringContaining(`rules.0.priority: expected a number of 32 bits, received ${value}`),
    ])
  })

  it('wants a name', () => {
    const { a } = good.namespaces
    expect(faults({ namespaces: { ...good.namespaces, '': { ...a!, name: '' } } })).toEqual([
      expect.stringContaining('name: expected a name, received nothing'),
    ])
  })

  it.each<[string, (ns: Namespace) => Namespace, string]>([
    [
      'a name that is not its key',
      (ns) => ({ ...ns, name: 'x' }),
      'name: expected the key it is filed under, a, received x',
    ],
    [
      'an interface under another key',
      link({ name: 'x' }),
      'eth0.name: expected the key it is filed under, eth0, received x',
    ],
    ['a doubled index', link({ ifindex: 1 }), 'eth0.ifindex: expected an index of its own, lo has it, received 1'],
    ['an index of 0', link({ ifindex: 0 }), 'eth0.ifindex: expected a whole number from 1, received 0'],
    ['an MTU too small', link({ mtu: 67 }), 'eth0.mtu: expected an MTU from 68 to 65536 bytes, received 67'],
    [
      'an MTU that is no number',
      link({ mtu: Number.NaN }),
      'eth0.mtu: expected an MTU from 68 to 65536 bytes, received NaN',
    ],
    [
      'an MTU too small for IPv6',
      link({ mtu: 1000, addresses: iface({ name: 'x', addresses: ['fd00::1/64'] }).addresses }),
      'expected an MTU of at least 1280 bytes, since the interface has IPv6 addresses, received 1000',
    ],
    ['an MTU too big', link({ mtu: 65_537 }), 'eth0.mtu: expected an MTU from 68 to 65536 bytes, received 65537'],
    ['a missing master', link({ master: 'br0' }), 'eth0.master: expected a bridge of this namespace, received br0'],
    [
      'a master that is no bridge',
      link({ master: 'lo' }),
      'eth0.master: expected a bridge, received lo, which is loopback',
    ],
    [
      'a VXLAN on nothing',
      link({ kind: 'vxlan', vxlan: { id: 1, link: 'nope', dstport: 4789 } }),
      'vxlan.link: expected an interface of this namespace, received nope',
    ],
    [
      'a VNI too big',
      link({ kind: 'vxlan', vxlan: { id: 2 ** 24 } }),
      'vxlan.id: expected a VNI of 24 bits, received 16777216',
    ],
    [
      'a kind without its parameters',
      link({ kind: 'vxlan' }),
      'eth0.vxlan: expected parameters of vxlan, received nothing',
    ],
    ['no MAC', link({ mac: undefined }), 'eth0.mac: expected a link-layer address (veth has one), received nothing'],
    [
      'an address twice',
      link({ addresses: [...eth0.addresses, ...eth0.addresses] }),
      'addresses.1: expected each address once on an interface, received 10.0.0.1',
    ],
    [
      'a length out of range',
      link({ addresses: [{ ...eth0.addresses[0]!, prefixlen: 33 }] }),
      'addresses.0.prefixlen: expected a length from 0 to 32, received 33',
    ],
    [
      'a family that does not fit',
      link({ addresses: [{ ...eth0.addresses[0]!, family: 'inet6' }] }),
      'addresses.0.family: expected inet, received inet6',
    ],
    [
      'a route over nothing',
      (ns) => ({ ...ns, routes: [route('10.9.0.0/16', { dev: 'nope' })] }),
      'routes.0.dev: expected an interface of this namespace, received nope',
    ],
    [
      'a route without a way',
      (ns) => ({ ...ns, routes: [route('10.9.0.0/16')] }),
      'routes.0: expected a device or a next hop, received 10.9.0.0/16 without either',
    ],
    [
      'a next hop over nothing',
      (ns) => ({ ...ns, routes: [route('10.9.0.0/16', { nexthops: [{ dev: 'nope' }] })] }),
      'routes.0.nexthops.0.dev: expected an interface of this namespace, received nope',
    ],
    [
      'a gateway of the other family',
      (ns) => ({ ...ns, routes: [route('10.9.0.0/16', { dev: 'eth0', via: 'fd00::1' })] }),
      'routes.0.via: expected a gateway of family inet, received fd00::1',
    ],
    [
      'a source of the other family',
      (ns) => ({ ...ns, routes: [route('10.9.0.0/16', { dev: 'eth0', src: 'fd00::1' })] }),
      'routes.0.src: expected an address of family inet, received fd00::1',
    ],
    [
      'a broadcast address of the other family',
      link({ addresses: [{ ...eth0.addresses[0]!, broadcast: 'ff02::1' }] }),
      'addresses.0.broadcast: expected an address of family inet, received ff02::1',
    ],
    [
      'a peer of the other family',
      link({ addresses: [{ ...eth0.addresses[0]!, peer: 'fd00::1' }] }),
      'addresses.0.peer: expected an address of family inet, received fd00::1',
    ],
    [
      'a neighbour on nothing',
      (ns) => ({ ...ns, neighbours: [neighbour('10.0.0.9', 'nope', '02:00:00:00:00:09')] }),
      'neighbours.0.dev: expected an interface of this namespace, received nope',
    ],
    [
      'a rule that goes back',
      (ns) => ({ ...ns, rules: [{ family: 'inet', priority: 10, action: 'goto', goto: 5 }] }),
      'rules.0.goto: expected a priority behind the rule, received 5',
    ],
    [
      'an unknown shared table',
      (ns) => ({ ...ns, shared: [{ table: 'pods', as: 'route', dev: 'eth0' }] }),
      'shared.0.table: expected a shared table of the network, received pods',
    ],
    [
      'a jump to nowhere',
      (ns) => ({
        ...ns,
        iptables: {
          tables: {
            filter: { chains: { INPUT: { rules: [{ matches: [], target: { kind: 'jump', chain: 'X' }, text: '' }] } } },
          },
        },
      }),
      'iptables.tables.filter.chains.INPUT.rules.0.target: expected a chain of the table, received X',
    ],
    [
      'chains in a circle',
      (ns) => ({
        ...ns,
        iptables: {
          tables: {
            nat: {
              chains: {
                A: { rules: [{ matches: [], target: { kind: 'jump', chain: 'B' }, text: '' }] },
                B: { rules: [{ matches: [], target: { kind: 'goto', chain: 'A' }, text: '' }] },
              },
            },
          },
        },
      }),
      'iptables.tables.nat: expected chains that do not lead back into themselves, received A > B > A',
    ],
    [
      'a set nobody made',
      (ns) => ({
        ...ns,
        iptables: {
          tables: {
            raw: { chains: { OUTPUT: { rules: [{ matches: [{ kind: 'set', set: 's', dims: ['src'] }], text: '' }] } } },
          },
        },
      }),
      'rules.0.matches.0: expected a set of this namespace, received s',
    ],
    [
      'an address of somebody else on the segment',
      link({ addresses: far.addresses }),
      'expected each IP address once on segment a/eth0, received 10.0.0.2 on a/eth0 and b/eth0',
    ],
    [
      'a MAC of somebody else on the segment',
      link({ mac: far.mac }),
      'expected each MAC address once on segment a/eth0, received 02:00:00:00:00:02 on a/eth0 and b/eth0',
    ],
  ])('%s', (_, change, expected) => {
    const found = withA(change)
    expect(found.some((text) => text.includes(expected)) ? expected : found).toEqual(expected)
  })

  it.each<[string, Partial<NetworkData>, string]>([
    [
      'a wire to a namespace that is not there',
      { wires: [cable(['a', 'eth0'], ['c', 'eth0'])] },
      'wires.0.ends.1: expected a namespace of the network, received c',
    ],
    [
      'a wire to an interface that is not there',
      { wires: [cable(['a', 'eth0'], ['b', 'eth1'])] },
      'wires.0.ends.1: expected an interface of the namespace, received b/eth1',
    ],
    [
      'a wire to lo',
      { wires: [cable(['a', 'eth0'], ['b', 'lo'])] },
      'wires.0.ends.1: expected a veth or ethernet interface, received b/lo, which is loopback',
    ],
    [
      'a wire with both ends in one place',
      { wires: [cable(['a', 'eth0'], ['a', 'eth0'])] },
      'wires.0.ends.1: expected an interface on one wire only, received a/eth0, also on wire 0',
    ],
    [
      'an interface on two wires',
      { wires: [...good.wires, ...good.wires] },
      'wires.1.ends.0: expected an interface on one wire only, received a/eth0, also on wire 0',
    ],
    [
      'an owner that is not there',
      { shared: { pods: { entries: [{ owner: 'z' }] } } },
      'shared.pods.entries.0.owner: expected a namespace of the network, received z',
    ],
  ])('%s', (_, data, expected) => expect(faults(data)).toContain(expected))

  it('finds bridges in a circle', () => {
    const br = (name: string, master: string) => iface({ name, kind: 'bridge', master })
    const circle = networkOf([namespace('a', { interfaces: [br('br0', 'br1'), br('br1', 'br0')] })])
    expect(validate(circle).map(describeIssue)[0]).toContain(
      'expected no bridge that is its own port, received br0 in br1 in br0',
    )
  })
})
