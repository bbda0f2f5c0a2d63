import type { WorkloadEndpoint } from '../../control/index.ts'
import { routeLine } from '../../linux/index.ts'
import { lackingPattern } from '../../model/index.ts'
import type { Ip } from '../../wire/index.ts'
import { betweenNodes, broken, LARGE, ping, tcp, unharmed } from '../flows.ts'
import { type InjectionDraft, type } from '../injection.ts'
import { addressOf, anyCrossing, crossing, deviceTo, routeTo, type Situation, tooNarrow } from '../situation.ts'
import { cardOf, switchOf } from '../underlay-edit.ts'

/** F12 */
export function tunnelDown(situation: Situation): InjectionDraft {
  const pair = crossing(situation, ['ipip', 'vxlan'], 'tunnel')
  const { node } = pair.client
  const dev = routeTo(situation, node, addressOf(pair.server))!.dev!
  return {
    at: node,
    steps: [type(node, `ip link set ${dev} down`, `somebody takes ${dev} of ${node} down, and its routes go with it`)],
    shows: [{ ask: ping(pair), before: 'works', after: 'timeout' }, unharmed(betweenNodes(pair))],
    confirm: [{ host: node, line: `ip link show ${dev}`, shows: 'state DOWN', because: 'the tunnel does not run' }],
    // Where nothing takes time nobody writes again what was taken away by hand.
    mends:
      situation.delays === 'calico'
        ? [type(node, `ip link set ${dev} up`, `${dev} is up, and its routes come back`)]
        : [],
  }
}

/** F13 */
export function strangeVtep(situation: Situation): InjectionDraft {
  const pair = crossing(situation, ['vxlan'], 'vxlan')
  const { node } = pair.client
  const route = routeTo(situation, node, addressOf(pair.server))!
  const { dev = '', via = addressOf(pair.server) } = route
  const peer = nodeAddress(situation, pair.server)
  const wrong = '66:00:00:00:00:13'
  return {
    at: node,
    steps: [
      type(
        node,
        `ip neigh replace ${via} lladdr ${wrong} dev ${dev} nud permanent`,
        `the neighbour entry for the VTEP of ${pair.server.node} has the MAC address of a machine before it`,
      ),
      type(node, `bridge fdb replace ${wrong} dev ${dev} dst ${peer}`, 'and so has the forwarding entry'),
    ],
    shows: [broken(ping(pair), 'timeout', pair.server.node, 'other_host'), unharmed(betweenNodes(pair))],
    confirm: [
      {
        host: node,
        line: `ip neigh show dev ${dev}`,
        shows: wrong,
        because: `${dev} of ${pair.server.node} has another MAC address`,
      },
    ],
  }
}

/** Calico's address of a pod's node. */
export function nodeAddress({ cluster }: Situation, { node }: WorkloadEndpoint): Ip {
  const found = cluster.nodes.find(({ name }) => name === node)
  return (found?.ipv4?.address ?? found?.ipv6?.address) as Ip
}

/** F11 */
export function unknownPeer(situation: Situation): InjectionDraft {
  const pair = crossing(situation, ['ipip', 'vxlan'], 'tunnel', 'server')
  const way = routeTo(situation, pair.client.node, addressOf(pair.server))!.dev === 'tunl0' ? 'ipip' : 'vxlan'
  const set = way === 'ipip' ? 'cali40all-hosts-net' : 'cali40all-vxlan-net'
  const { node } = pair.server
  const source = nodeAddress(situation, pair.client)
  return {
    at: node,
    steps: [
      type(
        node,
        `ipset del ${set} ${source}`,
        `the set of peers that ${node} takes tunnel packets from lacks ${pair.client.node}`,
      ),
    ],
    shows: [broken(ping(pair), 'timeout', node, 'netfilter_drop'), unharmed(betweenNodes(pair))],
    confirm: [
      {
        host: node,
        line: `ipset test ${set} ${source}`,
        shows: 'NOT in set',
        because: `${source} is nobody's whose packets cali-INPUT accepts`,
      },
    ],
    mends: [type(node, `ipset add ${set} ${source}`, 'the peer is known again')],
  }
}

/** F16 */
export function smallerCard(situation: Situation): InjectionDraft {
  const pair = anyCrossing(situation)
  const { node } = pair.client
  const { dev, segment } = cardOf(situation, node)
  const inUse = situation.network.namespaces[node]?.interfaces[dev]?.mtu ?? 1500
  const mtu = tooNarrow(situation, pair)
  const back = { client: pair.server, server: pair.client }
  return {
    at: node,
    steps: [
      type(
        node,
        `ip link set dev ${dev} mtu ${mtu}`,
        `${dev} of ${node} has an MTU of ${mtu}, the other nodes have ${inUse}`,
      ),
    ],
    shows: [
      broken(tcp(back, 8080, LARGE), 'timeout', switchOf(situation, segment), 'veth_frame_too_long'),
      unharmed(ping(back)),
    ],
    confirm: [
      {
        host: node,
        line: `ip link show ${dev}`,
        shows: `mtu ${mtu} `,
        because: 'the MTU is not that of the other nodes',
      },
    ],
    mends: [type(node, `ip link set dev ${dev} mtu ${inUse}`, 'all nodes have one MTU')],
  }
}

/** F17 */
export function silentFragNeeded(situation: Situation): InjectionDraft {
  const pair = anyCrossing(situation)
  const { node } = pair.client
  const { interfaces = {} } = situation.network.namespaces[node] ?? {}
  const route = routeTo(situation, node, addressOf(pair.server))!
  const dev = deviceTo(situation, node, pair.server)
  const inUse = interfaces[dev]?.mtu ?? 1500
  const mtu = tooNarrow(situation, pair)
  const rule = 'OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP'
  const narrower = `the way is narrower than the pod thinks: ${mtu} bytes`
  // An MTU of the route counts instead of that of the device.
  const ofRoute = dev === route.dev && route.mtu !== undefined
  const replaced = (to: number): string => `ip route replace ${routeLine({ ...route, mtu: to })}`
  return {
    at: node,
    steps: [
      type(node, ofRoute ? replaced(mtu) : `ip link set dev ${dev} mtu ${mtu}`, narrower),
      type(node, `iptables -I ${rule}`, 'and what would tell it, ICMP fragmentation needed, is filtered'),
    ],
    shows: [broken(tcp(pair, 8080, LARGE), 'timeout', node, 'forward_too_big', 'tunnel_too_big'), unharmed(ping(pair))],
    confirm: [
      {
        host: node,
        line: 'iptables -S OUTPUT',
        shows: 'icmp-type 3/4 -j DROP',
        because: 'the ICMP message is made here, and dropped here',
      },
    ],
    mends: [
      type(node, `iptables -D ${rule}`, 'ICMP passes'),
      type(
        node,
        ofRoute ? `ip route replace ${routeLine(route)}` : `ip link set dev ${dev} mtu ${inUse}`,
        'the way is as wide as before',
      ),
    ],
  }
}

/** F45 */
export function noProxyArp(situation: Situation): InjectionDraft {
  const pair = anyCrossing(situation)
  const { node, interfaceName, netns } = pair.client
  const key = `net.ipv4.conf.${interfaceName}.proxy_arp`
  return {
    at: netns,
    steps: [
      type(node, `sysctl -w ${key}=0`, `${interfaceName} answers no ARP for 169.254.1.1`),
      type(netns, 'ip neigh flush dev eth0', 'and the pod has forgotten what it was told before'),
    ],
    shows: [broken(ping(pair), 'unreach-host', netns, 'neighbour_failed', 'neighbour_failed_now')],
    confirm: [{ host: node, line: `sysctl ${key}`, shows: '= 0', because: 'who asks for the gateway gets no answer' }],
    mends: [type(node, `sysctl -w ${key}=1`, 'the node answers for the gateway')],
  }
}

/** F47 */
export function noPodRoute(situation: Situation): InjectionDraft {
  const pair = anyCrossing(situation)
  const { netns } = pair.client
  return {
    at: netns,
    steps: [type(netns, 'ip route del default', 'another plugin takes the default route of the pod away')],
    shows: [{ ask: ping(pair), before: 'works', after: 'unreach-host' }],
    confirm: [
      { host: netns, line: 'ip route', shows: lackingPattern('default'), because: 'the pod has no default route' },
    ],
    mends: [type(netns, 'ip route add default via 169.254.1.1 dev eth0', 'the pod has its default route')],
  }
}

/** F48 */
export function strictReversePath(situation: Situation): InjectionDraft {
  const pair = crossing(situation, ['ipip', 'vxlan'], 'tunnel', 'server')
  const { server, client } = pair
  const { dev } = cardOf(situation, server.node)
  const tunnel = routeTo(situation, server.node, addressOf(client))!
  const peer = nodeAddress(situation, client)
  const via = routeTo(situation, server.node, peer)?.via ?? peer
  return {
    at: server.node,
    steps: [
      type(
        server.node,
        'sysctl -w net.ipv4.conf.all.rp_filter=1',
        `${server.node} takes a packet only where its own answer would leave`,
      ),
      type(
        server.node,
        `ip route replace ${tunnel.dst} via ${via} dev ${dev} onlink`,
        `and its way to the pods of ${client.node} is not the one they come by`,
      ),
    ],
    shows: [broken(ping(pair), 'timeout', server.node, 'rp_filter'), unharmed(betweenNodes(pair))],
    confirm: [
      { host: server.node, line: 'sysctl net.ipv4.conf.all.rp_filter', shows: '= 1', because: 'the check is strict' },
      {
        host: server.node,
        line: `ip route get ${addressOf(client)}`,
        shows: `dev ${dev}`,
        because: `what comes from there comes by ${tunnel.dev}`,
      },
    ],
    mends: [
      type(server.node, 'sysctl -w net.ipv4.conf.all.rp_filter=0', 'no check'),
      type(
        server.node,
        `ip route replace ${tunnel.dst} via ${tunnel.via ?? via} dev ${tunnel.dev} onlink`,
        'the way back is the way there',
      ),
    ],
  }
}

/** F49 */
export function noForwarding(situation: Situation): InjectionDraft {
  const pair = anyCrossing(situation)
  const { node } = pair.client
  // What comes for a pod enters by the card. Of what a pod sends its ARP would go first: a node that does not forward is no proxy, either.
  const back = { client: pair.server, server: pair.client }
  return {
    at: node,
    steps: [type(node, 'sysctl -w net.ipv4.ip_forward=0', `hardening switches forwarding off on ${node}`)],
    shows: [broken(ping(back), 'timeout', node, 'not_forwarding'), unharmed(betweenNodes(pair))],
    confirm: [
      { host: node, line: 'sysctl net.ipv4.ip_forward', shows: '= 0', because: 'nothing is routed through this node' },
    ],
    mends: [type(node, 'sysctl -w net.ipv4.ip_forward=1', 'the node routes again')],
  }
}

/** F54 */
export function fullConntrack(situation: Situation): InjectionDraft {
  const pair = anyCrossing(situation)
  const { node } = pair.client
  const key = 'net.netfilter.nf_conntrack_max'
  const peer = nodeAddress(situation, pair.server)
  return {
    at: node,
    steps: [
      type(node, `ping -c 3 ${peer}; ping -c 1 ${peer}; ping -c 1 ${peer}`, `${node} has connections to track`),
      type(node, `sysctl -w ${key}=1`, `${node} may keep one connection in its table`),
    ],
    shows: [broken(tcp(pair), 'timeout', node, 'netfilter_drop')],
    confirm: [{ host: node, line: `sysctl ${key}`, shows: '= 1$', because: 'there is no room for a new connection' }],
    mends: [type(node, `sysctl -w ${key}=262144`, 'there is room again')],
  }
}
