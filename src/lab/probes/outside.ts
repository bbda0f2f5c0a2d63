import { applyCommand } from '../../commands/index.ts'
import type { Cluster } from '../../control/index.ts'
import { cable, iface, type Namespace, Network, namespace } from '../../model/index.ts'
import { InvariantError } from '../../wire/index.ts'
import { isIpv6Text } from './completed.ts'

/** The machine that has every address outside the cluster. */
export const OUTSIDE = 'outside'

/** The router of the cluster's Ethernets. */
export const ROUTER = 'router'

/** A network with a command typed in one of its namespaces. */
export function typed(network: Network, netns: string, line: string): Network {
  const done = applyCommand(network, netns, line)
  if ('network' in done) return done.network
  if (done.refused.includes('File exists')) return network
  throw new InvariantError(`${netns}: ${line}: ${done.refused}`)
}

const add = (dst: string, via: string): string => `ip ${isIpv6Text(dst) ? '-6 ' : ''}route add ${dst} via ${via}`

/** What a machine outside needs to know of the cluster. */
export interface Surroundings {
  /** Addresses outside. */
  readonly addresses: readonly string[]
  /** Addresses inside that the router leads to a node, by address. */
  readonly inside: ReadonlyMap<string, string>
}

/**
 * The network of a cluster with a machine behind its router that has these addresses; nodes send there what is for them, and
 * the router knows on which node every pod is.
 */
export function withOutside({ network, nodes }: Cluster, { addresses, inside }: Surroundings): Network {
  if (network.namespaces[ROUTER] === undefined) return network
  let net = plugged(withoutInternet(network))
  const type = (where: string, line: string): void => {
    net = typed(net, where, line)
  }
  for (const own of ['100.127.0.1/30', 'fd0f::1/64', 'fe80::1/64']) type(ROUTER, `ip addr add ${own} dev dmz0`)
  for (const own of ['100.127.0.2/30', 'fd0f::2/64', 'fe80::2/64', ...addresses])
    type(OUTSIDE, `ip addr add ${own} dev eth0`)
  type(OUTSIDE, 'ip route add default via 100.127.0.1')
  type(OUTSIDE, 'ip -6 route add default via fd0f::1')
  const addressOf = (node: string, six: boolean): string | undefined =>
    (six ? nodes.find(({ name }) => name === node)?.ipv6 : nodes.find(({ name }) => name === node)?.ipv4)?.address
  for (const address of addresses) {
    const six = isIpv6Text(address)
    type(ROUTER, add(address, six ? 'fd0f::2' : '100.127.0.2'))
    for (const { name } of nodes) {
      const gateway = gatewayOf(net, name, six)
      if (gateway !== undefined) type(name, add(address, gateway))
    }
  }
  for (const [address, node] of inside) {
    const via = addressOf(node, isIpv6Text(address))
    if (via !== undefined) type(ROUTER, add(address, via))
  }
  return net
}

/** The internet has addresses of its own, and the machine outside has them all. */
function withoutInternet(network: Network): Network {
  const own = network.namespaces[ROUTER]?.interfaces['wan0']?.addresses ?? []
  return own.reduce(
    (net, { local, prefixlen }) => typed(net, ROUTER, `ip addr del ${local}/${prefixlen} dev wan0`),
    network,
  )
}

function plugged({ namespaces, wires, shared }: Network): Network {
  const router = namespaces[ROUTER] as Namespace
  const dmz0 = iface({ name: 'dmz0', mac: '02:00:00:00:aa:01', ifindex: 99 })
  const outside = namespace(OUTSIDE, {
    role: 'external',
    interfaces: [{ name: 'eth0', mac: '02:00:00:00:aa:02' }],
  })
  return new Network({
    namespaces: {
      ...namespaces,
      [ROUTER]: { ...router, interfaces: { ...router.interfaces, dmz0 } },
      [OUTSIDE]: outside,
    },
    wires: [...wires, cable([ROUTER, 'dmz0'], [OUTSIDE, 'eth0'])],
    shared,
  })
}

/** The router of a node's own Ethernet. */
function gatewayOf({ namespaces }: Network, node: string, six: boolean): string | undefined {
  const dst = six ? '::/0' : '0.0.0.0/0'
  return namespaces[node]?.routes.find((route) => route.dst === dst && route.table === 'main')?.via
}
