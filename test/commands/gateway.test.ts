// What the kernel says to a next hop: of `ip route add` and of each `nexthop`, in its own words.
import { describe, expect, it } from 'vitest'
import { applyCommand } from '../../src/commands/index.ts'
import { cable, iface, type Network, namespace, networkOf, type Route } from '../../src/model/index.ts'

const start = networkOf(
  [
    namespace('n', {
      interfaces: [
        iface({ name: 'eth0', addresses: ['10.0.0.1/24', 'fd00::1/64', 'fe80::1/64'], mac: '02:00:00:00:00:01' }),
        iface({ name: 'eth1', addresses: ['10.1.0.1/24', 'fd01::1/64', 'fe80::2/64'], mac: '02:00:00:00:00:02' }),
        iface({ name: 'off', mac: '02:00:00:00:00:03', up: false }),
      ],
    }),
    namespace('far', { interfaces: [iface({ name: 'eth0' }), iface({ name: 'eth1' }), iface({ name: 'off' })] }),
  ],
  ['eth0', 'eth1', 'off'].map((dev) => cable(['n', dev], ['far', dev])),
)

/** The network after commands, and the last one's refusal or the route it made. */
function after(...commands: readonly string[]): string | Route {
  let network: Network = start
  let last: string | Route = ''
  for (const command of commands) {
    const before = network.namespaces['n']?.routes ?? []
    const result = applyCommand(network, 'n', command)
    if ('refused' in result) last = result.refused
    else {
      network = result.network
      last = network.namespaces['n']?.routes.find((route) => !before.includes(route)) as Route
    }
  }
  return last
}

/** Gateway and device of the route, or the refusal. */
function outcome(commands: readonly string[]): string {
  const made = after(...commands)
  if (typeof made === 'string') return made
  const hops = made.nexthops ?? [made]
  return hops.map(({ via, dev }) => `${via ?? '-'} ${dev}`).join(', ')
}

const INVALID = 'Error: Nexthop has invalid gateway.'
const UNREACHABLE = 'RTNETLINK answers: No route to host'

describe('a next hop of IPv4', () => {
  it.each([
    ['on a link: its device is found', ['10.9.0.0/16 via 10.1.0.9'], '10.1.0.9 eth1'],
    ['on the link named', ['10.9.0.0/16 via 10.1.0.9 dev eth1'], '10.1.0.9 eth1'],
    ['on another link than the one named', ['10.9.0.0/16 via 10.1.0.9 dev eth0'], INVALID],
    ['that no route contains', ['10.9.0.0/16 via 10.7.0.9'], INVALID],
    ['behind another gateway', ['10.7.0.0/16 via 10.0.0.9', '10.9.0.0/16 via 10.7.0.9'], INVALID],
    ['on a route that names only a device', ['10.7.0.9 dev eth1', '10.9.0.0/16 via 10.7.0.9'], '10.7.0.9 eth1'],
    ['of which the longer prefix counts', ['10.0.0.9 dev eth1', '10.9.0.0/16 via 10.0.0.9'], '10.0.0.9 eth1'],
    [
      'whose longer prefix goes by another device than the one named',
      ['10.0.0.9 dev eth1', '10.9.0.0/16 via 10.0.0.9 dev eth0'],
      '10.0.0.9 eth0',
    ],
    ['that is refused by a route', ['unreachable 10.0.0.9', '10.9.0.0/16 via 10.0.0.9'], INVALID],
    ['of a table that is not main', ['10.7.0.0/16 dev eth1 table 100', '10.9.0.0/16 via 10.7.0.9'], INVALID],
    ['that is an own address', ['10.9.0.0/16 via 10.0.0.1'], INVALID],
    ['that is a broadcast address', ['10.9.0.0/16 via 10.0.0.255'], INVALID],
    ['anywhere, onlink', ['10.9.0.0/16 via 10.7.0.9 dev eth0 onlink'], '10.7.0.9 eth0'],
    ['onlink, but an own address', ['10.9.0.0/16 via 10.1.0.1 dev eth0 onlink'], INVALID],
    ['onlink, but a broadcast address', ['10.9.0.0/16 via 10.0.0.255 dev eth0 onlink'], INVALID],
    ['onlink without a device', ['10.9.0.0/16 via 10.7.0.9 onlink'], 'Error: Nexthop device required for onlink.'],
    [
      'onlink by a device that is down',
      ['10.9.0.0/16 via 10.7.0.9 dev off onlink'],
      'Error: Nexthop device is not up.',
    ],
    ['by a device that is down', ['10.9.0.0/16 via 10.7.0.9 dev off'], INVALID],
    ['that is only a device', ['10.9.0.0/16 dev eth1'], '- eth1'],
    ['that is only a device that is down', ['10.9.0.0/16 dev off'], 'Error: Device for nexthop is not up.'],
    ['by a device there is not', ['10.9.0.0/16 via 10.0.0.9 dev nope'], 'Cannot find device "nope"'],
    ['that is nothing', ['10.9.0.0/16'], 'RTNETLINK answers: No such device'],
    ['one of several', ['10.9.0.0/16 nexthop via 10.0.0.9 nexthop via 10.1.0.9'], '10.0.0.9 eth0, 10.1.0.9 eth1'],
    ['one of several that does not fit', ['10.9.0.0/16 nexthop via 10.0.0.9 nexthop via 10.7.0.9'], INVALID],
    [
      'one of several, onlink',
      ['10.9.0.0/16 nexthop via 10.0.0.9 nexthop via 10.7.0.9 dev eth1 onlink'],
      '10.0.0.9 eth0, 10.7.0.9 eth1',
    ],
  ])('%s', (_, routes, want) => expect(outcome(routes.map((route) => `ip route add ${route}`))).toBe(want))
})

describe('a next hop of IPv6', () => {
  it.each([
    ['on a link: its device is found', ['fd09::/64 via fd01::9'], 'fd01::9 eth1'],
    ['on the link named', ['fd09::/64 via fd01::9 dev eth1'], 'fd01::9 eth1'],
    ['on another link than the one named', ['fd09::/64 via fd01::9 dev eth0'], UNREACHABLE],
    ['that no route contains', ['fd09::/64 via fd07::9'], UNREACHABLE],
    ['behind another gateway', ['fd07::/64 via fd00::9', 'fd09::/64 via fd07::9'], UNREACHABLE],
    ['that is refused by a route', ['unreachable fd00::9', 'fd09::/64 via fd00::9'], UNREACHABLE],
    ['that is an own address', ['fd09::/64 via fd00::1'], 'Error: Gateway can not be a local address.'],
    [
      'that is an own address, by another device',
      ['fd09::/64 via fd00::1 dev eth1'],
      'Error: Gateway can not be a local address.',
    ],
    ['link-local: the device is needed', ['fd09::/64 via fe80::9'], 'Error: Egress device not specified.'],
    ['link-local', ['fd09::/64 via fe80::9 dev eth0'], 'fe80::9 eth0'],
    ['link-local above fe80::/16', ['fd09::/64 via febf::9 dev eth0'], 'febf::9 eth0'],
    [
      'link-local and an own address there',
      ['fd09::/64 via fe80::1 dev eth0'],
      'Error: Gateway can not be a local address.',
    ],
    ['link-local and an own address elsewhere', ['fd09::/64 via fe80::2 dev eth0'], 'fe80::2 eth0'],
    ['link-local by a device that is down', ['fd09::/64 via fe80::9 dev off'], 'Error: Nexthop device is not up.'],
    ['that is a group', ['fd09::/64 via ff02::1 dev eth0'], 'Error: Invalid gateway address.'],
    ['anywhere, onlink', ['fd09::/64 via fd07::9 dev eth0 onlink'], 'fd07::9 eth0'],
    [
      'onlink, but on another link',
      ['fd09::/64 via fd01::9 dev eth0 onlink'],
      'Error: Nexthop has invalid gateway or device mismatch.',
    ],
    ['onlink without a device', ['fd09::/64 via fd07::9 onlink'], 'Error: Nexthop device required for onlink.'],
    ['onlink by a device that is down', ['fd09::/64 via fd07::9 dev off onlink'], 'Error: Nexthop device is not up.'],
    ['that is only a device', ['fd09::/64 dev eth1'], '- eth1'],
    ['that is only a device that is down', ['fd09::/64 dev off'], 'Error: Nexthop device is not up.'],
    ['one of several that does not fit', ['fd09::/64 nexthop via fd00::9 nexthop via fd07::9'], UNREACHABLE],
  ])('%s', (_, routes, want) => expect(outcome(routes.map((route) => `ip -6 route add ${route}`))).toBe(want))
})
