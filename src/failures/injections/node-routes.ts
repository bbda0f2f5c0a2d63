// Routes of a node to pods: what takes them away, and what is stronger.
import type { WorkloadEndpoint } from '../../control/index.ts'
import { routeLine } from '../../linux/index.ts'
import { lackingPattern, type Route, routesCovering } from '../../model/index.ts'
import { type Ip, prefixLength, prefixOf } from '../../wire/index.ts'
import { betweenNodes, broken, ping, unharmed } from '../flows.ts'
import { type Confirmation, type InjectionDraft, type ShownFlow, type } from '../injection.ts'
import { addressOf, anyCrossing, crossing, lacks, routeTo, type Situation } from '../situation.ts'

/** F42 */
export function flushedRoutes(situation: Situation): InjectionDraft {
  const pair = anyCrossing(situation)
  const { client } = pair
  const { node, netns } = client
  const cables = situation.cluster.workloadEndpoints.filter((one) => one.node === node)
  const others = situation.cluster.workloadEndpoints.filter((one) => one.node !== node)
  const routes = [...cables, ...others].flatMap((pod) =>
    pod.addresses.flatMap((address) => ownRoute(situation, node, address)),
  )
  const gone = [...new Map(routes.map((route) => [routeLine(route), route])).values()]
  const line =
    (verb: 'add' | 'del') =>
    (route: Route): string =>
      `ip ${route.family === 'inet6' ? '-6 ' : ''}route ${verb} ${routeLine(route)}`
  return {
    at: node,
    steps: [
      type(
        node,
        gone.map(line('del')).join('; '),
        `an agent that thinks it owns every interface of ${node} takes away the routes it did not make`,
      ),
    ],
    shows: [lostInBlock(situation, client, pair.server)],
    confirm: [routeGone(node, addressOf(client), client.interfaceName)],
    mends: [
      type(
        node,
        gone.map(line('add')).join('; '),
        `the routes are back, that to ${netns} too, as Felix and BIRD write them`,
      ),
    ],
  }
}

/** The route by which a node itself leads to a pod; none where that is its default route. */
function ownRoute(situation: Situation, node: string, address: Ip): Route[] {
  const route = routeTo(situation, node, address)
  return route?.type === 'unicast' && prefixLength(route.dst) > 0 && route.protocol !== 'kernel' ? [route] : []
}

/** A ping of a pod whose route is gone: it falls into the blackhole of its block, or follows what else leads there. */
function lostInBlock(situation: Situation, pod: WorkloadEndpoint, client: WorkloadEndpoint): ShownFlow {
  const ask = { kind: 'ping', from: client.netns, to: addressOf(pod) } as const
  if (!hasBlackhole(situation, pod)) return { ask, before: 'works', after: 'timeout' }
  return broken(ask, 'timeout', pod.node, 'route_blackhole')
}

/** Whether the block of a pod is a blackhole on its node. */
function hasBlackhole({ network }: Situation, pod: WorkloadEndpoint): boolean {
  const ns = network.namespaces[pod.node]
  return ns !== undefined && routesCovering(network, ns, addressOf(pod)).some((route) => route.type === 'blackhole')
}

function routeGone(host: string, address: Ip, dev: string): Confirmation {
  return {
    host,
    line: `ip route show dev ${dev}`,
    shows: lackingPattern('\\S'),
    because: `no route leads to ${address}: what is for it falls to the blackhole of its block`,
  }
}

/** F43 */
export function formerCni(situation: Situation): InjectionDraft {
  const pair = crossing(situation, ['ipip', 'vxlan', 'plain'], 'without-wireguard')
  const { node } = pair.client
  const address = addressOf(pair.server)
  const route = routeTo(situation, node, address)!
  const length = Math.min(prefixLength(route.dst) + 1, 32)
  const prefix = prefixOf(address, length)
  const line =
    prefixLength(route.dst) === 32 ? `ip route replace ${address} dev cni0` : `ip route add ${prefix} dev cni0`
  return {
    at: node,
    steps: [
      type(node, 'ip link add cni0 type bridge', `the bridge of the CNI plugin before is still on ${node}`),
      type(node, 'ip link set cni0 up', 'it is up'),
      type(node, line, `its route ${prefix} is longer than Calico's ${route.dst}`),
    ],
    shows: [broken(ping(pair), 'unreach-host', node, 'neighbour_failed'), unharmed(betweenNodes(pair))],
    confirm: [
      {
        host: node,
        line: `ip route get ${address}`,
        shows: 'dev cni0',
        because: 'the route of the former plugin wins',
      },
    ],
    // The route of a block of one address was replaced.
    mends:
      length === prefixLength(route.dst) ? [] : [type(node, 'ip link del cni0', 'the bridge and its routes are gone')],
  }
}

/** F44 */
export function lostPodRoute(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation)
  const address = addressOf(client)
  const { node, interfaceName } = client
  if (!hasBlackhole(situation, client)) throw lacks(situation, 'blackhole')
  return {
    at: node,
    steps: [type(node, `ip route del ${address}`, `the route to ${client.netns} is gone from its own node`)],
    shows: [broken(ping({ client: server, server: client }), 'timeout', node, 'route_blackhole')],
    confirm: [
      {
        host: node,
        line: `ip route get ${address}`,
        shows: 'RTNETLINK answers|^blackhole',
        because: `the block of ${address} is a blackhole here, and nothing more specific leads to it`,
      },
    ],
    mends: [type(node, `ip route add ${address} dev ${interfaceName} scope link`, 'the route is back')],
  }
}

/** F59 */
export function lostVeth(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation)
  const { node, interfaceName } = client
  return {
    at: node,
    steps: [type(node, `ip link del ${interfaceName}`, `the device of ${client.netns} is gone from its node`)],
    shows: [lostInBlock(situation, client, server)],
    confirm: [
      {
        host: node,
        line: `ip link show ${interfaceName}`,
        shows: 'does not exist',
        because: 'the pod has no wire to its node',
      },
    ],
    mends: [],
  }
}
